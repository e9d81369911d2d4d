//! Round to health: good, lesser, bad, or our own side's trouble.

use serde::{Deserialize, Serialize};

use super::settings::Hysteresis;
use crate::evidence::{Answer, Because, Failure, Outcome, Round, Stage, Step};
use crate::target::Target;
use crate::wire::codes::negotiation::FailureCode;
use crate::wire::codes::ntstatus::NtStatus;

// What is usual for a target: its time, and the protocol that it selects.
mod usual;

// A round in the diagnosis' own words.
mod words;

pub use usual::Usual;
pub use words::{diagnosis, good_why};

/// What one round says of the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Everything asked for was answered, as usual.
    Good,
    /// It was answered, but slower or with less than usual: how, in one clause.
    Lesser(String),
    /// It was not answered.
    Bad(Symptom),
    /// This machine's own network, resolver or limits failed: how, in one clause. It says nothing of the target.
    OwnSide(String),
}

/// How a round failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Symptom {
    /// The stage that failed.
    pub stage: Stage,
    /// The failure by its stable name, as in a report: `timed_out`, `refused`, `reset`, ...
    pub kind: String,
    /// The failure in one clause.
    pub text: String,
}

/// What a round says of its target. `own_side` is what is known to be wrong with this machine's own network at that
/// time; it excuses a failure, and an answer stands in spite of it.
#[must_use]
pub fn of(
    target: &Target,
    round: &Round,
    usual: &Usual,
    hysteresis: &Hysteresis,
    own_side: Option<&str>,
) -> Health {
    match (stopped(round), own_side) {
        (Some(Stopped::Here(why)), _) => Health::OwnSide(why),
        (Some(Stopped::There(..)), Some(why)) => Health::OwnSide(why.to_owned()),
        (Some(Stopped::There(stage, failure)), None) => {
            Health::Bad(words::symptom(target, round, stage, &failure))
        }
        (None, _) => match usual.falls_short(round, hysteresis) {
            Some(how) => Health::Lesser(how),
            None => Health::Good,
        },
    }
}

/// Whether everything that was asked for was answered, well or less well.
#[must_use]
pub fn answered(round: &Round) -> bool {
    stopped(round).is_none()
}

/// On whose side a round ended early.
enum Stopped {
    Here(String),
    There(Stage, Failure),
}

fn stopped(round: &Round) -> Option<Stopped> {
    resolve(round)
        .or_else(|| step(round, Stage::Connect, &round.connect))
        .or_else(|| step(round, Stage::Negotiate, &round.negotiate))
        .or_else(|| refused(round))
        .or_else(|| step(round, Stage::Tls, &round.handshake))
        .or_else(|| step(round, Stage::Credssp, &round.credssp))
}

/// A name without an address is the target's fault. A resolver that fails is not: with an address still known the
/// rest of the round decides, without one nothing does.
fn resolve(round: &Round) -> Option<Stopped> {
    match round.resolve.failure()? {
        failure @ (Failure::NoSuchName { .. } | Failure::NoAddress { .. }) => {
            Some(Stopped::There(Stage::Resolve, failure.clone()))
        }
        _ if round.connect.ran() => None,
        failure => Some(Stopped::Here(words::resolver(failure))),
    }
}

/// That a network cannot be reached without an ICMP message may be this machine's doing, the router's or the target's:
/// it counts against the target, as in a report. Where it is certain the failure is [`Failure::Local`]; otherwise the
/// control target or the gateway tells.
fn step<T>(round: &Round, stage: Stage, step: &Step<T>) -> Option<Stopped> {
    if round.depth < stage {
        return None;
    }
    match &step.outcome {
        Outcome::Seen(_) => None,
        Outcome::Failed(Failure::Local { detail, .. }) => {
            Some(Stopped::Here(format!("this machine could not: {detail}")))
        }
        Outcome::Failed(Failure::Interrupted) => Some(Stopped::Here("the round was ended".to_owned())),
        // NLA answers and refuses NTLM: it is there.
        Outcome::Failed(Failure::CredsspError { code, .. }) if *code == NtStatus::NTLM_BLOCKED => None,
        Outcome::Failed(failure) => Some(Stopped::There(stage, failure.clone())),
        Outcome::Skipped(Because::EarlierStageFailed | Because::ProbeEnded) => {
            Some(Stopped::Here(format!("the round ended before {}", stage.word())))
        }
        Outcome::Skipped(
            Because::ProtocolHasNone | Because::ServerRefused | Because::NotAsked | Because::AddressGiven,
        ) => None,
    }
}

/// A server that takes standard RDP security alone can still be reached by it. Any other refusal of what clients offer
/// leaves them nothing.
fn refused(round: &Round) -> Option<Stopped> {
    match round.negotiate.seen()?.answer {
        Answer::Failure { failure_code } if failure_code != FailureCode::SSL_NOT_ALLOWED => {
            Some(Stopped::There(Stage::Negotiate, Failure::NegotiationRefused { code: failure_code }))
        }
        Answer::Failure { .. } | Answer::Response { .. } | Answer::None => None,
    }
}
