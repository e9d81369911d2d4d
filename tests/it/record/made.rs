//! Rounds and events with known numbers, and a file to keep them in.

use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use rdprobe::diagnosis::Standing;
use rdprobe::evidence::{
    Answer, Because, Connected, Failure, HexBytes, Millis, Outcome, Reply, Round, Stage, Step,
};
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::{Health, Symptom};
use rdprobe::monitor::history::{Range, Recorder, read};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::outage::{Cause, Outage};
use rdprobe::monitor::record::Record;
use rdprobe::monitor::state::{Availability, State};
use rdprobe::policy::Change;

pub(crate) const SECOND: Duration = Duration::from_secs(1);
pub(crate) const TARGET: &str = "vm.example";

/// 2026-03-01 00:00:00 UTC and so many milliseconds.
pub(crate) fn at_ms(ms: i64) -> Timestamp {
    Timestamp::from_second(1_772_323_200).unwrap() + SignedDuration::from_millis(ms)
}

pub(crate) fn at(second: i64) -> Timestamp {
    at_ms(second * 1_000)
}

/// A round that was answered: the connect took a fifth of the time.
pub(crate) fn good(due: Timestamp, total_us: u32) -> Round {
    let total = f64::from(total_us) / 1e3;
    let connected = Connected {
        rtt_ms: Some(Millis(total / 10.0)),
        syn_retransmits: Some(0),
        local_address: [127, 0, 0, 1].into(),
        interface: None,
    };
    Round {
        due,
        missed: 0,
        late_ms: Millis::ZERO,
        elapsed_ms: Millis(total),
        depth: Stage::Negotiate,
        address: Some(([127, 0, 0, 1], 3389).into()),
        resolve: Step::skipped(Because::AddressGiven),
        connect: seen(0.0, total / 5.0, connected),
        negotiate: seen(total / 5.0, total * 0.8, reply()),
        handshake: Step::skipped(Because::NotAsked),
        certificate_sha256: None,
        credssp: Step::skipped(Because::NotAsked),
    }
}

/// A round whose SYN nobody answered.
pub(crate) fn silent(due: Timestamp) -> Round {
    let failure = Failure::TimedOut { after_ms: Millis(1_000.0), bytes_read: 0 };
    let connect =
        Step { start_ms: Millis::ZERO, elapsed_ms: Millis(1_000.0), outcome: Outcome::Failed(failure) };
    let negotiate = Step::skipped(Because::EarlierStageFailed);
    Round { connect, negotiate, elapsed_ms: Millis(1_000.0), ..good(due, 1) }
}

pub(crate) fn timed_out() -> Symptom {
    Symptom { stage: Stage::Connect, kind: "timed_out".to_owned(), text: "no answer to the SYN".to_owned() }
}

fn seen<T>(start: f64, elapsed: f64, value: T) -> Step<T> {
    Step { start_ms: Millis(start), elapsed_ms: Millis(elapsed), outcome: Outcome::Seen(value) }
}

fn reply() -> Reply {
    let answer = Answer::None;
    Reply { answer, src_ref: 0x1234, dst_ref: 0, trailing_bytes: 0, raw: HexBytes::default() }
}

pub(crate) fn state(since: Timestamp, from: State, to: State, outage: Option<Outage>) -> Event {
    let what = What::State { from, to, since, why: "rounds said so".to_owned(), outage };
    Event::new(since + SignedDuration::from_secs(2), TARGET, what)
}

pub(crate) fn outage(start: Timestamp, end: Timestamp, rounds_lost: u64) -> Outage {
    Outage {
        start,
        end: Some(end),
        seen_until: None,
        rounds_lost,
        first_symptom: timed_out(),
        last_symptom: timed_out(),
        cause: Some(cause()),
        changes: Vec::new(),
    }
}

pub(crate) fn cause() -> Cause {
    Cause {
        id: "vm-not-running".to_owned(),
        title: "The VM is not running".to_owned(),
        standing: Standing::Possible,
        twins: 3,
        summary: "nothing answers at any port".to_owned(),
        next_check: Some("look at the VM's status in the portal".to_owned()),
    }
}

pub(crate) fn change(what: &str, before: &str, after: &str) -> Change {
    Change {
        what: what.to_owned(),
        before: Some(before.to_owned()),
        after: Some(after.to_owned()),
        ignored: false,
    }
}

/// Tells a recorder of one good round.
pub(crate) fn tell_good(recorder: &Recorder, due: Timestamp, total_us: u32) {
    recorder.round(TARGET, &good(due, total_us), &Health::Good);
}

/// Tells a recorder of one bad round.
pub(crate) fn tell_bad(recorder: &Recorder, due: Timestamp) {
    recorder.round(TARGET, &silent(due), &Health::Bad(timed_out()));
}

/// A folder of its own, and the file's name in it.
pub(crate) fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("record.db");
    (folder, path)
}

pub(crate) fn all(path: &std::path::Path) -> Record {
    read(path, &Range::default()).unwrap()
}

/// How the watched time divides: up, down, unknown.
pub(crate) fn divided(availability: &Availability) -> [Duration; 3] {
    [availability.up_s, availability.down_s, availability.unknown_s].map(Duration::from_secs_f64)
}
