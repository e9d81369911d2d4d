//! How many names are asked for at a time: fewer when the resolver fails for many.

use std::sync::{Mutex, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::fleet::adapt::{Adapt, Share};

/// More questions than these at a time are a flood to many a resolver.
const MOST: usize = 256;

/// The places of those who ask a resolver.
pub(super) struct Names {
    places: Semaphore,
    state: Mutex<State>,
}

struct State {
    adapt: Adapt,
    share: Share,
    /// How many places there are, taken ones included.
    there: usize,
}

impl Names {
    /// Places for a scan with so many targets in flight.
    pub(super) fn new(concurrency: usize) -> Self {
        let most = concurrency.clamp(1, MOST);
        let state = State { adapt: Adapt::new(most), share: Share::default(), there: most };
        Self { places: Semaphore::new(most), state: Mutex::new(state) }
    }

    /// Waits for a place.
    pub(super) async fn place(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so that `None` cannot come; it would only lift the limit.
        self.places.acquire().await.ok()
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

    /// Whether many names fail.
    pub(super) fn many_fail(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).share.is_large()
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
        let names = Names::new(8);
        let held = [names.place().await, names.place().await, names.place().await];
        for _ in 0..8 {
            names.answered(true, Instant::now());
        }
        assert!(names.many_fail() && names.is_slowed());
        assert_eq!(names.places.available_permits(), 1, "4 places, 3 taken");
        tokio::time::advance(Duration::from_secs(2)).await;
        names.answered(true, Instant::now());
        assert_eq!(names.places.available_permits(), 0);
        drop(held);
        names.answered(true, Instant::now());
        assert_eq!(names.places.available_permits(), 2);
        tokio::time::advance(Duration::from_secs(2)).await;
        for _ in 0..1_000 {
            names.answered(false, Instant::now());
        }
        assert_eq!(names.places.available_permits(), 8);
        assert!(!names.is_slowed());
    }
}
