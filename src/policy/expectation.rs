//! What can be expected: the types of the one table from which parsing, judging and `--list-expectations` are made.

use std::fmt;

// The values that expectations are written with.
pub(super) mod value;

// A subject's criterion: what it reads from the evidence, and how the value wanted is held against it.
pub(super) mod criterion;

// Every subject, in the order of the flow.
mod table;

// Releases of Windows and their builds.
pub(super) mod windows;

use super::Measure;
use criterion::{Criterion, Wanted};
pub use table::TABLE;

/// The subject of who expects that RDP answers, or that it does not.
pub const REACHABLE: &str = "reachable";

/// One thing that can be expected.
pub struct Subject {
    /// What it is called.
    pub name: &'static str,
    /// How it is compared.
    pub operators: &'static [Operator],
    /// What it means, one clause.
    pub means: &'static str,
    /// A whole expectation, as one would write it.
    pub example: &'static str,
    /// What decides it, one clause.
    pub decided_by: &'static str,
    /// What is read from the evidence, and what kind of value is held against it.
    pub(super) criterion: Criterion,
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The name alone: it is so.
    Is,
    /// `!` before the name: it is not so.
    IsNot,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

/// One expectation, ready to be judged.
#[derive(Clone)]
pub struct Expectation {
    /// What it is about.
    pub subject: &'static Subject,
    /// How it is compared.
    pub operator: Operator,
    /// The value as it was written, without blanks; empty where the subject takes none.
    pub value: String,
    /// The same, understood.
    pub(super) wanted: Wanted,
}

impl Subject {
    /// Looks a subject up; capitals do not matter.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        TABLE.iter().find(|subject| subject.name.eq_ignore_ascii_case(name))
    }

    /// Whether it takes two thresholds, `warning:critical`.
    #[must_use]
    pub const fn has_two_thresholds(&self) -> bool {
        self.criterion.has_two_thresholds()
    }

    /// What its value looks like, in a few words; empty where it takes none.
    #[must_use]
    pub fn value_words(&self) -> String {
        self.criterion.value_words()
    }
}

impl Operator {
    /// Every operator that stands between a name and a value, the longer before the shorter.
    pub(super) const SIGNS: [Self; 6] =
        [Self::NotEqual, Self::AtLeast, Self::AtMost, Self::Equal, Self::Above, Self::Below];

    /// As it is written between name and value; `!` stands before the name, and the name alone has no sign.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Is => "",
            Self::IsNot => "!",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// Whether a value is written after it.
    #[must_use]
    pub const fn takes_a_value(self) -> bool {
        !matches!(self, Self::Is | Self::IsNot)
    }

    /// Whether it holds between what was seen and what is wanted.
    pub(super) fn holds<T: PartialOrd>(self, seen: &T, wanted: &T) -> bool {
        match self {
            Self::Is | Self::Equal => seen == wanted,
            Self::IsNot | Self::NotEqual => seen != wanted,
            Self::Above => seen > wanted,
            Self::AtLeast => seen >= wanted,
            Self::Below => seen < wanted,
            Self::AtMost => seen <= wanted,
        }
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, sign) = (self.subject.name, self.operator.sign());
        if self.operator.takes_a_value() {
            write!(f, "{name}{sign}{}", self.value)
        } else {
            write!(f, "{sign}{name}")
        }
    }
}

impl fmt::Debug for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// What is written alike, but for capitals, is expected alike.
impl PartialEq for Expectation {
    fn eq(&self, other: &Self) -> bool {
        self.subject.name == other.subject.name
            && self.operator == other.operator
            && self.value.eq_ignore_ascii_case(&other.value)
    }
}

/// What a number is called and measured in, where monitoring systems draw it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) symbol: &'static str,
    /// How many seconds one is.
    pub(super) seconds: f64,
}

impl Unit {
    pub(super) fn measure(self, value: f64, warning: Option<f64>, critical: f64) -> Measure {
        Measure {
            name: self.name.to_owned(),
            value,
            unit: self.symbol.to_owned(),
            warning,
            critical: Some(critical),
        }
    }
}
