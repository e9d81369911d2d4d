//! Files that are refused, each with its reason: written by another, newer, foreign, damaged.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rdprobe::monitor::history::{HistoryError, Range, Recorder, read};
use rusqlite::Connection;

use super::kept::written;
use super::made::{SECOND, all, at, file, tell_good};

fn refused(path: &Path) -> (HistoryError, HistoryError) {
    let reading = read(path, &Range::default()).unwrap_err();
    (reading, Recorder::open(path, SECOND).unwrap_err())
}

#[test]
fn a_second_writer_is_told_who_writes_and_readers_are_welcome() {
    let (_folder, path) = file();
    let first = Recorder::open(&path, SECOND).unwrap();
    tell_good(&first, at(0), 1_000);
    first.flush();
    let second = Recorder::open(&path, SECOND).unwrap_err();
    let expected = format!("another rdprobe (process {}) is recording to this file", std::process::id());
    assert_eq!(second.to_string(), expected);
    #[cfg(unix)]
    {
        let link = path.with_extension("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(matches!(Recorder::open(&link, SECOND), Err(HistoryError::Taken { .. })), "by another name");
    }
    assert_eq!(all(&path).targets.remove(0).rounds.made, 1);
    tell_good(&first, at(1), 1_000);
    first.finish().unwrap();
    Recorder::open(&path, SECOND).unwrap().finish().unwrap();
    assert_eq!(all(&path).targets.remove(0).rounds.made, 2);
}

/// The first writer makes the file that the link leads to.
#[cfg(unix)]
#[test]
fn a_link_to_a_file_that_is_not_there_yet_has_the_lock_of_that_file() {
    let (folder, path) = file();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    let (outer, link) = (inner.join("outer.db"), inner.join("link.db"));
    std::os::unix::fs::symlink(Path::new("..").join(path.file_name().unwrap()), &link).unwrap();
    std::os::unix::fs::symlink("link.db", &outer).unwrap();
    let first = Recorder::open(&outer, SECOND).unwrap();
    for name in [&path, &link, &outer] {
        assert!(matches!(Recorder::open(name, SECOND), Err(HistoryError::Taken { .. })), "{name:?}");
    }
    first.finish().unwrap();
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 2, "something stands beside a link");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_nothing_is_put_beside_it() {
    use std::os::unix::net::UnixListener;
    let (folder, _) = file();
    let socket = folder.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    for path in [socket.as_path(), folder.path()] {
        let (_, writing) = refused(path);
        assert_eq!(writing.to_string(), "this is no record of rdprobe: it is no file");
    }
    let text = folder.path().join("notes.txt");
    fs::write(&text, "these are my notes, not a database\n".repeat(100)).unwrap();
    refused(&text);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something was left there");
}

#[test]
fn a_newer_record_is_refused_and_stays_as_it_is() {
    let (_folder, path) = written();
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let (reading, writing) = refused(&path);
    assert_eq!(reading.to_string(), "this record has version 99 and this rdprobe knows versions up to 2");
    assert!(matches!(writing, HistoryError::Newer { found: 99, known: 2 }));
    assert!(before == fs::read(&path).unwrap(), "the file was touched");
}

#[test]
fn other_files_are_refused_and_stay_as_they_are() {
    let (folder, _) = file();
    let text = folder.path().join("notes.txt");
    fs::write(&text, "these are my notes, not a database\n".repeat(100)).unwrap();
    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE mine (a)").unwrap();
    for (path, why) in
        [(&text, "it is no SQLite database"), (&foreign, "it is a SQLite database of another program")]
    {
        let before = fs::read(path).unwrap();
        let (reading, writing) = refused(path);
        assert!(reading.to_string().contains(why), "{reading}");
        assert!(writing.to_string().contains(why), "{writing}");
        assert!(before == fs::read(path).unwrap(), "{} was touched", path.display());
    }
}

#[test]
fn what_is_not_there_or_empty_is_said_so() {
    let (folder, path) = file();
    assert!(matches!(read(&path, &Range::default()), Err(HistoryError::Open(_))));
    assert!(!path.exists(), "reading makes no file");
    assert!(matches!(read(folder.path(), &Range::default()), Err(HistoryError::NotOurs(_))));
    fs::write(&path, "").unwrap();
    let error = read(&path, &Range::default()).unwrap_err();
    assert_eq!(error.to_string(), "this is no record of rdprobe: it is empty");
    assert!(Recorder::open(&folder.path().join("no/such/folder.db"), SECOND).is_err());
}

#[test]
fn a_range_without_a_round_and_a_target_that_is_not_there_are_named() {
    let (_folder, path) = written();
    let error = read(&path, &Range { from: Some(at(5_000)), ..Range::default() }).unwrap_err();
    let expected =
        "nothing was recorded then: the record goes from 2026-03-01T00:00:00Z to 2026-03-01T00:01:40Z";
    assert_eq!(error.to_string(), expected);
    let error = read(&path, &Range { targets: vec!["vm".to_owned()], ..Range::default() }).unwrap_err();
    assert_eq!(error.to_string(), "no target \"vm\" is in the record; there are: vm.example");
}

#[test]
fn a_view_in_the_place_of_a_table_is_not_run() {
    let (_folder, path) = written();
    let endless = "DROP TABLE outages; CREATE VIEW outages AS WITH RECURSIVE n(target) AS
        (SELECT 1 UNION ALL SELECT target FROM n) SELECT target, 0 AS start_us, 1 AS end_us FROM n";
    Connection::open(&path).unwrap().execute_batch(endless).unwrap();
    assert!(read(&path, &Range::default()).is_err());
}

#[test]
fn a_histogram_that_claims_too_much_is_damage() {
    let (_folder, path) = super::aged::two_sparse_hours();
    let connection = Connection::open(&path).unwrap();
    let rows: i64 = connection.query_row("SELECT count(*) FROM latency", (), |row| row.get(0)).unwrap();
    assert!(rows > 0, "nothing was rolled up");
    for bytes in [&b"\x1c\x84\x93\x14\xff\xff\xff\xff"[..], b"", b"\x1c\x84\x93\x14\0\0\0\x04abcd"] {
        connection.execute("UPDATE latency SET histogram = ?1", [bytes]).unwrap();
        let error = read(&path, &Range::default()).unwrap_err();
        assert!(matches!(error, HistoryError::Damaged(_)), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a damaged file holds, it is read or refused, and never a panic.
    #[test]
    fn damage_anywhere_is_no_panic(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        static WHOLE: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| {
            let (_folder, path) = super::aged::two_sparse_hours();
            fs::read(path).unwrap()
        });
        let (_folder, path) = file();
        let mut bytes = WHOLE.clone();
        for (place, byte) in places {
            *place.get_mut(&mut bytes) = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        fs::write(&path, bytes).unwrap();
        if let Err(error) = read(&path, &Range::default()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
