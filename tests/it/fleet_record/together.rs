//! Files of version 1, both kinds in one file, two writers, what is refused.

use std::time::Duration;

use rdprobe::fleet::record::{Scan, ScanRecord, Which};
use rdprobe::monitor::history::{HistoryError, Kinds, Range, Recorder, kinds, read};
use rusqlite::Connection;

use super::made::{settings, take, write};
use crate::record::written_record;

/// Takes away what came after version 1.
fn back_to_version_1(path: &std::path::Path) {
    let back = "DROP TABLE documents; DROP TABLE scanned; DROP TABLE scans; PRAGMA user_version = 1";
    Connection::open(path).unwrap().execute_batch(back).unwrap();
}

#[test]
fn a_file_of_version_1_is_read_as_it_is_and_brought_up_by_a_scan() {
    let (_folder, path) = written_record();
    let before = read(&path, &Range::default()).unwrap();
    back_to_version_1(&path);
    let old = std::fs::read(&path).unwrap();
    assert_eq!(read(&path, &Range::default()).unwrap(), before, "an old file needs no new tables to be read");
    assert!(matches!(Scan::open(&path, Which::Latest), Err(HistoryError::Unscanned)));
    assert_eq!(kinds(&path).unwrap(), Kinds { monitored: true, scans: 0 });
    assert!(old == std::fs::read(&path).unwrap(), "reading wrote to it");
    write(&path, 20);
    assert_eq!(read(&path, &Range::default()).unwrap(), before);
    assert_eq!(Scan::open(&path, Which::Latest).unwrap().survey().unwrap().targets, 20);
    assert_eq!(kinds(&path).unwrap(), Kinds { monitored: true, scans: 1 });
}

#[test]
fn several_scans_stand_apart() {
    let (folder, _) = written_record();
    let path = folder.path().join("fleet.db");
    write(&path, 10);
    write(&path, 30);
    let targets = |which| Scan::open(&path, which).unwrap().survey().unwrap().targets;
    assert_eq!((targets(Which::Latest), targets(Which::Run(1)), targets(Which::Run(2))), (30, 10, 30));
    let error = Scan::open(&path, Which::Run(7)).unwrap_err();
    assert_eq!(error.to_string(), "no scan 7 is in the record; there are: 1, 2");
    let error = ScanRecord::resume(&path, 7, true).unwrap_err();
    assert_eq!(error.to_string(), "no scan 7 is in the record; there are: 1, 2");
}

#[test]
fn a_monitors_run_is_no_scan_to_go_on_with() {
    let (_folder, path) = written_record();
    let error = ScanRecord::resume(&path, 1, true).unwrap_err();
    assert_eq!(error.to_string(), "no scan 1 is in the record; there are: none");
}

#[test]
fn one_writes_and_others_are_told_who() {
    let (_folder, path) = written_record();
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    take(&mut record, 0..5);
    let expected = format!("another rdprobe (process {}) is recording to this file", std::process::id());
    for refused in [
        ScanRecord::begin(&path, &settings()).map(drop),
        ScanRecord::resume(&path, record.run(), true).map(drop),
        Recorder::open(&path, Duration::from_secs(1)).map(drop),
    ] {
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    assert_eq!(Scan::open(&path, Which::Latest).unwrap().survey().unwrap().targets, 5, "readers are welcome");
    record.finish().unwrap();
    Recorder::open(&path, Duration::from_secs(1)).unwrap().finish().unwrap();
}

#[test]
fn a_reader_sees_the_scan_as_it_was_when_it_began_to_read() {
    let (folder, _) = written_record();
    let path = folder.path().join("fleet.db");
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    take(&mut record, 0..5);
    let scan = Scan::open(&path, Which::Latest).unwrap();
    assert_eq!(scan.survey().unwrap().targets, 5);
    take(&mut record, 5..9);
    let mut hosts = 0;
    scan.each_host(&mut |_| {
        hosts += 1;
        Ok(())
    })
    .unwrap();
    assert_eq!(hosts, 5);
    record.finish().unwrap();
    assert_eq!(Scan::open(&path, Which::Latest).unwrap().survey().unwrap().targets, 9);
}

#[test]
fn foreign_and_newer_files_are_refused_and_stay_as_they_are() {
    let (folder, newer) = written_record();
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    for (path, why) in
        [(&newer, "this record has version 99"), (&foreign, "a SQLite database of another program")]
    {
        let before = std::fs::read(path).unwrap();
        let error = ScanRecord::begin(path, &settings()).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        let error = Scan::open(path, Which::Latest).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
        assert!(before == std::fs::read(path).unwrap(), "it was touched");
    }
}

#[test]
fn a_damaged_document_is_said_to_be_damaged() {
    let (folder, _) = written_record();
    let path = folder.path().join("fleet.db");
    write(&path, 5);
    Connection::open(&path)
        .unwrap()
        .execute("UPDATE documents SET scanned = x'00' WHERE position = 3", ())
        .unwrap();
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let mut read = 0;
    let error = scan
        .each_scanned(&mut |_| {
            read += 1;
            Ok(())
        })
        .unwrap_err();
    assert!(error.to_string().starts_with("the record is damaged: a document in it"), "{error}");
    assert_eq!(read, 3);
}
