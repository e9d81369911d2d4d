//! For a spreadsheet: a row a target, with the facts of the address that told most.
//!
//! Cells of text are escaped as everywhere, and a cell that a spreadsheet would take for a formula begins with an
//! apostrophe. Numbers are numbers, with a point, and the unit in the heading.

use std::io::{self, Write};

use serde::Serialize;

use super::facts::Facts;
use crate::evidence::Millis;
use crate::fleet::scanned::Scanned;
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::Report;

/// The heading: additions only, at the end.
pub const COLUMNS: [&str; 27] = [
    "position",
    "target",
    "address",
    "verdict",
    "result",
    "failing_stage",
    "cause",
    "standing",
    "other_causes",
    "summary",
    "missed",
    "nla",
    "tls",
    "standard_rdp",
    "tls_versions",
    "computer",
    "domain",
    "build",
    "certificate_until",
    "certificate_days",
    "certificate_issuer",
    "certificate_sha1",
    "connect_ms",
    "elapsed_ms",
    "depth",
    "started_at",
    "addresses",
];

/// What makes a spreadsheet take a cell for a formula, where it stands first; full-width forms too.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// What parts cells in some country: after it a cell may begin.
const PARTS_CELLS: char = ';';

/// Writes the heading.
///
/// # Errors
/// Those of `out`.
pub fn heading(out: &mut dyn Write) -> io::Result<()> {
    record(COLUMNS, out)
}

/// Writes the row of one target.
///
/// # Errors
/// Those of `out`.
pub fn row(scanned: &Scanned, report: &Report, out: &mut dyn Write) -> io::Result<()> {
    record(cells(scanned, report), out)
}

fn cells(scanned: &Scanned, report: &Report) -> [String; COLUMNS.len()] {
    let facts = Facts::of(scanned, report);
    let shown = facts.shown();
    let certificate = facts.certificate();
    let (first, others) = match scanned.causes.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[][..]),
    };
    let others: Vec<&str> = others.iter().map(|cause| cause.id.as_str()).collect();
    let addresses: Vec<String> = scanned.addresses.keys().map(ToString::to_string).collect();
    [
        scanned.position.to_string(),
        text(&scanned.target),
        facts.address().map(|address| address.to_string()).unwrap_or_default(),
        word(&scanned.verdict),
        word(&scanned.result),
        word(&scanned.failing_stage),
        text(first.map_or("", |cause| &cause.id)),
        word(&first.map(|cause| cause.standing)),
        text(&others.join(" ")),
        text(&scanned.summary),
        text(&missed(scanned)),
        word(&facts.nla()),
        word(&facts.tls()),
        word(&shown.and_then(|shown| shown.standard)),
        facts.tls_versions().join(" "),
        optional(shown.and_then(|shown| shown.name.as_deref())),
        optional(shown.and_then(|shown| shown.domain.as_deref())),
        optional(shown.and_then(|shown| shown.build.as_deref())),
        certificate.map(|it| it.not_after.to_string()).unwrap_or_default(),
        certificate.map(|it| it.days_left.to_string()).unwrap_or_default(),
        optional(certificate.map(|it| it.issuer.as_str())),
        optional(certificate.map(|it| it.thumbprint_sha1.as_str())),
        scanned.connect_ms.map(number).unwrap_or_default(),
        number(scanned.elapsed_ms),
        word(&scanned.depth),
        scanned.started_at.to_string(),
        addresses.join(" "),
    ]
}

/// What does not hold, as the user wrote it.
fn missed(scanned: &Scanned) -> String {
    let missed = scanned.expectations.iter().filter(|judged| judged.outcome == Outcome::Missed);
    missed.map(|judged| judged.expectation.as_str()).collect::<Vec<_>>().join(" ")
}

fn optional(value: Option<&str>) -> String {
    value.map(text).unwrap_or_default()
}

/// A time of the one form that every spreadsheet reads: digits and a point.
fn number(time: Millis) -> String {
    format!("{:.3}", time.0)
}

/// The word that stands in JSON too; nothing for null.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

/// Text that may be a stranger's: no control character, and no formula.
fn text(text: &str) -> String {
    let mut defused = String::with_capacity(text.len());
    let mut begins = true;
    for character in escape(text).chars() {
        if begins && FORMULA.contains(&character) {
            defused.push('\'');
        }
        defused.push(character);
        begins = character == PARTS_CELLS;
    }
    defused
}

fn record<I, T>(cells: I, out: &mut dyn Write) -> io::Result<()>
where
    I: IntoIterator<Item = T>,
    T: AsRef<[u8]>,
{
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1024).from_writer(out);
    writer.write_record(cells).map_err(io::Error::from)?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_as_a_formula_does() {
        for (given, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\\u{9}=1"),
            ("\r=1", "\\u{d}=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("vm;=1", "vm;'=1"),
            ("vm-1 = good", "vm-1 = good"),
            ("", ""),
        ] {
            assert_eq!(text(given), expected);
        }
    }

    #[test]
    fn what_parts_cells_stays_within_one() {
        let mut out = Vec::new();
        record(["a,b", "say \"hi\"", ""], &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "\"a,b\",\"say \"\"hi\"\"\",\n");
    }
}
