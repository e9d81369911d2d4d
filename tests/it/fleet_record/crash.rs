//! kill -9 while a scan is recorded, and a file that may not grow: what was flushed is there, and the scan goes on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rdprobe::fleet::record::{Scan, ScanRecord, Which};
use rusqlite::Connection;

use super::made::{report, scanned, settings, take};

const FOLDER: &str = "RDPROBE_TEST_FLEET_RECORD";
const FULL: &str = "RDPROBE_TEST_FLEET_FULL";
const HOSTS: &str = "RDPROBE_TEST_FLEET_HOSTS";

/// More than a process writes before it is killed.
const ENDLESS: usize = 1_000_000;

/// So many hosts the last process adds to what the kills left.
const MORE: usize = 50;

/// What a process that is killed runs: it goes on where the file ends, one host a transaction.
#[test]
fn a_process_that_records_a_scan() {
    let given = std::env::var_os(FOLDER).map(PathBuf::from);
    let own = tempfile::tempdir().unwrap();
    let path = given.as_deref().unwrap_or(own.path()).join("fleet.db");
    let hosts = std::env::var(HOSTS).ok().and_then(|hosts| hosts.parse().ok()).unwrap_or(20);
    // The first scan of a file has number 1.
    let mut record = match ScanRecord::resume(&path, 1, true) {
        Ok(record) => record,
        Err(_) => ScanRecord::begin(&path, &settings()).unwrap(),
    };
    let from = Scan::open(&path, Which::Latest).unwrap().survey().unwrap().targets;
    // The last one is written again: it may have been in flight.
    for n in usize::try_from(from).unwrap().saturating_sub(1)..hosts {
        take(&mut record, n..n + 1);
    }
    record.finish().unwrap();
    assert_eq!(
        Scan::open(&path, Which::Latest).unwrap().survey().unwrap().targets,
        u64::try_from(hosts).unwrap()
    );
}

#[test]
fn five_kills_cost_nothing_that_was_flushed_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    let mut before = 0;
    for kill in 0..5 {
        let mut child = start(folder.path(), ENDLESS);
        // Somewhere within a transaction, another place each time.
        wait_for_more(&path, before + 20 + kill * 7);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = rows(&path);
        assert!(now > before, "kill {kill}: {now} rows after {before}");
        before = now;
    }
    let hosts = usize::try_from(before).unwrap() + MORE;
    assert!(start(folder.path(), hosts).wait().unwrap().success());
    let connection = Connection::open(&path).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let mut positions = Vec::new();
    scan.each_scanned(&mut |scanned| {
        positions.push(scanned.position);
        Ok(())
    })
    .unwrap();
    assert_eq!(positions, (0..u64::try_from(hosts).unwrap()).collect::<Vec<_>>());
    assert!(scan.survey().unwrap().ended.is_some());
}

fn start(folder: &Path, hosts: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "fleet_record::crash::a_process_that_records_a_scan"])
        .env(FOLDER, folder)
        .env(HOSTS, hosts.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn wait_for_more(path: &Path, rows_wanted: u64) {
    for _ in 0..6_000 {
        if path.exists() && rows(path) >= rows_wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the process does not record");
}

/// How many hosts a reader sees; none while the file is being made.
fn rows(path: &Path) -> u64 {
    Scan::open(path, Which::Latest).and_then(|scan| scan.survey()).map_or(0, |survey| survey.targets)
}

/// A process whose files may not grow beyond a limit stands for the disk.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_said_so_costs_nothing_and_the_scan_goes_on() {
    if let Some(folder) = std::env::var_os(FULL) {
        return fills_and_goes_on(&PathBuf::from(folder));
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "fleet_record::crash::a_full_disk_is_said_so_costs_nothing_and_the_scan_goes_on";
    // Without the trap a write beyond the limit would end the process.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec prlimit --fsize=400000:unlimited \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(FULL, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[cfg(target_os = "linux")]
fn fills_and_goes_on(folder: &Path) {
    let path = folder.join("fleet.db");
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    let run = record.run();
    let mut flushed = 0;
    let error = loop {
        let next = report(flushed);
        let written = record.take(&scanned(flushed, &next), &next).and_then(|()| record.flush());
        match written {
            Ok(()) => flushed += 1,
            Err(error) => break error,
        }
        assert!(flushed < 5_000, "the disk does not fill");
    };
    assert!(error.to_string().contains("full") || error.to_string().contains("I/O"), "{error}");
    drop(record);
    assert_eq!(rows(&path), u64::try_from(flushed).unwrap(), "what was flushed is there");
    let own = std::process::id().to_string();
    assert!(Command::new("prlimit").args(["--fsize=unlimited", "--pid", &own]).status().unwrap().success());
    let mut record = ScanRecord::resume(&path, run, true).unwrap();
    take(&mut record, flushed..flushed + 100);
    record.finish().unwrap();
    assert_eq!(rows(&path), u64::try_from(flushed + 100).unwrap());
    assert!(fs::metadata(&path).unwrap().len() > 400_000 || flushed > 0);
}
