//! What a scan tells of one target: the verdict, its causes and what the server showed, in one line of JSON.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::depth::Depth;
use crate::diagnosis::{Standing, Verdict};
use crate::evidence::{Millis, Stage};
use crate::policy::baseline::{Baseline, Shown};
use crate::policy::expectation::REACHABLE;
use crate::policy::{Judged, Outcome};
use crate::report::{ExitStatus, Report};

/// The name and version of the format.
pub const SCANNED_SCHEMA: &str = "rdprobe.scan/1";

/// One target of a scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Scanned {
    /// Always `rdprobe.scan/1`; additions only within a version.
    #[schemars(extend("const" = SCANNED_SCHEMA))]
    pub schema: String,
    /// Its place in the source, from 0: the same in every run over the same source.
    pub position: u64,
    /// What was asked about, as the source has it.
    pub target: String,
    /// This machine's clock when its probe began (UTC).
    #[schemars(with = "String")]
    pub started_at: jiff::Timestamp,
    /// How long its probe took.
    pub elapsed_ms: Millis,
    /// How much was asked.
    pub depth: Depth,
    /// The answer to the one question, as far as was asked.
    pub verdict: Verdict,
    /// The answer in one clause.
    pub summary: String,
    /// The first stage that failed, on the worst route.
    pub failing_stage: Option<Stage>,
    /// The causes that explain it, best first.
    pub causes: Vec<ScannedCause>,
    /// What was observed, by stable id, each once.
    pub observations: Vec<String>,
    /// What each address showed; empty if the name did not resolve.
    pub addresses: BTreeMap<SocketAddr, Shown>,
    /// How long the connect took at the first address that answered; null if none did.
    pub connect_ms: Option<Millis>,
    /// The worst of the expectations; null without `--expect`.
    #[serde(default)]
    pub result: Option<Outcome>,
    /// Every expectation, in the order given; empty without `--expect`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<Judged>,
    /// The whole report, with `--reports`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
}

/// A cause, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ScannedCause {
    /// Its id in the catalogue: `rdprobe explain ID`.
    pub id: String,
    /// How sure it is.
    pub standing: Standing,
}

impl Scanned {
    /// What is told of a report.
    #[must_use]
    pub fn of(position: u64, depth: Depth, report: &Report, expectations: Vec<Judged>) -> Self {
        let Report { diagnosis, evidence, .. } = report;
        let mut observations: Vec<String> = diagnosis.observations.iter().map(|it| it.id.clone()).collect();
        observations.sort_unstable();
        observations.dedup();
        Self {
            schema: SCANNED_SCHEMA.to_owned(),
            position,
            target: evidence.target.input.clone(),
            started_at: evidence.started_at,
            elapsed_ms: evidence.elapsed_ms,
            depth,
            verdict: diagnosis.verdict,
            summary: diagnosis.summary.clone(),
            failing_stage: diagnosis.failing_stage,
            causes: diagnosis
                .findings
                .iter()
                .map(|finding| ScannedCause { id: finding.cause.clone(), standing: finding.standing })
                .collect(),
            observations,
            addresses: Baseline::of(evidence, diagnosis).addresses,
            connect_ms: evidence
                .routes
                .iter()
                .find(|route| route.connect.seen().is_some())
                .map(|route| route.connect.elapsed_ms),
            result: expectations.iter().map(|judged| judged.outcome).max(),
            expectations,
            report: None,
        }
    }

    /// Whether it counts as good and an expectation warns of it.
    #[must_use]
    pub fn is_warned(&self) -> bool {
        self.status() == ExitStatus::Good && self.result == Some(Outcome::Warning)
    }

    /// How it counts: as its verdict, and no better than its expectations came to. Where one of them is whether it is
    /// reachable, as in `!reachable`, they decide alone. An expectation that a machine leaves open because it is not
    /// reachable counts as the failure that it is.
    #[must_use]
    pub fn status(&self) -> ExitStatus {
        let reached = match self.verdict {
            Verdict::Reachable | Verdict::StagePassed => ExitStatus::Good,
            Verdict::PartlyReachable | Verdict::NotReachable => ExitStatus::FailureFound,
            Verdict::Undecided => ExitStatus::Undecided,
        };
        let is_expected = self.expectations.iter().any(|judged| judged.subject == REACHABLE);
        match (self.result, reached) {
            (Some(Outcome::Met | Outcome::Warning), _) if is_expected => ExitStatus::Good,
            (Some(Outcome::Met | Outcome::Warning) | None, reached) => reached,
            (Some(Outcome::Missed), _) | (Some(Outcome::Undecided), ExitStatus::FailureFound) => {
                ExitStatus::FailureFound
            }
            (Some(Outcome::Undecided), ExitStatus::Good | ExitStatus::Undecided) => ExitStatus::Undecided,
        }
    }
}
