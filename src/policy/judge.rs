//! Expectations held against what was seen: once for the target, or at every address, of which the worst counts.

use std::net::SocketAddr;

use super::Judged;
use super::expectation::criterion::Wanted;
use super::expectation::{Expectation, Operator};
use super::fact::Decision;
use crate::diagnosis::Diagnosis;
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Evidence, Failure, Route};

pub(super) fn judge(expectation: &Expectation, evidence: &Evidence, diagnosis: &Diagnosis) -> Judged {
    let operator = expectation.operator;
    let (address, decision) = match &expectation.wanted {
        Wanted::Target(criterion) => (None, criterion.decide(operator, evidence, diagnosis)),
        Wanted::Route(criterion) => {
            let decisions = counted(evidence)
                .map(|route| (route.address, criterion.decide(operator, route, evidence)))
                .collect();
            worst(decisions, operator, diagnosis)
        }
    };
    let fact = match address {
        Some(address) if evidence.routes.len() > 1 => format!("at {address}: {}", decision.fact),
        _ => decision.fact,
    };
    Judged {
        expectation: expectation.to_string(),
        subject: expectation.subject.name.to_owned(),
        outcome: decision.outcome,
        fact,
        address,
        measure: decision.measure,
    }
}

/// The routes that count: one that this machine has no way to try says nothing of the server, if another was tried.
/// The verdict sees it alike.
fn counted(evidence: &Evidence) -> impl Iterator<Item = &Route> {
    let has_no_way = |route: &Route| {
        matches!(route.connect.failure(), Some(Failure::Local { what: LocalTrouble::NoRoute, .. }))
    };
    let all = evidence.routes.iter().all(has_no_way);
    evidence.routes.iter().filter(move |route| all || !has_no_way(route))
}

/// Of several that came to the same, the one with the worst number, else the first.
fn worst(
    decisions: Vec<(SocketAddr, Decision)>,
    operator: Operator,
    diagnosis: &Diagnosis,
) -> (Option<SocketAddr>, Decision) {
    let badness = |decision: &Decision| {
        let value = decision.measure.as_ref().map_or(0.0, |measure| measure.value);
        if matches!(operator, Operator::Above | Operator::AtLeast) { -value } else { value }
    };
    let worse = |one: &Decision, other: &Decision| {
        one.outcome.cmp(&other.outcome).then(badness(one).total_cmp(&badness(other))).is_gt()
    };
    let mut worst: Option<(SocketAddr, Decision)> = None;
    for (address, decision) in decisions {
        if worst.as_ref().is_none_or(|(_, so_far)| worse(&decision, so_far)) {
            worst = Some((address, decision));
        }
    }
    match worst {
        Some((address, decision)) => (Some(address), decision),
        None => (None, Decision::undecided(format!("no address was tried: {}", diagnosis.summary))),
    }
}
