//! One check, every format, byte for byte; `UPDATE_GOLDENS=1` writes the files anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::path::{Path, PathBuf};

use rdprobe::render::check::{CheckFormat, nagios_exit, render};
use rdprobe::render::human::HumanStyle;
use rdprobe::report::check::{Check, exit_code};

// The checks.
pub(crate) mod cases;

// Files, pipes, full disks, exit codes, by the binary.
mod files;

// What a hostile server's names must not do.
mod hostile;

// Each format by a reader or a schema that nobody here wrote.
mod readers;

/// Whole reports are long: one case shows how they look.
const JSON_CASE: &str = "missed";

#[test]
fn every_format_is_byte_for_byte_the_golden() {
    let mut differing = Vec::new();
    for (case, checks) in cases::all() {
        for format in CheckFormat::ALL {
            if matches!(format, CheckFormat::Json | CheckFormat::Ndjson) && case != JSON_CASE {
                continue;
            }
            let text = rendered(format, &checks);
            let path = folder().join(case).join(file_name(format));
            if std::env::var_os("UPDATE_GOLDENS").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &text).unwrap();
            }
            let golden = std::fs::read_to_string(&path).unwrap_or_default();
            if golden != text {
                differing.push(format!("{}, now:\n{text}", path.display()));
            }
        }
    }
    assert!(differing.is_empty(), "UPDATE_GOLDENS=1 accepts these:\n{}", differing.join("\n"));
}

#[test]
fn every_golden_folder_has_its_case() {
    let mut cases: Vec<String> = cases::all().into_iter().map(|(case, _)| case.to_owned()).collect();
    let entries = std::fs::read_dir(folder()).unwrap();
    let mut folders: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    cases.sort();
    folders.sort();
    assert_eq!(cases, folders);
}

#[test]
fn each_word_is_its_format() {
    for format in CheckFormat::ALL {
        assert_eq!(CheckFormat::from_word(format.word()), Some(format));
    }
    assert_eq!(CheckFormat::from_word("xml"), None);
    assert_eq!(CheckFormat::from_word("Junit"), None);
}

#[test]
fn exit_codes_of_a_run_and_of_a_plugin() {
    let codes: Vec<_> = cases::all()
        .into_iter()
        .map(|(case, checks)| (case, exit_code(&checks), nagios_exit(&checks, 0)))
        .collect();
    assert_eq!(
        codes,
        [
            ("met", 0, 0),
            ("warning", 0, 1),
            ("missed", 1, 2),
            ("undecided", 3, 3),
            ("ran-out", 4, 2),
            ("given-up", 1, 2),
            ("stopped", 3, 3),
            ("ready", 0, 0),
            ("changes", 1, 2),
            ("several-targets", 1, 2),
            ("hostile", 4, 2),
        ]
    );
    assert_eq!(nagios_exit(&[], 0), 3);
    // Undecided is worse than a warning, and missed worse than both.
    assert_eq!(nagios_exit(&[cases::warning(), cases::undecided()], 0), 3);
    assert_eq!(nagios_exit(&[cases::undecided(), cases::missed()], 0), 2);
}

#[test]
fn a_wait_that_ran_out_passes_nowhere_though_the_last_probe_was_good() {
    let mut check = cases::ready();
    let wait = check.wait.as_mut().unwrap();
    (wait.ran_out, wait.in_a_row) = (true, 2);
    let checks = [check];
    for (format, word) in [
        (CheckFormat::Human, "TIMED OUT"),
        (CheckFormat::Junit, "failures=\"1\""),
        (CheckFormat::Sarif, "\"level\": \"error\""),
        (CheckFormat::Nagios, "RDP CRITICAL"),
        (CheckFormat::Github, "::error"),
        (CheckFormat::AzurePipelines, "result=Failed"),
        (CheckFormat::Tap, "not ok 5"),
        (CheckFormat::Markdown, "TIMED OUT"),
    ] {
        let text = rendered(format, &checks);
        assert!(text.contains(word), "{}: {text}", format.word());
    }
    assert_eq!(nagios_exit(&checks, 0), 2);
}

#[test]
fn a_person_reads_80_columns_with_and_without_colour() {
    for (case, checks) in cases::all() {
        let plain = rendered(CheckFormat::Human, &checks);
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "{case}:\n{plain}");
        let mut colored = Vec::new();
        let style = HumanStyle { color: true, ..HumanStyle::default() };
        render(CheckFormat::Human, &checks, 0, &style, &mut colored).unwrap();
        let colored = String::from_utf8(colored).unwrap();
        assert_ne!(plain, colored, "{case}");
        assert_eq!(plain, anstream::adapter::strip_str(&colored).to_string(), "{case}");
    }
}

#[test]
fn more_words_show_the_report_too() {
    let mut out = Vec::new();
    let style = HumanStyle { verbosity: 1, ..HumanStyle::default() };
    render(CheckFormat::Human, &[cases::met()], 0, &style, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("PASSED") && text.contains("REACHABLE by Remote Desktop"), "{text}");
}

#[test]
fn no_check_at_all_is_no_pass() {
    assert!(rendered(CheckFormat::Tap, &[]).contains("Bail out!"));
    assert!(rendered(CheckFormat::Nagios, &[]).starts_with("RDP UNKNOWN - nothing was checked"));
    assert!(rendered(CheckFormat::AzurePipelines, &[]).contains("result=Failed"));
}

#[test]
fn an_entry_that_names_no_target_is_told_and_is_no_pass() {
    let checks = [cases::met(), cases::met()];
    for (format, word) in [
        (CheckFormat::Human, "UNDECIDED: 1 entry of the sources names no target"),
        (CheckFormat::Junit, "errors=\"1\""),
        (CheckFormat::Sarif, "\"executionSuccessful\": false"),
        (
            CheckFormat::Nagios,
            "RDP UNKNOWN - 1 entry of the sources names no target, all 2 targets as expected |",
        ),
        (CheckFormat::Github, "::error title=rdprobe sources"),
        (CheckFormat::AzurePipelines, "result=Failed"),
        (CheckFormat::Tap, " - sources: every entry names a target"),
        (CheckFormat::Markdown, "### Sources: **undecided**"),
    ] {
        let mut out = Vec::new();
        render(format, &checks, 1, &HumanStyle::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains(word), "{}: {text}", format.word());
        assert!(!rendered(format, &checks).contains(word), "{}", format.word());
    }
    assert_eq!((nagios_exit(&checks, 0), nagios_exit(&checks, 1)), (0, 3));
    assert_eq!(nagios_exit(&[cases::missed()], 1), 2);
}

pub(crate) fn rendered(format: CheckFormat, checks: &[Check]) -> String {
    let mut out = Vec::new();
    render(format, checks, 0, &HumanStyle::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn file_name(format: CheckFormat) -> &'static str {
    match format {
        CheckFormat::Human => "human.txt",
        CheckFormat::Json => "check.json",
        CheckFormat::Ndjson => "check.ndjson",
        CheckFormat::Junit => "junit.xml",
        CheckFormat::Sarif => "check.sarif",
        CheckFormat::Nagios => "nagios.txt",
        CheckFormat::Github => "github.txt",
        CheckFormat::AzurePipelines => "azure-pipelines.txt",
        CheckFormat::Tap => "check.tap",
        CheckFormat::Markdown => "check.md",
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens-check")
}
