//! What a check came to, one small file a format; none words a cause or decides a severity.

use std::io::{self, Write};

use crate::policy::Outcome;
use crate::report::check::Check;

use super::human::HumanStyle;

// What the formats have in common: a check's cases, its headline, its diagnosis in short.
mod case;

// For a person: verdict, expectations, changes, the wait, the diagnosis in short.
mod human;

// The check itself, for programs.
mod json;

// JUnit XML: a suite a target, a case an expectation.
mod junit;

// SARIF 2.1.0: what is missed and why, as results of rules.
mod sarif;

// Nagios and its relatives: status line, performance data, long text.
mod nagios;

// GitHub Actions: annotations.
mod github;

// Azure Pipelines: logging commands and the task's result.
mod azure_pipelines;

// The Test Anything Protocol.
mod tap;

// Tables for a pull request, a wiki or a job's summary.
mod markdown;

/// How checks are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CheckFormat {
    /// For people.
    Human,
    /// One document: an object for one target, an array for several.
    Json,
    /// One object a line.
    Ndjson,
    /// JUnit XML, which every CI system shows.
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A plugin's output for Nagios, Icinga, Checkmk, Naemon.
    Nagios,
    /// Annotations of GitHub Actions.
    Github,
    /// Logging commands of Azure Pipelines.
    AzurePipelines,
    /// The Test Anything Protocol.
    Tap,
    /// Tables in Markdown.
    Markdown,
}

impl CheckFormat {
    /// All of them, as help lists them.
    pub const ALL: [Self; 10] = [
        Self::Human,
        Self::Json,
        Self::Ndjson,
        Self::Junit,
        Self::Sarif,
        Self::Nagios,
        Self::Github,
        Self::AzurePipelines,
        Self::Tap,
        Self::Markdown,
    ];

    /// The word on the command line.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Junit => "junit",
            Self::Sarif => "sarif",
            Self::Nagios => "nagios",
            Self::Github => "github",
            Self::AzurePipelines => "azure-pipelines",
            Self::Tap => "tap",
            Self::Markdown => "markdown",
        }
    }

    /// The format of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

/// Writes checks in a format. The style is for [`CheckFormat::Human`] alone. `unnamed` is how many entries of the
/// sources name no target: every format that has a result of all checks together says so, and is no pass.
///
/// Every string in a check may be a stranger's: see [`escape`](super::escape::escape).
pub fn render(
    format: CheckFormat,
    checks: &[Check],
    unnamed: u64,
    style: &HumanStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        CheckFormat::Human => human::human(checks, unnamed, style, out),
        CheckFormat::Json => json::json(checks, out),
        CheckFormat::Ndjson => json::ndjson(checks, out),
        CheckFormat::Junit => junit::junit(checks, unnamed, out),
        CheckFormat::Sarif => sarif::sarif(checks, unnamed, out),
        CheckFormat::Nagios => nagios::nagios(checks, unnamed, out),
        CheckFormat::Github => github::github(checks, unnamed, out),
        CheckFormat::AzurePipelines => azure_pipelines::azure_pipelines(checks, unnamed, out),
        CheckFormat::Tap => tap::tap(checks, unnamed, out),
        CheckFormat::Markdown => markdown::markdown(checks, unnamed, out),
    }
}

/// Writes the summary of a job for GitHub Actions: the Markdown that belongs into the file of `$GITHUB_STEP_SUMMARY`.
pub fn job_summary(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    markdown::markdown(checks, unnamed, out)
}

/// What a plugin of a monitoring system exits with: 0 ok, 1 warning, 2 critical, 3 unknown; `unnamed` as of
/// [`render`].
#[must_use]
pub fn nagios_exit(checks: &[Check], unnamed: u64) -> u8 {
    match case::worst(checks, unnamed) {
        Outcome::Met => 0,
        Outcome::Warning => 1,
        Outcome::Missed => 2,
        Outcome::Undecided => 3,
    }
}
