//! The verdict: the answer to the one question, the stage that failed, and both in one clause.

use super::matrix::{self, Choice};
use super::observation::{duration, is_symptom, stage_of};
use super::{Observation, Verdict, posture};
use crate::evidence::{Because, Evidence, Failure, Handshake, Outcome, Route, Stage, Step};
use crate::wire::codes::ntstatus::NtStatus;

// The clause that goes with a verdict.
mod summary;

/// How far one route went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A protocol was selected and its security layer answered.
    Reachable,
    /// Everything that was asked for went well; the rest was not asked for.
    Passed,
    /// The peer or the network ended it here.
    Failed(Stage),
    /// This machine, or the user, ended it here.
    OwnSide(Stage),
}

/// The verdict, the failing stage and the summary.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    pub(super) failing_stage: Option<Stage>,
    pub(super) summary: String,
}

pub(super) fn judge(evidence: &Evidence, observations: &[Observation]) -> Judgement {
    if let Some((verdict, stage)) = without_routes(evidence) {
        let summary = summary::without_routes(evidence, verdict, observations);
        return Judgement { verdict, failing_stage: stage, summary };
    }
    let states: Vec<State> = evidence.routes.iter().map(|route| state(route, evidence.depth)).collect();
    let verdict = over_routes(evidence, &states);
    let failed =
        states.iter().filter_map(|state| if let State::Failed(stage) = state { Some(*stage) } else { None });
    let own =
        states.iter().filter_map(|state| if let State::OwnSide(stage) = state { Some(*stage) } else { None });
    let failing_stage = match verdict {
        Verdict::Reachable | Verdict::StagePassed => None,
        Verdict::Undecided => own.min(),
        Verdict::PartlyReachable | Verdict::NotReachable => failed.min(),
    };
    let summary = summary::over_routes(evidence, verdict, &states, observations);
    Judgement { verdict, failing_stage, summary }
}

/// The verdict where there is no address to try.
fn without_routes(evidence: &Evidence) -> Option<(Verdict, Option<Stage>)> {
    match &evidence.resolve.outcome {
        Outcome::Failed(Failure::NoSuchName { .. } | Failure::NoAddress { .. }) => {
            Some((Verdict::NotReachable, Some(Stage::Resolve)))
        }
        Outcome::Failed(_) => Some((Verdict::Undecided, Some(Stage::Resolve))),
        Outcome::Seen(_) if evidence.depth == Stage::Resolve => Some((Verdict::StagePassed, None)),
        Outcome::Seen(_) | Outcome::Skipped(_) if evidence.routes.is_empty() => {
            Some((Verdict::Undecided, Some(Stage::Resolve)))
        }
        Outcome::Seen(_) | Outcome::Skipped(_) => None,
    }
}

/// A route that this machine has no way to try does not count against the server, if another one was tried.
fn over_routes(evidence: &Evidence, states: &[State]) -> Verdict {
    let good = states.iter().filter(|state| matches!(state, State::Reachable | State::Passed)).count();
    let failed = states.iter().filter(|state| matches!(state, State::Failed(_))).count();
    let unfinished = evidence.routes.iter().zip(states).any(|(route, state)| {
        matches!(state, State::OwnSide(_)) && !matches!(route.connect.failure(), Some(Failure::Local { .. }))
    });
    match (good, failed) {
        (0, 0) => Verdict::Undecided,
        (0, _) => Verdict::NotReachable,
        (_, 0) if unfinished => Verdict::Undecided,
        (_, 0) if evidence.depth < Stage::Credssp => Verdict::StagePassed,
        (_, 0) => Verdict::Reachable,
        (_, _) => Verdict::PartlyReachable,
    }
}

/// How far one route went.
pub(super) fn state(route: &Route, depth: Stage) -> State {
    if let Some(stopped) = stopped(&route.connect, Stage::Connect) {
        return stopped;
    }
    if depth <= Stage::Connect {
        return State::Passed;
    }
    let Some(choice) = matrix::choice(route) else { return no_choice(route) };
    if depth == Stage::Negotiate {
        let asked = is_standard(choice) && route.standard_security.ran();
        return if asked { standard(route) } else { State::Passed };
    }
    if !matrix::is_over_tls(choice) {
        return standard(route);
    }
    let answered = route.tls_versions.iter().any(|attempt| attempt.step.seen().is_some());
    if route.handshake.seen().is_none() && (!answered || broke_off(&route.handshake)) {
        return stopped(&route.handshake, Stage::Tls).unwrap_or(State::Failed(Stage::Tls));
    }
    // The probe takes any certificate; a client that reads it ends the handshake here.
    if route.certificate.failure().is_some() {
        return State::Failed(Stage::Tls);
    }
    if depth == Stage::Tls {
        return State::Passed;
    }
    if matrix::is_hybrid(choice) && route.handshake.seen().is_some() { nla(route) } else { State::Reachable }
}

/// The last stage that was asked for and that is there: with standard RDP security there is no TLS.
#[must_use]
pub fn last_stage(evidence: &Evidence) -> Stage {
    let mut choices = evidence.routes.iter().filter_map(matrix::choice).peekable();
    let has_tls = choices.peek().is_none() || !choices.all(is_standard);
    if evidence.depth == Stage::Tls && !has_tls { Stage::Negotiate } else { evidence.depth }
}

/// Whether the server began to answer the full handshake and did not go on as it must. A flight that answers a wider
/// offer excuses a refusal, since this program offers less than Windows does, but no answer that breaks off.
fn broke_off(handshake: &Step<Handshake>) -> bool {
    match handshake.failure() {
        Some(
            Failure::TimedOut { bytes_read, .. }
            | Failure::Reset { bytes_read }
            | Failure::Closed { bytes_read },
        ) => *bytes_read > 0,
        Some(failure) => matches!(failure, Failure::Malformed { .. } | Failure::TooMuch { .. }),
        None => false,
    }
}

/// Why a stage did not come about, and on whose side.
fn stopped<T>(step: &Step<T>, stage: Stage) -> Option<State> {
    match &step.outcome {
        Outcome::Seen(_) => None,
        Outcome::Failed(Failure::Local { .. } | Failure::Interrupted) => Some(State::OwnSide(stage)),
        Outcome::Failed(_) => Some(State::Failed(stage)),
        Outcome::Skipped(_) => Some(State::OwnSide(stage)),
    }
}

/// No row selected anything: the server's doing, unless every row died on this side.
fn no_choice(route: &Route) -> State {
    let theirs = route
        .negotiate
        .iter()
        .any(|row| row.reply.seen().is_some() || row.reply.failure().is_some_and(|failure| !is_own(failure)));
    if theirs { State::Failed(Stage::Negotiate) } else { State::OwnSide(Stage::Negotiate) }
}

const fn is_own(failure: &Failure) -> bool {
    matches!(failure, Failure::Local { .. } | Failure::Interrupted)
}

/// A bare confirm, or a selected 0, is only a word: MCS Connect is the proof.
fn standard(route: &Route) -> State {
    match posture::mcs(route) {
        Some(true) => State::Reachable,
        _ => stopped(&route.standard_security, Stage::Negotiate).unwrap_or(State::Failed(Stage::Negotiate)),
    }
}

/// A server that answers CredSSP and refuses NTLM is there; who it is stays unknown.
fn nla(route: &Route) -> State {
    match &route.credssp.outcome {
        Outcome::Seen(_) => State::Reachable,
        Outcome::Failed(Failure::CredsspError { code, .. }) if *code == NtStatus::NTLM_BLOCKED => {
            State::Reachable
        }
        Outcome::Skipped(Because::NotAsked) => State::Passed,
        _ => stopped(&route.credssp, Stage::Credssp).unwrap_or(State::Failed(Stage::Credssp)),
    }
}

/// The fact of the first symptom of a stage, on a route or for the target.
fn first_fact<'a>(observations: &'a [Observation], stage: Stage, route: Option<&Route>) -> Option<&'a str> {
    let address = route.map(|route| route.address);
    observations
        .iter()
        .find(|seen| seen.address == address && stage_of(&seen.id) == Some(stage) && is_symptom(&seen.id))
        .map(|seen| seen.fact.as_str())
}

fn is_standard(choice: Choice) -> bool {
    !matrix::is_over_tls(choice)
}

fn elapsed(evidence: &Evidence) -> String {
    duration(evidence.elapsed_ms)
}
