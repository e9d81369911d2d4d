//! One stage of a probe: when it ran and what came of it.

use serde::{Deserialize, Serialize};

use super::{Failure, Millis};

/// The stages of a probe, in the order of the flow.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Name to addresses.
    Resolve,
    /// TCP.
    Connect,
    /// X.224 Connection Request and Confirm, with the RDP negotiation in them.
    Negotiate,
    /// The TLS handshake.
    Tls,
    /// TSRequest and the NTLM challenge.
    Credssp,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [Self::Resolve, Self::Connect, Self::Negotiate, Self::Tls, Self::Credssp];

    /// The word for the stage, the same everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::Negotiate => "negotiate",
            Self::Tls => "tls",
            Self::Credssp => "credssp",
        }
    }
}

/// One stage: when it began after the probe's start, how long it took, and its outcome.
///
/// In JSON: `{"start_ms": 0.1, "elapsed_ms": 3.2, "seen": {...}}`, or `"failed": {...}`, or `"skipped": "..."`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Step<T> {
    /// From the start of the probe to the start of the stage.
    pub start_ms: Millis,
    /// How long the stage took.
    pub elapsed_ms: Millis,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome<T>,
}

/// Seen, failed or not tried: three facts that no output may confuse.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome<T> {
    /// The stage ran and this is what the peer showed.
    Seen(T),
    /// The stage ran and failed.
    Failed(Failure),
    /// The stage did not run.
    Skipped(Because),
}

/// Why a stage did not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// An earlier stage failed, so that this one had nothing to stand on.
    EarlierStageFailed,
    /// The server selected a protocol that does not have this stage.
    ProtocolHasNone,
    /// The server refused the negotiation, so that nothing may follow it.
    ServerRefused,
    /// The user's settings leave it out.
    NotAsked,
    /// The probe ended first.
    ProbeEnded,
    /// It was a literal address: nothing to resolve.
    AddressGiven,
}

impl<T> Step<T> {
    /// A stage that did not run.
    #[must_use]
    pub const fn skipped(because: Because) -> Self {
        Self { start_ms: Millis::ZERO, elapsed_ms: Millis::ZERO, outcome: Outcome::Skipped(because) }
    }

    /// What was seen, if the stage succeeded.
    #[must_use]
    pub const fn seen(&self) -> Option<&T> {
        match &self.outcome {
            Outcome::Seen(value) => Some(value),
            Outcome::Failed(_) | Outcome::Skipped(_) => None,
        }
    }

    /// Why it failed, if it ran and failed.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.outcome {
            Outcome::Failed(failure) => Some(failure),
            Outcome::Seen(_) | Outcome::Skipped(_) => None,
        }
    }

    /// Whether the stage ran at all.
    #[must_use]
    pub const fn ran(&self) -> bool {
        !matches!(self.outcome, Outcome::Skipped(_))
    }
}
