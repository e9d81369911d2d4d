//! Rows -> the file, one transaction at a time: all of a batch is in it, or nothing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, ToSql, Transaction, TransactionBehavior, params};

use super::HistoryError;
use super::inbox::Dropped;
use super::rows::Row;
use super::sample::Sample;
use super::{roll_up, schema};
use crate::monitor::event::{Event, What};
use crate::monitor::outage::Outage;

/// How long a reader's checkpoint or a backup may keep the writer waiting.
const BUSY: Duration = Duration::from_millis(200);

/// So many free pages of 4 KiB stay in the file to be used again; what is more goes back to the system.
const SPARE_PAGES: i64 = 1_024;

/// The open file.
#[derive(Debug)]
pub(super) struct Store {
    path: PathBuf,
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
            interval_us,
            connection,
            run,
            known: HashMap::new(),
            newest_us: i64::MIN,
        })
    }

    /// Opens the file anew after trouble: the disk may have been mounted again, or the file made anew.
    pub(super) fn reopen(&mut self) -> Result<(), HistoryError> {
        self.connection = connect(&self.path)?;
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
        Ok(())
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
                newest_us = newest_us.max(sample.due_us);
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

/// Null where no round was made.
fn ended(newest_us: i64) -> Option<i64> {
    (newest_us != i64::MIN).then_some(newest_us)
}

/// One transaction.
struct Batch<'a> {
    transaction: &'a Transaction<'a>,
    run: i64,
    interval_us: i64,
    known: &'a mut HashMap<Arc<str>, Ids>,
}

impl Batch<'_> {
    fn row(&mut self, row: &Row) -> Result<(), HistoryError> {
        match row {
            Row::Watch { target, from_us, state } => {
                self.watch(target, *from_us)?;
                // What the monitor itself says of this instant, before or after, goes first.
                self.state("IGNORE", target, *from_us, state.word(), "the watch began")
            }
            Row::Round { target, sample } => self.round(target, sample),
            Row::State { target, since_us, state, why } => {
                self.state("REPLACE", target, *since_us, state.word(), why)
            }
            Row::Outage { target, outage } => self.outage(target, outage),
            Row::Lasts { target, start_us, rounds_lost, last } => {
                let rounds_lost = i64::try_from(*rounds_lost).unwrap_or(i64::MAX);
                self.set("rounds_lost", target, *start_us, &rounds_lost)?;
                self.set("last_symptom", target, *start_us, &json(last)?)
            }
            Row::Cause { target, start_us, cause } => self.set("cause", target, *start_us, &json(cause)?),
            Row::Changes { target, start_us, changes } => {
                self.set("changes", target, *start_us, &json(changes)?)
            }
            Row::Event(event) => self.event(event),
        }
    }

    /// Sets a column of an outage.
    fn set(
        &mut self,
        column: &str,
        target: &Arc<str>,
        start_us: i64,
        to: &dyn ToSql,
    ) -> Result<(), HistoryError> {
        let target = self.target(target)?;
        let sql = format!("UPDATE outages SET {column} = ?3 WHERE target = ?1 AND start_us = ?2");
        self.transaction.prepare_cached(&sql)?.execute(params![target, start_us, to])?;
        Ok(())
    }

    fn round(&mut self, target: &Arc<str>, sample: &Sample) -> Result<(), HistoryError> {
        let ids = match self.known.get(target) {
            Some(ids) if ids.watch != 0 => *ids,
            // The round that began the watch was dropped.
            _ => self.watch(target, sample.due_us)?,
        };
        let [resolve, connect, kernel_rtt, x224, tls, credssp, total] = sample.times_us;
        let symptom = sample.said.symptom();
        self.transaction
            .prepare_cached("INSERT OR IGNORE INTO rounds VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")?
            .execute(params![
                sample.due_us,
                ids.watch,
                sample.said.word(),
                symptom.map(|symptom| symptom.stage.word()),
                symptom.map(|symptom| &symptom.kind),
                sample.missed,
                resolve,
                connect,
                kernel_rtt,
                x224,
                tls,
                credssp,
                total
            ])?;
        Ok(())
    }

    fn outage(&mut self, target: &Arc<str>, outage: &Outage) -> Result<(), HistoryError> {
        let target = self.target(target)?;
        self.transaction
            .prepare_cached("INSERT OR REPLACE INTO outages VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![
                target,
                outage.start.as_microsecond(),
                outage.end.map(jiff::Timestamp::as_microsecond),
                i64::try_from(outage.rounds_lost).unwrap_or(i64::MAX),
                json(&outage.first_symptom)?,
                json(&outage.last_symptom)?,
                outage.cause.as_ref().map(json).transpose()?,
                json(&outage.changes)?
            ])?;
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Result<(), HistoryError> {
        let target = self.target(&Arc::from(event.target.as_str()))?;
        let word = match &event.what {
            What::State { .. } => "state",
            What::Diagnosed { .. } => "diagnosed",
            What::Changed { .. } => "changed",
            What::HeldLost { .. } => "held_lost",
            What::Pattern { .. } => "pattern",
        };
        self.transaction
            .prepare_cached("INSERT INTO events (at_us, target, event, document) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![event.at.as_microsecond(), target, word, json(event)?])?;
        Ok(())
    }

    fn state(
        &mut self,
        or: &str,
        target: &Arc<str>,
        since_us: i64,
        state: &str,
        why: &str,
    ) -> Result<(), HistoryError> {
        let target = self.target(target)?;
        let sql = format!("INSERT OR {or} INTO states VALUES (?1, ?2, ?3, ?4)");
        self.transaction.prepare_cached(&sql)?.execute(params![target, since_us, state, why])?;
        Ok(())
    }

    fn gap(&self, dropped: &Dropped, why: &str) -> Result<(), HistoryError> {
        let Some((from, to)) = dropped.span_us else { return Ok(()) };
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.transaction.execute(
            "INSERT INTO gaps (from_us, to_us, why, rounds, events) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                from,
                to.saturating_add(self.interval_us),
                why,
                count(dropped.rounds),
                count(dropped.events)
            ],
        )?;
        Ok(())
    }

    /// Begins a watch of the target.
    fn watch(&mut self, name: &Arc<str>, from_us: i64) -> Result<Ids, HistoryError> {
        let target = self.target(name)?;
        self.transaction.execute(
            "INSERT INTO watches (run, target, from_us, to_us) VALUES (?1, ?2, ?3, ?3)",
            params![self.run, target, from_us],
        )?;
        let ids = Ids { target, watch: self.transaction.last_insert_rowid() };
        self.known.insert(Arc::clone(name), ids);
        Ok(ids)
    }

    /// The target's row, which is made where there is none. Watch 0: not watched by this run yet.
    fn target(&mut self, name: &Arc<str>) -> Result<i64, HistoryError> {
        if let Some(ids) = self.known.get(name) {
            return Ok(ids.target);
        }
        self.transaction.execute("INSERT OR IGNORE INTO targets (name) VALUES (?1)", [name.as_ref()])?;
        let target =
            self.transaction
                .query_row("SELECT id FROM targets WHERE name = ?1", [name.as_ref()], |row| row.get(0))?;
        self.known.insert(Arc::clone(name), Ids { target, watch: 0 });
        Ok(target)
    }
}

/// A value as it stands in the file.
fn json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String, HistoryError> {
    serde_json::to_string(value).map_err(|error| HistoryError::Damaged(error.to_string()))
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
