//! What differs between two hosts, or between two dates.

use serde::{Deserialize, Serialize};

use crate::policy::Change;
use crate::policy::baseline::{Baseline, Baselines, changes};

/// The name and version of the format.
pub const DIFF_SCHEMA: &str = "rdprobe.diff/1";

/// Two files held against each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Diff {
    /// Always `rdprobe.diff/1`; additions only within a version.
    #[schemars(extend("const" = DIFF_SCHEMA))]
    pub schema: String,
    /// The first file.
    pub before: String,
    /// The second file.
    pub after: String,
    /// Each target, by what the user wrote.
    pub targets: Vec<Compared>,
}

/// One target of both files, or of one of them only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Compared {
    /// In the first file; null if it is not there.
    pub before: Option<Taken>,
    /// In the second file; null if it is not there.
    pub after: Option<Taken>,
    /// What differs; empty where the target is in one file only.
    pub changes: Vec<Change>,
}

/// What was looked at, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Taken {
    /// The target as the user wrote it.
    pub target: String,
    /// When (UTC).
    #[schemars(with = "String")]
    pub at: jiff::Timestamp,
}

impl Diff {
    /// Holds two named files against each other: the one target of each, whatever they are called, else by name.
    #[must_use]
    pub fn new(before: (String, &Baselines), after: (String, &Baselines), ignore: &[String]) -> Self {
        let targets = match (one(before.1), one(after.1)) {
            (Some(left), Some(right)) => vec![Compared::both(left, right, ignore)],
            _ => by_name(before.1, after.1, ignore),
        };
        Self { schema: DIFF_SCHEMA.to_owned(), before: before.0, after: after.0, targets }
    }

    /// Whether anything differs that nobody asked to ignore.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.targets.iter().any(Compared::differs)
    }
}

impl Compared {
    /// Whether anything differs here that nobody asked to ignore.
    #[must_use]
    pub fn differs(&self) -> bool {
        let alone = self.before.is_none() || self.after.is_none();
        alone || self.changes.iter().any(|change| !change.ignored)
    }

    fn both(before: Named<'_>, after: Named<'_>, ignore: &[String]) -> Self {
        Self {
            before: Some(taken(before)),
            after: Some(taken(after)),
            changes: changes(before.1, after.1, ignore),
        }
    }
}

type Named<'a> = (&'a str, &'a Baseline);

fn taken((target, baseline): Named<'_>) -> Taken {
    Taken { target: target.to_owned(), at: baseline.taken_at }
}

fn one(baselines: &Baselines) -> Option<Named<'_>> {
    let mut targets = baselines.targets();
    targets.next().filter(|_| targets.len() == 0)
}

/// Those of the first file in their order, then those that only the second has.
fn by_name(before: &Baselines, after: &Baselines, ignore: &[String]) -> Vec<Compared> {
    let first = before.targets().map(|left| match after.of_target(left.0) {
        Some(right) => Compared::both(left, (left.0, right), ignore),
        None => Compared { before: Some(taken(left)), after: None, changes: Vec::new() },
    });
    let only_second = after
        .targets()
        .filter(|(target, _)| before.of_target(target).is_none())
        .map(|right| Compared { before: None, after: Some(taken(right)), changes: Vec::new() });
    first.chain(only_second).collect()
}
