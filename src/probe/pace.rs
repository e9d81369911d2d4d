//! The pace of connections to one host: spaced, only so many at a time, and only so many unanswered.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore, SemaphorePermit, watch};
use tokio::time::Instant;

use super::Hooks;
use super::budget::Budget;

/// Never two connections within this time: xrdp listens with a backlog of 2, and a burst makes the very
/// timeouts that it then reports.
const SPACING: Duration = Duration::from_millis(5);

/// Never more connections than this at a time.
const AT_A_TIME: usize = 8;

/// With this many connected and unanswered, a backlog of 2 is full: a busy server has yet to accept them.
const BACKLOG: usize = 3;

/// How long a full backlog holds the next connection back. A server that is only slow is not waited for longer.
const HOLD: Duration = Duration::from_millis(150);

/// Who may connect to one host, and when.
pub(super) struct Pace<'a> {
    budget: &'a Budget,
    hooks: &'a dyn Hooks,
    /// When the next connection may start; none before the first. Those who wait for it form a queue.
    next: Mutex<Option<Instant>>,
    places: Semaphore,
    unanswered: watch::Sender<usize>,
}

/// A connection that the server has not answered yet; dropped with its first answer.
pub(super) struct Unanswered<'a>(&'a watch::Sender<usize>);

impl<'a> Pace<'a> {
    /// A pace whose first turn is now, or as soon as the hooks let it be.
    pub(super) fn new(budget: &'a Budget, hooks: &'a dyn Hooks) -> Self {
        Self {
            budget,
            hooks,
            next: Mutex::default(),
            places: Semaphore::new(AT_A_TIME),
            unanswered: watch::Sender::new(0),
        }
    }

    /// Waits for the next turn. The connection may live as long as the permit does.
    pub(super) async fn turn(&self, address: SocketAddr) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so that `None` cannot come; it would only lift the limit.
        let permit = self.places.acquire().await.ok();
        let mut next = self.next.lock().await;
        if let Some(at) = *next {
            tokio::time::sleep_until(at).await;
        }
        let mut unanswered = self.unanswered.subscribe();
        // Passing the time limit is as good as an answer: the hold is a courtesy, not a condition.
        drop(tokio::time::timeout(HOLD, unanswered.wait_for(|count| *count < BACKLOG)).await);
        let ready = Instant::now();
        tokio::select! {
            biased;
            () = self.hooks.turn(address) => {}
            () = self.budget.halted() => {}
        }
        // One at a time waits here, so that the waits add up.
        let now = Instant::now();
        let waited = now.saturating_duration_since(ready);
        match *next {
            Some(_) => self.budget.put_off(waited),
            None => self.budget.stood_still(waited),
        }
        *next = Some(now + SPACING);
        permit
    }

    /// Counts a connection that has just been made.
    pub(super) fn connected(&self) -> Unanswered<'_> {
        self.unanswered.send_modify(|count| *count = count.saturating_add(1));
        Unanswered(&self.unanswered)
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}
