//! Waiting, against a server that comes up a stage at a time.

use std::future::Future;
use std::net::TcpListener;
use std::time::Duration;

use rdprobe::diagnosis::Nla;
use rdprobe::policy::{Judged, Outcome};
use rdprobe::probe::{Plan, Quiet, Watch};
use rdprobe::report::Report;
use rdprobe::report::check::{Check, Wait, exit_code};
use rdprobe::wait::{Waited, Waiting, wait};

use super::changing::Changing;
use crate::rehearsal::{patient, plan, target};

/// Never the reason why a test ends, unless it says so.
const LONG: Duration = Duration::from_secs(600);

fn waiting(in_a_row: u32) -> Waiting {
    Waiting { limit: LONG, in_a_row, every: Duration::from_millis(20), fail_fast: false }
}

fn quick() -> Plan {
    Plan { control_ports: Vec::new(), ..patient() }
}

/// `nla=required`, by hand.
fn nla_required(report: &Report) -> Vec<Judged> {
    let required = report.diagnosis.posture.iter().any(|posture| posture.nla == Nla::Required);
    let seen = report.evidence.routes.iter().any(|route| route.handshake.ran());
    let outcome = match (required, seen || !report.diagnosis.posture.is_empty()) {
        (true, _) => Outcome::Met,
        (false, true) => Outcome::Missed,
        (false, false) => Outcome::Undecided,
    };
    vec![Judged {
        expectation: "nla=required".to_owned(),
        subject: "nla".to_owned(),
        outcome,
        fact: "as the posture says".to_owned(),
        address: None,
        measure: None,
    }]
}

fn stages(wait: &Wait) -> Vec<&str> {
    wait.turns.iter().map(|turn| turn.stage.as_str()).collect()
}

fn exit_of(waited: Waited) -> u8 {
    exit_code(&[Check::new(
        "by hand".to_owned(),
        waited.expectations,
        None,
        Some(waited.wait),
        waited.report,
    )])
}

/// Stops the wait when told to.
struct Stop(tokio::sync::watch::Sender<bool>);

impl Stop {
    fn new() -> Self {
        Self(tokio::sync::watch::channel(false).0)
    }
}

impl Watch for Stop {
    fn stopped(&self) -> impl Future<Output = ()> + Send {
        let mut stop = self.0.subscribe();
        async move { drop(stop.wait_for(|stop| *stop).await) }
    }
}

#[tokio::test]
async fn a_machine_is_followed_from_no_listener_to_nla_and_each_change_told_once() {
    let server = Changing::new();
    let mut told = 0;
    let waited = wait(&target(server.address), &quick(), &waiting(3), &Quiet, nla_required, |wait| {
        // Each stage lasts two probes: the second one is no news.
        match wait.probes {
            2 => server.play(Some("reset-after-request")),
            4 => server.play(Some("rdp-security-only")),
            6 => server.play(Some("windows-2022-nla")),
            _ => {}
        }
        told += 1;
    })
    .await;
    assert_eq!(
        stages(&waited.wait),
        ["refused", "connects, no RDP", "RDP without TLS, not yet nla=required", "NLA required, as expected"]
    );
    assert_eq!((waited.wait.probes, told), (9, 9));
    assert_eq!((waited.wait.in_a_row, waited.wait.wanted_in_a_row), (3, 3));
    assert!(waited.wait.turns.is_sorted_by(|one, next| one.after_ms < next.after_ms));
    assert!(!waited.wait.ran_out && !waited.wait.stopped);
    assert_eq!(exit_of(waited), 0);
}

#[tokio::test]
async fn a_flapping_server_never_counts_as_ready() {
    let server = Changing::new();
    server.play(Some("windows-2022-nla"));
    let stop = Stop::new();
    let mut most = 0;
    let waited = wait(&target(server.address), &quick(), &waiting(3), &stop, nla_required, |wait| {
        most = most.max(wait.in_a_row);
        // Good, good, away, and again.
        match wait.probes {
            9 => {
                stop.0.send_replace(true);
            }
            probes if probes % 3 == 2 => server.play(None),
            probes if probes % 3 == 0 => server.play(Some("windows-2022-nla")),
            _ => {}
        }
    })
    .await;
    assert_eq!(most, 2);
    assert_eq!(stages(&waited.wait), ["NLA required, as expected", "refused"].repeat(3));
    assert!(waited.wait.stopped && waited.wait.probes == 9, "{:?}", waited.wait);
    assert_eq!(exit_of(waited), 3);
}

#[tokio::test]
async fn a_stop_between_two_good_answers_is_undecided_and_keeps_the_last_report() {
    let server = Changing::new();
    server.play(Some("windows-2022-nla"));
    let stop = Stop::new();
    let slow = Waiting { every: LONG / 2, ..waiting(2) };
    let waited = wait(&target(server.address), &quick(), &slow, &stop, nla_required, |_| {
        {
            stop.0.send_replace(true);
        };
    })
    .await;
    assert_eq!(waited.wait.in_a_row, 1);
    assert!(waited.report.evidence.routes[0].credssp.seen().is_some());
    assert_eq!(exit_of(waited), 3);
}

#[tokio::test]
async fn a_probe_that_is_cut_short_never_replaces_one_that_was_done() {
    let server = Changing::new();
    let stop = Stop::new();
    let patient = plan(LONG);
    let mut held = None;
    let waited = wait(&target(server.address), &patient, &waiting(1), &stop, nla_required, |wait| {
        if wait.probes == 1 {
            let listener = TcpListener::bind(server.address).unwrap();
            let stop = stop.0.clone();
            // The second probe is under way once it has connected, and waits for an answer that never comes.
            held = Some(std::thread::spawn(move || {
                let connection = listener.accept().unwrap();
                stop.send_replace(true);
                (listener, connection)
            }));
        }
    })
    .await;
    drop(held);
    assert_eq!(waited.wait.probes, 2);
    assert_eq!(stages(&waited.wait), ["refused"]);
    assert!(!waited.report.evidence.interrupted);
}

#[tokio::test]
async fn when_the_time_runs_out_the_last_diagnosis_is_kept_and_the_exit_code_is_4() {
    let server = Changing::new();
    let short = Waiting { limit: Duration::from_secs(3), ..waiting(1) };
    let waited = wait(&target(server.address), &quick(), &short, &Quiet, nla_required, |_| {}).await;
    assert!(waited.wait.ran_out && waited.wait.probes > 1, "{:?}", waited.wait);
    assert_eq!(stages(&waited.wait), ["refused"]);
    assert!(waited.report.diagnosis.observations.iter().any(|seen| seen.id == "tcp.rst"));
    assert_eq!(exit_of(waited), 4);
}

#[tokio::test]
async fn the_limit_ends_a_probe_that_would_last_longer() {
    let server = Changing::new();
    server.play(Some("silent"));
    let short = Waiting { limit: Duration::from_millis(300), ..waiting(1) };
    let waited = wait(&target(server.address), &plan(LONG), &short, &Quiet, nla_required, |_| {}).await;
    assert!(waited.wait.ran_out && waited.wait.probes == 1, "{:?}", waited.wait);
    assert!(waited.report.evidence.interrupted);
    assert_eq!(exit_of(waited), 4);
}

#[tokio::test]
async fn fail_fast_gives_up_on_what_waiting_does_not_mend_and_on_nothing_else() {
    let server = Changing::new();
    let fast = Waiting { fail_fast: true, ..waiting(1) };
    let waited =
        wait(&target(server.address), &quick(), &fast, &Quiet, nla_required, |wait| match wait.probes {
            2 => server.play(Some("reset-after-request")),
            3 => server.play(Some("windows-2016-tls")),
            _ => {}
        })
        .await;
    assert_eq!(stages(&waited.wait), ["refused", "connects, no RDP", "NLA offered, not yet nla=required"]);
    let why = waited.wait.gave_up.as_deref().unwrap();
    assert!(why.starts_with("nla=required: "), "{why}");
    assert!(!waited.wait.ran_out);
    assert_eq!(exit_of(waited), 1);
}
