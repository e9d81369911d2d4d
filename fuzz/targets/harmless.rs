//! Renders everything that there is of a report or a check, and asserts that no terminal acts upon any of it.

use std::io::{Result, Write};

use rdprobe::render::check::{CheckFormat, render};
use rdprobe::render::escape::needs_escape;
use rdprobe::render::human::{HumanStyle, human};
use rdprobe::render::json::{json, ndjson};
use rdprobe::report::Report;
use rdprobe::report::check::Check;

/// What is written has no character that a terminal acts upon or that nobody sees, but for line feeds.
pub fn text(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("memory takes all");
    let text = String::from_utf8(out).expect("what is written is text");
    assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
    text
}

/// How many renderings there are.
#[allow(dead_code, reason = "each target uses what it needs")]
pub const RENDERINGS: usize = 5 + CheckFormat::ALL.len();

/// All renderings of a report.
#[allow(dead_code, reason = "each target uses what it needs")]
pub fn report(report: &Report) {
    for which in 0..5 {
        one(which, report);
    }
}

/// One rendering of a report; its JSON reads back.
pub fn one(which: usize, report: &Report) {
    match which {
        0..=2 => {
            let style = HumanStyle { verbosity: which as u8, width: 60, color: false };
            text(|out| human(report, &style, out));
        }
        3 => drop(text(|out| json(std::slice::from_ref(report), out))),
        _ => {
            let line = text(|out| ndjson(report, out));
            assert_eq!(line.lines().count(), 1);
            serde_json::from_str::<Report>(&line).expect("what is written reads");
        }
    }
}

/// One rendering of a check.
pub fn check(format: CheckFormat, check: &Check) {
    text(|out| render(format, std::slice::from_ref(check), 1, &HumanStyle::default(), out));
}
