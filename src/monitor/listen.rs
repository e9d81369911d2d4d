//! Who is told of everything that the monitor sees: the record, the HDR log, the lines, the hook, the webhook.

use super::event::Event;
use super::health::Health;
use super::latency::Interval;
use crate::evidence::Round;

/// Somebody who is told. Called on the monitor's own thread: it must not wait for anything.
pub trait Listener: Send + Sync {
    /// A round ended.
    fn round(&self, target: &str, round: &Round, health: &Health) {
        let _ = (target, round, health);
    }

    /// A summary interval of a target ended.
    fn interval(&self, target: &str, interval: &Interval) {
        let _ = (target, interval);
    }

    /// Something happened.
    fn event(&self, event: &Event) {
        let _ = event;
    }
}
