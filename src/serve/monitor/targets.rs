//! What the monitor knows of its targets, as metrics: a family after another, a target after another in each.

use jiff::Timestamp;

use super::peaks::Peaks;
use crate::diagnosis::Standing;
use crate::monitor::latency::Phase;
use crate::monitor::state::{Availability, State};
use crate::monitor::view::{ServerView, TargetView};
use crate::serve::exposition::{Encoder, Family};
use crate::serve::number;

/// What is shown of one target but its histograms: small, because there may be thousands.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) target: String,
    address: Option<String>,
    state: State,
    since: Timestamp,
    answers: Option<bool>,
    rounds: u64,
    lost: u64,
    missed: u64,
    outages: u64,
    spent: Availability,
    cause: Option<(String, Standing)>,
    server: ServerView,
    jitter: Vec<(Phase, f64)>,
}

impl Row {
    pub(super) fn of(view: TargetView, peaks: &mut Peaks) -> Self {
        let spent = peaks.at_least(&view.target, view.rounds, view.availability);
        let jitter = view.latest.iter().filter_map(|it| Some((it.phase, it.jitter_us? / 1e6))).collect();
        Self {
            answers: answers(&view),
            address: view.address.map(|address| address.to_string()),
            state: view.state,
            since: view.since,
            rounds: view.rounds,
            lost: view.lost,
            missed: view.missed,
            outages: view.outages_total,
            spent,
            cause: view.cause.map(|cause| (cause.id, cause.standing)),
            server: view.server,
            jitter,
            target: view.target,
        }
    }
}

/// Whether it can be used; not known while our own side has no network.
fn answers(view: &TargetView) -> Option<bool> {
    match view.state {
        State::Up | State::Degraded => Some(true),
        State::Down => Some(false),
        State::Flapping => view.recent_us.last().map(Option::is_some),
        State::Unknown => None,
    }
}

/// Writes every family but the histograms.
pub(super) fn write(encoder: &mut Encoder, rows: &[Row]) {
    states(encoder, rows);
    counts(encoder, rows);
    cause(encoder, rows);
    server(encoder, rows);
    encoder.family(Family::gauge(
        "rdprobe_jitter_seconds",
        "The mean difference between one round's time and the next in the last summary interval, in seconds",
    ));
    for row in rows {
        for (phase, seconds) in &row.jitter {
            encoder.value(&[("target", &row.target), ("phase", phase.word())], *seconds);
        }
    }
}

fn states(encoder: &mut Encoder, rows: &[Row]) {
    let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    encoder.single(Family::gauge("rdprobe_targets", "How many targets are watched"), number(count));
    encoder.family(Family::gauge("rdprobe_target_state", "The state of a target: 1 for one of the states"));
    for row in rows {
        for state in [State::Unknown, State::Up, State::Degraded, State::Down, State::Flapping] {
            let labels = [("target", row.target.as_str()), ("state", state.word())];
            encoder.value(&labels, if row.state == state { 1.0 } else { 0.0 });
        }
    }
    each(
        encoder,
        rows,
        Family::gauge(
            "rdprobe_up",
            "Whether a target answers; missing while that is not known, as where our own network is gone",
        ),
        |row| row.answers.map(|answers| if answers { 1.0 } else { 0.0 }),
    );
    each(
        encoder,
        rows,
        Family::gauge(
            "rdprobe_state_since_timestamp_seconds",
            "Since when a target is in its state, in Unix time",
        ),
        |row| Some(unix(row.since)),
    );
}

fn counts(encoder: &mut Encoder, rows: &[Row]) {
    let mut count = |name, help, value: fn(&Row) -> f64| {
        each(encoder, rows, Family::counter(name, help), |row| Some(value(row)));
    };
    count("rdprobe_rounds_total", "Rounds made", |row| number(row.rounds));
    count("rdprobe_rounds_lost_total", "Rounds that failed on the target's side", |row| number(row.lost));
    count(
        "rdprobe_rounds_missed_total",
        "Rounds that the schedule left out because one before them stalled",
        |row| number(row.missed),
    );
    count("rdprobe_outages_total", "Outages, the one that lasts included", |row| number(row.outages));
    count("rdprobe_available_seconds_total", "Time in which a target answered, in seconds", |row| {
        row.spent.up_s
    });
    count("rdprobe_outage_seconds_total", "Time in which a target did not answer, in seconds", |row| {
        row.spent.down_s
    });
    count(
        "rdprobe_unknown_seconds_total",
        "Time in which nothing was known of a target, in seconds",
        |row| row.spent.unknown_s,
    );
}

fn cause(encoder: &mut Encoder, rows: &[Row]) {
    encoder.family(Family::gauge(
        "rdprobe_outage_cause_info",
        "Always 1 while an outage lasts whose cause was found: an id for rdprobe explain, and how sure it is",
    ));
    for row in rows {
        let Some((cause, standing)) = &row.cause else { continue };
        let standing = match standing {
            Standing::Confirmed => "confirmed",
            Standing::Likely => "likely",
            Standing::Possible => "possible",
        };
        encoder.value(&[("target", &row.target), ("cause", cause), ("standing", standing)], 1.0);
    }
}

/// What the last deep probe saw.
fn server(encoder: &mut Encoder, rows: &[Row]) {
    each(
        encoder,
        rows,
        Family::gauge(
            "rdprobe_certificate_expiry_timestamp_seconds",
            "When a server's certificate ends, in Unix time",
        ),
        |row| row.server.certificate_not_after.map(unix),
    );
    each(
        encoder,
        rows,
        Family::gauge(
            "rdprobe_clock_skew_seconds",
            "A server's clock against this machine's, in seconds; positive if it is ahead",
        ),
        |row| row.server.skew_ms.map(|skew| skew / 1e3),
    );
    encoder.family(Family::gauge(
        "rdprobe_server_info",
        "Always 1; what a server told of itself last; empty where it does not tell",
    ));
    for row in rows {
        let server = &row.server;
        let known = |text: &'_ Option<String>| text.clone().unwrap_or_default();
        let texts = [
            row.address.clone().unwrap_or_default(),
            known(&server.name),
            known(&server.build),
            known(&server.protocol),
            known(&server.tls_version),
            known(&server.thumbprint_sha1),
        ];
        let [address, name, build, protocol, tls, thumbprint] = &texts;
        encoder.value(
            &[
                ("target", &row.target),
                ("address", address),
                ("name", name),
                ("build", build),
                ("protocol", protocol),
                ("tls_version", tls),
                ("thumbprint_sha1", thumbprint),
            ],
            1.0,
        );
    }
}

/// A family with one value a target, for the targets that have one.
fn each(encoder: &mut Encoder, rows: &[Row], family: Family, value: impl Fn(&Row) -> Option<f64>) {
    encoder.family(family);
    for row in rows {
        if let Some(value) = value(row) {
            encoder.value(&[("target", &row.target)], value);
        }
    }
}

fn unix(at: Timestamp) -> f64 {
    at.as_duration().as_secs_f64()
}
