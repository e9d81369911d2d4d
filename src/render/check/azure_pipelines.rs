//! Azure Pipelines: an issue for each case that did not go well, and the task's result.
//!
//! "Logging commands": `##vso[task.logissue type=error;]message`; "Formatting commands" says what must be escaped.

use std::io::{self, Write};

use super::case;
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn azure_pipelines(checks: &[Check], out: &mut dyn Write) -> io::Result<()> {
    checks.iter().try_for_each(|check| issues(check, out))?;
    let result = match case::worst(checks) {
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
        let text = format!("{target}: {}: {}", case.name, case.fact);
        let kind = match case.outcome {
            Outcome::Met => {
                writeln!(out, "ok: {}", escape(&text))?;
                continue;
            }
            Outcome::Warning => "warning",
            Outcome::Undecided | Outcome::Missed => "error",
        };
        let code = property(&case.rule);
        writeln!(
            out,
            "##vso[task.logissue type={kind};code={code};]{} {}",
            case::word(case.outcome),
            data(&text)
        )?;
    }
    if matches!(case::outcome(check), Outcome::Met | Outcome::Warning) {
        return Ok(());
    }
    case::diagnosis(check)
        .iter()
        .try_for_each(|line| writeln!(out, "{}", escape(&format!("{target}: {line}"))))
}

/// A message: it ends with the line.
fn data(text: &str) -> String {
    escape(text).replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: it ends with `;` or `]`.
fn property(text: &str) -> String {
    data(text).replace(']', "%5D").replace(';', "%3B")
}
