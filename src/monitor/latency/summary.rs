//! A histogram in numbers: as measured, and with the samples that a stalled round hid.

use hdrhistogram::{Counter, Histogram};
use std::time::Duration;

use super::{Phase, PhaseSummary, Summary, micros};

pub(super) fn of_phase(
    phase: Phase,
    raw: &Histogram<u32>,
    expected: Duration,
    jitter_us: Option<f64>,
) -> PhaseSummary {
    let expected = micros(expected);
    let measured = of(raw);
    // Where every value is below the interval no round hid another.
    let corrected = if raw.max() <= expected { measured } else { of(&raw.clone_correct(expected)) };
    PhaseSummary { phase, raw: measured, corrected, jitter_us }
}

/// A histogram in numbers.
pub(in crate::monitor) fn of<T: Counter>(histogram: &Histogram<T>) -> Summary {
    let at = |quantile: f64| (!histogram.is_empty()).then(|| histogram.value_at_quantile(quantile));
    Summary {
        count: histogram.len(),
        min_us: at(0.0),
        p50_us: at(0.5),
        p90_us: at(0.9),
        p99_us: at(0.99),
        p99_9_us: at(0.999),
        p99_99_us: at(0.9999),
        max_us: at(1.0),
        mean_us: (!histogram.is_empty()).then(|| histogram.mean()),
    }
}
