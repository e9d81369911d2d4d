//! Servers, resolvers and bytes that want a probe to hang, panic, grow or lie: each ends within its bound, told as it is.

use std::net::SocketAddr;
use std::time::Duration;

use rdprobe::diagnosis::Verdict;
use rdprobe::evidence::{Failure, Route};
use rdprobe::probe::Plan;
use rdprobe::report::Report;

use crate::rehearsal;

// Small servers that are scripted by the test.
mod server;

// Frames with impossible lengths, zeros and noise.
mod frames;

// Bytes without an end, at each stage.
mod floods;

// One byte each 100 ms, at each stage.
mod drips;

// A good conversation cut off, or changed, at each byte.
mod cuts;

// DER that is deep, long or strange.
mod certificates;

// Challenges that point outside themselves, and names that act on a terminal.
mod challenges;

// Responses that loop, flood or belong to somebody else.
mod resolver;

// How much memory the binary takes while a peer never stops.
mod memory;

/// No test waits longer than this; what has a bound has ended long before.
const NEVER: Duration = Duration::from_secs(120);

/// Long enough for a peer on loopback to answer on a busy machine, short enough to wait for in a test.
const PATIENCE: Duration = Duration::from_millis(1500);

/// Probes a hostile peer, which must end by itself, and must not look like a server that can be reached.
async fn refused(address: SocketAddr, plan: &Plan) -> Report {
    let report = ended(address, plan).await;
    let verdict = report.diagnosis.verdict;
    assert_eq!(verdict, Verdict::NotReachable, "{}", report.diagnosis.summary);
    report
}

/// Probes a peer, which must end by itself; what came of it can be shown.
async fn ended(address: SocketAddr, plan: &Plan) -> Report {
    let report =
        tokio::time::timeout(NEVER, rehearsal::report(address, plan)).await.expect("a probe that ends");
    for verbosity in 0..=2 {
        let style = rdprobe::render::human::HumanStyle { verbosity, ..Default::default() };
        let mut out = Vec::new();
        rdprobe::render::human::human(&report, &style, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains(|c| c != '\n' && rdprobe::render::escape::needs_escape(c)), "{text}");
    }
    report
}

/// The plan for peers whose end is a deadline.
fn hurried() -> Plan {
    rehearsal::plan(PATIENCE)
}

fn route(report: &Report) -> &Route {
    &report.evidence.routes[0]
}

/// How the first request ended.
fn first_reply(report: &Report) -> &Failure {
    route(report).negotiate[0].reply.failure().unwrap_or_else(|| panic!("{:?}", route(report).negotiate[0]))
}

/// How the full handshake ended.
fn handshake(report: &Report) -> &Failure {
    route(report).handshake.failure().unwrap_or_else(|| panic!("{:?}", route(report).handshake))
}

/// How CredSSP ended.
fn credssp(report: &Report) -> &Failure {
    route(report).credssp.failure().unwrap_or_else(|| panic!("{:?}", route(report).credssp))
}
