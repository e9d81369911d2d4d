//! The time that a probe has: its origin, its end, and the user's stop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::evidence::{Failure, Millis, Outcome, Step};

/// The clock and the end of one probe; cheap to clone, one for each connection.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    origin: Instant,
    end: Instant,
    halt: watch::Receiver<bool>,
    waits: Arc<Waits>,
}

/// How long connections have waited for their turn, in microseconds.
#[derive(Debug, Default)]
struct Waits {
    /// Does not count against the end.
    all: AtomicU64,
    /// Counts nowhere: nothing was under way that could be timed.
    idle: AtomicU64,
}

impl Budget {
    /// A budget that begins now and ends after `total`, or when `halt` turns true.
    pub(super) fn new(total: Duration, halt: watch::Receiver<bool>) -> Self {
        Self::begun(Instant::now(), total, halt)
    }

    /// A budget that began at `origin`.
    pub(super) fn begun(origin: Instant, total: Duration, halt: watch::Receiver<bool>) -> Self {
        Self { origin, end: origin + total, halt, waits: Arc::default() }
    }

    /// Puts the end off by a wait that was not for the peer.
    pub(super) fn put_off(&self, wait: Duration) {
        self.waits.all.fetch_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// As [`Self::put_off`], and the clock stood still meanwhile; for a wait while nothing else is timed.
    pub(super) fn stood_still(&self, wait: Duration) {
        self.waits.idle.fetch_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        self.put_off(wait);
    }

    /// Where the clock began, as far as it did not stand still.
    fn origin(&self) -> Instant {
        self.origin + Duration::from_micros(self.waits.idle.load(Ordering::Relaxed))
    }

    fn end(&self) -> Instant {
        self.end + Duration::from_micros(self.waits.all.load(Ordering::Relaxed))
    }

    /// Now plus `limit`, but never after the end of the probe.
    pub(super) fn deadline(&self, limit: Duration) -> Instant {
        (Instant::now() + limit).min(self.end())
    }

    /// The time since the probe began.
    pub(super) fn elapsed(&self) -> Duration {
        self.origin().elapsed()
    }

    /// Whether the probe has no time left, or was stopped.
    pub(super) fn spent(&self) -> bool {
        *self.halt.borrow() || Instant::now() >= self.end()
    }

    /// Resolves when the user stops the probe.
    pub(super) async fn halted(&self) {
        let mut halt = self.halt.clone();
        if halt.wait_for(|halted| *halted).await.is_err() {
            // The sender lives as long as the probe; without it nobody can stop us.
            std::future::pending::<()>().await;
        }
    }

    /// Runs a future, unless the user stops the probe first.
    pub(super) async fn unless_halted<T>(
        &self,
        future: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.halted() => Err(Failure::Interrupted),
            result = future => result,
        }
    }

    /// Times a future and keeps its result as a step.
    pub(super) async fn step<T>(&self, future: impl Future<Output = Result<T, Failure>>) -> Step<T> {
        let start = self.elapsed();
        let result = future.await;
        let elapsed = self.elapsed().saturating_sub(start);
        Step {
            start_ms: Millis::from(start),
            elapsed_ms: Millis::from(elapsed),
            outcome: match result {
                Ok(value) => Outcome::Seen(value),
                Err(failure) => Outcome::Failed(failure),
            },
        }
    }

    /// A stage that was seen ended when its last bytes came, not when this process got its turn to read them.
    pub(super) fn as_it_came<T>(&self, step: Step<T>, arrived: Option<Instant>) -> Step<T> {
        let Some(arrived) = arrived.filter(|_| step.seen().is_some()) else { return step };
        let came = Millis::from(arrived.saturating_duration_since(self.origin()));
        let elapsed = came.0 - step.start_ms.0;
        Step { elapsed_ms: Millis(step.elapsed_ms.0.min(elapsed).max(0.0)), ..step }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_for_the_first_turn_is_no_part_of_the_probes_time() {
        let (_halt, halted) = watch::channel(false);
        let budget = Budget::new(Duration::from_secs(10), halted);
        let pass = |seconds| tokio::time::advance(Duration::from_secs(seconds));
        pass(1).await;
        pass(60).await;
        budget.stood_still(Duration::from_secs(60));
        assert_eq!(budget.elapsed(), Duration::from_secs(1));
        pass(5).await;
        budget.put_off(Duration::from_secs(5));
        assert_eq!(budget.elapsed(), Duration::from_secs(6), "another connection was timed meanwhile");
        pass(8).await;
        assert!(!budget.spent());
        pass(1).await;
        assert!(budget.spent());
    }
}
