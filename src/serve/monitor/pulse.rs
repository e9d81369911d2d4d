//! Whether rounds are being made: what `/healthz` answers by.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::evidence::Round;
use crate::monitor::health::Health;
use crate::monitor::listen::Listener;

/// Notes when the last round ended. A listener beside the others.
#[derive(Debug)]
pub struct Pulse {
    began: Instant,
    limit: Duration,
    /// Milliseconds after the beginning.
    last: AtomicU64,
}

impl Pulse {
    /// A pulse that has stopped when no round ends within `limit`: a few intervals and the longest a round may take.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self { began: Instant::now(), limit, last: AtomicU64::new(0) }
    }

    /// Why it has stopped, in one clause; none while it beats.
    #[must_use]
    pub fn stopped(&self) -> Option<String> {
        let since =
            self.began.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
        let (seconds, limit) = (since.as_secs(), self.limit.as_secs_f64());
        (since > self.limit)
            .then(|| format!("no round ended for {seconds} s, which is longer than {limit} s"))
    }
}

impl Listener for Pulse {
    fn round(&self, _target: &str, _round: &Round, _health: &Health) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }
}
