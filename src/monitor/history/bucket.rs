//! The rounds of a stretch of time, counted, with a histogram a phase. Two of them add up to one.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use rusqlite::{Connection, Row, params};

use super::{HistoryError, histogram};
use crate::monitor::latency::Phase;
use crate::monitor::record::Rounds;

/// What a stretch of time holds.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    pub(super) rounds: Rounds,
    /// In the order of [`Phase::ALL`].
    phases: [Option<Times>; Phase::ALL.len()],
    /// How many rounds failed how: stage and kind.
    pub(super) losses: BTreeMap<(String, String), u64>,
}

/// One phase's times.
#[derive(Debug)]
pub(super) struct Times {
    pub(super) histogram: Histogram<u64>,
    /// How often one value followed another, and by how much they differed altogether.
    pub(super) steps: u64,
    pub(super) steps_us: u64,
}

/// A round as it is read from the file.
#[derive(Debug)]
pub(super) struct KeptRound {
    pub(super) due_us: i64,
    pub(super) watch: i64,
    said: String,
    symptom: Option<(String, String)>,
    missed: u64,
    times_us: [Option<i64>; Phase::ALL.len()],
}

impl KeptRound {
    /// The columns that [`KeptRound::of`] reads.
    pub(super) const COLUMNS: &str = "due_us, watch, said, stage, kind, missed,
        resolve_us, connect_us, kernel_rtt_us, x224_us, tls_us, credssp_us, total_us";

    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let stage: Option<String> = row.get(3)?;
        let mut times_us = [None; Phase::ALL.len()];
        for (column, time) in times_us.iter_mut().enumerate() {
            *time = row.get(6 + column)?;
        }
        Ok(Self {
            due_us: row.get(0)?,
            watch: row.get(1)?,
            said: row.get(2)?,
            symptom: stage.zip(row.get(4)?),
            missed: count(row.get(5)?),
            times_us,
        })
    }
}

impl Bucket {
    /// Counts a round that follows another one, if that is known.
    pub(super) fn round(&mut self, round: &KeptRound, before: Option<&KeptRound>) {
        self.rounds.made += 1;
        self.rounds.missed += round.missed;
        let said = match round.said.as_str() {
            "good" => Some(&mut self.rounds.good),
            "lesser" => Some(&mut self.rounds.lesser),
            "bad" => Some(&mut self.rounds.bad),
            "own_side" => Some(&mut self.rounds.own_side),
            // A later version's word: the round is counted, what it said is not.
            _ => None,
        };
        if let Some(said) = said {
            *said += 1;
        }
        if let Some(symptom) = &round.symptom {
            *self.losses.entry(symptom.clone()).or_default() += 1;
        }
        for (slot, time) in self.phases.iter_mut().zip(round.times_us) {
            if let Some(time) = time {
                histogram::record(&mut slot.get_or_insert_with(Times::empty).histogram, time);
            }
        }
        if let Some(before) = before {
            self.step(before, round);
        }
    }

    /// Counts by how much two rounds differ of which the first is in this bucket.
    pub(super) fn step(&mut self, before: &KeptRound, after: &KeptRound) {
        let pairs = before.times_us.iter().zip(after.times_us);
        for (slot, (before, after)) in self.phases.iter_mut().zip(pairs) {
            if let (Some(before), Some(after)) = (before, after) {
                let times = slot.get_or_insert_with(Times::empty);
                times.steps += 1;
                times.steps_us += after.abs_diff(*before);
            }
        }
    }

    /// Adds what another holds.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), HistoryError> {
        let (rounds, more) = (&mut self.rounds, &other.rounds);
        rounds.made += more.made;
        rounds.good += more.good;
        rounds.lesser += more.lesser;
        rounds.bad += more.bad;
        rounds.own_side += more.own_side;
        rounds.missed += more.missed;
        for (symptom, rounds) in &other.losses {
            *self.losses.entry(symptom.clone()).or_default() += rounds;
        }
        for (slot, more) in self.phases.iter_mut().zip(&other.phases) {
            if let Some(more) = more {
                slot.get_or_insert_with(Times::empty).add(more)?;
            }
        }
        Ok(())
    }

    /// The times of a phase; none where it was never measured.
    pub(super) fn times(&self, phase: Phase) -> Option<&Times> {
        Phase::ALL.iter().zip(&self.phases).find(|(one, _)| **one == phase)?.1.as_ref()
    }

    /// Reads a bucket by its id.
    pub(super) fn load(connection: &Connection, id: i64) -> Result<Self, HistoryError> {
        Self::load_by(connection, id, |bytes| histogram::decode(bytes).map(Some))
    }

    /// The same without the histograms that are damaged: one of them may not keep all that age from being rolled up.
    pub(super) fn salvage(connection: &Connection, id: i64) -> Result<Self, HistoryError> {
        Self::load_by(connection, id, |bytes| {
            let histogram = histogram::decode(bytes);
            if let Err(error) = &histogram {
                tracing::warn!(
                    "what a minute or hour of the record took is rolled up without a phase: {error}"
                );
            }
            Ok(histogram.ok())
        })
    }

    fn load_by(
        connection: &Connection,
        id: i64,
        decode: impl Fn(&[u8]) -> Result<Option<Histogram<u64>>, HistoryError>,
    ) -> Result<Self, HistoryError> {
        let rounds = connection
            .prepare_cached("SELECT good, lesser, bad, own_side, missed FROM buckets WHERE id = ?1")?
            .query_row([id], |row| {
                let [good, lesser, bad, own_side, missed] =
                    [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?].map(count);
                Ok(Rounds { made: good + lesser + bad + own_side, good, lesser, bad, own_side, missed })
            })?;
        let mut bucket = Self { rounds, ..Self::default() };
        let mut losses =
            connection.prepare_cached("SELECT stage, kind, rounds FROM losses WHERE bucket = ?1")?;
        let mut rows = losses.query([id])?;
        while let Some(row) = rows.next()? {
            *bucket.losses.entry((row.get(0)?, row.get(1)?)).or_default() += count(row.get(2)?);
        }
        let sql = "SELECT phase, steps, steps_us, histogram FROM latency WHERE bucket = ?1";
        let mut latency = connection.prepare_cached(sql)?;
        let mut rows = latency.query([id])?;
        while let Some(row) = rows.next()? {
            let word: String = row.get(0)?;
            let Some(place) = Phase::ALL.iter().position(|phase| phase.word() == word) else { continue };
            let Some(slot) = bucket.phases.get_mut(place) else { continue };
            let bytes = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?;
            let Some(histogram) = decode(bytes)? else { continue };
            let times = Times { histogram, steps: count(row.get(1)?), steps_us: count(row.get(2)?) };
            slot.get_or_insert_with(Times::empty).add(&times)?;
        }
        Ok(bucket)
    }

    /// Writes a new bucket.
    pub(super) fn save(
        &self,
        connection: &Connection,
        width_s: i64,
        start_us: i64,
        watch: i64,
    ) -> Result<(), HistoryError> {
        let rounds = &self.rounds;
        let sql = "INSERT INTO buckets (width_s, start_us, watch, good, lesser, bad, own_side, missed)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let [good, lesser, bad, own_side, missed] =
            [rounds.good, rounds.lesser, rounds.bad, rounds.own_side, rounds.missed].map(kept);
        connection
            .prepare_cached(sql)?
            .execute(params![width_s, start_us, watch, good, lesser, bad, own_side, missed])?;
        let id = connection.last_insert_rowid();
        for ((stage, kind), rounds) in &self.losses {
            connection.prepare_cached("INSERT INTO losses VALUES (?1, ?2, ?3, ?4)")?.execute(params![
                id,
                stage,
                kind,
                kept(*rounds)
            ])?;
        }
        for (phase, times) in Phase::ALL.iter().zip(&self.phases) {
            if let Some(times) = times {
                times.save(connection, id, *phase)?;
            }
        }
        Ok(())
    }

    /// Takes a bucket out of the file.
    pub(super) fn delete(connection: &Connection, id: i64) -> Result<(), HistoryError> {
        for sql in [
            "DELETE FROM latency WHERE bucket = ?1",
            "DELETE FROM losses WHERE bucket = ?1",
            "DELETE FROM buckets WHERE id = ?1",
        ] {
            connection.prepare_cached(sql)?.execute([id])?;
        }
        Ok(())
    }
}

impl Times {
    fn empty() -> Self {
        Self { histogram: histogram::empty(), steps: 0, steps_us: 0 }
    }

    fn add(&mut self, other: &Self) -> Result<(), HistoryError> {
        self.steps = self.steps.saturating_add(other.steps);
        self.steps_us = self.steps_us.saturating_add(other.steps_us);
        self.histogram.add(&other.histogram).map_err(|error| HistoryError::Damaged(format!("{error}")))
    }

    fn save(&self, connection: &Connection, bucket: i64, phase: Phase) -> Result<(), HistoryError> {
        let at = |quantile: f64| kept(self.histogram.value_at_quantile(quantile));
        connection
            .prepare_cached("INSERT INTO latency VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?
            .execute(params![
                bucket,
                phase.word(),
                kept(self.histogram.len()),
                at(0.5),
                at(0.99),
                kept(self.histogram.max()),
                kept(self.steps),
                kept(self.steps_us),
                histogram::encode(&self.histogram)?
            ])?;
        Ok(())
    }
}

/// A count as the file keeps it, and as it is read: a damaged file's negative one is none.
fn kept(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn count(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
