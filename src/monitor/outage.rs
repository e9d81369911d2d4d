//! What an outage was, why, and what was different after it.

use serde::{Deserialize, Serialize};

use super::health::Symptom;
use crate::diagnosis::{Diagnosis, Finding, Standing};

// The outages of one target, as they come and go.
mod log;

use crate::policy::Change;
pub use log::Outages;

/// One outage: from the first bad round to the first good one after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Outage {
    /// When the first bad round was due.
    #[schemars(with = "String")]
    pub start: jiff::Timestamp,
    /// When the first good round after it was due; null while it lasts.
    #[schemars(with = "Option<String>")]
    pub end: Option<jiff::Timestamp>,
    /// Until when it was seen to last, by a record that knows no end of it: the monitor was stopped, or it still lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub seen_until: Option<jiff::Timestamp>,
    /// How many rounds failed.
    pub rounds_lost: u64,
    /// How the first round failed.
    pub first_symptom: Symptom,
    /// How the last one failed.
    pub last_symptom: Symptom,
    /// The cause that the deep probe found; null if it found none, or has not ended.
    pub cause: Option<Cause>,
    /// What was different when it came back: address, certificate, protocol, build, ...
    pub changes: Vec<Change>,
}

/// The best finding of a deep probe, for a reader who has one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cause {
    /// Its id in the catalogue, for `rdprobe explain`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How sure it is.
    pub standing: Standing,
    /// How many causes share its signature; they look the same from here.
    pub twins: usize,
    /// The report's one clause.
    pub summary: String,
    /// What would tell it from its twins.
    pub next_check: Option<String>,
}

impl Cause {
    /// The best finding of a diagnosis; none where nothing explains what was seen.
    #[must_use]
    pub fn of(diagnosis: &Diagnosis) -> Option<Self> {
        Some(Self::of_finding(diagnosis.findings.first()?, &diagnosis.summary))
    }

    /// A finding, with what was seen in one clause.
    #[must_use]
    pub fn of_finding(finding: &Finding, summary: &str) -> Self {
        Self {
            id: finding.cause.clone(),
            title: finding.title.clone(),
            standing: finding.standing,
            twins: finding.twins.len(),
            summary: summary.to_owned(),
            next_check: finding.next_check.clone(),
        }
    }
}
