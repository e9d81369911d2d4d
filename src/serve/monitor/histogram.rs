//! An HDR histogram of microseconds as Prometheus's: classic buckets and a native histogram, in seconds.

use hdrhistogram::Histogram as Hdr;

use crate::serve::exposition::message::{Bucket, BucketSpan, Histogram};
use crate::serve::number;

/// Bounds of the classic buckets, in seconds: from a neighbour on the same switch to half a minute of silence.
pub(super) const BOUNDS: [f64; 15] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Native buckets grow by 2^(1/32), 2.2 %: coarser than HDR's three digits, so that nothing lands in a wrong one.
const SCHEMA: i32 = 5;

/// Buckets a doubling: 2^[`SCHEMA`].
const A_DOUBLING: f64 = 32.0;

/// The bucket that ends at 2^-20 seconds, below the microsecond that is the least that HDR keeps.
const FIRST: i32 = -640;

/// As Prometheus's own libraries have it: 2^-128.
const ZERO_THRESHOLD: f64 = 2.938_735_877_055_719e-39;

/// Both kinds of buckets of the same values.
pub(super) fn histogram(hdr: &Hdr<u32>) -> Histogram {
    let mut bucket = Vec::with_capacity(BOUNDS.len());
    let mut bounds = BOUNDS.iter().peekable();
    let mut native = Native::default();
    let (mut total, mut sum) = (0_u64, 0.0);
    // In ascending order, so that each kind of bucket is walked through once.
    for recorded in hdr.iter_recorded() {
        let count = u64::from(recorded.count_at_value());
        let seconds = number(hdr.median_equivalent(recorded.value_iterated_to())) / 1e6;
        while let Some(bound) = bounds.next_if(|bound| seconds > **bound) {
            bucket.push(Bucket { cumulative_count: Some(total), upper_bound: Some(*bound) });
        }
        total = total.saturating_add(count);
        sum = number(count).mul_add(seconds, sum);
        native.add(seconds, count);
    }
    bucket.extend(bounds.map(|bound| Bucket { cumulative_count: Some(total), upper_bound: Some(*bound) }));
    let (positive_span, positive_delta) = native.spans();
    Histogram {
        sample_count: Some(total),
        sample_sum: Some(sum),
        bucket,
        schema: Some(SCHEMA),
        zero_threshold: Some(ZERO_THRESHOLD),
        zero_count: Some(native.zeros),
        positive_span,
        positive_delta,
    }
}

/// Counts by the index of their native bucket: bucket `i` ends at 2^(i / 32) and begins where the one before ends.
#[derive(Default)]
struct Native {
    zeros: u64,
    /// Ascending, without gaps in the sense that what is not here is 0.
    counts: Vec<(i32, u64)>,
}

impl Native {
    /// Adds values that are not below those before.
    fn add(&mut self, seconds: f64, count: u64) {
        if seconds <= 0.0 {
            self.zeros = self.zeros.saturating_add(count);
            return;
        }
        let mut index = self.counts.last().map_or(FIRST, |(index, _)| *index);
        while seconds > (f64::from(index) / A_DOUBLING).exp2() {
            index = index.saturating_add(1);
        }
        match self.counts.last_mut() {
            Some((last, counted)) if *last == index => *counted = counted.saturating_add(count),
            _ => self.counts.push((index, count)),
        }
    }

    /// Runs of buckets, and the count of each less the one before it.
    fn spans(&self) -> (Vec<BucketSpan>, Vec<i64>) {
        let mut spans: Vec<BucketSpan> = Vec::new();
        let mut deltas = Vec::with_capacity(self.counts.len());
        let (mut next, mut before) = (0_i32, 0_i64);
        for (index, count) in &self.counts {
            match spans.last_mut() {
                Some(span) if *index == next => {
                    span.length = span.length.map(|length| length.saturating_add(1));
                }
                // The first offset is an index, the others are gaps: both count from where the last span ended.
                _ => spans.push(BucketSpan { offset: Some(index.saturating_sub(next)), length: Some(1) }),
            }
            let count = i64::try_from(*count).unwrap_or(i64::MAX);
            deltas.push(count.saturating_sub(before));
            (next, before) = (index.saturating_add(1), count);
        }
        (spans, deltas)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hdr(values_us: &[(u64, u32)]) -> Hdr<u32> {
        let mut hdr = Hdr::new_with_bounds(1, 60_000_000, 3).unwrap();
        for (value, count) in values_us {
            hdr.record_n(*value, *count).unwrap();
        }
        hdr
    }

    /// What a reader makes of spans and deltas: the upper bound of each bucket and its count.
    fn read(histogram: &Histogram) -> Vec<(f64, i64)> {
        let (mut index, mut count, mut deltas) = (0, 0, histogram.positive_delta.iter());
        let mut buckets = Vec::new();
        for span in &histogram.positive_span {
            index += span.offset();
            for _ in 0..span.length() {
                count += deltas.next().unwrap();
                buckets.push(((f64::from(index) / 32.0).exp2(), count));
                index += 1;
            }
        }
        assert!(deltas.next().is_none());
        buckets
    }

    #[test]
    fn every_value_is_in_the_bucket_that_holds_it() {
        let values = [(1, 3), (2, 1), (999, 7), (1_000, 2), (20_500, 100), (2_000_000, 1), (59_000_000, 5)];
        let histogram = histogram(&hdr(&values));
        assert_eq!(histogram.sample_count(), 119);
        let buckets = read(&histogram);
        assert_eq!(buckets.iter().map(|(_, count)| count).sum::<i64>(), 119);
        for (value, count) in values {
            // HDR moves a value by less than 0.1 %; the bucket is 2.2 % wide.
            let seconds = number(value) / 1e6;
            let holds = buckets.iter().find(|(end, held)| {
                seconds <= end * 1.001
                    && seconds > end / 2_f64.powf(1.0 / 32.0) * 0.999
                    && *held >= i64::from(count)
            });
            assert!(holds.is_some(), "{value}: {buckets:?}");
        }
        let exact: f64 = values.iter().map(|(value, count)| number(*value) * f64::from(*count) / 1e6).sum();
        assert!((histogram.sample_sum() / exact - 1.0).abs() < 0.001, "{} {exact}", histogram.sample_sum());
    }

    #[test]
    fn classic_buckets_accumulate() {
        let histogram = histogram(&hdr(&[(400, 2), (3_000, 3), (40_000_000, 1)]));
        let within: Vec<u64> = histogram.bucket.iter().map(Bucket::cumulative_count).collect();
        assert_eq!(within, [2, 2, 2, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5]);
        assert_eq!(histogram.sample_count(), 6);
    }

    #[test]
    fn neighbours_share_a_span_and_nothing_has_none() {
        let histogram = histogram(&hdr(&[(1_000, 5), (1_022, 2), (100_000, 1)]));
        assert_eq!(histogram.positive_delta, [5, -3, -1]);
        assert_eq!(histogram.positive_span.len(), 2, "{:?}", histogram.positive_span);
        let empty = super::histogram(&hdr(&[]));
        assert!(empty.positive_span.is_empty() && empty.sample_count() == 0);
    }
}
