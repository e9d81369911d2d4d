//! `rdprobe report` of a scan as a user meets it, and the JSON's schema.

use std::path::Path;

use assert_cmd::Command;
use rdprobe::fleet::survey::Fleet;
use rdprobe::render::schema::fleet_schema;

use super::made::write;
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
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
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
