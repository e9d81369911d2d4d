//! `rdprobe report` of a scan as a user meets it, and the JSON's schema.

use std::io::Write;
use std::path::Path;

use assert_cmd::Command;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::record::{Scan, ScanRecord, Settings, Which};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::fleet::survey::Fleet;
use rdprobe::policy::{self, Outcome, Policy, expression};
use rdprobe::render::schema::fleet_schema;
use rusqlite::Connection;

use super::made::{report as made, scanned, settings, take, write};
use crate::record::written_record;

fn report(args: &[&str], folder: &Path) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).current_dir(folder).arg("report").args(args).assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_file_with_scans_only_shows_the_latest_fleet() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("fleet.db"), 3);
    write(&folder.path().join("fleet.db"), 120);
    let page = stdout(&report(&["fleet.db"], folder.path()).success());
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    assert!(page.contains("RDP in servers.csv") && page.contains("srv-00119.corp.example.net"));
    let text = stdout(&report(&["fleet.db", "--format", "text"], folder.path()).success());
    assert!(text.contains("120 targets") && text.contains("rdprobe explain"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let first = stdout(&report(&["fleet.db", "--scan=1", "--format", "text"], folder.path()).success());
    assert!(first.contains("3 targets"), "{first}");
    let said = report(&["fleet.db", "--output", "page.html"], folder.path()).success();
    assert_eq!(stderr(&said), "wrote page.html\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("page.html")).unwrap(), page);
}

#[test]
fn a_file_with_both_shows_what_is_asked_for() {
    let (folder, path) = written_record();
    write(&path, 20);
    let monitored = report(&["record.db", "--format", "text"], folder.path()).success();
    assert!(stdout(&monitored).contains("vm.example"));
    assert!(stderr(&monitored).contains("--scan shows the latest"), "{}", stderr(&monitored));
    let scanned = report(&["record.db", "--format", "text", "--scan"], folder.path()).success();
    assert!(stdout(&scanned).contains("20 targets"));
}

#[test]
fn json_follows_its_schema_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("fleet.db"), 120);
    let json = stdout(&report(&["fleet.db", "--format", "json"], folder.path()).success());
    let document: serde_json::Value = serde_json::from_str(&json).unwrap();
    let validator = jsonschema::draft202012::options().build(&fleet_schema()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let mut wrong = document.clone();
    wrong["hosts"][0]["verdict"] = "maybe".into();
    assert!(!validator.is_valid(&wrong));
    let fleet: Fleet = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(fleet.hosts.len(), 120);
    assert!(fleet.hosts.iter().enumerate().all(|(n, host)| host.position == u64::try_from(n).unwrap()));
    assert_eq!(serde_json::to_value(&fleet).unwrap(), document);
}

#[test]
fn damage_is_the_records_and_a_strangers_words_stay_words() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    write(&path, 3);
    let connection = Connection::open(&path).unwrap();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let mut document = serde_json::to_value(scanned(0, &made(0))).unwrap();
    document["verdict"] = "\u{1b}[31mred\nrdprobe: all is well".into();
    packed.write_all(document.to_string().as_bytes()).unwrap();
    connection.execute("UPDATE documents SET scanned = ?1", [packed.finish().unwrap()]).unwrap();
    for args in [&["fleet.db"][..], &["fleet.db", "--output", "page.html"]] {
        let said = stderr(&report(args, folder.path()).code(2));
        assert!(said.starts_with("rdprobe: fleet.db: the record is damaged"), "{said}");
        assert!(!said.contains('\u{1b}') && said.lines().count() == 2, "{said}");
    }
}

#[test]
fn what_was_expected_and_missed_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    let policy = Policy::new("--expect", expression::parse("cert>30d, tls>=1.2").unwrap()).of_reachable();
    let mut record = ScanRecord::begin(&path, &Settings { reports: false, ..settings() }).unwrap();
    let mut missed = 0;
    for n in 0..60 {
        let report = made(n);
        let judged = policy::judge(&policy, &report.evidence, &report.diagnosis);
        missed += u64::from(judged.iter().any(|it| it.subject == "cert" && it.outcome == Outcome::Missed));
        record.take(&Scanned::of(n.try_into().unwrap(), Depth::Full, &report, judged), &report).unwrap();
    }
    record.finish().unwrap();
    assert!(missed > 0);
    let survey = Scan::open(&path, Which::Latest).unwrap().survey().unwrap();
    let of_cert: Vec<u64> =
        survey.missed.iter().filter(|it| it.value == "cert>30d").map(|it| it.hosts).collect();
    assert_eq!(of_cert, [missed]);
    let text = stdout(&report(&["fleet.db", "--format", "text"], folder.path()).success());
    assert!(text.contains("missed") && text.contains("cert>30d"), "{text}");
    let troubles = text.split("hosts with trouble").nth(1).unwrap();
    assert!(troubles.contains("reachable        missed cert>30d"), "{troubles}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let page = stdout(&report(&["fleet.db"], folder.path()).success());
    assert!(page.contains("missed: <code>cert&gt;30d</code>"));
}

#[test]
fn a_host_with_trouble_is_listed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    write(&path, 3);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "UPDATE scanned SET verdict = 'reachable', cause = NULL, stage = NULL;
             UPDATE scanned SET result = 'undecided' WHERE position = 0;
             UPDATE scanned SET result = 'warning' WHERE position = 1;
             UPDATE scanned SET result = 'met' WHERE position = 2;",
        )
        .unwrap();
    drop(connection);
    let text = stdout(&report(&["fleet.db", "--format", "text"], folder.path()).success());
    let troubles: Vec<&str> = text.split("hosts with trouble\n").nth(1).unwrap().lines().collect();
    let [first, second] = troubles[..] else { panic!("{text}") };
    assert!(
        first.contains("srv-00000") && first.ends_with("reachable        an expectation undecided"),
        "{first}"
    );
    assert!(
        second.contains("srv-00001") && second.ends_with("reachable        an expectation warns"),
        "{second}"
    );
}

#[test]
fn a_shallow_scan_and_one_that_did_not_end_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    let mut record = ScanRecord::begin(&path, &Settings { depth: Depth::Tcp, ..settings() }).unwrap();
    take(&mut record, 0..3);
    record.leave().unwrap();
    for format in ["text", "html"] {
        let shown = stdout(&report(&["fleet.db", "--format", format], folder.path()).success());
        assert!(shown.contains("nothing of RDP") && shown.contains("has not ended"), "{shown}");
    }
}

#[test]
fn mistakes_are_usage_errors_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("fleet.db"), 3);
    let (monitored, _) = written_record();
    for (place, args, says) in [
        (folder.path(), &["fleet.db", "--scan=9"][..], "no scan 9 is in the record; there are: 1"),
        (folder.path(), &["fleet.db", "--scan=newest"], "a scan is a number, or latest"),
        (folder.path(), &["fleet.db", "--last", "1d"], "choose from a monitor's record, and this is a scan"),
        (monitored.path(), &["record.db", "--scan"], "no scan was recorded to this file"),
    ] {
        let said = stderr(&report(args, place).code(2));
        assert!(said.contains(says), "{args:?}: {said}");
    }
}
