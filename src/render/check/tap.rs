//! The Test Anything Protocol: a plan, a line a case, and what decided it as YAML.
//!
//! The output is that of TAP 13, which every reader takes and TAP 14 contains: the harness of Perl before 5.38, as in
//! Debian 12, refuses a `TAP version 14`. No directive is used: both SKIP and TODO would count as a pass.

use std::io::{self, Write};

use super::case::{self, Case};
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn tap(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "TAP version 13")?;
    let of_check = |check| case::cases(check).into_iter().map(move |case| (Some(check), case));
    let cases: Vec<(Option<&Check>, Case)> =
        checks.iter().flat_map(of_check).chain(case::sources(unnamed).map(|case| (None, case))).collect();
    if cases.is_empty() {
        // A plan of no tests would be a pass.
        return writeln!(out, "Bail out! nothing was checked");
    }
    writeln!(out, "1..{}", cases.len())?;
    for (place, (check, case)) in cases.iter().enumerate() {
        test_point(place.saturating_add(1), *check, case, out)?;
    }
    Ok(())
}

/// Of a check, or of the sources.
fn test_point(number: usize, check: Option<&Check>, case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let passed = matches!(case.outcome, Outcome::Met | Outcome::Warning);
    let ok = if passed { "ok" } else { "not ok" };
    let of = check.map_or_else(|| case::SOURCES.to_owned(), case::target);
    writeln!(out, "{ok} {number} - {}", description(&format!("{of}: {}", case.name)))?;
    writeln!(out, "  ---")?;
    writeln!(out, "  message: {}", quoted(&case.fact))?;
    writeln!(out, "  severity: {}", case::word(case.outcome))?;
    if let Some(check) = check.filter(|_| !passed) {
        let why = case::diagnosis_beside(check, case);
        if !why.is_empty() {
            writeln!(out, "  diagnosis: |")?;
            why.iter().try_for_each(|line| writeln!(out, "    - {}", escape(line)))?;
        }
    }
    writeln!(out, "  ...")
}

/// What stands before a directive: `#` would begin one.
fn description(text: &str) -> String {
    escape(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// A double-quoted scalar of YAML; what else would need an escape there is escaped already.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escape(text).replace('\\', "\\\\").replace('"', "\\\""))
}
