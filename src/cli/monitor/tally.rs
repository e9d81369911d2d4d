//! What the command itself has to know of its monitor: how long it runs, that it began, and whether anything was down.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdprobe::evidence::Round;
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::Health;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;

/// Notes.
#[derive(Debug)]
pub(super) struct Tally {
    began: Instant,
    round: AtomicBool,
    outage: AtomicBool,
}

impl Tally {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), round: AtomicBool::new(false), outage: AtomicBool::new(false) }
    }

    /// How long the monitor has been running.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Whether a round has ended.
    pub(super) fn has_begun(&self) -> bool {
        self.round.load(Ordering::Relaxed)
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
        self.round.store(true, Ordering::Relaxed);
    }

    fn event(&self, event: &Event) {
        if matches!(event.what, What::State { to: State::Down, .. }) {
            self.outage.store(true, Ordering::Relaxed);
        }
    }
}
