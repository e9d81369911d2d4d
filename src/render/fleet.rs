//! A fleet: a scan's record as a page for people, text for a terminal or a mail, JSON for programs.
//!
//! Counts stand in memory, hosts never do: they go from the file to the writer one by one.

use std::io::{self, Write};

use crate::fleet::record::Scan;
use crate::fleet::survey::Survey;
use crate::render::json::harmless;

// Verdicts, postures, dates and outliers in words, the same in the page and in the text.
mod words;

// What a row of the page unfolds to.
mod told;

// The page.
mod html;

// 80 columns.
mod text;

pub use html::html;
pub use text::text;

/// One document: the survey's fields, and `hosts`, a line each.
///
/// # Errors
///
/// Those of `out`, or the record is damaged.
pub fn json(scan: &Scan, survey: &Survey, out: &mut dyn Write) -> io::Result<()> {
    let survey = serde_json::to_string_pretty(survey)?;
    let fields = survey.trim_end().trim_end_matches('}').trim_end();
    write!(out, "{},\n  \"hosts\": [", harmless(fields))?;
    let mut between = "\n    ";
    scan.each_scanned(&mut |scanned| {
        write!(out, "{between}{}", harmless(&serde_json::to_string(&scanned)?))?;
        between = ",\n    ";
        Ok(())
    })?;
    writeln!(out, "\n  ]\n}}")
}
