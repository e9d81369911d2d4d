//! Targets that this machine could not probe for a lack of its own: when each is due again.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::time::Duration;

use tokio::time::Instant;

use super::Work;

/// How long the first wait is; each next one is twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// How often a target is tried at most: over 16 seconds of waiting, while the scan slows down.
pub(super) const MOST_TRIES: u32 = 7;

/// A target, and how often it was tried.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) work: Work,
    pub(super) tries: u32,
}

impl Tried {
    /// A target that was never tried.
    pub(super) const fn new(work: Work) -> Self {
        Self { work, tries: 0 }
    }
}

/// Those that wait, the soonest first.
#[derive(Debug, Default)]
pub(super) struct Again(BinaryHeap<Reverse<Waiting>>);

#[derive(Debug)]
struct Waiting {
    due: Instant,
    tried: Tried,
}

impl Again {
    /// Puts one back.
    pub(super) fn put(&mut self, tried: Tried, now: Instant) {
        let wait = FIRST_WAIT.saturating_mul(1 << tried.tries.saturating_sub(1).min(MOST_TRIES));
        self.0.push(Reverse(Waiting { due: now + wait, tried }));
    }

    /// When the next one is due.
    pub(super) fn due(&self) -> Option<Instant> {
        self.0.peek().map(|Reverse(waiting)| waiting.due)
    }

    /// The next one, if it is due.
    pub(super) fn take(&mut self, now: Instant) -> Option<Tried> {
        if self.due()? > now {
            return None;
        }
        self.0.pop().map(|Reverse(waiting)| waiting.tried)
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Waiting {
    const fn key(&self) -> (Instant, u64) {
        (self.due, self.tried.work.position)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
