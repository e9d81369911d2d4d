//! The clause that goes with a verdict: what happened, at which address, in words.

use super::{State, elapsed, first_fact, is_standard, last_stage};
use crate::diagnosis::posture::posture;
use crate::diagnosis::{Nla, Observation, Verdict, matrix};
use crate::evidence::{Evidence, Failure, Route, Stage};

pub(super) fn without_routes(evidence: &Evidence, verdict: Verdict, observations: &[Observation]) -> String {
    let name = &evidence.target.input;
    let fact = first_fact(observations, Stage::Resolve, None);
    match verdict {
        Verdict::StagePassed => format!("{name} resolves; nothing else was asked for"),
        Verdict::NotReachable => fact.map_or_else(|| format!("{name} has no address"), str::to_owned),
        _ => {
            let why = fact.unwrap_or("the probe ended before an address was tried");
            format!("not decided: {why}")
        }
    }
}

pub(super) fn over_routes(
    evidence: &Evidence,
    verdict: Verdict,
    states: &[State],
    observations: &[Observation],
) -> String {
    let total = states.len();
    let with = |wanted: fn(&State) -> bool| {
        evidence
            .routes
            .iter()
            .zip(states)
            .find(|(_, state)| wanted(state))
            .map(|(route, state)| (route, *state))
    };
    let failed = with(|state| matches!(state, State::Failed(_)));
    match verdict {
        Verdict::StagePassed => passed(evidence),
        Verdict::Reachable => {
            let good = with(|state| matches!(state, State::Reachable));
            let how = good.map_or_else(String::new, |(route, _)| how(route));
            let untried = states.iter().filter(|state| matches!(state, State::OwnSide(_))).count();
            match untried {
                0 => format!("Remote Desktop answers{how}"),
                _ => format!(
                    "Remote Desktop answers{how}; {untried} of {total} addresses cannot be tried from here"
                ),
            }
        }
        Verdict::PartlyReachable => {
            let bad = states.iter().filter(|state| matches!(state, State::Failed(_))).count();
            let why = failed.map_or_else(String::new, |(route, state)| failure(route, state, observations));
            format!("{bad} of {total} addresses fail: {why}")
        }
        Verdict::NotReachable => {
            failed.map_or_else(String::new, |(route, state)| failure(route, state, observations))
        }
        Verdict::Undecided => {
            let own = with(|state| matches!(state, State::OwnSide(_)));
            let why = own.and_then(|(route, state)| own_side(route, state, observations));
            format!(
                "not decided: {}",
                why.unwrap_or_else(|| "the probe was ended before its plan was done".to_owned())
            )
        }
    }
}

/// What was asked for went well, as far as there is such a stage.
fn passed(evidence: &Evidence) -> String {
    let last = last_stage(evidence);
    let well = format!("every stage up to {} went well in {}", last.word(), elapsed(evidence));
    if last == evidence.depth {
        format!("{well}; RDP as a whole was not tested")
    } else {
        format!(
            "{well}, by standard RDP security only: there is no TLS to test; RDP as a whole was not tested"
        )
    }
}

/// What a good route showed, after "Remote Desktop answers".
fn how(route: &Route) -> String {
    let Some(choice) = matrix::choice(route) else { return String::new() };
    if is_standard(choice) {
        return ", by standard RDP security only".to_owned();
    }
    let nla = match posture(route).nla {
        Nla::Required => ", with NLA required",
        Nla::Offered | Nla::Selected => ", with NLA",
        Nla::NotOffered | Nla::Unknown => ", without NLA",
    };
    let Some(handshake) = route.handshake.seen() else {
        let newest =
            route.tls_versions.iter().filter_map(|attempt| attempt.step.seen()).map(|it| it.version).max();
        let version = newest.map_or_else(String::new, |version| format!(" over {version}"));
        return format!("{version}{nla}; only a hand-made hello reaches it, so that sign-in was not tested");
    };
    if let Some(Failure::CredsspError { code, .. }) = route.credssp.failure() {
        return format!(" over {}{nla}, but not who it is: {code}", handshake.version);
    }
    format!(" over {}{nla}", handshake.version)
}

/// What went wrong at the route that failed.
fn failure(route: &Route, state: State, observations: &[Observation]) -> String {
    let State::Failed(stage) = state else { return String::new() };
    let fact = first_fact(observations, stage, Some(route));
    let seen = |id: &str| observations.iter().any(|it| it.id == id && it.address == Some(route.address));
    match stage {
        Stage::Tls if seen("tls.reset-every-version") => {
            "TLS reset for every version tried: most likely the server \
            cannot use its certificate key or has no TLS version enabled"
                .to_owned()
        }
        Stage::Tls if route.certificate.failure().is_some() => {
            "the server's certificate cannot be read, so that no client goes on".to_owned()
        }
        Stage::Connect => fact.unwrap_or("the connection did not come about").to_owned(),
        Stage::Negotiate if seen("x224.negfail.3") => {
            "the server says that it has no certificate that it can use".to_owned()
        }
        Stage::Negotiate => {
            let mcs = observations.iter().find(|it| {
                it.address == Some(route.address) && (it.id == "mcs.refused" || it.id == "mcs.failed")
            });
            if let Some(mcs) = mcs {
                return format!(
                    "the server selects standard RDP security and does not keep to it: {}",
                    mcs.fact
                );
            }
            let why = fact.unwrap_or("the server took none of the protocols that it was offered");
            format!("TCP connects, RDP does not negotiate: {why}")
        }
        Stage::Tls => format!("RDP negotiates, TLS fails: {}", fact.unwrap_or("no version was answered")),
        Stage::Credssp => format!("TLS works, NLA fails: {}", fact.unwrap_or("no challenge came")),
        Stage::Resolve => fact.unwrap_or("the name has no address").to_owned(),
    }
}

/// What this machine lacked, at the first route that it could not try.
fn own_side(route: &Route, state: State, observations: &[Observation]) -> Option<String> {
    let State::OwnSide(_) = state else { return None };
    observations
        .iter()
        .find(|it| {
            it.address == Some(route.address)
                && (it.id == "tcp.noroute" || it.id.starts_with("tcp.local-") || it.id == "probe.interrupted")
        })
        .map(|it| it.fact.clone())
}
