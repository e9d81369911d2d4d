//! What the command itself has to know of its monitor: that it makes rounds, and whether anything was down.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rdprobe::evidence::Round;
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::Health;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;

/// Counts.
#[derive(Debug)]
pub(super) struct Tally {
    began: Instant,
    rounds: AtomicU64,
    /// When the last round ended, in milliseconds after the beginning.
    last_round_ms: AtomicU64,
    outage: AtomicBool,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            began: Instant::now(),
            rounds: AtomicU64::new(0),
            last_round_ms: AtomicU64::new(0),
            outage: AtomicBool::new(false),
        }
    }

    /// How long the monitor has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether a round has ended.
    pub(super) fn has_begun(&self) -> bool {
        self.rounds.load(Ordering::Relaxed) > 0
    }

    /// How long no round has ended.
    pub(super) fn silent_for(&self) -> Duration {
        let last = Duration::from_millis(self.last_round_ms.load(Ordering::Relaxed));
        self.elapsed().saturating_sub(last)
    }

    /// The exit code: 1 if something was down, 3 if of some target nothing is known, else 0.
    pub(super) fn exit_code(&self, views: &[TargetView]) -> u8 {
        if self.outage.load(Ordering::Relaxed) || views.iter().any(|view| view.outages_total > 0) {
            1
        } else if views.is_empty() || views.iter().any(|view| view.availability.ratio().is_none()) {
            crate::cli::UNDECIDED
        } else {
            0
        }
    }
}

impl Listener for Tally {
    fn round(&self, _: &str, _: &Round, _: &Health) {
        let now = u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_round_ms.store(now, Ordering::Relaxed);
        self.rounds.fetch_add(1, Ordering::Relaxed);
    }

    fn event(&self, event: &Event) {
        if matches!(event.what, What::State { to: State::Down, .. }) {
            self.outage.store(true, Ordering::Relaxed);
        }
    }
}
