//! What a record shows: availability, outages, events, latency over time and a phase, losses, gaps. Types only.

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::latency::PhaseSummary;
use super::outage::Outage;
use super::state::{Availability, State};
use crate::evidence::Stage;

/// The name and version of the format.
pub const RECORD_SCHEMA: &str = "rdprobe.record/1";

/// A stretch of a record, as `rdprobe report` shows it. Times are UTC, by the clock of the machine that watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Record {
    /// Always `rdprobe.record/1`; additions only within a version.
    #[schemars(extend("const" = RECORD_SCHEMA))]
    pub schema: String,
    /// The program that read the record: `rdprobe 0.1.0`.
    pub by: String,
    /// Where the stretch begins.
    #[schemars(with = "String")]
    pub from: jiff::Timestamp,
    /// Where it ends; this instant is no part of it.
    #[schemars(with = "String")]
    pub to: jiff::Timestamp,
    /// When nothing was recorded although the monitor ran: a full disk, a machine that could not keep up.
    pub gaps: Vec<Gap>,
    /// Each target, by name.
    pub targets: Vec<TargetRecord>,
}

/// Rounds that were made but not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Gap {
    /// When the first of them was due.
    #[schemars(with = "String")]
    pub from: jiff::Timestamp,
    /// When the last of them was over.
    #[schemars(with = "String")]
    pub to: jiff::Timestamp,
    /// Why, in one clause.
    pub why: String,
    /// How many rounds were lost, of all targets.
    pub rounds: u64,
    /// How many events; if there are any, the states in the gap are not known.
    pub events: u64,
}

/// One target over the stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TargetRecord {
    /// As the user wrote it.
    pub target: String,
    /// How the watched time divides: exact, by the states' own times.
    pub availability: Availability,
    /// The part of the known time in which it answered, 0 to 1; null if nothing is known.
    pub available: Option<f64>,
    /// The rounds.
    pub rounds: Rounds,
    /// What the rounds failed by, the most frequent first.
    pub losses: Vec<Loss>,
    /// The states in order, without holes: time that nobody watched has none.
    pub timeline: Vec<Spell>,
    /// The outages that touch the stretch, oldest first; the last 10,000.
    pub outages: Vec<Outage>,
    /// How many outages touch the stretch.
    pub outages_total: u64,
    /// The events, oldest first; the last 10,000.
    pub events: Vec<Event>,
    /// How many events there are in the stretch.
    pub events_total: u64,
    /// The whole round's time, over time.
    pub bands: Bands,
    /// Each phase that was measured.
    pub phases: Vec<PhaseRecord>,
}

/// Rounds by what they said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Rounds {
    /// Rounds made.
    pub made: u64,
    /// Answered as usual.
    pub good: u64,
    /// Answered slower or with less than usual.
    pub lesser: u64,
    /// Not answered.
    pub bad: u64,
    /// Failed on this machine's own side.
    pub own_side: u64,
    /// Left out by the schedule because one before them stalled.
    pub missed: u64,
}

/// One way in which rounds failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Loss {
    /// The stage that failed.
    pub stage: Stage,
    /// The failure by its stable name: `timed_out`, `refused`, ...
    pub kind: String,
    /// How many rounds.
    pub rounds: u64,
}

/// A stretch of time in one state, or that nobody watched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Spell {
    /// Where it begins.
    #[schemars(with = "String")]
    pub from: jiff::Timestamp,
    /// Where it ends.
    #[schemars(with = "String")]
    pub to: jiff::Timestamp,
    /// The state; null where nobody watched.
    pub state: Option<State>,
}

/// Percentiles over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bands {
    /// How much time one point covers, in seconds.
    pub width_s: u64,
    /// The points that have rounds, oldest first.
    pub points: Vec<Band>,
}

/// One point of the bands. The times are in microseconds, with the samples that stalled rounds hid.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Band {
    /// Where it begins.
    #[schemars(with = "String")]
    pub start: jiff::Timestamp,
    /// Rounds made.
    pub rounds: u64,
    /// Rounds that were not answered.
    pub bad: u64,
    /// The median; null where no round was answered.
    pub p50_us: Option<u64>,
    /// Nine in ten are no greater.
    pub p90_us: Option<u64>,
    /// 99 in 100.
    pub p99_us: Option<u64>,
    /// The greatest.
    pub max_us: Option<u64>,
}

/// One phase over the stretch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PhaseRecord {
    /// In numbers, raw and corrected.
    #[serde(flatten)]
    pub summary: PhaseSummary,
    /// The distribution in twenty bins a decade, from the first that has a value to the last.
    pub bins: Vec<Bin>,
}

/// One bin of a distribution: the values from `from_us` up to and not with `to_us`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Bin {
    /// Its lower edge, in microseconds.
    pub from_us: f64,
    /// Its upper edge.
    pub to_us: f64,
    /// How many values, as measured.
    pub raw: u64,
    /// How many with those that stalled rounds hid.
    pub corrected: u64,
}
