//! One phase: its values since the beginning and in the interval that runs, and its jitter.

use hdrhistogram::Histogram;
use std::sync::LazyLock;
use std::time::Duration;

use super::{micros, micros_f64};

/// The greatest value, in microseconds: a minute.
const GREATEST: u64 = 60_000_000;

/// Significant decimal digits.
const DIGITS: u8 = 3;

/// The values of one phase.
///
/// A histogram of 60 s takes 72 KB, of which one target uses a few hundred places: what stands between intervals is
/// each place in use and its count, so that a thousand targets fit into little memory.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    overall: Places,
    running: Places,
    last: Option<u64>,
    jitter: Jitter,
    running_jitter: Jitter,
}

/// How often each value was seen, by the least value that the histogram does not tell from it; ascending.
#[derive(Debug, Clone, Default)]
struct Places(Vec<(u32, u32)>);

/// Room for so many more places is made at a time: a vector that doubles would waste as much as it holds.
const MORE: usize = 16;

impl Places {
    fn count(&mut self, place: u32) {
        match self.0.binary_search_by_key(&place, |(known, _)| *known) {
            Ok(at) => {
                if let Some((_, count)) = self.0.get_mut(at) {
                    *count = count.saturating_add(1);
                }
            }
            Err(at) => {
                if self.0.len() == self.0.capacity() {
                    self.0.reserve_exact(MORE);
                }
                self.0.insert(at, (place, 1));
            }
        }
    }
}

/// The differences between one value and the next.
#[derive(Debug, Clone, Copy, Default)]
struct Jitter {
    sum_us: u64,
    count: u64,
}

impl Series {
    pub(super) fn record(&mut self, took: Duration) {
        let value = micros(took).clamp(1, GREATEST);
        let place = u32::try_from(place(value)).unwrap_or(u32::MAX);
        for places in [&mut self.overall, &mut self.running] {
            places.count(place);
        }
        if let Some(last) = self.last.replace(value) {
            self.jitter.add(last.abs_diff(value));
            self.running_jitter.add(last.abs_diff(value));
        }
    }

    pub(super) fn overall(&self) -> Option<Histogram<u32>> {
        histogram(&self.overall)
    }

    pub(super) fn jitter_us(&self) -> Option<f64> {
        self.jitter.mean_us()
    }

    /// The values of the interval that ends here, and their jitter; none if there were no values.
    pub(super) fn close_interval(&mut self) -> Option<(Histogram<u32>, Option<f64>)> {
        let (values, jitter) = (std::mem::take(&mut self.running), std::mem::take(&mut self.running_jitter));
        if values.0.is_empty() {
            return None;
        }
        Some((histogram(&values)?, jitter.mean_us()))
    }
}

impl Jitter {
    fn add(&mut self, difference: u64) {
        self.sum_us = self.sum_us.saturating_add(difference);
        self.count += 1;
    }

    fn mean_us(self) -> Option<f64> {
        (self.count > 0).then(|| micros_f64(self.sum_us) / micros_f64(self.count))
    }
}

/// Where HdrHistogram puts values: the same for every series.
static PLACES: LazyLock<Option<Histogram<u8>>> =
    LazyLock::new(|| Histogram::new_with_bounds(1, GREATEST, DIGITS).ok());

fn place(value: u64) -> u64 {
    PLACES.as_ref().map_or(value, |places| places.lowest_equivalent(value))
}

/// None only if HdrHistogram refuses three digits, which it does not.
fn histogram(places: &Places) -> Option<Histogram<u32>> {
    let mut histogram = Histogram::new(DIGITS).ok()?;
    for (value, count) in &places.0 {
        histogram.record_n(u64::from(*value), *count).ok()?;
    }
    Some(histogram)
}
