//! The pace of connections to one host: spaced, and only so many at a time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Never two connections within this time: xrdp listens with a backlog of 2, and a burst makes the very
/// timeouts that it then reports.
const SPACING: Duration = Duration::from_millis(5);

/// Never more connections than this at a time.
const AT_A_TIME: usize = 8;

/// Who may connect to one host, and when.
#[derive(Debug)]
pub(super) struct Pace {
    next: Mutex<Instant>,
    places: Semaphore,
}

impl Pace {
    /// A pace whose first turn is now.
    pub(super) fn new() -> Self {
        Self { next: Mutex::new(Instant::now()), places: Semaphore::new(AT_A_TIME) }
    }

    /// Waits for the next turn. The connection may live as long as the permit does.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so that `None` cannot come; it would only lift the limit.
        let permit = self.places.acquire().await.ok();
        tokio::time::sleep_until(self.next_slot()).await;
        permit
    }

    fn next_slot(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = (*next).max(Instant::now());
        *next = slot + SPACING;
        slot
    }
}
