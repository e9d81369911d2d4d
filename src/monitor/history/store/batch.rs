//! One transaction: rows -> statements.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{ToSql, Transaction, params};

use super::Ids;
use crate::monitor::event::{Event, What};
use crate::monitor::history::HistoryError;
use crate::monitor::history::inbox::Dropped;
use crate::monitor::history::rows::Row;
use crate::monitor::history::sample::Sample;
use crate::monitor::outage::Outage;

/// One transaction.
pub(super) struct Batch<'a> {
    pub(super) transaction: &'a Transaction<'a>,
    pub(super) run: i64,
    pub(super) interval_us: i64,
    pub(super) known: &'a mut HashMap<Arc<str>, Ids>,
}

impl Batch<'_> {
    pub(super) fn row(&mut self, row: &Row) -> Result<(), HistoryError> {
        match row {
            Row::Watch { target, from_us, state } => {
                self.watch(target, *from_us)?;
                self.forget_states_after(target, *from_us)?;
                // What the monitor itself says of this instant, before or after, goes first.
                self.state("IGNORE", target, *from_us, state.word(), "the watch began")
            }
            Row::SetBack { target, since_us, start_us } => self.set_back(target, *since_us, *start_us),
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

    /// Moves the state that holds and the outage that lasts to when they began by the clock as it is now.
    fn set_back(
        &mut self,
        target: &Arc<str>,
        since_us: (i64, i64),
        start_us: Option<(i64, i64)>,
    ) -> Result<(), HistoryError> {
        let id = self.target(target)?;
        let shift = |table: &str, column: &str, (from_us, to_us): (i64, i64)| {
            let sql =
                format!("UPDATE OR REPLACE {table} SET {column} = ?3 WHERE target = ?1 AND {column} = ?2");
            self.transaction.prepare_cached(&sql)?.execute(params![id, from_us, to_us])
        };
        shift("states", "since_us", since_us)?;
        if let Some(start_us) = start_us {
            shift("outages", "start_us", start_us)?;
        }
        self.forget_states_after(target, since_us.1)
    }

    /// What is stamped later than now is of a clock that was ahead: it would hold again once that time comes.
    fn forget_states_after(&mut self, target: &Arc<str>, now_us: i64) -> Result<(), HistoryError> {
        let target = self.target(target)?;
        self.transaction
            .prepare_cached("DELETE FROM states WHERE target = ?1 AND since_us > ?2")?
            .execute(params![target, now_us])?;
        Ok(())
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

    pub(super) fn gap(&self, dropped: &Dropped, why: &str) -> Result<(), HistoryError> {
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
