//! How busy a scan is, and what slows it down: for the progress line.

use std::sync::{Mutex, PoisonError};

use super::trouble::Lack;

/// How busy a scan is; one writes, others look.
#[derive(Debug, Default)]
pub struct Load(Mutex<Loaded>);

/// How busy a scan is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Loaded {
    /// How many targets are in flight.
    pub in_flight: usize,
    /// How many may be, now.
    pub limit: usize,
    /// How many wait to be tried again, or for their turn at the resolver.
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
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set(&self, loaded: Loaded) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = loaded;
    }
}
