//! How far apart names are asked for: a resolver that throttles by failing at once is slowed down for by this alone.
//! Pure; the time is passed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::fleet::adapt::Share;

/// With this between two names a cut begins: few resolvers throttle at 500 names a second.
const SHORTEST: Duration = Duration::from_millis(2);

/// So far apart names are no flood to any: those that nobody answers for pass at this pace at least.
const LONGEST: Duration = Duration::from_micros(62_500);

/// The time between two names: doubled while many fail, and a little less for every second that goes well.
#[derive(Debug, Default)]
pub(super) struct Spacing {
    /// Nothing while names may follow each other at once.
    gap: Duration,
    /// Of those that were asked for since the last cut: what fails of the others was a reason for that one.
    share: Share,
    cut: Option<Instant>,
    /// How long the answers since the last step took to be asked for.
    well: Duration,
}

impl Spacing {
    /// The time from one name to the next.
    pub(super) const fn gap(&self) -> Duration {
        self.gap
    }

    /// Whether names are held back.
    pub(super) const fn is_slowed(&self) -> bool {
        !self.gap.is_zero()
    }

    /// Counts an answer for a name that was asked for at that time.
    pub(super) fn answered(&mut self, asked: Instant) {
        if self.cut.is_some_and(|cut| asked < cut) {
            return;
        }
        self.share.count(false);
        self.well = self.well.saturating_add(self.gap);
        if self.well >= Duration::from_secs(1) {
            self.well = Duration::ZERO;
            self.gap =
                Some(self.gap.saturating_mul(7) / 8).filter(|gap| *gap >= SHORTEST).unwrap_or_default();
        }
    }

    /// Counts a failure for a name that was asked for at that time.
    pub(super) fn failed(&mut self, asked: Instant, now: Instant) {
        if self.cut.is_some_and(|cut| asked < cut) {
            return;
        }
        self.share.count(true);
        if self.share.is_large() {
            self.gap = self.gap.saturating_mul(2).clamp(SHORTEST, LONGEST);
            self.share = Share::default();
            self.cut = Some(now);
            self.well = Duration::ZERO;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks for so many names, each answered at once unless the resolver has answered too many already; how many it
    /// answered, and how long it took.
    fn ask(spacing: &mut Spacing, names: u32, a_second: f64) -> (u32, Duration) {
        let began = Instant::now();
        let (mut now, mut has, mut good) = (began, 10.0_f64, 0);
        for _ in 0..names {
            // As fast as it goes is two thousand a second.
            let pause = spacing.gap().max(Duration::from_micros(500));
            now += pause;
            has = pause.as_secs_f64().mul_add(a_second, has).min(10.0);
            if has >= 1.0 {
                has -= 1.0;
                good += 1;
                spacing.answered(now);
            } else {
                spacing.failed(now, now);
            }
        }
        (good, now - began)
    }

    #[test]
    fn most_are_answered_by_a_resolver_that_throttles() {
        for a_second in [20.0, 50.0, 100.0, 400.0] {
            let mut spacing = Spacing::default();
            let (good, took) = ask(&mut spacing, 2_000, a_second);
            assert!(spacing.is_slowed());
            assert!(good > 1_400, "{good} at {a_second}");
            assert!(took.as_secs_f64() < 2.0 * 2_000.0 / a_second, "{took:?} at {a_second}");
        }
    }

    #[test]
    fn it_is_as_fast_as_ever_once_all_goes_well_again() {
        let mut spacing = Spacing::default();
        ask(&mut spacing, 100, 0.0);
        assert_eq!(spacing.gap(), LONGEST);
        let (_, took) = ask(&mut spacing, 10_000, 1e6);
        assert!(!spacing.is_slowed());
        assert!(took < Duration::from_secs(60), "{took:?}");
    }

    #[test]
    fn what_was_asked_before_a_cut_is_no_reason_for_another() {
        let (mut spacing, asked) = (Spacing::default(), Instant::now());
        for _ in 0..500 {
            spacing.failed(asked, asked + Duration::from_secs(1));
        }
        assert_eq!(spacing.gap(), SHORTEST);
    }

    #[test]
    fn one_broken_zone_among_good_ones_holds_nothing_back() {
        let mut spacing = Spacing::default();
        for it in 1..=200 {
            let now = Instant::now();
            if it % 10 == 0 { spacing.failed(now, now) } else { spacing.answered(now) }
        }
        assert!(!spacing.is_slowed());
    }
}
