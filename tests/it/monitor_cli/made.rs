//! Views and events made by hand: one target of each state, with long names and hostile ones.

use jiff::Timestamp;
use rdprobe::diagnosis::Standing;
use rdprobe::evidence::Stage;
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::Symptom;
use rdprobe::monitor::hold::{Ending, HeldEnd};
use rdprobe::monitor::latency::{Phase, PhaseSummary, Summary};
use rdprobe::monitor::outage::{Cause, Outage};
use rdprobe::monitor::state::{Availability, State};
use rdprobe::monitor::view::{ServerView, TargetView};
use rdprobe::policy::Change;

/// The time of everything here.
pub(crate) fn at(text: &str) -> Timestamp {
    format!("2026-11-21T{text}Z").parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    at("04:02:33")
}

pub(crate) fn cause() -> Cause {
    Cause {
        id: "nsg-blocks-rdp".to_owned(),
        title: "a network security group blocks RDP".to_owned(),
        standing: Standing::Likely,
        twins: 2,
        summary: "no answer to TCP on 3389".to_owned(),
        next_check: Some("az network watcher test-ip-flow --direction Inbound".to_owned()),
    }
}

pub(crate) fn outage(start: &str, end: Option<&str>) -> Outage {
    let symptom = Symptom {
        stage: Stage::Connect,
        kind: "timed_out".to_owned(),
        text: "no answer: timed out after 5.0 s".to_owned(),
    };
    Outage {
        start: at(start),
        end: end.map(at),
        seen_until: None,
        rounds_lost: 1055,
        first_symptom: symptom.clone(),
        last_symptom: symptom,
        cause: Some(cause()),
        changes: vec![
            change("thumbprint", "1A2B3C4D5E6F", "99AA88BB77CC"),
            change("build", "10.0.20348", "10.0.26100"),
        ],
    }
}

fn change(what: &str, before: &str, after: &str) -> Change {
    Change {
        what: what.to_owned(),
        before: Some(before.to_owned()),
        after: Some(after.to_owned()),
        ignored: false,
    }
}

fn summary(count: u64, usual_us: u64) -> Summary {
    Summary {
        count,
        min_us: Some(usual_us / 2),
        p50_us: Some(usual_us),
        p90_us: Some(usual_us * 2),
        p99_us: Some(usual_us * 4),
        p99_9_us: Some(usual_us * 9),
        p99_99_us: Some(usual_us * 20),
        max_us: Some(usual_us * 25),
        mean_us: Some(1.1),
    }
}

fn phases(count: u64, usual_us: u64) -> Vec<PhaseSummary> {
    let phase = |(phase, part): (Phase, u64)| {
        let raw = summary(count, usual_us / part);
        let corrected = if phase == Phase::Total { summary(count + 40, usual_us / part + 300) } else { raw };
        PhaseSummary { phase, raw, corrected, jitter_us: Some(412.0) }
    };
    let parts = [
        (Phase::Resolve, 20),
        (Phase::Connect, 3),
        (Phase::KernelRtt, 4),
        (Phase::X224, 3),
        (Phase::Total, 1),
    ];
    parts.into_iter().map(phase).collect()
}

/// A target of a state, as if watched for two hours.
pub(crate) fn view(target: &str, state: State, usual_us: u64) -> TargetView {
    TargetView {
        target: target.to_owned(),
        address: Some("20.51.7.9:3389".parse().unwrap()),
        state,
        since: at("02:00:00"),
        why: "every round was answered".to_owned(),
        cause: None,
        rounds: 7_353,
        lost: 0,
        own_side: 0,
        missed: 0,
        availability: Availability { up_s: 7_353.0, down_s: 0.0, unknown_s: 2.0 },
        recent_us: (0..240_u64).map(|round| Some(usual_us + usual_us * (round * 7 % 13) / 9)).collect(),
        latest: phases(60, usual_us),
        overall: phases(7_353, usual_us),
        outages: Vec::new(),
        outages_total: 0,
        server: ServerView {
            protocol: Some("CredSSP (NLA)".to_owned()),
            tls_version: Some("TLS 1.3".to_owned()),
            certificate_not_after: Some("2027-03-04T00:00:00Z".parse().unwrap()),
            thumbprint_sha1: Some("99AA88BB77CC".to_owned()),
            name: Some("MYVM.corp.example.net".to_owned()),
            build: Some("10.0.20348".to_owned()),
            skew_ms: Some(-431.0),
        },
        held: None,
        patterns: Vec::new(),
    }
}

/// One of each state.
pub(crate) fn views() -> Vec<TargetView> {
    let mut down = view("myvm.westus.cloudapp.azure.com", State::Down, 12_300);
    down.since = at("03:44:58");
    down.why = "connect: no answer: timed out after 5.0 s".into();
    down.cause = Some(cause());
    down.lost = 1055;
    down.availability.down_s = 1055.0;
    for round in down.recent_us.iter_mut().rev().take(30) {
        *round = None;
    }
    down.outages = vec![outage("02:14:05", Some("02:31:40")), outage("03:44:58", None)];
    down.outages_total = 2;
    down.held = Some(HeldEnd {
        opened: at("02:00:00"),
        noticed: at("02:04:02"),
        age_s: 242.0,
        idle_s: 240.0,
        ending: Ending::Silence,
    });
    down.patterns = vec!["connections idle for more than 4 min are cut: between 2 min and 4 min".to_owned()];
    let mut degraded = view("10.0.0.4", State::Degraded, 850);
    degraded.since = at("03:59:00");
    degraded.why = "total 12.3 ms, usually 0.85 ms".into();
    let mut slow = degraded.recent_us.iter_mut().rev().take(9).flatten();
    slow.by_ref().for_each(|us| *us = 12_300);
    let mut fresh = view("[2001:db8::1]:3390", State::Unknown, 1);
    fresh.address = None;
    fresh.since = now();
    fresh.why = "nothing decided yet".into();
    (fresh.rounds, fresh.availability) = (0, Availability::default());
    (fresh.recent_us, fresh.latest, fresh.overall) = (Vec::new(), Vec::new(), Vec::new());
    fresh.server = ServerView::default();
    let mut flapping = view("evil\u{1b}[2J\u{202e}name", State::Flapping, 2_000_000);
    flapping.why = "6 changes in 10 min\u{7}".into();
    flapping.lost = 1;
    vec![view("bastion", State::Up, 45_600), down, degraded, fresh, flapping]
}

/// One event of each kind.
pub(crate) fn events() -> Vec<Event> {
    let target = "myvm.westus.cloudapp.azure.com";
    let held = HeldEnd {
        opened: at("02:00:00"),
        noticed: at("02:04:02"),
        age_s: 242.0,
        idle_s: 240.0,
        ending: Ending::Silence,
    };
    let state = |from, to, since: &str, why: &str, outage| What::State {
        from,
        to,
        since: at(since),
        why: why.to_owned(),
        outage,
    };
    [
        ("02:00:02", state(State::Unknown, State::Up, "02:00:00", "2 good rounds in a row", None)),
        ("02:14:07", state(State::Up, State::Down, "02:14:05", "connect: timed out after 5.0 s", None)),
        (
            "02:14:09",
            What::Diagnosed {
                state: State::Down,
                summary: "no answer to TCP on 3389".to_owned(),
                cause: Some(cause()),
            },
        ),
        (
            "02:31:41",
            state(
                State::Down,
                State::Up,
                "02:31:40",
                "2 good rounds in a row",
                Some(outage("02:14:05", Some("02:31:40"))),
            ),
        ),
        (
            "02:31:43",
            What::Diagnosed {
                state: State::Up,
                summary: "reachable by Remote Desktop".to_owned(),
                cause: None,
            },
        ),
        ("02:31:43", What::Changed { changes: vec![change("address", "20.51.7.9:3389", "20.51.8.1:3389")] }),
        ("02:40:00", What::HeldLost { held, why: "something on the path drops it".to_owned() }),
        (
            "02:50:00",
            What::Pattern {
                id: "over-time.idle-cut".to_owned(),
                fact: "cut when idle for 4 min\u{1b}[31m".to_owned(),
                cause: Some(Cause { twins: 0, next_check: None, ..cause() }),
            },
        ),
        ("03:00:00", state(State::Up, State::Unknown, "02:59:57", "the default gateway is gone", None)),
    ]
    .into_iter()
    .map(|(when, what)| Event::new(at(when), target, what))
    .collect()
}
