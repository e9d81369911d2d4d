//! How many at a time: halved when this machine lacks something, and grown again slowly. Pure; the time is passed in.

use std::time::Duration;

use tokio::time::Instant;

/// After a cut, what was begun before it may fail for this long without another cut.
const REST: Duration = Duration::from_secs(1);

/// So many steps lead from nothing to the most.
const STEPS: usize = 64;

/// How many may be in flight: additive increase, multiplicative decrease, as TCP does it.
#[derive(Debug, Clone)]
pub(super) struct Adapt {
    limit: usize,
    least: usize,
    most: usize,
    /// How many went well since the last step up.
    well: usize,
    rests_until: Option<Instant>,
}

impl Adapt {
    /// Begins with as many as may ever be; one at least.
    #[must_use]
    pub(super) fn new(most: usize) -> Self {
        Self::between(1, most)
    }

    /// Begins with the most, and never goes below the least.
    #[must_use]
    pub(super) fn between(least: usize, most: usize) -> Self {
        let most = most.max(1);
        Self { limit: most, least: least.clamp(1, most), most, well: 0, rests_until: None }
    }

    /// Whether it is as slow as it gets.
    #[must_use]
    pub(super) const fn is_at_its_least(&self) -> bool {
        self.limit <= self.least
    }

    /// How many may be in flight now: from the least to the most.
    #[must_use]
    pub(super) const fn limit(&self) -> usize {
        self.limit
    }

    /// Whether it is slower than it was told to be.
    #[must_use]
    pub(super) const fn is_slowed(&self) -> bool {
        self.limit < self.most
    }

    /// One ended, and this machine lacked nothing for it.
    pub(super) fn went_well(&mut self, now: Instant) {
        if !self.is_slowed() || self.rests(now) {
            return;
        }
        self.well = self.well.saturating_add(1);
        if self.well >= self.limit {
            self.well = 0;
            self.limit = self.limit.saturating_add((self.most / STEPS).max(1)).min(self.most);
        }
    }

    /// One ended for lack of something, with so many in flight. Returns whether that was a reason to slow down.
    pub(super) fn lacked(&mut self, in_flight: usize, now: Instant) -> bool {
        self.well = 0;
        if self.rests(now) {
            return false;
        }
        self.limit = (self.limit.min(in_flight) / 2).max(self.least);
        self.rests_until = now.checked_add(REST);
        true
    }

    fn rests(&self, now: Instant) -> bool {
        self.rests_until.is_some_and(|until| now < until)
    }
}

/// The share of answers that were failures, over the last few dozen.
#[derive(Debug, Clone, Default)]
pub(super) struct Share {
    /// Of 1,024.
    failing: u32,
}

impl Share {
    /// A quarter of them: one broken zone among good ones stays below, a resolver that throttles does not.
    const MANY: u32 = 256;

    /// Counts one.
    pub(super) fn count(&mut self, failed: bool) {
        let now = if failed { 1024 } else { 0 };
        self.failing = self.failing.saturating_mul(15).saturating_add(now) / 16;
    }

    /// Whether many fail.
    #[must_use]
    pub(super) const fn is_large(&self) -> bool {
        self.failing >= Self::MANY
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_halved_once_for_a_crowd_that_fails_together() {
        let mut adapt = Adapt::new(1_000);
        let now = Instant::now();
        assert!(adapt.lacked(400, now));
        for _ in 0..399 {
            assert!(!adapt.lacked(400, now + Duration::from_millis(10)));
        }
        assert_eq!(adapt.limit(), 200);
        assert!(adapt.lacked(200, now + REST));
        assert_eq!(adapt.limit(), 100);
    }

    #[test]
    fn it_grows_again_by_a_step_a_round() {
        let mut adapt = Adapt::new(640);
        let now = Instant::now();
        adapt.lacked(100, now);
        assert_eq!(adapt.limit(), 50);
        for _ in 0..50 {
            adapt.went_well(now);
        }
        assert_eq!(adapt.limit(), 50, "not while it rests");
        for _ in 0..50 {
            adapt.went_well(now + REST);
        }
        assert_eq!(adapt.limit(), 60);
        for _ in 0..1_000_000 {
            adapt.went_well(now + REST);
        }
        assert!(!adapt.is_slowed());
        assert_eq!(adapt.limit(), 640);
    }

    #[test]
    fn one_failure_in_ten_is_not_many_and_one_in_two_is() {
        let share = |every: u32| {
            let mut share = Share::default();
            (1..=200).for_each(|it| share.count(it % every == 0));
            share.is_large()
        };
        assert!(!share(10));
        assert!(share(2));
    }

    proptest! {
        #[test]
        fn the_limit_stays_between_one_and_the_most(
            most in 0..5_000_usize,
            events in prop::collection::vec((any::<bool>(), 0..10_000_usize, 0..3_000_u64), 0..500),
        ) {
            let mut adapt = Adapt::new(most);
            let mut now = Instant::now();
            for (well, in_flight, pause_ms) in events {
                now += Duration::from_millis(pause_ms);
                let before = adapt.limit();
                if well {
                    adapt.went_well(now);
                    prop_assert!(adapt.limit() >= before);
                } else {
                    adapt.lacked(in_flight, now);
                    prop_assert!(adapt.limit() <= before);
                }
                prop_assert!((1..=most.max(1)).contains(&adapt.limit()));
            }
        }
    }
}
