//! Rows -> the file, one transaction at a time: all of a batch is in it, or nothing.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior, params};

use super::HistoryError;
use super::inbox::Dropped;
use super::rows::Row;
use super::{roll_up, schema};

// One transaction: rows -> statements.
mod batch;

use batch::Batch;

/// How long a reader's checkpoint or a backup may keep the writer waiting.
const BUSY: Duration = Duration::from_millis(200);

/// So many free pages of 4 KiB stay in the file to be used again; what is more goes back to the system.
const SPARE_PAGES: i64 = 1_024;

/// The open file.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
    /// Which file that was when it was opened.
    file: Option<FileId>,
    interval_us: i64,
    connection: Connection,
    run: i64,
    /// Targets and watches that are in the file, by name.
    known: HashMap<Arc<str>, Ids>,
    /// When the newest round was due.
    newest_us: i64,
}

/// A target's rows in the file.
#[derive(Debug, Clone, Copy)]
struct Ids {
    target: i64,
    watch: i64,
}

impl Store {
    /// Opens the file, makes or migrates its tables, and begins a run.
    pub(super) fn open(path: &Path, interval: Duration) -> Result<Self, HistoryError> {
        let interval_us = i64::try_from(interval.as_micros()).unwrap_or(i64::MAX);
        let connection = connect(path)?;
        let run = begin(&connection, interval_us)?;
        Ok(Self {
            path: path.to_path_buf(),
            file: file_id(path).ok(),
            interval_us,
            connection,
            run,
            known: HashMap::new(),
            newest_us: i64::MIN,
        })
    }

    /// Whether the file is still where it was opened: what is written to one that was moved or deleted nobody finds.
    pub(super) fn is_in_place(&self) -> bool {
        match file_id(&self.path) {
            Ok(found) => self.file.is_none_or(|file| file == found),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Opens the file anew after trouble: the disk may have been mounted again, or the file moved. Whether another file was
    /// begun.
    pub(super) fn reopen(&mut self) -> Result<bool, HistoryError> {
        let left = std::mem::replace(&mut self.connection, Connection::open_in_memory()?);
        // The log has its name: what is in it belongs into the file that is left, or is lost with it.
        if let Err(error) = left.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::debug!("the file that is left is not complete: {error}");
        }
        drop(left);
        self.connection = connect(&self.path)?;
        self.file = file_id(&self.path).ok();
        self.known.clear();
        let mut watches = self.connection.prepare(
            "SELECT name, targets.id, max(watches.id) FROM watches JOIN targets ON target = targets.id
             WHERE run = ?1 GROUP BY targets.id",
        )?;
        let rows = watches.query_map([self.run], |row| {
            let name: String = row.get(0)?;
            Ok((Arc::from(name), Ids { target: row.get(1)?, watch: row.get(2)? }))
        })?;
        self.known = rows.collect::<Result<_, _>>()?;
        drop(watches);
        let there: i64 =
            self.connection
                .query_row("SELECT count(*) FROM runs WHERE id = ?1", [self.run], |row| row.get(0))?;
        if there == 0 {
            self.run = begin(&self.connection, self.interval_us)?;
        }
        Ok(there == 0)
    }

    /// Writes everything, and the gap that goes before it.
    pub(super) fn write<'a>(
        &mut self,
        rows: impl Iterator<Item = &'a Row>,
        gap: Option<(&Dropped, &str)>,
    ) -> Result<(), HistoryError> {
        // What a transaction that fails made known must not be believed afterwards.
        let mut known = self.known.clone();
        let mut newest_us = self.newest_us;
        let mut rows = rows.peekable();
        if rows.peek().is_none() && gap.is_none() {
            return Ok(());
        }
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut batch = Batch {
            transaction: &transaction,
            run: self.run,
            interval_us: self.interval_us,
            known: &mut known,
        };
        for row in rows {
            if let Row::Round { sample, .. } = row {
                newest_us = sample.due_us;
            }
            batch.row(row)?;
        }
        if let Some((dropped, why)) = gap {
            batch.gap(dropped, why)?;
        }
        transaction.commit()?;
        self.known = known;
        self.newest_us = newest_us;
        Ok(())
    }

    /// Rolls up a little of what has aged; whether there may be more.
    pub(super) fn roll_up(&mut self) -> Result<bool, HistoryError> {
        if self.newest_us == i64::MIN {
            return Ok(false);
        }
        let more = roll_up::some(&mut self.connection, self.newest_us, self.interval_us)?;
        if !more {
            self.give_back()?;
        }
        Ok(more)
    }

    /// Ends the run and leaves one file without a log beside it.
    pub(super) fn close(self) -> Result<(), HistoryError> {
        self.connection.execute(
            "UPDATE runs SET ended_us = ?1 WHERE id = ?2",
            params![ended(self.newest_us), self.run],
        )?;
        self.connection.close().map_err(|(_, error)| HistoryError::Sqlite(error))
    }

    fn give_back(&self) -> Result<(), HistoryError> {
        let count = |name: &str| self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let free = count("freelist_count")?;
        // A quarter is what comes and goes as rounds become minutes.
        if free > SPARE_PAGES.max(count("page_count")? / 4) {
            // Each step frees one page.
            let mut vacuum = self.connection.prepare(&format!("PRAGMA incremental_vacuum({SPARE_PAGES})"))?;
            let mut pages = vacuum.query(())?;
            while pages.next()?.is_some() {}
        }
        Ok(())
    }
}

/// Opens the file to write it, with its tables of the newest version.
pub(super) fn connect(path: &Path) -> Result<Connection, HistoryError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(64);
    schema::distrust(&connection)?;
    schema::prepare(&mut connection)?;
    Ok(connection)
}

fn begin(connection: &Connection, interval_us: i64) -> Result<i64, HistoryError> {
    connection.execute(
        "INSERT INTO runs (kind, version, interval_us) VALUES ('monitor', ?1, ?2)",
        params![env!("CARGO_PKG_VERSION"), interval_us],
    )?;
    Ok(connection.last_insert_rowid())
}

/// Device and number of a file.
type FileId = (u64, u64);

#[cfg(unix)]
fn file_id(path: &Path) -> io::Result<FileId> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().map(|file| (file.dev(), file.ino()))
}

/// Where an open file can be neither moved nor deleted.
#[cfg(not(unix))]
fn file_id(path: &Path) -> io::Result<FileId> {
    path.metadata().map(|_| (0, 0))
}

/// Null where no round was made.
fn ended(newest_us: i64) -> Option<i64> {
    (newest_us != i64::MIN).then_some(newest_us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_nothing_uses_go_back_to_the_system() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("record.db"), Duration::from_secs(1)).unwrap();
        let fill = "CREATE TABLE much (bytes BLOB);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
            INSERT INTO much SELECT zeroblob(4000) FROM n;
            DROP TABLE much";
        store.connection.execute_batch(fill).unwrap();
        let pages =
            || store.connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).unwrap();
        let before = pages();
        store.give_back().unwrap();
        // One more where SQLite's own map of pages needs one less.
        let freed = before - pages();
        assert!((SPARE_PAGES..SPARE_PAGES + 4).contains(&freed), "{freed}");
    }
}
