//! `rdprobe diff`: two hosts or two dates, side by side.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rdprobe::policy::baseline::{Baseline, Baselines};
use rdprobe::render::human::HumanStyle;
use rdprobe::render::{diff as render, human, json};
use rdprobe::report::Report;
use rdprobe::report::diff::Diff;
use serde_json::Value;

use crate::fixture::{V4, named, windows};
use crate::goldens::cases;
use crate::rehearsal::{play, rdprobe};

fn diff(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).arg("diff").args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn case(name: &str) -> Report {
    cases::all().into_iter().find(|(case, _)| *case == name).unwrap().1
}

/// Writes reports as one of the forms that `diff` reads.
fn file(folder: &Path, name: &str, reports: &[Report]) -> PathBuf {
    let path = folder.join(name);
    let mut out = Vec::new();
    if name.ends_with(".ndjson") {
        for report in reports {
            json::ndjson(report, &mut out).unwrap();
        }
    } else if name.ends_with(".baseline") {
        json::baselines(&kept(reports), &mut out).unwrap();
    } else {
        json::json(reports, &mut out).unwrap();
    }
    std::fs::write(&path, out).unwrap();
    path
}

fn kept(reports: &[Report]) -> Baselines {
    let of = |report: &Report| {
        (report.evidence.target.input.clone(), Baseline::of(&report.evidence, &report.diagnosis))
    };
    reports.iter().map(of).collect()
}

fn compare(before: &Path, after: &Path, more: &[&str]) -> Output {
    diff(&[&[before.to_str().unwrap(), after.to_str().unwrap()], more].concat())
}

/// The report under the name of another target.
fn renamed(mut report: Report, target: &str) -> Report {
    target.clone_into(&mut report.evidence.target.input);
    report
}

#[test]
fn every_form_of_the_same_reports_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let both = [renamed(case("reachable-domain"), "one"), renamed(case("reachable-old-server"), "two")];
    let names = ["a.json", "a.ndjson", "a.baseline"];
    let files = names.map(|name| file(folder.path(), name, &both));
    for before in &files {
        for after in &files {
            let output = compare(before, after, &[]);
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_eq!(text(&output.stdout).matches("no difference").count(), 2);
        }
    }
}

#[test]
fn one_target_a_file_is_compared_whatever_its_name_is() {
    let folder = tempfile::tempdir().unwrap();
    let before = file(folder.path(), "a.json", &[renamed(case("reachable-old-server"), "old")]);
    let after = file(folder.path(), "b.json", &[renamed(case("reachable-domain"), "new")]);
    let output = compare(&before, &after, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["schema"], "rdprobe.diff/1");
    assert_eq!(document["targets"][0]["before"]["target"], "old");
    assert_eq!(document["targets"][0]["after"]["target"], "new");
    let changes = document["targets"][0]["changes"].as_array().unwrap();
    let tls = changes.iter().find(|change| change["what"] == "tls").unwrap_or_else(|| panic!("{changes:?}"));
    assert_ne!(tls["before"], tls["after"]);
    let schema = rdprobe::render::schema::diff_schema();
    jsonschema::draft202012::options().build(&schema).unwrap().validate(&document).unwrap();
}

#[test]
fn several_targets_are_compared_by_name_and_one_that_is_missing_is_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    let one = renamed(case("reachable-domain"), "one");
    let before = file(folder.path(), "a.json", &[one.clone(), renamed(case("reachable-old-server"), "two")]);
    let after = file(folder.path(), "b.json", &[one.clone(), renamed(case("not-rdp"), "three")]);
    let output = compare(&before, &after, &[]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert_eq!(shown.matches("no difference").count(), 1, "{shown}");
    assert_eq!(shown.matches("not in this file").count(), 2, "{shown}");
    let only = file(folder.path(), "c.json", &[one]);
    assert_eq!(compare(&before, &only, &[]).status.code(), Some(1));
}

#[test]
fn what_is_ignored_decides_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut moved = windows(V4);
    moved.address = "20.51.100.5:3389".parse().unwrap();
    let before = file(folder.path(), "a.json", &[Report::new(named(vec![windows(V4)]))]);
    let after = file(folder.path(), "b.json", &[Report::new(named(vec![moved]))]);
    assert_eq!(compare(&before, &after, &[]).status.code(), Some(1));
    let output = compare(&before, &after, &["--ignore", "name,address"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("ignored, as asked"), "{}", text(&output.stdout));
}

#[test]
fn wrong_usage_is_exit_2_and_says_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "a.json", &[case("reachable-domain")]);
    let wrong = |text: &str| {
        let path = folder.path().join("wrong");
        std::fs::write(&path, text).unwrap();
        compare(&good, &path, &[])
    };
    for (content, told) in [
        ("", "no report or baseline is in it"),
        ("hello", "it is no JSON"),
        ("{}", "no \"schema\""),
        (r#"{"schema":"rdprobe.baseline/1"}"#, "it breaks the format"),
        (r#"{"schema":"rdprobe.baseline/9","targets":{}}"#, "rdprobe.baseline/9"),
        (r#"[{"schema":"rdprobe.report/1"}]"#, "it breaks the format"),
    ] {
        let output = wrong(content);
        assert_eq!(output.status.code(), Some(2), "{content}");
        assert!(text(&output.stderr).contains(told), "{content}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
    }
    let output = compare(&good, &good, &["--ignore", "adress"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("thumbprint, issuer"), "{}", text(&output.stderr));
    assert_eq!(compare(&good, &folder.path().join("absent"), &[]).status.code(), Some(2));
    assert_eq!(diff(&["a.json"]).status.code(), Some(2));
}

#[test]
fn a_file_of_a_check_is_read_as_the_report_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let report = case("reachable-domain");
    let check =
        rdprobe::report::check::Check::new("reachable".to_owned(), Vec::new(), None, None, report.clone());
    let path = folder.path().join("check.json");
    std::fs::write(&path, serde_json::to_vec(&[check]).unwrap()).unwrap();
    let output = compare(&path, &file(folder.path(), "a.json", &[report]), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// Names, issuers and file names that would move the cursor, end a cell or begin a link.
fn hostile() -> Diff {
    let evil = "a\u{1b}[2J|b\n# c](javascript:x)\u{202e}<img>".to_owned();
    let mut route = windows(V4);
    if let rdprobe::evidence::Outcome::Seen(certificate) = &mut route.certificate.outcome {
        certificate.issuer.clone_from(&evil);
    }
    let before = kept(&[renamed(Report::new(named(vec![windows(V4)])), &evil)]);
    let after = kept(&[Report::new(named(vec![route]))]);
    Diff::new((evil, &before), ("b.json".to_owned(), &after), &[])
}

#[test]
fn hostile_text_is_harmless_and_lines_keep_to_80_columns() {
    let mut out = Vec::new();
    human::diff(&hostile(), &HumanStyle::default(), &mut out).unwrap();
    let shown = text(&out);
    assert!(shown.contains("\\u{1b}"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    let mut out = Vec::new();
    render::markdown(&hostile(), &mut out).unwrap();
    let table = text(&out);
    let options = pulldown_cmark::Options::ENABLE_TABLES;
    let events: Vec<_> = pulldown_cmark::Parser::new_ext(&table, options).collect();
    let cells = |event: &&pulldown_cmark::Event<'_>| {
        matches!(event, pulldown_cmark::Event::Start(pulldown_cmark::Tag::TableCell))
    };
    assert_eq!(events.iter().filter(cells).count(), 3 * 2, "{table}");
    let markup = |event: &pulldown_cmark::Event<'_>| {
        use pulldown_cmark::{Event, Tag};
        matches!(
            event,
            Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::Link { .. } | Tag::Heading { .. })
        )
    };
    assert!(!events.iter().any(markup), "{table}");
}

#[tokio::test]
async fn two_hosts_live() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for persona in ["old-credssp", "windows-2022-nla"] {
        let target = play(persona).await.to_string();
        let output = rdprobe(&["--format", "json", &target]).await;
        let path = folder.path().join(persona);
        std::fs::write(&path, output.stdout).unwrap();
        files.push(path);
    }
    let output = compare(&files[0], &files[1], &["--ignore", "address"]);
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output.stdout);
    assert!(shown.contains("TSRequest version 2") && shown.contains("TSRequest version 6"), "{shown}");
}
