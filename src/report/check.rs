//! What a check came to: a report, and what it was held against.

use serde::{Deserialize, Serialize};

use super::Report;
use crate::evidence::Millis;
use crate::policy::{Change, Judged, Outcome};

/// The name and version of the format.
pub const CHECK_SCHEMA: &str = "rdprobe.check/1";

/// One target's check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Check {
    /// Always `rdprobe.check/1`; additions only within a version.
    #[schemars(extend("const" = CHECK_SCHEMA))]
    pub schema: String,
    /// What was checked, as the user wrote it.
    pub target: String,
    /// The policy's name.
    pub policy: String,
    /// The worst of what follows: a missed expectation, a change that nobody overlooks, or expectations that did not
    /// hold often enough before the time ran out, are `missed`. A wait that was stopped is `undecided`: whether they
    /// would have come to hold, nobody knows.
    pub result: Outcome,
    /// Every expectation, in the order given.
    pub expectations: Vec<Judged>,
    /// What changed since the baseline; null without one.
    pub changes: Option<Vec<Change>>,
    /// How the wait went; null without `--wait`.
    pub wait: Option<Wait>,
    /// The last report.
    pub report: Report,
}

/// How a wait went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Wait {
    /// How many probes were made.
    pub probes: u32,
    /// How long it took.
    pub waited_ms: Millis,
    /// Whether the time ran out before the expectations held often enough.
    pub ran_out: bool,
    /// Whether the user or the system ended it before that.
    #[serde(default)]
    pub stopped: bool,
    /// Why it was given up before that, with `--fail-fast`; null if it was not.
    #[serde(default)]
    pub gave_up: Option<String>,
    /// How many times in a row they held at the end.
    pub in_a_row: u32,
    /// How many times in a row were asked for.
    pub wanted_in_a_row: u32,
    /// Every change of stage, in order.
    pub turns: Vec<Turn>,
}

/// A change of stage while waiting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Turn {
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: jiff::Timestamp,
    /// How long after the wait began.
    pub after_ms: Millis,
    /// The stage in a few words, the same for the same stage: `no such name`, `silent`, `refused`, `RDP without TLS`,
    /// `NLA required`.
    pub stage: String,
    /// The report's summary at that moment.
    pub summary: String,
}

impl Wait {
    /// A wait before its first probe.
    #[must_use]
    pub const fn begun(wanted_in_a_row: u32) -> Self {
        Self {
            probes: 0,
            waited_ms: Millis::ZERO,
            ran_out: false,
            stopped: false,
            gave_up: None,
            in_a_row: 0,
            wanted_in_a_row,
            turns: Vec::new(),
        }
    }
}

impl Check {
    /// Puts a check together.
    #[must_use]
    pub fn new(
        policy: String,
        expectations: Vec<Judged>,
        changes: Option<Vec<Change>>,
        wait: Option<Wait>,
        report: Report,
    ) -> Self {
        let changed = changes.iter().flatten().any(|change| !change.ignored);
        let result = result(&expectations, changed, wait.as_ref());
        Self {
            schema: CHECK_SCHEMA.to_owned(),
            target: report.evidence.target.input.clone(),
            policy,
            result,
            expectations,
            changes,
            wait,
            report,
        }
    }
}

fn result(expectations: &[Judged], changed: bool, wait: Option<&Wait>) -> Outcome {
    let worst = expectations.iter().map(|judged| judged.outcome).max().unwrap_or(Outcome::Met);
    if wait.is_some_and(|wait| wait.stopped) {
        Outcome::Undecided
    } else if changed || (worst <= Outcome::Warning && wait.is_some_and(|wait| wait.ran_out)) {
        Outcome::Missed
    } else {
        worst
    }
}

/// The process's exit code for these checks: 4 if a wait ran out, 1 if anything is missed, 3 if anything is undecided
/// (or there was nothing to check), else 0.
#[must_use]
pub fn exit_code(checks: &[Check]) -> u8 {
    let any = |wanted: Outcome| checks.iter().any(|check| check.result == wanted);
    if checks.iter().any(|check| check.wait.as_ref().is_some_and(|wait| wait.ran_out)) {
        4
    } else if any(Outcome::Missed) {
        1
    } else if any(Outcome::Undecided) || checks.is_empty() {
        3
    } else {
        0
    }
}
