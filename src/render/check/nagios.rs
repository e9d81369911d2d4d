//! Nagios and its relatives: status line, performance data, long text.
//!
//! The format is that of the Monitoring Plugins Development Guidelines, "Plugin Output for Nagios" and "Performance
//! data": `TEXT | 'label'=value[UOM];[warn];[crit];[min];[max]`. It has no escape for `|`, which ends the text.

use std::collections::HashSet;
use std::io::{self, Write};

use super::case::{self, Case};
use crate::policy::{Judged, Measure, Outcome};
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn nagios(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    let data = performance(checks).join(" ");
    writeln!(
        out,
        "RDP {} - {} | {data}",
        state(case::worst(checks, unnamed)),
        ascii(&headline(checks, unnamed))
    )?;
    checks.iter().try_for_each(|check| long_text(check, out))
}

const fn state(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "OK",
        Outcome::Warning => "WARNING",
        Outcome::Undecided => "UNKNOWN",
        Outcome::Missed => "CRITICAL",
    }
}

/// What no check was made of, then the checks.
fn headline(checks: &[Check], unnamed: u64) -> String {
    let unnamed = case::sources(unnamed).map_or_else(String::new, |case| format!("{}, ", case.fact));
    format!("{unnamed}{}", of_checks(checks))
}

/// One target: its counts and the worst fact. Several: how many are how, and the worst of them.
fn of_checks(checks: &[Check]) -> String {
    let worst = case::worst(checks, 0);
    let Some(check) = checks.iter().find(|check| case::outcome(check) == worst) else {
        return "nothing was checked".to_owned();
    };
    let one = format!("{}: {}{}", case::target(check), case::counts(check), first_fact(check));
    if checks.len() == 1 {
        return one;
    }
    let count = checks.iter().filter(|check| case::outcome(check) == worst).count();
    let all = checks.len();
    match worst {
        Outcome::Met => format!("all {all} targets as expected"),
        Outcome::Warning | Outcome::Undecided | Outcome::Missed => {
            format!("{count} of {all} targets {}; {one}", state(worst))
        }
    }
}

/// The fact of the worst case, where it is worth telling.
fn first_fact(check: &Check) -> String {
    let cases = case::cases(check);
    let worst = cases.iter().map(|case| case.outcome).max().unwrap_or(Outcome::Met);
    let first = cases.iter().find(|case| case.outcome == worst && worst != Outcome::Met);
    first.map_or_else(String::new, |case| format!("; {}: {}", case.name, case.fact))
}

fn long_text(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let target = case::target(check);
    writeln!(out, "{}", ascii(&format!("{target}: {}, {}", case::verdict(check), case::counts(check))))?;
    for Case { name, outcome, fact, .. } in case::cases(check) {
        writeln!(out, "{}", ascii(&format!("[{}] {name}: {fact}", state(outcome))))?;
    }
    if matches!(case::outcome(check), Outcome::Met | Outcome::Warning) {
        return Ok(());
    }
    case::diagnosis(check).iter().try_for_each(|line| writeln!(out, "{}", ascii(line)))
}

/// What every monitoring system takes: printable ASCII without the mark that ends the text.
fn ascii(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in escape(text).chars() {
        if character.is_ascii() && character != '|' {
            plain.push(character);
        } else {
            plain.extend(character.escape_unicode());
        }
    }
    plain
}

/// Every number, each label once: with its target where there are several, with its address where it has several.
fn performance(checks: &[Check]) -> Vec<String> {
    let mut labels = HashSet::new();
    let mut data = Vec::new();
    for check in checks {
        let target = if checks.len() > 1 { format!("{} ", case::target(check)) } else { String::new() };
        let several = check.report.evidence.routes.len() > 1;
        for judged in &check.expectations {
            let Some(measure) = &judged.measure else { continue };
            let address = judged.address.filter(|_| several).map_or_else(String::new, |it| format!("{it} "));
            let label = label(&format!("{target}{address}{}", measure.name));
            if labels.insert(label.clone()) {
                data.push(format!("'{label}'={}", value(judged, measure)));
            }
        }
        let seconds = check.report.evidence.elapsed_ms.0 / 1000.0;
        let label = label(&format!("{target}time"));
        if labels.insert(label.clone()) {
            data.push(format!("'{label}'={seconds:.3}s;;;0"));
        }
    }
    data
}

/// Quotes hold blanks, but neither quotes nor `=`.
fn label(name: &str) -> String {
    ascii(name).replace(['\'', '='], "_")
}

fn value(judged: &Judged, measure: &Measure) -> String {
    let unit = match measure.unit.as_str() {
        unit @ ("s" | "ms" | "us" | "%" | "B" | "c") => unit,
        // Days and the like are no unit there; the label says what is counted.
        _ => "",
    };
    let limits =
        [measure.warning, measure.critical].map(|limit| limit.map(|limit| range(judged, measure, limit)));
    let [warning, critical] = limits.map(Option::unwrap_or_default);
    format!("{}{unit};{warning};{critical}", number(measure.value))
}

/// The range outside of which it alerts: `30:` for at least 30, `150` for 0 to 150.
fn range(judged: &Judged, measure: &Measure, limit: f64) -> String {
    if judged.expectation.contains('>') {
        format!("{}:", number(limit))
    } else if measure.value < 0.0 {
        format!("{}:{}", number(-limit), number(limit))
    } else {
        number(limit)
    }
}

/// What is not a number is `U`, "the value could not be determined".
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { "U".to_owned() }
}
