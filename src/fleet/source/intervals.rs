//! A set of numbers kept as intervals: a range costs as much as a single number.

use std::collections::BTreeMap;

/// Numbers, as the first and the last of each run.
///
/// INVARIANT: the runs neither overlap nor touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Intervals(BTreeMap<u128, u128>);

impl Intervals {
    /// Adds all numbers from `first` to `last`.
    pub(super) fn insert(&mut self, first: u128, last: u128) {
        let (mut first, mut last) = (first, last);
        // Every run that overlaps or touches becomes a part of the new one; the latest that could is looked at first.
        while let Some((&start, &end)) = self.0.range(..=last.saturating_add(1)).next_back() {
            if end.saturating_add(1) < first {
                break;
            }
            self.0.remove(&start);
            (first, last) = (first.min(start), last.max(end));
        }
        self.0.insert(first, last);
    }

    /// Whether a number is in the set.
    pub(super) fn contains(&self, number: u128) -> bool {
        self.0.range(..=number).next_back().is_some_and(|(_, end)| *end >= number)
    }

    /// The runs of numbers from `first` to `last` that are not in the set, ascending.
    pub(super) fn without(&self, first: u128, last: u128) -> Vec<(u128, u128)> {
        let mut gaps = Vec::new();
        // The first number of which nothing is known yet; none after the last of all numbers.
        let mut from = Some(first);
        let before = self.0.range(..first).next_back();
        for (&start, &end) in before.into_iter().chain(self.0.range(first..=last)) {
            let Some(at) = from.filter(|at| end >= *at) else { continue };
            if let Some(gap_end) = start.checked_sub(1).filter(|gap_end| *gap_end >= at) {
                gaps.push((at, gap_end));
            }
            from = end.checked_add(1);
        }
        gaps.extend(from.filter(|at| *at <= last).map(|at| (at, last)));
        gaps
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn intervals(runs: &[(u128, u128)]) -> Intervals {
        let mut set = Intervals::default();
        for (first, last) in runs {
            set.insert(*first, *last);
        }
        set
    }

    #[test]
    fn neighbours_become_one_run() {
        let set = intervals(&[(1, 3), (7, 9), (4, 6), (20, 20)]);
        assert_eq!(set, intervals(&[(1, 9), (20, 20)]));
        assert_eq!(set.without(0, 25), [(0, 0), (10, 19), (21, 25)]);
    }

    #[test]
    fn the_ends_of_all_numbers_do_not_overflow() {
        let everything = intervals(&[(0, u128::MAX)]);
        assert_eq!(everything.without(0, u128::MAX), []);
        assert_eq!(intervals(&[(u128::MAX, u128::MAX)]).without(0, u128::MAX), [(0, u128::MAX - 1)]);
        assert_eq!(Intervals::default().without(0, u128::MAX), [(0, u128::MAX)]);
        assert_eq!(intervals(&[(0, 0), (1, u128::MAX)]), everything);
    }

    proptest! {
        #[test]
        fn it_is_the_set_of_its_numbers(
            runs in proptest::collection::vec((0_u128..60, 0_u128..12), 0..12),
            first in 0_u128..60,
            length in 0_u128..30,
        ) {
            let runs: Vec<_> = runs.into_iter().map(|(first, length)| (first, first + length)).collect();
            let set = intervals(&runs);
            let plain: BTreeSet<u128> = runs.iter().flat_map(|(first, last)| *first..=*last).collect();
            prop_assert!((0..80).all(|number| set.contains(number) == plain.contains(&number)));
            let left: Vec<u128> = set.without(first, first + length).iter().flat_map(|(a, b)| *a..=*b).collect();
            let expected: Vec<u128> = (first..=first + length).filter(|it| !plain.contains(it)).collect();
            prop_assert_eq!(left, expected);
        }
    }
}
