//! The facts that decide: each reader takes one thing from the evidence, or says why it was not seen.

use super::{Measure, Outcome};
use crate::evidence::{self, Because, Certificate, Failure, Route, Stage, Step};

// Addresses, times, and whether RDP answers.
pub(super) mod path;

// Protocol, NLA, TLS, standard RDP security.
pub(super) mod security;

// What the certificate says.
pub(super) mod certificate;

// Who the machine is: names, build, CredSSP, clock.
pub(super) mod machine;

// Whether a cause is among the findings.
pub(super) mod causes;

/// A value and the fact that it comes from; or why it was not seen, one clause.
pub(super) type Reading<T> = Result<Fact<T>, String>;

/// A value and the fact that it comes from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Fact<T> {
    pub(super) value: T,
    /// One clause.
    pub(super) text: String,
}

/// A number that is known to lie between two others; the same twice where it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Span<T> {
    pub(super) least: T,
    pub(super) most: T,
}

/// What an expectation came to at one address, or for the whole target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    pub(super) outcome: Outcome,
    pub(super) fact: String,
    pub(super) measure: Option<Measure>,
}

/// What was read.
#[expect(clippy::unnecessary_wraps, reason = "what every reader ends with")]
pub(super) fn fact<T>(value: T, text: impl Into<String>) -> Reading<T> {
    Ok(Fact { value, text: text.into() })
}

impl<T: Copy> Span<T> {
    pub(super) const fn exactly(value: T) -> Self {
        Self { least: value, most: value }
    }
}

impl Decision {
    /// Holds what was read against what is wanted; `None` from `holds`: what was read does not tell.
    pub(super) fn read<T>(reading: Reading<T>, holds: impl FnOnce(&T) -> Option<bool>) -> Self {
        match reading {
            Ok(seen) => match holds(&seen.value) {
                Some(true) => Self::met(seen.text),
                Some(false) => Self::missed(seen.text),
                None => Self::undecided(seen.text),
            },
            Err(why) => Self::undecided(why),
        }
    }

    pub(super) fn met(fact: impl Into<String>) -> Self {
        Self { outcome: Outcome::Met, fact: fact.into(), measure: None }
    }

    pub(super) fn warning(fact: impl Into<String>) -> Self {
        Self { outcome: Outcome::Warning, ..Self::met(fact) }
    }

    pub(super) fn missed(fact: impl Into<String>) -> Self {
        Self { outcome: Outcome::Missed, ..Self::met(fact) }
    }

    pub(super) fn undecided(fact: impl Into<String>) -> Self {
        Self { outcome: Outcome::Undecided, ..Self::met(fact) }
    }
}

/// Why a step shows nothing, one clause.
pub(super) fn unseen<T>(step: &Step<T>, stage: Stage) -> String {
    let stage = match stage {
        Stage::Resolve => "the name resolution",
        Stage::Connect => "the TCP connection",
        Stage::Negotiate => "the negotiation",
        Stage::Tls => "the TLS handshake",
        Stage::Credssp => "NLA (CredSSP)",
    };
    match &step.outcome {
        evidence::Outcome::Seen(_) => format!("{stage} does not tell"),
        evidence::Outcome::Failed(Failure::Interrupted) => format!("{stage} was cut short"),
        evidence::Outcome::Failed(Failure::Local { detail, .. }) => {
            format!("{stage} failed on this machine: {detail}")
        }
        evidence::Outcome::Failed(_) => format!("{stage} failed"),
        evidence::Outcome::Skipped(because) => match because {
            Because::EarlierStageFailed => format!("the probe did not get as far as {stage}"),
            Because::ProtocolHasNone => format!("the protocol that the server selects is without {stage}"),
            Because::ServerRefused => format!("the server refused before {stage}"),
            Because::NotAsked => format!("{stage} was not asked for"),
            Because::ProbeEnded => format!("the probe ended before {stage}"),
            Because::AddressGiven => format!("{stage} was not needed"),
        },
    }
}

/// The certificate, or why there is none to read.
pub(super) fn certificate_of(route: &Route) -> Result<&Certificate, String> {
    route.certificate.seen().ok_or_else(|| match route.certificate.failure() {
        Some(Failure::Malformed { detail, .. }) => format!("the certificate cannot be read: {detail}"),
        _ => format!("no certificate was seen: {}", unseen(&route.handshake, Stage::Tls)),
    })
}

/// A time as a person reads it.
pub(super) fn duration(seconds: f64) -> String {
    match seconds {
        short if short < 1.0 => format!("{:.1} ms", short * 1000.0),
        middling if middling < 120.0 => format!("{middling:.1} s"),
        long if long < 7200.0 => format!("{:.0} min", long / 60.0),
        long if long < 172_800.0 => format!("{:.1} h", long / 3600.0),
        // Whole ones, as everywhere: what ends in 152 days and 14 hours has 152 days left.
        long => format!("{:.0} days", (long / 86_400.0).floor()),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn days_are_whole_ones() {
        assert_eq!(duration(152.6 * 86_400.0), "152 days");
        assert_eq!(duration(2.0 * 86_400.0), "2 days");
    }
}
