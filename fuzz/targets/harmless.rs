//! Renders everything that there is of a report or a check, and asserts that no terminal acts upon any of it.

use std::io::{Result, Write};

use rdprobe::render::check::{CheckFormat, render};
use rdprobe::render::escape::needs_escape;
use rdprobe::render::human::{HumanStyle, human};
use rdprobe::render::json::{json, ndjson};

/// What is written has no character that a terminal acts upon or that nobody sees, but for line feeds.
pub fn text(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("memory takes all");
    let text = String::from_utf8(out).expect("what is written is text");
    assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
    text
}

/// All renderings of a report; its JSON reads back.
pub fn report(report: &rdprobe::report::Report) {
    for verbosity in 0..=2 {
        let style = HumanStyle { verbosity, width: 60, color: false };
        text(|out| human(report, &style, out));
    }
    text(|out| json(std::slice::from_ref(report), out));
    let line = text(|out| ndjson(report, out));
    assert_eq!(line.lines().count(), 1);
    serde_json::from_str::<rdprobe::report::Report>(&line).expect("what is written reads");
}

/// All renderings of a check.
#[allow(dead_code, reason = "each target uses what it needs")]
pub fn check(check: &rdprobe::report::check::Check) {
    for format in CheckFormat::ALL {
        text(|out| render(format, std::slice::from_ref(check), &HumanStyle::default(), out));
    }
}
