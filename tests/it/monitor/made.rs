//! Rounds, reports and targets built by hand, on virtual time.

use jiff::Timestamp;
use std::time::Duration;

use rdprobe::evidence::{Because, Evidence, Failure, Millis, Outcome, Round, Route, Stage, Step};
use rdprobe::monitor::settings::Settings;
use rdprobe::monitor::watched::Watched;
use rdprobe::report::Report;
use rdprobe::target::Target;
use rdprobe::wire::codes::negotiation::Protocol;

use crate::fixture::{self, V4, named, selects, windows};

/// When every test begins.
pub(crate) fn began() -> Timestamp {
    fixture::timestamp("2026-03-01T00:00:00Z")
}

/// So long after the beginning.
pub(crate) fn after(time: Duration) -> Timestamp {
    began().checked_add(time).expect("within the calendar")
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn target() -> Target {
    Target::parse(fixture::NAME).expect("a target")
}

pub(crate) fn settings(interval: Duration) -> Settings {
    Settings { interval, ..Settings::default() }
}

pub(crate) fn watched(settings: &Settings) -> Watched {
    Watched::new(target(), settings, began())
}

fn took<T>(outcome: Outcome<T>, milliseconds: f64) -> Step<T> {
    Step { start_ms: Millis::ZERO, elapsed_ms: Millis(milliseconds), outcome }
}

/// A good round to the depth of the negotiation: 3 ms to connect, 4 ms to negotiate.
pub(crate) fn good(due: Timestamp) -> Round {
    Round {
        due,
        missed: 0,
        late_ms: Millis(0.2),
        elapsed_ms: Millis(7.0),
        depth: Stage::Negotiate,
        address: Some(V4.parse().expect("an address")),
        resolve: Step::skipped(Because::AddressGiven),
        connect: took(Outcome::Seen(fixture::tcp()), 3.0),
        negotiate: took(selects(Protocol::HYBRID_EX), 4.0),
        handshake: Step::skipped(Because::NotAsked),
        certificate_sha256: None,
        credssp: Step::skipped(Because::NotAsked),
    }
}

/// A round in which the negotiation took so long.
pub(crate) fn slow(due: Timestamp, milliseconds: f64) -> Round {
    Round {
        elapsed_ms: Millis(3.0 + milliseconds),
        negotiate: took(selects(Protocol::HYBRID_EX), milliseconds),
        ..good(due)
    }
}

/// A round whose connection failed, at once.
pub(crate) fn bad(due: Timestamp, failure: Failure) -> Round {
    Round {
        elapsed_ms: Millis(0.5),
        connect: took(Outcome::Failed(failure), 0.5),
        negotiate: Step::skipped(Because::EarlierStageFailed),
        ..good(due)
    }
}

/// What a deep probe of a sound Windows reports.
pub(crate) fn sound() -> Report {
    report(windows(V4))
}

pub(crate) fn report(route: Route) -> Report {
    Report::new(named(vec![route]))
}

pub(crate) fn report_at(at: Timestamp, route: Route) -> Report {
    Report::new(Evidence { started_at: at, ..named(vec![route]) })
}
