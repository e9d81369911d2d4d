//! Latency a phase: HDR histograms of three significant digits from 1 µs to 60 s, percentiles, jitter, loss.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

use super::health;
use crate::evidence::{Millis, Round, Step};

// One phase: its values, its jitter.
mod series;

// A histogram in numbers.
pub(super) mod summary;

use series::Series;

/// What is timed, in the order of a round.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The name's resolution, in the rounds that resolved it.
    Resolve,
    /// SYN to established, as this process saw it.
    Connect,
    /// The kernel's own round-trip time of that handshake (`TCP_INFO`).
    KernelRtt,
    /// Connection Request to Connection Confirm.
    X224,
    /// The TLS handshake.
    Tls,
    /// TSRequest to the NTLM challenge.
    Credssp,
    /// The whole round after the resolution.
    Total,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 7] =
        [Self::Resolve, Self::Connect, Self::KernelRtt, Self::X224, Self::Tls, Self::Credssp, Self::Total];

    /// The word for the phase, the same everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Connect => "connect",
            Self::KernelRtt => "kernel_rtt",
            Self::X224 => "x224",
            Self::Tls => "tls",
            Self::Credssp => "credssp",
            Self::Total => "total",
        }
    }
}

/// A distribution in numbers; null where nothing was measured. All times in microseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Summary {
    /// How many values.
    pub count: u64,
    /// The least.
    pub min_us: Option<u64>,
    /// The median.
    pub p50_us: Option<u64>,
    /// Nine in ten are no greater.
    pub p90_us: Option<u64>,
    /// 99 in 100.
    pub p99_us: Option<u64>,
    /// 999 in 1,000.
    pub p99_9_us: Option<u64>,
    /// 9,999 in 10,000.
    pub p99_99_us: Option<u64>,
    /// The greatest.
    pub max_us: Option<u64>,
    /// The mean.
    pub mean_us: Option<f64>,
}

/// One phase in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PhaseSummary {
    /// Which phase.
    pub phase: Phase,
    /// As measured.
    pub raw: Summary,
    /// With the samples that a stalled round hid (HdrHistogram's correction by the expected interval).
    pub corrected: Summary,
    /// The mean difference between one value and the next (RFC 3550 6.4.1 without its smoothing), in microseconds.
    pub jitter_us: Option<f64>,
}

/// The latency of one target over one summary interval, histograms and all.
#[derive(Debug, Clone)]
pub struct Interval {
    /// When it began.
    pub start: jiff::Timestamp,
    /// When it ended.
    pub end: jiff::Timestamp,
    /// Rounds made.
    pub rounds: u64,
    /// Rounds lost on the target's side.
    pub lost: u64,
    /// Rounds that the schedule left out because one stalled.
    pub missed: u64,
    /// Each phase that was measured: the values in microseconds, as measured.
    pub raw: Vec<(Phase, Histogram<u32>)>,
    /// The same in numbers, with jitter and the correction.
    pub summaries: Vec<PhaseSummary>,
}

/// How long each phase of a round took; phases that did not come about are left out, and with the one that failed the
/// round as a whole.
pub fn durations(round: &Round) -> impl Iterator<Item = (Phase, Duration)> {
    let rtt = round.connect.seen().and_then(|connected| connected.rtt_ms);
    let timed = [
        (Phase::Resolve, took(&round.resolve)),
        (Phase::Connect, took(&round.connect)),
        (Phase::KernelRtt, rtt.map(Millis::duration)),
        (Phase::X224, took(&round.negotiate)),
        (Phase::Tls, took(&round.handshake)),
        (Phase::Credssp, took(&round.credssp)),
        (Phase::Total, health::answered(round).then(|| total(round))),
    ];
    timed.into_iter().filter_map(|(phase, took)| Some((phase, took?)))
}

fn took<T>(step: &Step<T>) -> Option<Duration> {
    step.seen().map(|_| step.elapsed_ms.duration())
}

/// The whole round, without the resolution.
pub(super) fn total(round: &Round) -> Duration {
    round.elapsed_ms.duration().saturating_sub(round.resolve.elapsed_ms.duration())
}

/// The latency of one target: since the beginning, and in the interval that runs.
#[derive(Debug, Clone)]
pub struct Latency {
    expected: Duration,
    series: BTreeMap<Phase, Series>,
    running: Counts,
    began: jiff::Timestamp,
}

/// What became of the rounds of an interval.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    rounds: u64,
    lost: u64,
    missed: u64,
}

impl Latency {
    /// No latency yet, of rounds that are expected that often.
    #[must_use]
    pub fn new(expected: Duration, began: jiff::Timestamp) -> Self {
        Self { expected, series: BTreeMap::new(), running: Counts::default(), began }
    }

    /// A phase took that long; below a microsecond is one, above a minute is a minute.
    pub fn record(&mut self, phase: Phase, took: Duration) {
        self.series.entry(phase).or_default().record(took);
    }

    /// A round was made, and perhaps lost on the target's side.
    pub fn round(&mut self, lost: bool) {
        self.running.rounds += 1;
        self.running.lost += u64::from(lost);
    }

    /// The schedule left out so many rounds.
    pub fn missed(&mut self, rounds: u64) {
        self.running.missed = self.running.missed.saturating_add(rounds);
    }

    /// Every value of a phase since the beginning, in microseconds, as measured; none if it was never measured.
    #[must_use]
    pub fn raw(&self, phase: Phase) -> Option<Histogram<u32>> {
        self.series.get(&phase).and_then(Series::overall)
    }

    /// The same with the samples that stalled rounds hid.
    #[must_use]
    pub fn corrected(&self, phase: Phase) -> Option<Histogram<u32>> {
        self.raw(phase).map(|raw| raw.clone_correct(micros(self.expected)))
    }

    /// Every phase that was measured, since the beginning.
    #[must_use]
    pub fn summaries(&self) -> Vec<PhaseSummary> {
        let phase = |(phase, series): (&Phase, &Series)| {
            let overall = series.overall()?;
            Some(summary::of_phase(*phase, &overall, self.expected, series.jitter_us()))
        };
        self.series.iter().filter_map(phase).collect()
    }

    /// Ends the interval that runs, and begins the next.
    pub fn close_interval(&mut self, at: jiff::Timestamp) -> Interval {
        let (mut raw, mut summaries) = (Vec::new(), Vec::new());
        for (phase, series) in &mut self.series {
            let Some((histogram, jitter_us)) = series.close_interval() else { continue };
            summaries.push(summary::of_phase(*phase, &histogram, self.expected, jitter_us));
            raw.push((*phase, histogram));
        }
        let Counts { rounds, lost, missed } = std::mem::take(&mut self.running);
        let start = std::mem::replace(&mut self.began, at);
        Interval { start, end: at, rounds, lost, missed, raw, summaries }
    }
}

/// Whole microseconds, as they are recorded.
pub(super) fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Microseconds for a mean: below 2^53 nothing is lost, and above it nothing that matters.
pub(super) fn micros_f64(us: u64) -> f64 {
    Duration::from_micros(us).as_secs_f64() * 1e6
}
