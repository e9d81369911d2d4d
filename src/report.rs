//! Everything that a reader may be shown: the evidence and what it means.

use serde::{Deserialize, Serialize};

use crate::diagnosis::{self, Diagnosis};
use crate::evidence::Evidence;

/// The name and version of the report's format.
pub const SCHEMA: &str = "rdprobe.report/1";

/// One target's report: what a renderer is given, and what `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Report {
    /// Always `rdprobe.report/1`; additions only within a version.
    pub schema: String,
    /// The version of rdprobe that wrote it.
    pub rdprobe_version: String,
    /// What the evidence means.
    pub diagnosis: Diagnosis,
    /// What was seen.
    pub evidence: Evidence,
}

impl Report {
    /// Judges the evidence and puts both together.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            rdprobe_version: env!("CARGO_PKG_VERSION").to_owned(),
            diagnosis: diagnosis::diagnose(&evidence),
            evidence,
        }
    }
}
