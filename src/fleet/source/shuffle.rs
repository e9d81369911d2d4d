//! The order within a range: a permutation of 0..=last by a seed, in a few words of memory.
//!
//! A Feistel network permutes the next power of four; a number that falls outside is permuted again until it falls
//! inside (cycle walking: Black and Rogaway, "Ciphers with Arbitrary Finite Domains", 2002). It is no secret, only an
//! order in which neighbours do not follow each other.

/// Few rounds suffice for an order; more cost time at every address.
const ROUNDS: usize = 6;

/// A permutation of the numbers from 0 to `last`.
#[derive(Debug, Clone)]
pub(super) struct Shuffle {
    last: u128,
    /// The bits of each half, at most 64.
    half: u32,
    keys: [u64; ROUNDS],
}

impl Shuffle {
    pub(super) fn new(last: u128, seed: u64) -> Self {
        let bits = u128::BITS.saturating_sub(last.leading_zeros());
        let mut state = seed;
        let keys = [(); ROUNDS].map(|()| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            mix(state)
        });
        Self { last, half: bits.div_ceil(2).max(1), keys }
    }

    /// Where `place` goes. A place beyond `last` goes somewhere beyond it or inside; nobody asks for one.
    pub(super) fn at(&self, place: u128) -> u128 {
        let mut number = self.permuted(place);
        // INVARIANT: this ends, because the cycle of a permutation comes back to `place`, which is inside. The domain
        // is less than four times as large, so it ends after fewer than four steps on average.
        while number > self.last && place <= self.last {
            number = self.permuted(number);
        }
        number
    }

    fn permuted(&self, number: u128) -> u128 {
        let mask = u128::from(u64::MAX.checked_shr(u64::BITS.saturating_sub(self.half)).unwrap_or(0));
        let (mut left, mut right) = (low((number >> self.half) & mask), low(number & mask));
        for key in self.keys {
            let round = mix(right ^ key) & low(mask);
            (left, right) = (right, left ^ round);
        }
        (u128::from(left) << self.half) | u128::from(right)
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The lower 64 bits.
fn low(number: u128) -> u64 {
    u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    /// Whether every number below `size` is hit exactly once.
    fn is_permutation(size: u128, seed: u64) -> bool {
        let shuffle = Shuffle::new(size - 1, seed);
        let mut hit = vec![false; usize::try_from(size).unwrap()];
        (0..size).all(|place| {
            let number = shuffle.at(place);
            number < size && !std::mem::replace(&mut hit[usize::try_from(number).unwrap()], true)
        })
    }

    #[test]
    fn every_small_size_is_a_permutation() {
        for size in 1..=1030 {
            assert!(is_permutation(size, 7), "{size}");
        }
        for size in [65_535, 65_536, 65_537, 70_000] {
            assert!(is_permutation(size, 7), "{size}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_size_and_seed_is_a_permutation(size in 1_u128..=70_000, seed: u64) {
            prop_assert!(is_permutation(size, seed));
        }

        #[test]
        fn huge_ranges_stay_inside_and_have_no_doubles(last in (1_u128 << 40)..=u128::MAX, seed: u64) {
            let shuffle = Shuffle::new(last, seed);
            let places: Vec<u128> = (0..200).chain((last - 200)..=last).collect();
            let hit: HashSet<u128> = places.iter().map(|place| shuffle.at(*place)).collect();
            prop_assert_eq!(hit.len(), places.len());
            prop_assert!(hit.iter().all(|number| *number <= last));
        }
    }

    #[test]
    fn another_seed_is_another_order_and_neighbours_part() {
        let order = |seed| -> Vec<u128> { (0..256).map(|it| Shuffle::new(255, seed).at(it)).collect() };
        assert_ne!(order(1), order(2));
        assert_eq!(order(1), order(1));
        let side_by_side = order(1).windows(2).filter(|pair| pair[0].abs_diff(pair[1]) == 1).count();
        assert!(side_by_side < 16, "{side_by_side}");
    }
}
