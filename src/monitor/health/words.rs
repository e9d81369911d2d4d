//! A round in the diagnosis' own words: it is put as the evidence of a probe, and its first symptom is quoted.

use super::Symptom;
use crate::diagnosis::observation::{self, is_symptom, stage_of};
use crate::diagnosis::{self, Diagnosis};
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{Answer, Because, Evidence, Failure, MatrixRow, Round, Route, Stage, Step};
use crate::probe::resolve::scope;
use crate::target::Target;
use crate::wire::codes::negotiation::Protocol;

/// Why a good round is good, and what it did not test, in one clause.
#[must_use]
pub fn good_why(round: &Round) -> String {
    let Some(reply) = round.negotiate.seen() else {
        return "TCP connects; RDP was not tested".to_owned();
    };
    let selected = match &reply.answer {
        Answer::Response { selected_protocol, .. } => format!("{selected_protocol} selected"),
        Answer::Failure { failure_code } => format!("refused with {failure_code}"),
        Answer::None => "no negotiation".to_owned(),
    };
    if round.credssp.ran() {
        format!("NLA (CredSSP) answers, {selected}")
    } else if let Some(handshake) = round.handshake.seen() {
        format!("{} comes about, {selected}; what follows was not tested", handshake.version)
    } else {
        format!("RDP negotiates, {selected}; what follows was not tested")
    }
}

/// How a round failed at a stage.
pub(super) fn symptom(target: &Target, round: &Round, stage: Stage, failure: &Failure) -> Symptom {
    let seen = observation::observe(&evidence(target, round));
    let fact = seen.into_iter().find(|seen| stage_of(&seen.id) == Some(stage) && is_symptom(&seen.id));
    let kind = kind(failure);
    let text = fact.map_or_else(|| format!("{}: {}", stage.word(), kind.replace('_', " ")), |seen| seen.fact);
    Symptom { stage, kind, text }
}

/// What a round says of the causes, as a whole probe that saw no more would.
#[must_use]
pub fn diagnosis(target: &Target, round: &Round) -> Diagnosis {
    diagnosis::diagnose(&evidence(target, round))
}

/// What is wrong with the resolver.
pub(super) fn resolver(failure: &Failure) -> String {
    match failure {
        Failure::ResolverFailed { code } => format!("the resolver answered {code}"),
        Failure::TimedOut { .. } => "the resolver did not answer".to_owned(),
        Failure::NoResolver { detail } | Failure::Local { detail, .. } => {
            format!("no resolver could be asked: {detail}")
        }
        Failure::Interrupted => "the round was ended while resolving".to_owned(),
        other => format!("the resolver's answer was of no use: {}", kind(other).replace('_', " ")),
    }
}

/// The failure's name in JSON.
fn kind(failure: &Failure) -> String {
    let named = serde_json::to_value(failure).ok();
    let kind = named.as_ref().and_then(|value| value.get("kind")).and_then(serde_json::Value::as_str);
    kind.unwrap_or("failed").to_owned()
}

/// What a client offers, as every round does.
const OFFERED: [Protocol; 3] = [Protocol::SSL, Protocol::HYBRID, Protocol::HYBRID_EX];

fn evidence(target: &Target, round: &Round) -> Evidence {
    Evidence {
        target: target.clone(),
        started_at: round.due,
        elapsed_ms: round.elapsed_ms,
        depth: round.depth,
        interrupted: false,
        resolve: round.resolve.clone(),
        routes: round.address.map(|address| route(round, address)).into_iter().collect(),
        testimony: Vec::new(),
    }
}

fn route(round: &Round, address: std::net::SocketAddr) -> Route {
    let row = MatrixRow {
        requested_protocols: OFFERED.iter().fold(0, |bits, protocol| bits | protocol.0),
        requested: OFFERED.to_vec(),
        restricted_admin: false,
        cookie: None,
        connect_ms: Some(round.connect.elapsed_ms),
        reply: round.negotiate.clone(),
        verdict: RowVerdict::Unknown,
    };
    Route {
        address,
        scope: scope(address.ip()),
        connect: round.connect.clone(),
        control_ports: Vec::new(),
        negotiate: if round.negotiate.ran() { vec![row] } else { Vec::new() },
        standard_security: Step::skipped(Because::NotAsked),
        handshake: round.handshake.clone(),
        tls_versions: Vec::new(),
        certificate: Step::skipped(Because::NotAsked),
        credssp: round.credssp.clone(),
        clock: None,
        connections: 1,
    }
}
