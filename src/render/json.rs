//! JSON: one object for one report or check, an array for several; NDJSON: one compact object a line.

use std::io::{self, Write};

use serde::Serialize;

use super::escape;
use crate::policy::baseline::Baselines;

/// Writes pretty JSON: one object for one value, an array for several (or none), and a line feed.
pub fn json<T: Serialize>(values: &[T], out: &mut dyn Write) -> io::Result<()> {
    let text = match values {
        [value] => serde_json::to_string_pretty(value)?,
        several => serde_json::to_string_pretty(several)?,
    };
    writeln!(out, "{}", harmless(&text))
}

/// Writes one value as one line of compact JSON.
pub fn ndjson<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string(value)?))
}

/// Writes a file of baselines.
pub fn baselines(baselines: &Baselines, out: &mut dyn Write) -> io::Result<()> {
    pretty(baselines, out)
}

/// Writes one value as pretty JSON, and a line feed.
pub(super) fn pretty(value: &impl serde::Serialize, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", harmless(&serde_json::to_string_pretty(value)?))
}

/// The same JSON, with what a terminal or a pipeline's log would act upon as `\uXXXX`.
///
/// serde_json escapes C0 controls only. Every other such character can stand only within a string,
/// so that escaping it changes no value. Line feeds are the pretty printer's own.
pub(in crate::render) fn harmless(text: &str) -> String {
    // Nearly every line of a scan.
    let is_plain = text.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~'));
    if is_plain && !text.contains("##") && !text.contains("::") {
        return text.to_owned();
    }
    let mut harmless = String::with_capacity(text.len());
    for (place, character) in text.char_indices() {
        let acted_upon = escape::needs_escape(character) || escape::is_logging_command(text, place);
        if character != '\n' && acted_upon {
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
        let value = serde_json::json!({ "name": "a\u{202e}b\u{9b}c\u{7f}\u{e0041}\n\u{1b}é##vso[x" });
        let text = harmless(&value.to_string());
        assert!(
            text.contains("\\u0023#vso")
                && text.contains("\\u202e")
                && text.contains("\\u009b")
                && text.contains("\\udb40\\udc41"),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
    }
}
