//! The command as a pipeline meets it: what goes in, what comes out, and what it ends with.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use rdprobe::fleet::record::{Scan, Which};
use serde_json::Value;

use crate::rehearsal::{self, play, rdprobe};

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// An address of loopback on which nothing listens.
pub(super) fn closed() -> String {
    rehearsal::closed().to_string()
}

async fn good() -> String {
    play("windows-2022-nla").await.to_string()
}

async fn scan(arguments: &[&str]) -> Output {
    rdprobe(&[&["scan"], arguments].concat()).await
}

/// The lines of NDJSON, each with its target.
fn documents(output: &Output) -> Vec<Value> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn good_ones_are_exit_0_and_any_bad_one_is_exit_1() {
    let (good, closed) = (good().await, closed());
    let output = scan(&[&good]).await;
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("1 target") && stdout(&output).contains("1 ok"), "{}", stdout(&output));
    assert!(!stderr(&output).contains("rdprobe:"), "{}", stderr(&output));
    let output = scan(&[&good, &closed]).await;
    assert_eq!(output.status.code(), Some(1));
    let shown = stdout(&output);
    let line = |mark: &str| shown.lines().find(|line| line.starts_with(mark)).unwrap().to_owned();
    assert!(line("ok").contains(&good) && line("FAILED").contains(&closed), "{shown}");
    assert!(shown.contains("rdprobe explain rdp-disabled-registry"), "{shown}");
}

#[tokio::test]
async fn wrong_usage_is_exit_2_with_a_hint_and_nothing_on_stdout() {
    for (arguments, hint) in [
        (vec![], "--help"),
        (vec!["foo bar"], "hint: "),
        (vec!["10.0.0.0/8"], "--i-mean-it"),
        (vec!["127.0.0.1", "--depth", "deep"], "x224"),
        (vec!["127.0.0.1", "--rate", "0"], "--rate"),
        (vec!["127.0.0.1", "--concurrency", "0"], "--concurrency"),
        (vec!["127.0.0.1", "--format", "json"], "table, ndjson, csv"),
        (vec!["127.0.0.1", "--format", "csv", "--format", "ndjson"], "csv=FILE"),
        (vec!["127.0.0.1", "--format", "csv=/nowhere/at/all.csv"], "folder"),
        (vec!["127.0.0.1", "--expect", "tls>=9"], "hint: "),
        (vec!["127.0.0.1", "--profile", "none-such"], "azure-baseline"),
    ] {
        let output = scan(&arguments).await;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(hint), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[tokio::test]
async fn a_line_that_is_no_target_is_told_with_its_number_and_makes_exit_3() {
    let good = good().await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("vms.txt");
    std::fs::write(&list, format!("# mine\n{good}\nfoo \u{1b}[2Jbar\n{good}\n")).unwrap();
    let output = scan(&[list.to_str().unwrap(), "--format", "ndjson"]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("line 3"), "{}", stderr(&output));
    assert!(!stderr(&output).contains('\u{1b}'));
    assert!(stderr(&output).contains("1 entry of the sources was no target"), "{}", stderr(&output));
    let documents = documents(&output);
    assert_eq!(documents.len(), 1, "the same target again is asked once");
    assert_eq!(documents[0]["target"], good.as_str());
}

#[tokio::test]
async fn a_source_that_names_nothing_is_told_as_a_source_and_makes_exit_3() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("vms.txt");
    std::fs::write(&list, "# nobody yet\n").unwrap();
    let output = scan(&[list.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stdout(&output).contains("1 source named no target"), "{}", stdout(&output));
    assert!(!stdout(&output).contains("entry"), "{}", stdout(&output));
}

#[tokio::test]
async fn what_this_machine_cannot_try_is_exit_3() {
    let output = scan(&[&closed(), "--source", "192.0.2.1"]).await;
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert!(stdout(&output).contains("undecided"), "{}", stdout(&output));
}

#[tokio::test]
async fn every_format_tells_the_same_and_stdout_is_data() {
    let (good, closed) = (good().await, closed());
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (json, csv, table) = (file("all.ndjson"), file("all.csv"), file("all.txt"));
    let [to_json, to_csv, to_table] =
        [format!("ndjson={json}"), format!("csv={csv}"), format!("table={table}")];
    let arguments = [
        &good, &closed, "--format", "ndjson", "--format", &to_json, "--format", &to_csv, "--format",
        &to_table,
    ];
    let output = scan(&arguments).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("2 targets"), "{}", stderr(&output));
    assert_eq!(std::fs::read_to_string(&json).unwrap(), stdout(&output));
    let mut targets: Vec<String> =
        documents(&output).iter().map(|it| it["target"].as_str().unwrap().to_owned()).collect();
    targets.sort();
    let mut expected = [good.clone(), closed.clone()];
    expected.sort();
    assert_eq!(targets, expected);
    let mut reader = csv::Reader::from_path(&csv).unwrap();
    let mut rows: Vec<String> = reader.records().map(|row| row.unwrap()[1].to_owned()).collect();
    rows.sort();
    assert_eq!(rows, expected);
    let table = std::fs::read_to_string(&table).unwrap();
    assert_eq!(table.lines().count(), 3, "{table}");
}

#[tokio::test]
async fn expectations_hold_for_every_host() {
    let (good, expired) = (good().await, play("expired-certificate").await.to_string());
    let output = scan(&[&good, &expired, "--expect", "nla=required, cert>30d", "--format", "ndjson"]).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    for document in documents(&output) {
        let result = if document["target"] == good.as_str() { "met" } else { "missed" };
        assert_eq!(document["result"], result, "{document}");
        let many = document["expectations"].as_array().unwrap().len();
        assert_eq!(many, 3, "to be reachable is expected too");
    }
    assert!(stderr(&output).contains("cert>30d"), "{}", stderr(&output));
    // Nobody is to be reached from here: as expected.
    let output = scan(&[&closed(), "--expect", "!reachable"]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let output = scan(&[&good, &expired, "--expect", "cert>30d", "--show", "bad"]).await;
    let shown = stdout(&output);
    assert!(shown.contains(&format!("MISSED    {expired}")) && !shown.contains(&good), "{shown}");
}

#[tokio::test]
async fn who_cannot_be_used_is_not_as_expected() {
    let silent = play("nla-silent").await.to_string();
    let output = scan(&[&silent, "--expect", "nla=required", "--credssp-timeout", "300ms"]).await;
    assert_eq!(output.status.code(), Some(1), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("1 failed") && !stdout(&output).contains("1 ok"), "{}", stdout(&output));
    // Not deep enough to tell: nothing is expected beside what was said.
    let output = scan(&[&silent, &closed(), "--depth", "tcp", "--expect", "connect<60s"]).await;
    let shown = stdout(&output);
    assert!(shown.contains(&format!("open      {silent}")) && shown.contains("nothing of RDP"), "{shown}");
    assert!(shown.contains("1 open, 1 failed"), "{shown}");
}

#[tokio::test]
async fn a_shallow_scan_does_not_call_it_reachable() {
    let good = good().await;
    for (depth, name) in [("tcp", None), ("x224", None), ("nla", Some("files22.corp.example"))] {
        let output = scan(&[&good, "--depth", depth, "--format", "ndjson"]).await;
        assert_eq!(output.status.code(), Some(0), "{depth}: {}", stderr(&output));
        let document = &documents(&output)[0];
        assert_eq!(document["depth"], depth);
        assert_eq!(document["addresses"][&good]["name"].as_str(), name);
        if depth != "nla" {
            assert_eq!(document["verdict"], "stage_passed", "{document}");
        }
    }
}

#[tokio::test]
async fn a_report_within_a_line_can_be_diagnosed_again() {
    let closed = closed();
    let output = scan(&[&closed, "--reports", "--format", "ndjson"]).await;
    let report = documents(&output)[0]["report"].clone();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, report.to_string()).unwrap();
    let output = rdprobe(&["diagnose", file.to_str().unwrap()]).await;
    assert!(stdout(&output).contains("NOT REACHABLE"), "{}", stdout(&output));
}

/// How many whole reports the latest scan of a record holds.
fn reports_kept(record: &Path) -> usize {
    let mut reports = 0;
    Scan::open(record, Which::Latest)
        .unwrap()
        .each_document(&mut |stored| {
            reports += usize::from(stored.report.is_some());
            Ok(())
        })
        .unwrap();
    reports
}

#[tokio::test]
async fn a_recorded_scan_is_a_fleet_for_report() {
    let (good, closed) = (good().await, closed());
    let folder = tempfile::tempdir().unwrap();
    let record = folder.path().join("rdp.db");
    let output = scan(&[&good, &closed, "--record", record.to_str().unwrap()]).await;
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let output = rdprobe(&["report", record.to_str().unwrap(), "--format", "json"]).await;
    let fleet: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(fleet["schema"], "rdprobe.fleet/1");
    assert!(!fleet["ended"].is_null(), "{fleet}");
    let hosts: Vec<&Value> = fleet["hosts"].as_array().unwrap().iter().map(|host| &host["target"]).collect();
    assert_eq!(hosts, [good.as_str(), closed.as_str()], "in the order of the source");
    assert_eq!(reports_kept(&record), 2, "rows unfold to the report");
    scan(&[&good, "--depth", "x224", "--record", record.to_str().unwrap()]).await;
    assert_eq!(reports_kept(&record), 0);
}

#[tokio::test]
async fn standard_input_is_a_source() {
    let closed = closed();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args(["scan", "-", "--format", "ndjson"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{closed}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(documents(&output)[0]["target"], closed.as_str());
}

#[tokio::test]
async fn no_colour_leaves_the_program_unless_asked_for() {
    let closed = closed();
    assert!(!stdout(&scan(&[&closed]).await).contains('\u{1b}'));
    assert!(stdout(&scan(&[&closed, "--color", "always"]).await).contains('\u{1b}'));
}
