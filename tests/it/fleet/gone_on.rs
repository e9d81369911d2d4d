//! A recorded scan that is gone on with: its rows go to its own run, whatever else was recorded since.

use std::fs;

use rusqlite::Connection;

use super::scan::closed;
use crate::rehearsal::rdprobe;

/// A folder with a list of machines, and a record of its scans.
struct Recorded {
    folder: tempfile::TempDir,
}

impl Recorded {
    fn new() -> Self {
        let recorded = Self { folder: tempfile::tempdir().unwrap() };
        fs::write(recorded.path("vms.txt"), format!("{}\n{}\n", closed(), closed())).unwrap();
        recorded
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Scans the list with a journal of that name.
    async fn scan(&self, journal: &str) {
        let [list, record, journal] = ["vms.txt", "rdp.db", journal].map(|name| self.path(name));
        let json = format!("ndjson={}", self.path("all.ndjson"));
        let arguments =
            ["scan", &list, "--depth", "tcp", "--record", &record, "--resume", &journal, "--format", &json];
        let output = rdprobe(&arguments).await;
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{told}");
    }

    /// Takes lines off a journal, as a sudden end before they were written leaves it.
    fn cut(&self, journal: &str, keep: impl Fn(&str) -> bool) {
        let text = fs::read_to_string(self.path(journal)).unwrap();
        let kept: String = text.split_inclusive('\n').filter(|line| keep(line)).collect();
        assert_ne!(kept, text);
        fs::write(self.path(journal), kept).unwrap();
    }

    fn record(&self, sql: &str) {
        assert!(Connection::open(self.path("rdp.db")).unwrap().execute(sql, ()).unwrap() > 0, "{sql}");
    }

    /// The runs, each with how many targets it has and whether it has ended.
    fn runs(&self) -> Vec<(i64, i64, bool)> {
        let connection = Connection::open(self.path("rdp.db")).unwrap();
        let sql = "SELECT id, (SELECT count(*) FROM scanned WHERE run = id), ended_us IS NOT NULL FROM runs";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// Whether a line tells of nothing done: the first, and the number of the run.
fn before_all(line: &str) -> bool {
    !line.contains("\"done\"") || line.contains("\"done\":[],\"trail\":{\"targets\":0")
}

#[tokio::test]
async fn it_goes_on_with_its_own_run_and_no_newer_one() {
    let recorded = Recorded::new();
    recorded.scan("one.journal").await;
    recorded.scan("two.journal").await;
    assert_eq!(recorded.runs(), [(1, 2, true), (2, 2, true)]);
    // Both were killed before anything was done.
    recorded.cut("one.journal", before_all);
    recorded.record("DELETE FROM scanned");
    recorded.record("UPDATE runs SET ended_us = NULL");
    recorded.scan("one.journal").await;
    assert_eq!(recorded.runs(), [(1, 2, true), (2, 0, false)]);
}

#[tokio::test]
async fn a_run_that_had_ended_before_its_journal_is_gone_on_with() {
    let recorded = Recorded::new();
    recorded.scan("journal").await;
    recorded.cut("journal", |line| !line.contains("\"finished\":true"));
    recorded.scan("journal").await;
    assert_eq!(recorded.runs(), [(1, 2, true)]);
}

#[tokio::test]
async fn targets_that_the_sources_name_later_are_in_every_output() {
    let recorded = Recorded::new();
    recorded.scan("journal").await;
    let list = fs::read_to_string(recorded.path("vms.txt")).unwrap();
    fs::write(recorded.path("vms.txt"), format!("{list}{}\n", closed())).unwrap();
    recorded.scan("journal").await;
    assert_eq!(recorded.runs(), [(1, 3, true)]);
    assert_eq!(fs::read_to_string(recorded.path("all.ndjson")).unwrap().lines().count(), 3);
    // Nothing more: the record stays as it is.
    let ended = || {
        let connection = Connection::open(recorded.path("rdp.db")).unwrap();
        connection.query_row("SELECT ended_us FROM runs", (), |row| row.get::<_, i64>(0)).unwrap()
    };
    let before = ended();
    recorded.scan("journal").await;
    assert_eq!(ended(), before);
}
