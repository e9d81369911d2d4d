//! How many names are asked for at a time: fewer when the resolver fails for many.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::fleet::adapt::{Adapt, Share};

/// More questions than these at a time are a flood to many a resolver.
const MOST: usize = 256;

/// So many are no flood to any: names that nobody answers for pass at this pace at least.
const LEAST: usize = 16;

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
    /// How many places there are, taken ones included.
    there: usize,
}

impl Names {
    /// Places for a scan with so many targets in flight: half of them at most, so that addresses pass beside names.
    pub(super) fn new(concurrency: usize) -> Self {
        let most = (concurrency / 2).clamp(1, MOST);
        let state = State { adapt: Adapt::between(LEAST, most), share: Share::default(), there: most };
        Self { places: Arc::new(Semaphore::new(most)), state: Mutex::new(state) }
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> Option<Place> {
        // The semaphore is never closed, so that `None` cannot come; it would only lift the limit.
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// Counts an answer, and gives or takes places.
    pub(super) fn answered(&self, failed: bool, now: Instant) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.share.count(failed);
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

    /// Whether many names fail, and more so perhaps for asking too much at a time.
    pub(super) fn are_too_many(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.share.is_large() && !state.adapt.is_at_its_least()
    }

    /// Whether fewer are asked for than might be.
    pub(super) fn is_slowed(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).adapt.is_slowed()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn places_are_taken_away_and_given_back() {
        let names = Names::new(80);
        let mut held = Vec::new();
        for _ in 0..30 {
            held.extend(names.place().await);
        }
        for _ in 0..8 {
            names.answered(true, Instant::now());
        }
        assert!(names.are_too_many() && names.is_slowed());
        assert_eq!(names.places.available_permits(), 0, "20 places, 30 taken");
        drop(held);
        for _ in 0..20 {
            tokio::time::advance(Duration::from_secs(2)).await;
            names.answered(true, Instant::now());
        }
        assert_eq!(names.places.available_permits(), LEAST);
        assert!(!names.are_too_many(), "fewer would be no better");
        tokio::time::advance(Duration::from_secs(2)).await;
        for _ in 0..2_000 {
            names.answered(false, Instant::now());
        }
        assert_eq!(names.places.available_permits(), 40);
        assert!(!names.is_slowed());
    }
}
