//! Azure Pipelines: an issue for each case that did not go well, and the task's result.
//!
//! "Logging commands": `##vso[task.logissue type=error;]message`; "Formatting commands" says what must be escaped.

use std::io::{self, Write};

use super::case::{self, Case};
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn azure_pipelines(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    checks.iter().try_for_each(|check| issues(check, out))?;
    case::sources(unnamed).iter().try_for_each(|case| issue("error", case::SOURCES, case, out))?;
    let result = match case::worst(checks, unnamed) {
        Outcome::Met => "Succeeded",
        Outcome::Warning => "SucceededWithIssues",
        Outcome::Undecided | Outcome::Missed => "Failed",
    };
    let verdicts: Vec<String> =
        checks.iter().map(|check| format!("{}: {}", case::target(check), case::verdict(check))).collect();
    writeln!(out, "##vso[task.complete result={result};]{}", data(&verdicts.join("; ")))
}

/// A plain line for all that went well, an issue for all that did not, then the diagnosis as plain lines.
fn issues(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let target = case::target(check);
    for case in case::cases(check) {
        let kind = match case.outcome {
            Outcome::Met => {
                writeln!(out, "ok: {}", escape(&text(&target, &case)))?;
                continue;
            }
            Outcome::Warning => "warning",
            Outcome::Undecided | Outcome::Missed => "error",
        };
        issue(kind, &target, &case, out)?;
    }
    if matches!(case::outcome(check), Outcome::Met | Outcome::Warning) {
        return Ok(());
    }
    case::diagnosis(check)
        .iter()
        .try_for_each(|line| writeln!(out, "{}", escape(&format!("{target}: {line}"))))
}

fn issue(kind: &str, target: &str, case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let (code, word) = (property(&case.rule), case::word(case.outcome));
    writeln!(out, "##vso[task.logissue type={kind};code={code};]{word} {}", data(&text(target, case)))
}

fn text(target: &str, case: &Case) -> String {
    format!("{target}: {}: {}", case.name, case.fact)
}

/// A message: it ends with the line.
fn data(text: &str) -> String {
    escape(text).replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: it ends with `;` or `]`.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
