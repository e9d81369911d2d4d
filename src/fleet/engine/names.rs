//! How many names are asked for at a time, and how far apart: fewer and slower when the resolver fails for many.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::again::MOST_TRIES;
use super::spacing::Spacing;
use crate::fleet::adapt::{Adapt, Share};

/// More questions than these at a time are a flood to many a resolver.
const MOST: usize = 256;

/// So many are no flood to any: names that nobody answers for pass at this pace at least.
const LEAST: usize = 16;

/// A resolver that answered for any name within this time is there, and may answer for the next one.
const LATELY: Duration = Duration::from_secs(10);

/// The places of those who ask a resolver.
pub(super) struct Names {
    places: Arc<Semaphore>,
    state: Mutex<State>,
}

/// A place among those who ask a resolver, until it is dropped.
pub(super) type Place = OwnedSemaphorePermit;

struct State {
    adapt: Adapt,
    share: Share,
    spacing: Spacing,
    /// When the next name may be asked for; none before the first.
    next: Option<Instant>,
    last_answer: Option<Instant>,
    /// How many places there are, taken ones included.
    there: usize,
}

impl Names {
    /// Places for a scan with so many targets in flight: half of them at most, so that addresses pass beside names.
    pub(super) fn new(concurrency: usize) -> Self {
        let most = (concurrency / 2).clamp(1, MOST);
        let state = State {
            adapt: Adapt::between(LEAST, most),
            share: Share::default(),
            spacing: Spacing::default(),
            next: None,
            last_answer: None,
            there: most,
        };
        Self { places: Arc::new(Semaphore::new(most)), state: Mutex::new(state) }
    }

    /// Waits for a place, and for the time of the next name.
    pub(super) async fn place(&self) -> Option<Place> {
        let next = self.state().next;
        // A time that is past would still take the timer's next tick.
        if let Some(next) = next.filter(|next| *next > Instant::now()) {
            tokio::time::sleep_until(next).await;
        }
        // The semaphore is never closed, so that `None` cannot come; it would only lift the limit.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let mut state = self.state();
        state.next = Instant::now().checked_add(state.spacing.gap());
        place
    }

    /// Counts what came of a name that was asked for at that time, and gives or takes places.
    pub(super) fn answered(&self, failed: bool, asked: Instant, now: Instant) {
        let mut state = self.state();
        state.share.count(failed);
        if failed {
            state.spacing.failed(asked, now);
        } else {
            state.spacing.answered(asked);
            state.last_answer = Some(now);
        }
        if !failed {
            state.adapt.went_well(now);
        } else if state.share.is_large() {
            let limit = state.adapt.limit();
            state.adapt.lacked(limit, now);
        }
        let wanted = state.adapt.limit();
        if wanted > state.there {
            self.places.add_permits(wanted.saturating_sub(state.there));
            state.there = wanted;
        } else {
            // Those that are taken go with a later answer.
            let taken_away = self.places.forget_permits(state.there.saturating_sub(wanted));
            state.there = state.there.saturating_sub(taken_away);
        }
    }

    /// How often a name is asked for at most. One that fails among many that do not is tried once more. Where many
    /// fail it is the resolver, which may fare better with fewer questions; but with one that answers for none and is
    /// asked as little as can be there is nothing to wait for.
    pub(super) fn most_tries(&self, now: Instant) -> u32 {
        let state = self.state();
        let answers = state.last_answer.is_some_and(|at| now.saturating_duration_since(at) < LATELY);
        let is_slowed = state.spacing.is_slowed() || state.adapt.is_slowed();
        let may_fare_better = answers || !state.adapt.is_at_its_least();
        if (state.share.is_large() || is_slowed) && may_fare_better { MOST_TRIES } else { 2 }
    }

    /// Whether fewer are asked for than might be.
    pub(super) fn is_slowed(&self) -> bool {
        let state = self.state();
        state.adapt.is_slowed() || state.spacing.is_slowed()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn places_are_taken_away_and_given_back() {
        let names = Names::new(80);
        let mut held = Vec::new();
        for _ in 0..30 {
            held.extend(names.place().await);
        }
        let answered = |failed| names.answered(failed, Instant::now(), Instant::now());
        for _ in 0..8 {
            answered(true);
        }
        assert!(names.is_slowed());
        assert_eq!(names.most_tries(Instant::now()), MOST_TRIES);
        assert_eq!(names.places.available_permits(), 0, "20 places, 30 taken");
        drop(held);
        for _ in 0..20 {
            tokio::time::advance(Duration::from_secs(2)).await;
            answered(true);
        }
        assert_eq!(names.places.available_permits(), LEAST);
        assert_eq!(names.most_tries(Instant::now()), 2, "nobody answers, and fewer would be no better");
        tokio::time::advance(Duration::from_secs(2)).await;
        answered(false);
        assert_eq!(names.most_tries(Instant::now()), MOST_TRIES, "somebody is there");
        for _ in 0..5_000 {
            answered(false);
        }
        assert_eq!(names.places.available_permits(), 40);
        assert!(!names.is_slowed());
        assert_eq!(names.most_tries(Instant::now()), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_at_once_is_asked_for_less_often_all_the_same() {
        let names = Names::new(512);
        let began = Instant::now();
        for _ in 0..200 {
            let place = names.place().await;
            drop(place);
            names.answered(true, Instant::now(), Instant::now());
        }
        assert!(began.elapsed() > Duration::from_secs(8), "{:?}", began.elapsed());
    }
}
