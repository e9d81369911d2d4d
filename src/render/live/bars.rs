//! A histogram in a few rows: how many rounds took how long, in steps of 1, 2 and 5.

use hdrhistogram::Histogram;
use ratatui::text::{Line, Span};

use super::{Look, paint};
use crate::render::measure::{micros_or_none, right, share};

/// How many rounds took longer than the bar before and at most this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// In microseconds.
    pub at_most_us: u64,
    /// How many.
    pub count: u64,
}

/// The columns at the left and at the right of a bar.
const LABEL_COLUMNS: usize = 18;

/// No bar is longer.
const MOST_COLUMNS: usize = 100;

/// The bars of a histogram of microseconds, from the first that is not empty to the last.
#[must_use]
pub fn bars(histogram: &Histogram<u32>) -> Vec<Bar> {
    let mut from = 0;
    let bars = bounds().map(|at_most_us| {
        let count = histogram.count_between(from, at_most_us);
        from = at_most_us.saturating_add(1);
        Bar { at_most_us, count }
    });
    let mut bars: Vec<Bar> = bars.skip_while(|bar| bar.count == 0).collect();
    let used = bars.iter().rposition(|bar| bar.count > 0).map_or(0, |last| last.saturating_add(1));
    bars.truncate(used);
    bars
}

/// 1, 2, 5, 10, ... to a hundred seconds.
fn bounds() -> impl Iterator<Item = u64> {
    (0..=8_u32).flat_map(|power| [1, 2, 5].map(|step| step * 10_u64.pow(power)))
}

/// The bars as rows.
pub(super) fn lines(bars: &[Bar], width: usize, look: Look) -> Vec<Line<'static>> {
    let all: u64 = bars.iter().map(|bar| bar.count).sum();
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0).max(1);
    let room = width.saturating_sub(LABEL_COLUMNS).min(MOST_COLUMNS);
    let heading = Line::from(paint::strong("All rounds since the beginning, by how long they took", look));
    let row = |bar: &Bar| {
        let sign = if look.unicode { "\u{2588}" } else { "#" };
        let room = u64::try_from(room).unwrap_or(0);
        let long = usize::try_from(bar.count.saturating_mul(room).div_ceil(most)).unwrap_or(0);
        let label = right(&micros_or_none(Some(bar.at_most_us)), 8);
        Line::from(vec![
            Span::raw(format!("<={label} {} ", right(&share(bar.count, all), 6))),
            Span::raw(sign.repeat(long)),
        ])
    };
    std::iter::once(heading).chain(bars.iter().map(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_one_bar_and_no_empty_bar_at_the_ends() {
        let mut histogram = Histogram::<u32>::new_with_bounds(1, 60_000_000, 3).unwrap();
        for us in [150, 200, 201, 900, 60_000_000] {
            histogram.record(us).unwrap();
        }
        let bars = bars(&histogram);
        assert_eq!(bars.iter().map(|bar| bar.count).sum::<u64>(), 5);
        assert_eq!(bars[0], Bar { at_most_us: 200, count: 2 });
        assert_eq!(bars[1], Bar { at_most_us: 500, count: 1 });
        assert_eq!(bars.last().unwrap().at_most_us, 100_000_000);
    }
}
