//! `rdprobe diagnose` and `--guest`, as a user meets them.

use std::process::{Command, Output};

use rdprobe::evidence::{Evidence, Testimony, Witness};
use rdprobe::render::json;
use rdprobe::report::Report;

use super::folder;
use crate::fixture::{named, unnamed};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn evidence() -> Evidence {
    unnamed(rdprobe::evidence::Failure::Interrupted)
}

fn save(folder: &tempfile::TempDir, reports: &[Report]) -> String {
    let path = folder.path().join("report.json");
    let mut bytes = Vec::new();
    json::json(reports, &mut bytes).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

fn guest_file(name: &str) -> String {
    folder().join(format!("{name}.txt")).to_str().unwrap().to_owned()
}

fn judged(output: &Output) -> Report {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", stderr(output)))
}

#[test]
fn a_saved_report_is_judged_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let report = Report::new(evidence());
    let output = run(&["diagnose", &save(&folder, std::slice::from_ref(&report)), "--format", "json"]);
    assert_eq!(judged(&output), report);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
}

#[test]
fn the_guests_word_is_added_to_what_was_told_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut evidence = evidence();
    let told =
        Testimony { witness: Witness::Client, id: "says.busy".into(), fact: "the user says so".into() };
    evidence.testimony.push(told.clone());
    let path = save(&folder, &[Report::new(evidence)]);
    let guest = guest_file("rdp-disabled-registry");
    let output = run(&["diagnose", &path, "--guest", &guest, "--guest", &guest, "--format", "json"]);
    let testimony = judged(&output).evidence.testimony;
    assert!(testimony.contains(&told));
    let count = testimony.iter().filter(|told| told.id == "guest.reg.fdenytsconnections.bad").count();
    assert_eq!(count, 1, "{testimony:?}");
}

#[test]
fn arrays_lines_and_standard_input_hold_reports_too() {
    let folder = tempfile::tempdir().unwrap();
    let reports = [Report::new(evidence()), Report::new(named(Vec::new()))];
    let array = save(&folder, &reports);
    let lines = folder.path().join("report.ndjson");
    let mut bytes = Vec::new();
    for report in &reports {
        json::ndjson(report, &mut bytes).unwrap();
    }
    std::fs::write(&lines, &bytes).unwrap();
    for path in [array.as_str(), lines.to_str().unwrap()] {
        let output = run(&["diagnose", path, "--format", "ndjson"]);
        assert_eq!(output.stdout.split(|byte| *byte == b'\n').count(), 3, "{path}: {}", stderr(&output));
        let input = std::fs::File::open(path).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
        let piped = command.args(["diagnose", "-", "--format", "ndjson"]).stdin(input).output().unwrap();
        assert_eq!(piped.stdout, output.stdout);
    }
}

#[test]
fn lines_of_a_scan_hold_reports_where_it_kept_them() {
    use rdprobe::fleet::{depth::Depth, scanned::Scanned};
    let folder = tempfile::tempdir().unwrap();
    let report = Report::new(evidence());
    let scanned = Scanned::of(0, Depth::Full, &report, Vec::new());
    let saved = |name: &str, report: Option<&Report>| {
        let mut bytes = Vec::new();
        for _ in 0..2 {
            rdprobe::render::scan::ndjson(&scanned, report, &mut bytes).unwrap();
        }
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let output = run(&["diagnose", &saved("with.ndjson", Some(&report)), "--format", "ndjson"]);
    let lines: Vec<&[u8]> = output.stdout.split(|byte| *byte == b'\n').filter(|it| !it.is_empty()).collect();
    assert_eq!(lines.len(), 2, "{}", stderr(&output));
    assert_eq!(serde_json::from_slice::<Report>(lines[0]).unwrap(), report);
    let output = run(&["diagnose", &saved("without.ndjson", None)]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("without its report: scan with --reports"), "{}", stderr(&output));
}

#[test]
fn what_is_no_report_is_exit_2_and_says_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let good = save(&folder, &[Report::new(evidence())]);
    let several = folder.path().join("several.json");
    std::fs::write(&several, format!("[{0},{0}]", std::fs::read_to_string(&good).unwrap())).unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (healthy, several) = (guest_file("collected-healthy"), several.to_str().unwrap());
    for (arguments, message) in [
        (
            vec!["diagnose".to_owned(), file("version", "{\"schema\":\"rdprobe.report/9\"}")],
            "rdprobe.report/1",
        ),
        (vec!["diagnose".into(), file("object", "{\"a\":1}")], "rdprobe.report/1"),
        (vec!["diagnose".into(), file("broken", "{\"schema\":\"rdprobe.report/1\"}")], "breaks the format"),
        (vec!["diagnose".into(), file("text", "lorem")], "no JSON"),
        (vec!["diagnose".into(), file("empty", "")], "no report is in it"),
        (vec!["diagnose".into(), "/nowhere/at/all".into()], "cannot read"),
        (vec!["diagnose".into(), several.into(), "--guest".into(), healthy.clone()], "one machine's word"),
        (vec!["a.test".into(), "b.test".into(), "--guest".into(), healthy], "one machine's word"),
        (vec!["diagnose".into(), good.clone(), "--guest".into(), file("lorem", "lorem")], "understood are"),
        (vec!["diagnose".into(), good, "--guest".into(), file("blank", "\r\n")], "no text"),
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(message), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains("hint: "), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_probe_takes_the_guests_word_too() {
    let target = crate::rehearsal::closed().to_string();
    let guest = guest_file("rdp-disabled-registry");
    let output = run(&[&target, "--guest", &guest, "--no-control-ports", "--format", "json"]);
    let testimony = judged(&output).evidence.testimony;
    assert!(testimony.iter().any(|told| told.id == "guest.reg.fdenytsconnections.bad"), "{testimony:?}");
}
