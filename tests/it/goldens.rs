//! One evidence, every rendering, byte for byte; `UPDATE_GOLDENS=1` writes the files anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::path::{Path, PathBuf};

use rdprobe::render::human::{HumanStyle, human};
use rdprobe::render::json::{json, ndjson};
use rdprobe::report::Report;

// Pieces with fixed times.
mod build;

// One report a case.
pub(crate) mod cases;

// Cases by their verdict.
mod others;
mod reachable;
mod told;
mod unreachable;

/// What fits on a terminal as it opens.
const SCREEN_LINES: usize = 24;

#[test]
fn every_rendering_is_byte_for_byte_the_golden() {
    let mut differing = Vec::new();
    for (case, report) in cases::all() {
        for (file, text) in renderings(&report) {
            let path = folder().join(case).join(file);
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            if golden != text {
                differing.push(format!("{}:\n{}", path.display(), first_difference(&golden, &text)));
            }
        }
    }
    assert!(differing.is_empty(), "UPDATE_GOLDENS=1 accepts these:\n{}", differing.join("\n"));
}

#[test]
fn every_golden_folder_has_its_case() {
    let mut cases: Vec<String> = cases::all().into_iter().map(|(case, _)| case.to_owned()).collect();
    let mut folders: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    cases.sort();
    folders.sort();
    assert_eq!(cases, folders);
}

#[test]
fn one_screen_a_target() {
    for (case, report) in cases::all() {
        let text = text(&report, 0, 80);
        let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(80).max(1)).sum();
        assert!(lines <= SCREEN_LINES, "{case}: {lines} lines\n{text}");
    }
}

#[test]
fn only_commands_are_longer_than_a_line() {
    for (case, report) in cases::all() {
        let commands: Vec<&String> =
            report.diagnosis.repairs.iter().flat_map(|repair| &repair.commands).collect();
        for width in [40, 60, 80, 132] {
            for line in text(&report, 2, width).lines() {
                let command = commands.iter().any(|command| command.as_str() == line.trim_start());
                assert!(line.chars().count() <= width || command, "{case} at {width}: {line}");
                assert_eq!(line, line.trim_end(), "{case}: blanks at the end of a line");
            }
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    for (case, report) in cases::all() {
        let plain = rendered(|out| human(&report, &HumanStyle::default(), out));
        let style = HumanStyle { color: true, ..HumanStyle::default() };
        let colored = rendered(|out| human(&report, &style, out));
        assert_ne!(plain, colored, "{case}");
        assert_eq!(plain, anstream::adapter::strip_str(&colored).to_string(), "{case}");
        assert!(!plain.contains(|character: char| character.is_control() && character != '\n'), "{case}");
    }
}

fn renderings(report: &Report) -> Vec<(&'static str, String)> {
    vec![
        ("human.txt", text(report, 0, 80)),
        ("human-60-columns.txt", text(report, 0, 60)),
        ("human-v.txt", text(report, 1, 80)),
        ("human-vv.txt", text(report, 2, 80)),
        ("report.json", rendered(|out| json(std::slice::from_ref(report), out))),
        ("report.ndjson", rendered(|out| ndjson(report, out))),
    ]
}

fn text(report: &Report, verbosity: u8, width: usize) -> String {
    rendered(|out| human(report, &HumanStyle { verbosity, width, color: false }, out))
}

fn rendered(write: impl Fn(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens")
}

fn first_difference(golden: &str, text: &str) -> String {
    let different = golden.lines().zip(text.lines()).find(|(old, new)| old != new);
    match different {
        Some((old, new)) => format!("  golden: {old}\n  now:    {new}"),
        None => format!("  golden has {} lines, now {}", golden.lines().count(), text.lines().count()),
    }
}
