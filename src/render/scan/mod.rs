//! What a scan comes to: a line a target in the order in which they end, how it goes, and the sum; one file each.

use std::io::{self, Write};

use super::json;
use crate::fleet::scanned::Scanned;
use crate::report::Report;

// What stands in columns: the facts of the address that told most.
mod facts;

// For a person: a line a target.
pub mod table;

// For a spreadsheet: a row a target.
pub mod csv;

// How it goes, while it runs.
pub mod progress;

// The sum, when it has ended.
pub mod summary;

/// How a scan is written, a line a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScanFormat {
    /// For people.
    Table,
    /// One object a line.
    Ndjson,
    /// Comma-separated values, with a heading.
    Csv,
}

impl ScanFormat {
    /// All of them, as help lists them.
    pub const ALL: [Self; 3] = [Self::Table, Self::Ndjson, Self::Csv];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// Writes a target as one line of JSON, with its whole report if that is asked for.
///
/// # Errors
/// Those of `out`.
pub fn ndjson(scanned: &Scanned, report: Option<&Report>, out: &mut dyn Write) -> io::Result<()> {
    match report {
        None => json::ndjson(scanned, out),
        Some(report) => json::ndjson(&Scanned { report: Some(report.clone()), ..scanned.clone() }, out),
    }
}
