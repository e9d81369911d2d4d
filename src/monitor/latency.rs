//! Latency a phase: HDR histograms of three significant digits from 1 µs to 60 s, percentiles, jitter, loss.
//!
//! The one user of hdrhistogram.

use serde::{Deserialize, Serialize};

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
    pub raw: Vec<(Phase, hdrhistogram::Histogram<u32>)>,
    /// The same in numbers, with jitter and the correction.
    pub summaries: Vec<PhaseSummary>,
}
