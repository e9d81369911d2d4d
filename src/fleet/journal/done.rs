//! Which places of a source are done, as ranges: as many as there are gaps, however many targets are done.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A set of positions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Done {
    /// The first of a range -> its last. Ranges neither touch nor overlap.
    ranges: BTreeMap<u64, u64>,
}

/// First and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Range(pub(super) u64, pub(super) u64);

impl Done {
    /// Adds one.
    pub fn add(&mut self, position: u64) {
        self.add_range(Range(position, position));
    }

    /// Whether one is in it.
    #[must_use]
    pub fn contains(&self, position: u64) -> bool {
        self.ranges.range(..=position).next_back().is_some_and(|(_, last)| *last >= position)
    }

    /// The first position that is not.
    #[must_use]
    pub fn low(&self) -> u64 {
        self.ranges.get(&0).map_or(0, |last| last.saturating_add(1))
    }

    /// One more than the last that is; 0 for none.
    #[must_use]
    pub fn high(&self) -> u64 {
        self.ranges.last_key_value().map_or(0, |(_, last)| last.saturating_add(1))
    }

    /// Its ranges, in order.
    pub(super) fn ranges(&self) -> impl Iterator<Item = Range> {
        self.ranges.iter().map(|(first, last)| Range(*first, *last))
    }

    /// Adds all of a range.
    pub(super) fn add_range(&mut self, Range(mut first, mut last): Range) {
        // Whatever touches or overlaps becomes a part of it.
        while let Some((&before, &until)) = self.ranges.range(..=last.saturating_add(1)).next_back() {
            if until.saturating_add(1) < first {
                break;
            }
            self.ranges.remove(&before);
            first = first.min(before);
            last = last.max(until);
        }
        self.ranges.insert(first, last);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_edges_hold() {
        let mut done = Done::default();
        assert_eq!((done.low(), done.high(), done.contains(0)), (0, 0, false));
        done.add(u64::MAX);
        done.add(u64::MAX - 1);
        done.add(1);
        assert_eq!((done.low(), done.high()), (0, u64::MAX));
        done.add(0);
        assert_eq!(done.low(), 2);
        assert_eq!(done.ranges().collect::<Vec<_>>(), [Range(0, 1), Range(u64::MAX - 1, u64::MAX)]);
    }

    proptest! {
        #[test]
        fn it_is_the_set_that_it_stands_for(ranges in prop::collection::vec((0..80_u64, 0..9_u64), 0..40)) {
            let (mut done, mut set) = (Done::default(), BTreeSet::new());
            for (first, length) in ranges {
                done.add_range(Range(first, first + length));
                set.extend(first..=first + length);
            }
            for position in 0..100 {
                prop_assert_eq!(done.contains(position), set.contains(&position));
            }
            prop_assert_eq!(done.low(), (0..=u64::MAX).find(|it| !set.contains(it)).unwrap());
            prop_assert_eq!(done.high(), set.last().map_or(0, |last| last + 1));
            let ranges: Vec<Range> = done.ranges().collect();
            prop_assert!(ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0), "{:?}", ranges);
        }
    }
}
