//! What systemd is told of a service with `Type=notify`: ready, alive, reloading, stopping, and how it stands.

use std::time::Duration;

use std::sync::Arc;

use rdprobe::monitor::state::State;
use rdprobe::render::measure;
use rdprobe::serve::monitor::Pulse;

use super::tally::Tally;

/// Rounds that have not begun after this long do not keep the service from being ready: they may be far apart.
const READY_AFTER: Duration = Duration::from_secs(5);

/// The service manager, if there is one.
#[derive(Debug)]
pub(super) struct Service {
    /// How long the manager waits for a sign of life.
    watchdog: Option<Duration>,
    pulse: Arc<Pulse>,
    ready: bool,
    status: String,
}

impl Service {
    /// The manager hears a sign of life while the pulse beats.
    pub(super) fn new(pulse: Arc<Pulse>) -> Self {
        Self { watchdog: manager::watchdog(), pulse, ready: false, status: String::new() }
    }

    /// How often [`Self::beat`] has to be called.
    pub(super) fn every(&self) -> Duration {
        let third = self.watchdog.map_or(Duration::MAX, |watchdog| watchdog / 3);
        third.clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// A sign of life, if the monitor gives one: rounds end. One that hangs is started anew by its manager.
    pub(super) fn beat(&mut self, tally: &Tally, has_targets: bool) {
        if !self.ready && (tally.has_begun() || tally.elapsed() >= READY_AFTER) {
            self.ready = true;
            manager::ready();
        }
        if self.watchdog.is_none() {
            return;
        }
        match self.pulse.stopped().filter(|_| has_targets) {
            None => manager::alive(),
            Some(why) => tracing::error!("{why}: the service manager is not told that all is well"),
        }
    }

    /// How it stands, in one line; told where it is another one.
    pub(super) fn status(&mut self, counts: &[(State, usize)]) {
        let all: usize = counts.iter().map(|(_, count)| count).sum();
        let parts: Vec<String> = counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(state, count)| format!("{count} {}", state.word()))
            .collect();
        let all = measure::many(u64::try_from(all).unwrap_or(u64::MAX), "target");
        let status = format!("{all}: {}", parts.join(", "));
        if status != self.status {
            manager::status(&status);
            self.status = status;
        }
    }

    /// The list of targets is read again.
    pub(super) fn reloading() {
        manager::reloading();
    }

    /// It was taken, or it takes too long to be waited for.
    pub(super) fn reloaded() {
        manager::ready();
    }

    /// The end has begun.
    pub(super) fn stopping() {
        manager::stopping();
    }
}

#[cfg(unix)]
mod manager {
    use std::time::Duration;

    use sd_notify::NotifyState;

    pub(super) fn watchdog() -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    pub(super) fn ready() {
        tell(&[NotifyState::Ready]);
    }

    pub(super) fn alive() {
        tell(&[NotifyState::Watchdog]);
    }

    pub(super) fn status(status: &str) {
        tell(&[NotifyState::Status(status)]);
    }

    pub(super) fn stopping() {
        tell(&[NotifyState::Stopping]);
    }

    pub(super) fn reloading() {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    /// Without a manager this does nothing.
    fn tell(what: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(what) {
            tracing::warn!("the service manager cannot be told: {error}");
        }
    }
}

#[cfg(not(unix))]
mod manager {
    use std::time::Duration;

    pub(super) fn watchdog() -> Option<Duration> {
        None
    }

    pub(super) fn ready() {}

    pub(super) fn alive() {}

    pub(super) fn status(_: &str) {}

    pub(super) fn stopping() {}

    pub(super) fn reloading() {}
}
