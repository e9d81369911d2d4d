//! A day and a night of two machines, known to the microsecond: what the report's goldens and screenshots show.

use std::path::Path;
use std::time::Duration;

use rdprobe::evidence::Round;
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::Health;
use rdprobe::monitor::history::Recorder;
use rdprobe::monitor::hold::{Ending, HeldEnd};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;

use super::made::{at, cause, change, good, outage, silent, timed_out};

/// From one round to the next, in seconds.
const EVERY: i64 = 10;

const GATEWAY: &str = "gw-01.westeurope.cloudapp.azure.com";

/// A name that a page or a terminal would act upon if it were not escaped.
const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[31m&\u{202e}x";

/// Writes both machines: 26 hours, then nobody for an hour, then four hours more.
pub(crate) fn write(path: &Path) {
    for (from, to) in [(0, 93_600), (97_200, 111_600)] {
        let recorder = Recorder::open(path, Duration::from_secs(10)).unwrap();
        for second in (from..to).step_by(usize::try_from(EVERY).unwrap()) {
            gateway(&recorder, second);
            quiet(&recorder, second);
        }
        if from == 0 {
            events(&recorder);
        } else {
            turn(&recorder, 97_200, 97_200, State::Unknown, State::Up, None);
        }
        recorder.event(&Event::new(at(from + 10), HOSTILE, told(from, State::Unknown, State::Up)));
        recorder.finish().unwrap();
    }
}

/// Slower by day, two outages, a flapping quarter of an hour, a stall, our own network away once.
fn gateway(recorder: &Recorder, second: i64) {
    let due = at(second);
    let down = (20_000..20_760).contains(&second) || (61_200..61_290).contains(&second);
    let flapping = (70_000..70_900).contains(&second) && (second / 60) % 2 == 0;
    if down || flapping {
        recorder.round(GATEWAY, &silent(due), &Health::Bad(timed_out()));
    } else if (80_000..80_300).contains(&second) {
        recorder.round(
            GATEWAY,
            &silent(due),
            &Health::OwnSide("the default gateway does not answer".to_owned()),
        );
    } else {
        let day = if (25_000..60_000).contains(&second) { 3 } else { 1 };
        let slow = match random(second) % 1_000 {
            0 => 40,
            1..10 => 6,
            _ => 1,
        };
        let total_us = (18_000 + random(second + 1) % 6_000 * day) * slow;
        recorder.round(GATEWAY, &good(due, total_us), &Health::Good);
    }
}

/// Always there, and always the same.
fn quiet(recorder: &Recorder, second: i64) {
    let stalled = second == 50_000;
    let total_us = if stalled { 45_000_000 } else { 900 + random(second) % 300 };
    if !(50_001..50_050).contains(&second) {
        let missed = if second == 50_050 { 4 } else { 0 };
        let round = Round { missed, ..good(at(second), total_us) };
        recorder.round(HOSTILE, &round, &Health::Good);
    }
}

fn events(recorder: &Recorder) {
    turn(recorder, 0, 10, State::Unknown, State::Up, None);
    turn(recorder, 20_000, 20_030, State::Up, State::Down, None);
    let found = What::Diagnosed {
        state: State::Down,
        summary: "nothing answers at 3389 nor at any other port".to_owned(),
        cause: Some(cause()),
    };
    recorder.event(&Event::new(at(20_045), GATEWAY, found));
    turn(recorder, 20_760, 20_780, State::Down, State::Up, Some((20_000, 20_760, 76)));
    let changes = vec![
        change("address", "203.0.113.7", "203.0.113.91"),
        change("thumbprint", "5F0C1A9E64D2B8A77C31", "AA31D9022F6C41B07E55"),
    ];
    recorder.event(&Event::new(at(20_790), GATEWAY, What::Changed { changes }));
    turn(recorder, 61_200, 61_230, State::Up, State::Down, None);
    turn(recorder, 61_290, 61_310, State::Down, State::Up, Some((61_200, 61_290, 9)));
    turn(recorder, 70_020, 70_050, State::Up, State::Flapping, None);
    turn(recorder, 70_920, 71_000, State::Flapping, State::Up, Some((70_800, 70_860, 6)));
    turn(recorder, 80_000, 80_030, State::Up, State::Unknown, None);
    turn(recorder, 80_300, 80_310, State::Unknown, State::Up, None);
    let held = HeldEnd {
        opened: at(85_000),
        noticed: at(85_243),
        age_s: 243.0,
        idle_s: 240.0,
        ending: Ending::Silence,
    };
    let why = "a connection that was idle for 4 min was dropped on the way".to_owned();
    recorder.event(&Event::new(at(85_243), GATEWAY, What::HeldLost { held, why }));
    let pattern = What::Pattern {
        id: "over-time.idle-cut".to_owned(),
        fact: "idle connections die between 2 and 4 min".to_owned(),
        cause: None,
    };
    recorder.event(&Event::new(at(85_244), GATEWAY, pattern));
}

fn turn(
    recorder: &Recorder,
    since: i64,
    noticed: i64,
    from: State,
    to: State,
    ended: Option<(i64, i64, u64)>,
) {
    let mut what = told(since, from, to);
    if let (What::State { outage: slot, .. }, Some((start, end, lost))) = (&mut what, ended) {
        let mut outage = outage(at(start), at(end), lost);
        if start != 20_000 {
            outage.cause = None;
        }
        *slot = Some(outage);
    }
    recorder.event(&Event::new(at(noticed), GATEWAY, what));
}

fn told(since: i64, from: State, to: State) -> What {
    let why = match to {
        State::Down => "no answer to the SYN within 1 s",
        State::Unknown => "the default gateway does not answer",
        State::Flapping => "it goes up and down again and again; now: no answer to the SYN within 1 s",
        State::Up | State::Degraded => "RDP answers",
    };
    What::State { from, to, since: at(since), why: why.to_owned(), outage: None }
}

/// The same numbers on every run (Knuth's multiplicative hash).
fn random(seed: i64) -> u32 {
    let mixed = u64::try_from(seed).unwrap().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    u32::try_from((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 40).unwrap()
}
