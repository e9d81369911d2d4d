//! kill -9 in a loop over one recording: the file opens every time, and at most the last second is missing.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use rdprobe::monitor::history::Recorder;
use rusqlite::{Connection, OpenFlags};

use super::made::{all, tell_good};

const FOLDER: &str = "RDPROBE_TEST_RECORD";
const EVERY: Duration = Duration::from_millis(20);

/// What a process that is killed runs; by itself it ends after twenty rounds.
#[test]
fn a_process_that_records() {
    let given = std::env::var_os(FOLDER).map(PathBuf::from);
    let own = tempfile::tempdir().unwrap();
    let folder = given.as_deref().unwrap_or(own.path());
    let recorder = Recorder::open(&folder.join("record.db"), EVERY).unwrap();
    let mut told = File::options().create(true).append(true).open(folder.join("told")).unwrap();
    for round in 0.. {
        let due = Timestamp::now();
        tell_good(&recorder, due, 1_000);
        // One write, so that a kill leaves whole lines.
        told.write_all(format!("{}\n", due.as_microsecond()).as_bytes()).unwrap();
        if given.is_none() && round == 19 {
            break;
        }
        std::thread::sleep(EVERY);
    }
    recorder.finish().unwrap();
    assert_eq!(all(&folder.join("record.db")).targets.remove(0).rounds.made, 20);
}

#[test]
fn ten_kills_cost_a_second_each_at_most() {
    kills(10);
}

#[test]
#[ignore = "needs two minutes"]
fn a_hundred_kills_cost_a_second_each_at_most() {
    kills(100);
}

fn kills(times: u32) {
    let folder = tempfile::tempdir().unwrap();
    let (mut told_before, mut kept_before, mut missing) = (0, 0, Vec::new());
    for kill in 0..times {
        let mut child = start(folder.path());
        wait_for_more(folder.path(), told_before);
        // Another place in the second each time.
        std::thread::sleep(Duration::from_millis(u64::from(kill * 97 % 1_300)));
        child.kill().unwrap();
        child.wait().unwrap();
        let told = told(folder.path());
        let kept = kept(&folder.path().join("record.db"));
        let (new_told, new_kept) = (&told[told_before..], &kept[kept_before..]);
        assert!(new_told.starts_with(new_kept), "kill {kill}: a round is missing in the middle");
        let lost = &new_told[new_kept.len()..];
        let missing_us = lost.first().zip(lost.last()).map_or(0, |(first, last)| last - first);
        missing.push(Duration::from_micros(missing_us.try_into().unwrap()));
        (told_before, kept_before) = (told.len(), kept.len());
        assert!(kept.is_empty() || !all(&folder.path().join("record.db")).targets.is_empty());
    }
    eprintln!("{times} kills: {kept_before} rounds kept of {told_before}; lost by each: {missing:?}");
    assert!(kept_before > 0, "nothing was ever kept");
    // The disk has two tenths of the second: a slow one, or a machine that stands still, may be late now and then.
    let late = missing.iter().filter(|lost| **lost >= Duration::from_secs(1)).count();
    assert!(late <= missing.len() / 10, "{late} of {times} lost a second or more: {missing:?}");
    assert!(missing.iter().all(|lost| *lost < Duration::from_secs(5)), "{missing:?}");
}

fn start(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "record::crash::a_process_that_records"])
        .env(FOLDER, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Until the process has begun to tell.
fn wait_for_more(folder: &Path, before: usize) {
    for _ in 0..3_000 {
        if told(folder).len() > before {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the process does not record");
}

fn told(folder: &Path) -> Vec<i64> {
    let text = fs::read_to_string(folder.join("told")).unwrap_or_default();
    text.lines().map(|line| line.parse().unwrap()).collect()
}

/// Every round in the file, which must be whole.
fn kept(path: &Path) -> Vec<i64> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", (), |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
    let mut statement = connection.prepare("SELECT due_us FROM rounds ORDER BY due_us").unwrap();
    let rows = statement.query_map((), |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}
