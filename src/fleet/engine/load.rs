//! How busy a scan is, and what slows it down: for the progress line.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::trouble::Lack;

/// How busy a scan is; the engine writes, others look.
#[derive(Debug, Default)]
pub struct Load {
    /// Whoever waits for the first turn counted among those in flight.
    loaded: Mutex<Loaded>,
    first_turns: AtomicUsize,
}

/// A target that waits for its first turn, until it is dropped.
pub(super) struct FirstTurn<'a>(&'a AtomicUsize);

/// How busy a scan is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// How many targets are in flight: their names are being resolved, or they were connected to.
    pub in_flight: usize,
    /// How many may be, now.
    pub limit: usize,
    /// How many wait to be tried again, for their turn at the resolver, or for that of their first connection.
    pub waiting: usize,
    /// How often a target was put back since the beginning.
    pub retried: u64,
    /// Why it goes slower than it was told to; null while it does not.
    pub slowed_by: Option<Lack>,
}

impl Load {
    /// How busy it is now.
    #[must_use]
    pub fn now(&self) -> Loaded {
        let loaded = *self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let first_turns = self.first_turns.load(Ordering::Relaxed);
        Loaded {
            in_flight: loaded.in_flight.saturating_sub(first_turns),
            waiting: loaded.waiting.saturating_add(first_turns),
            ..loaded
        }
    }

    pub(super) fn set(&self, loaded: Loaded) {
        *self.loaded.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
    }

    /// Counts one that waits for its first turn.
    pub(super) fn first_turn(&self) -> FirstTurn<'_> {
        self.first_turns.fetch_add(1, Ordering::Relaxed);
        FirstTurn(&self.first_turns)
    }
}

impl Drop for FirstTurn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
