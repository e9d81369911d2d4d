//! Good enough?: expectations held against what was seen. Pure.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

use crate::diagnosis::Diagnosis;
use crate::evidence::Evidence;

// What can be expected: one table.
pub mod expectation;

// `nla=required, cert>30d:7d` -> expectations, or where the mistake is.
pub mod expression;

// Expectations by name: the built-in profiles, and those of a TOML file.
pub mod profile;

// The facts that decide.
mod fact;

// Expectations held against what was seen.
mod judge;

// What is kept of a target, and what changed since.
pub mod baseline;

use expectation::Expectation;

/// Expectations that go by one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What it is called: a profile's name, `--expect`, or both joined by ` + `.
    pub name: String,
    /// What is expected, in the order given, each once.
    pub expectations: Vec<Expectation>,
}

impl Policy {
    /// Expectations under a name; what is there twice counts once.
    #[must_use]
    pub fn new(name: impl Into<String>, expectations: impl IntoIterator<Item = Expectation>) -> Self {
        let mut policy = Self { name: name.into(), expectations: Vec::new() };
        policy.add(expectations);
        policy
    }

    /// What is expected where nobody says what: that RDP answers.
    #[must_use]
    pub fn reachable() -> Self {
        profile::built_in(profile::DEFAULT).unwrap_or_else(|| Self::new(profile::DEFAULT, []))
    }

    /// One policy from several sources, such as a profile and `--expect`; without any, [`Policy::reachable`].
    #[must_use]
    pub fn joined(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut parts = parts.into_iter();
        let Some(mut whole) = parts.next() else { return Self::reachable() };
        for part in parts {
            if !whole.name.split(" + ").any(|name| name == part.name) {
                whole.name = format!("{} + {}", whole.name, part.name);
            }
            whole.add(part.expectations);
        }
        whole
    }

    /// The same, and that RDP answers, unless it says itself whether it should: what else is expected of a machine that
    /// nobody can use says little.
    #[must_use]
    pub fn of_reachable(self) -> Self {
        if self.expectations.iter().any(|it| it.subject.name == expectation::REACHABLE) {
            return self;
        }
        let mut whole = Self { name: self.name, ..Self::reachable() };
        whole.add(self.expectations);
        whole
    }

    fn add(&mut self, expectations: impl IntoIterator<Item = Expectation>) {
        for expectation in expectations {
            if !self.expectations.contains(&expectation) {
                self.expectations.push(expectation);
            }
        }
    }
}

/// Holds every expectation of a policy against what was seen, in the policy's order.
#[must_use]
pub fn judge(policy: &Policy, evidence: &Evidence, diagnosis: &Diagnosis) -> Vec<Judged> {
    policy.expectations.iter().map(|expectation| judge::judge(expectation, evidence, diagnosis)).collect()
}

/// What an expectation came to, the best first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Met,
    /// It holds, and is past its first threshold.
    Warning,
    /// The probe did not see what would decide it.
    Undecided,
    /// It does not hold.
    Missed,
}

/// One expectation and what decided it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Judged {
    /// The expectation as one would write it: `tls>=1.2`, `cert>30d:7d`.
    pub expectation: String,
    /// What it is about: `tls`, `cert`, `nla`, ...
    pub subject: String,
    /// What it came to.
    pub outcome: Outcome,
    /// The fact that decided it, one clause; where it is undecided, what was not seen.
    pub fact: String,
    /// On which route; null where it holds for the whole target.
    pub address: Option<SocketAddr>,
    /// The number behind it, where there is one.
    pub measure: Option<Measure>,
}

/// A number that an expectation is held against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Measure {
    /// What it measures: `cert_days`, `rtt_ms`, `skew_s`.
    pub name: String,
    /// How much.
    pub value: f64,
    /// `d`, `ms`, `s`.
    pub unit: String,
    /// Past this it is a warning.
    pub warning: Option<f64>,
    /// Past this it is missed.
    pub critical: Option<f64>,
}

/// One difference between a baseline and what is seen now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Change {
    /// What changed, by the name that `--ignore` takes: `address`, `thumbprint`, `protocol`, `tls`, `name`, `build`, ...
    pub what: String,
    /// How it was; null if it was not there.
    pub before: Option<String>,
    /// How it is; null if it is not there any more.
    pub after: Option<String>,
    /// Whether the user asked to overlook it.
    pub ignored: bool,
}
