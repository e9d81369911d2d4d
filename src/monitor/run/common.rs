//! What all targets of one monitor share.

use std::sync::Arc;
use std::time::Duration;

use super::places::Places;
use crate::evidence::Round;
use crate::monitor::control::Control;
use crate::monitor::event::Event;
use crate::monitor::health::Health;
use crate::monitor::listen::Listener;
use crate::monitor::settings::Settings;
use crate::probe::Plan;
use crate::probe::round::Manner;

/// The longest that one round may last. A stall is measured up to here; what is longer is lost.
const ROUND_LIMIT: Duration = Duration::from_secs(10);

/// A connect is given up before this, or before the interval if that is longer: the kernel sends a lost SYN again after
/// one second, and a host that is gone must not cost two turns for each round.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// Shared by all targets.
pub(super) struct Common {
    pub(super) settings: Settings,
    /// The plan of a round.
    pub(super) plan: Plan,
    /// How a target is asked before anything is known of it.
    pub(super) usual: Manner,
    pub(super) listeners: Vec<Arc<dyn Listener>>,
    pub(super) control: Control,
    pub(super) deep_places: Places,
}

impl Common {
    pub(super) fn new(settings: Settings, listeners: Vec<Arc<dyn Listener>>) -> Self {
        let plan = plan(&settings);
        Self {
            usual: Manner::usual(&plan),
            control: Control::new(settings.controls.clone(), &plan, settings.interval),
            plan,
            settings,
            listeners,
            deep_places: Places::new(),
        }
    }

    /// Tells everybody of a round.
    pub(super) fn tell_round(&self, target: &str, round: &Round, health: &Health) {
        let (took_ms, late_ms) = (round.elapsed_ms.0, round.late_ms.0);
        tracing::debug!(target, took_ms, late_ms, ?health, "round");
        for listener in &self.listeners {
            listener.round(target, round, health);
        }
    }

    /// Tells everybody what happened.
    pub(super) fn tell(&self, events: &[Event]) {
        for event in events {
            tracing::info!(target = event.target, what = ?event.what, "event");
            for listener in &self.listeners {
                listener.event(event);
            }
        }
    }
}

/// The plan of a round: as deep as the settings say, within the limits above.
fn plan(settings: &Settings) -> Plan {
    let mut plan = Plan { depth: settings.depth, ..settings.plan.clone() };
    let connect = settings.interval.max(CONNECT_LIMIT).mul_f64(0.9);
    plan.timeouts.connect = plan.timeouts.connect.min(connect);
    plan.timeouts.total = plan.timeouts.total.min(ROUND_LIMIT);
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connect_ends_before_the_next_round_and_never_before_a_lost_syn_could_be_told() {
        let connect = |interval| plan(&Settings { interval, ..Settings::default() }).timeouts.connect;
        assert_eq!(connect(Duration::from_millis(100)), Duration::from_millis(900));
        assert_eq!(connect(Duration::from_secs(1)), Duration::from_millis(900));
        assert_eq!(connect(Duration::from_secs(2)), Duration::from_millis(1_800));
        assert_eq!(connect(Duration::from_secs(60)), Duration::from_secs(5), "the plan's own limit");
    }
}
