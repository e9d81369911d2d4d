//! Rounds and buckets -> bands over time, phases, losses.

use std::collections::BTreeMap;

use hdrhistogram::Histogram;
use rusqlite::{Connection, params};

use super::loose::{LooseRound, LooseRounds};
use super::{Stretch, timestamp};
use crate::monitor::history::bucket::{Bucket, KeptRound};
use crate::monitor::history::{HistoryError, histogram};
use crate::monitor::latency::{Phase, PhaseSummary, summary};
use crate::monitor::record::{Band, Bands, Bin, Loss, PhaseRecord, Rounds};

/// How much time a point may cover, in seconds, and so many points at most.
const WIDTHS_S: [i64; 15] =
    [1, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000];
const POINTS: i64 = 600;

/// Bins a decade, and their edges up to the greatest value, 60 s.
const BINS: u8 = 20;
const EDGES: u8 = 157;

/// No monitor makes rounds faster: what claims so is damaged, and correcting by it would never end.
const LEAST_INTERVAL_US: u64 = 10_000;

/// Everything that was measured over a stretch.
#[derive(Debug)]
pub(super) struct Times {
    all: Bucket,
    corrected: [Histogram<u64>; Phase::ALL.len()],
    points: BTreeMap<i64, Point>,
    width_s: i64,
}

#[derive(Debug)]
struct Point {
    made: u64,
    bad: u64,
    corrected: Histogram<u64>,
}

impl Times {
    pub(super) fn read(
        connection: &Connection,
        target: i64,
        stretch: Stretch,
        loose: &mut LooseRounds<'_>,
    ) -> Result<Self, HistoryError> {
        let mut times = Self {
            all: Bucket::default(),
            corrected: std::array::from_fn(|_| histogram::empty()),
            points: BTreeMap::new(),
            width_s: width(stretch, widest(connection, target, stretch)?),
        };
        times.buckets(connection, target, stretch)?;
        times.loose_rounds(target, loose)?;
        Ok(times)
    }

    pub(super) fn rounds(&self) -> Rounds {
        self.all.rounds
    }

    pub(super) fn losses(&self) -> Vec<Loss> {
        let mut losses: Vec<Loss> = self
            .all
            .losses
            .iter()
            .filter_map(|((stage, kind), rounds)| {
                let stage = crate::evidence::Stage::ALL.into_iter().find(|one| one.word() == stage)?;
                Some(Loss { stage, kind: kind.clone(), rounds: *rounds })
            })
            .collect();
        losses.sort_by_key(|loss| std::cmp::Reverse(loss.rounds));
        losses
    }

    pub(super) fn phases(&self) -> Vec<PhaseRecord> {
        let phases = Phase::ALL.into_iter().zip(&self.corrected);
        phases.filter_map(|(phase, corrected)| self.phase(phase, corrected)).collect()
    }

    pub(super) fn bands(&self) -> Result<Bands, HistoryError> {
        let points = self.points.iter().map(|(start_us, point)| {
            let summary = summary::of(&point.corrected);
            Ok(Band {
                start: timestamp(*start_us)?,
                rounds: point.made,
                bad: point.bad,
                p50_us: summary.p50_us,
                p90_us: summary.p90_us,
                p99_us: summary.p99_us,
                max_us: summary.max_us,
            })
        });
        Ok(Bands {
            width_s: u64::try_from(self.width_s).unwrap_or(0),
            points: points.collect::<Result<_, HistoryError>>()?,
        })
    }

    fn phase(&self, phase: Phase, corrected: &Histogram<u64>) -> Option<PhaseRecord> {
        let times = self.all.times(phase)?;
        let jitter_us = (times.steps > 0).then(|| ratio(times.steps_us, times.steps));
        let summary = PhaseSummary {
            phase,
            raw: summary::of(&times.histogram),
            corrected: summary::of(corrected),
            jitter_us,
        };
        Some(PhaseRecord { summary, bins: bins(&times.histogram, corrected) })
    }

    fn buckets(
        &mut self,
        connection: &Connection,
        target: i64,
        stretch: Stretch,
    ) -> Result<(), HistoryError> {
        let sql = "SELECT buckets.id, start_us, interval_us
                   FROM watches JOIN buckets ON watch = watches.id JOIN runs ON run = runs.id
                   WHERE target = ?1 AND start_us >= ?2 AND start_us < ?3";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query(params![target, self.floor(stretch.from_us), stretch.to_us])?;
        while let Some(row) = rows.next()? {
            let bucket = Bucket::load(connection, row.get(0)?)?;
            self.add(&bucket, row.get(1)?, interval(row.get(2)?)?)?;
        }
        Ok(())
    }

    /// The rounds that are not in a bucket yet, gathered as if they were in one of the width of a point.
    fn loose_rounds(&mut self, target: i64, loose: &mut LooseRounds<'_>) -> Result<(), HistoryError> {
        let mut open: Option<(i64, u64, Bucket)> = None;
        let mut before: Option<KeptRound> = None;
        while let Some(LooseRound { round, interval_us, .. }) = loose.next_of(target)? {
            let at = (self.floor(round.due_us), interval(interval_us)?);
            if let Some((start_us, interval_us, bucket)) =
                open.take_if(|(start, interval, _)| (*start, *interval) != at)
            {
                self.add(&bucket, start_us, interval_us)?;
            }
            let (_, _, bucket) = open.get_or_insert_with(|| (at.0, at.1, Bucket::default()));
            bucket.round(&round, before.as_ref().filter(|before| before.watch == round.watch));
            before = Some(round);
        }
        match open {
            Some((start_us, interval_us, bucket)) => self.add(&bucket, start_us, interval_us),
            None => Ok(()),
        }
    }

    fn add(&mut self, bucket: &Bucket, start_us: i64, interval_us: u64) -> Result<(), HistoryError> {
        let damaged = |error: hdrhistogram::RecordError| HistoryError::Damaged(error.to_string());
        self.all.add(bucket)?;
        for (phase, corrected) in Phase::ALL.into_iter().zip(&mut self.corrected) {
            if let Some(times) = bucket.times(phase) {
                corrected.add_correct(&times.histogram, interval_us).map_err(damaged)?;
            }
        }
        let start_us = self.floor(start_us);
        let point = self.points.entry(start_us).or_insert_with(|| Point {
            made: 0,
            bad: 0,
            corrected: histogram::growing(),
        });
        point.made += bucket.rounds.made;
        point.bad += bucket.rounds.bad;
        if let Some(times) = bucket.times(Phase::Total) {
            point.corrected.add_correct(&times.histogram, interval_us).map_err(damaged)?;
        }
        Ok(())
    }

    /// Where the point begins that an instant belongs to.
    fn floor(&self, at_us: i64) -> i64 {
        at_us.saturating_sub(at_us.rem_euclid(self.width_s * 1_000_000))
    }
}

/// The widest bucket in the stretch, in seconds: no point can be narrower.
fn widest(connection: &Connection, target: i64, stretch: Stretch) -> Result<i64, HistoryError> {
    let sql = "SELECT coalesce(max(width_s), 1) FROM watches JOIN buckets ON watch = watches.id
               WHERE target = ?1 AND start_us >= ?2 AND start_us < ?3";
    Ok(connection.query_row(sql, params![target, stretch.from_us, stretch.to_us], |row| row.get(0))?)
}

/// How much time a point covers: the least that keeps within [`POINTS`].
fn width(stretch: Stretch, widest_s: i64) -> i64 {
    let length_us = stretch.to_us.saturating_sub(stretch.from_us);
    let enough = |width_s: &i64| length_us / (*width_s * 1_000_000) <= POINTS && *width_s >= widest_s;
    WIDTHS_S.into_iter().find(enough).unwrap_or(31_536_000)
}

fn interval(kept: i64) -> Result<u64, HistoryError> {
    u64::try_from(kept)
        .ok()
        .filter(|interval| *interval >= LEAST_INTERVAL_US)
        .ok_or_else(|| HistoryError::Damaged(format!("{kept} µs is no interval")))
}

/// Twenty bins a decade, from the first that has a value to the last.
fn bins(raw: &Histogram<u64>, corrected: &Histogram<u64>) -> Vec<Bin> {
    let edges: Vec<f64> = (0..=EDGES).map(|edge| 10_f64.powf(f64::from(edge) / f64::from(BINS))).collect();
    let mut bins: Vec<Bin> = edges
        .iter()
        .zip(edges.iter().skip(1))
        .map(|(from_us, to_us)| Bin { from_us: *from_us, to_us: *to_us, raw: 0, corrected: 0 })
        .collect();
    fill(&mut bins, raw, |bin, count| bin.raw += count);
    fill(&mut bins, corrected, |bin, count| bin.corrected += count);
    let some = |bin: &Bin| bin.corrected > 0;
    let (first, last) = (bins.iter().position(some), bins.iter().rposition(some));
    match first.zip(last) {
        Some((first, last)) => bins.drain(first..=last).collect(),
        None => Vec::new(),
    }
}

fn fill(bins: &mut [Bin], histogram: &Histogram<u64>, count: impl Fn(&mut Bin, u64)) {
    for value in histogram.iter_recorded() {
        let at_us = float(value.value_iterated_to());
        let place = bins.partition_point(|bin| bin.to_us <= at_us);
        if let Some(bin) = bins.get_mut(place) {
            count(bin, value.count_at_value());
        }
    }
}

fn ratio(sum: u64, count: u64) -> f64 {
    float(sum) / float(count)
}

#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "beyond 2^53 the last digits of a mean or an edge do not matter"
)]
const fn float(value: u64) -> f64 {
    value as f64
}
