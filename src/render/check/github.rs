//! GitHub Actions: one annotation for all that went well or for each case that did not.
//!
//! "Workflow commands for GitHub Actions": `::error title={title}::{message}`; what must be escaped stands in the
//! runner's `ActionCommand`.

use std::io::{self, Write};

use super::case::{self, Case};
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn github(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    checks.iter().try_for_each(|check| annotations(check, out))?;
    let Some(Case { name, outcome, fact, .. }) = case::sources(unnamed) else { return Ok(()) };
    let title = format!("rdprobe {}: {name} {}", case::SOURCES, case::word(outcome));
    command("error", &title, &[fact], out)
}

fn annotations(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let target = case::target(check);
    let cases = case::cases(check);
    let wrong: Vec<&Case> = cases.iter().filter(|case| case.outcome != Outcome::Met).collect();
    if wrong.is_empty() {
        let message = format!("{}: {}", case::verdict(check), case::counts(check));
        return command("notice", &format!("rdprobe {target}"), &[message], out);
    }
    for case in wrong {
        let title = format!("rdprobe {target}: {} {}", case.name, case::word(case.outcome));
        let fact = [case.fact.clone()];
        match case.outcome {
            Outcome::Met => {}
            Outcome::Warning => command("warning", &title, &fact, out)?,
            Outcome::Undecided | Outcome::Missed => {
                command(
                    "error",
                    &title,
                    &[&fact, case::diagnosis_beside(check, case).as_slice()].concat(),
                    out,
                )?;
            }
        }
    }
    Ok(())
}

fn command(kind: &str, title: &str, lines: &[String], out: &mut dyn Write) -> io::Result<()> {
    let message = lines.iter().map(|line| escape(line)).collect::<Vec<_>>().join("\n");
    writeln!(out, "::{kind} title={}::{}", property(&escape(title)), data(&message))
}

/// A message: it ends with the line.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property: it ends with `,` or `:`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
