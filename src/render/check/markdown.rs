//! Tables for a pull request, a wiki or a job's summary.

use std::io::{self, Write};

use super::case;
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::render::markdown;
use crate::render::words;
use crate::report::check::Check;

pub(super) fn markdown(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    for (place, check) in checks.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        target(check, out)?;
    }
    let Some(sources) = case::sources(unnamed) else { return Ok(()) };
    writeln!(out, "\n### Sources: **{}**\n\n{}", case::word(sources.outcome), sources.fact)
}

fn target(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### {}: {}\n", cell(&case::target(check)), case::verdict(check))?;
    writeln!(out, "Policy {}: {}\n", cell(&check.policy), case::counts(check))?;
    writeln!(out, "| Outcome | Expectation | Fact |\n|---|---|---|")?;
    for case in case::cases(check) {
        let word = match case.outcome {
            Outcome::Met => "ok",
            Outcome::Warning => "**warning**",
            Outcome::Undecided => "**undecided**",
            Outcome::Missed => "**missed**",
        };
        writeln!(out, "| {word} | {} | {} |", cell(&case.name), cell(&case.fact))?;
    }
    turns(check, out)?;
    if matches!(case::outcome(check), Outcome::Met | Outcome::Warning) {
        return Ok(());
    }
    writeln!(out)?;
    case::diagnosis(check).iter().try_for_each(|line| writeln!(out, "- {}", cell(line)))
}

fn turns(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let Some(wait) = check.wait.as_ref().filter(|wait| !wait.turns.is_empty()) else { return Ok(()) };
    writeln!(out, "\n| At | After | Stage |\n|---|---|---|")?;
    for turn in &wait.turns {
        let at = turn.at.strftime("%Y-%m-%d %H:%M:%SZ");
        writeln!(out, "| {at} | {} | {} |", words::waited(turn.after_ms), cell(&turn.stage))?;
    }
    Ok(())
}

/// A stranger's text within a line or a cell: no markup, no mention of anybody.
fn cell(text: &str) -> String {
    markdown::escape(&escape(text)).replace('@', "@<!-- -->")
}
