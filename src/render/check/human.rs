//! For a person: verdict, expectations, changes, the wait, the diagnosis in short.

use std::io::{self, Write};

use super::case::{self, Case};
use crate::policy::Outcome;
use crate::render::human::{self, Cell, HumanStyle, Page, Paint, columns_of};
use crate::render::words;
use crate::report::check::{Check, Wait};

/// The columns of an outcome, with the blanks before it.
const OUTCOME_COLUMNS: usize = 12;

/// An expectation longer than this stands on a line of its own.
const NAME_COLUMNS: usize = 24;

/// How many causes are shown.
const CAUSES_SHOWN: usize = 3;

/// How many turns of a wait are shown, half of them the first and half the last.
const TURNS_SHOWN: usize = 12;

/// Writes one block a target, with `-v` the whole report below it.
pub(super) fn human(
    checks: &[Check],
    unnamed: u64,
    style: &HumanStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (place, check) in checks.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        block(check, &mut Page::new(out, style))?;
        if style.verbosity > 0 {
            writeln!(out)?;
            human::human(&check.report, style, out)?;
        }
    }
    let Some(sources) = case::sources(unnamed) else { return Ok(()) };
    writeln!(out)?;
    Page::new(out, style).text(0, paint(sources.outcome), &format!("UNDECIDED: {}", sources.fact))
}

fn block(check: &Check, page: &mut Page<'_>) -> io::Result<()> {
    header(check, page)?;
    page.blank()?;
    let cases = case::cases(check);
    let of = |kind: &str| cases.iter().filter(|case| case.rule.starts_with(kind)).collect::<Vec<_>>();
    of("expectation/").into_iter().try_for_each(|case| expectation(case, page))?;
    if let Some(changes) = &check.changes {
        page.blank()?;
        let changes: Vec<String> = changes.iter().map(case::change_text).collect();
        let same = ["nothing since the baseline".to_owned()];
        page.section("Changed", if changes.is_empty() { &same } else { &changes })?;
    }
    if let Some(wait) = &check.wait {
        page.blank()?;
        waited(wait, page)?;
    }
    if matches!(case::outcome(check), Outcome::Missed | Outcome::Undecided) {
        page.blank()?;
        why(check, page)?;
    }
    Ok(())
}

/// Target, verdict and policy, then the answer of the diagnosis in its one clause.
fn header(check: &Check, page: &mut Page<'_>) -> io::Result<()> {
    let target = case::target(check);
    let (verdict, counts) = (case::verdict(check), case::counts(check));
    let paint = paint(case::outcome(check));
    let rest = format!("   {} ({counts})", check.policy);
    let columns = [&target, "   ", verdict, &rest].into_iter().map(columns_of).fold(0, usize::saturating_add);
    if columns <= page.width() {
        page.pieces(&[
            (Paint::Strong, &target),
            (Paint::Plain, "   "),
            (paint, verdict),
            (Paint::Plain, &rest),
        ])?;
    } else {
        page.text(0, Paint::Strong, &target)?;
        page.text(2, paint, verdict)?;
        page.text(2, Paint::Plain, rest.trim_start())?;
    }
    page.text(0, Paint::Plain, &check.report.diagnosis.summary)
}

/// Outcome, expectation and fact.
fn expectation(case: &Case, page: &mut Page<'_>) -> io::Result<()> {
    let word = match case.outcome {
        Outcome::Met => "  ok",
        Outcome::Warning => "  WARNING",
        Outcome::Undecided => "  UNDECIDED",
        Outcome::Missed => "  MISSED",
    };
    let outcome = Cell { text: word, columns: OUTCOME_COLUMNS, paint: paint(case.outcome) };
    if columns_of(&case.name) >= NAME_COLUMNS {
        page.row(&[outcome], &case.name, "")?;
        let below = [Cell { text: "", columns: OUTCOME_COLUMNS, paint: Paint::Plain }];
        return page.row(&below, &format!("  {}", case.fact), "");
    }
    let name = Cell { text: &case.name, columns: NAME_COLUMNS, paint: Paint::Plain };
    page.row(&[outcome, name], &case.fact, "")
}

const fn paint(outcome: Outcome) -> Paint {
    match outcome {
        Outcome::Met => Paint::Good,
        Outcome::Warning | Outcome::Undecided => Paint::Doubt,
        Outcome::Missed => Paint::Bad,
    }
}

/// How the wait went: its end, then each change of stage.
fn waited(wait: &Wait, page: &mut Page<'_>) -> io::Result<()> {
    page.section("Waited", &[case::wait_text(wait)])?;
    let half = TURNS_SHOWN / 2;
    let last = wait.turns.len().saturating_sub(half);
    for (place, turn) in wait.turns.iter().enumerate() {
        if place == half && last > half {
            page.section("", &[format!("... {} more changes", last.saturating_sub(half))])?;
        }
        if place < half || place >= last {
            let at = turn.at.strftime("%H:%M:%SZ").to_string();
            let lead = [
                Cell { text: "", columns: 9, paint: Paint::Plain },
                Cell { text: &at, columns: 11, paint: Paint::Dim },
                Cell { text: &words::waited(turn.after_ms), columns: 11, paint: Paint::Dim },
            ];
            page.row(&lead, &turn.stage, "")?;
        }
    }
    Ok(())
}

/// The first causes, the next check, and where to read on.
fn why(check: &Check, page: &mut Page<'_>) -> io::Result<()> {
    let findings = &check.report.diagnosis.findings;
    let mut label = "Why";
    for finding in findings.iter().take(CAUSES_SHOWN) {
        let (paint, word) = human::standing(finding.standing);
        let lead =
            [Cell { text: label, columns: 9, paint: Paint::Strong }, Cell { text: word, columns: 10, paint }];
        page.row(&lead, &format!("{} [{}]", finding.title, finding.cause), "")?;
        label = "";
    }
    let hidden = findings.len().saturating_sub(CAUSES_SHOWN);
    if hidden > 0 {
        page.section("", &[format!("and {hidden} more: -v shows them")])?;
    }
    page.section("Next", &case::next_check(check).into_iter().collect::<Vec<_>>())?;
    let explain = case::explain(check).map_or_else(String::new, |command| format!("{command}; "));
    page.section("More", &[format!("{explain}-v for the evidence")])
}
