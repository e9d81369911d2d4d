//! Everything that a reader may be shown: the evidence and what it means.

// Two reports or baselines held against each other.
pub mod diff;

// A report and what it was held against.
pub mod check;

use serde::{Deserialize, Serialize};

use crate::diagnosis::{self, Diagnosis, Verdict};
use crate::evidence::Evidence;

/// The name and version of the report's format.
pub const SCHEMA: &str = "rdprobe.report/1";

/// One target's report: what a renderer is given, and what `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Report {
    /// Always `rdprobe.report/1`; additions only within a version.
    #[schemars(extend("const" = SCHEMA))]
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

/// What a run ends with: one table for every command that judges targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// Every target is reachable, or passed every stage that was asked for: 0.
    Good,
    /// At least one target is not or only partly reachable: 1, whatever the others are.
    FailureFound,
    /// None of that, but at least one target is undecided, or there was none to judge: 3.
    Undecided,
}

impl ExitStatus {
    /// The process's exit code. 2 is kept for wrong usage, 4 for a `--wait` that ran out.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::FailureFound => 1,
            Self::Undecided => 3,
        }
    }
}

/// What a run over these targets ends with.
#[must_use]
pub fn exit_status(reports: &[Report]) -> ExitStatus {
    let any = |wanted: &[Verdict]| reports.iter().any(|report| wanted.contains(&report.diagnosis.verdict));
    if any(&[Verdict::NotReachable, Verdict::PartlyReachable]) {
        ExitStatus::FailureFound
    } else if any(&[Verdict::Undecided]) || reports.is_empty() {
        ExitStatus::Undecided
    } else {
        ExitStatus::Good
    }
}
