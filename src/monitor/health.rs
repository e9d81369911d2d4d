//! Round to health: good, lesser, bad, or our own side's trouble.

use serde::{Deserialize, Serialize};

use crate::evidence::Stage;

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
