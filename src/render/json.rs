//! JSON: one object for one report, an array for several; NDJSON: one compact object a line.

use std::io::{self, Write};

use super::escape;
use crate::policy::baseline::Baselines;
use crate::report::Report;

/// Writes pretty JSON: one object for one report, an array for several (or none), and a line feed.
pub fn json(reports: &[Report], out: &mut dyn Write) -> io::Result<()> {
    let text = match reports {
        [report] => serde_json::to_string_pretty(report)?,
        several => serde_json::to_string_pretty(several)?,
    };
    writeln!(out, "{}", harmless(&text))
}

/// Writes one report as one line of compact JSON.
pub fn ndjson(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string(report)?))
}

/// Writes a file of baselines.
pub fn baselines(baselines: &Baselines, out: &mut dyn Write) -> io::Result<()> {
    pretty(baselines, out)
}

/// Writes one value as pretty JSON, and a line feed.
pub(super) fn pretty(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(value)?))
}

/// The same JSON, with what a terminal would act upon as `\uXXXX`.
///
/// serde_json escapes C0 controls only. Every other such character can stand only within a string,
/// so that escaping it changes no value. Line feeds are the pretty printer's own.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && escape::needs_escape(character) {
            let mut units = [0; 2];
            harmless.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            harmless.push(character);
        }
    }
    harmless
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn escaping_changes_no_value() {
        let value = serde_json::json!({ "name": "a\u{202e}b\u{9b}c\u{7f}\u{e0041}\n\u{1b}é" });
        let text = harmless(&value.to_string());
        assert!(
            text.contains("\\u202e") && text.contains("\\u009b") && text.contains("\\udb40\\udc41"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
