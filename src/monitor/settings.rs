//! What to watch, how often and how deep.

use std::time::Duration;

use crate::evidence::Stage;
use crate::probe::Plan;
use crate::target::Target;

/// What holds for every target of one monitor.
#[derive(Debug, Clone)]
pub struct Settings {
    /// From the start of one round to the start of the next.
    pub interval: Duration,
    /// The last stage of a round: connect, negotiate (the default), tls or credssp.
    pub depth: Stage,
    /// From one deep probe to the next while nothing happens.
    pub deep_every: Duration,
    /// How the network is used: timeouts, resolver, source, cookie.
    pub plan: Plan,
    /// When a change of state is believed.
    pub hysteresis: Hysteresis,
    /// Hold a connection open beside the rounds.
    pub hold: Option<Hold>,
    /// Whom to ask whether this machine's own network is there; empty: the default gateway.
    pub controls: Vec<Target>,
    /// How much time a summary of the latest latency covers, and one line of an HDR log.
    pub summary_every: Duration,
}

/// When a change of state is believed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hysteresis {
    /// So many bad rounds in a row: down.
    pub down_after: u32,
    /// So many good rounds in a row: up again.
    pub up_after: u32,
    /// A round slower than the target's usual time by this factor is a lesser one; none: slowness is never one.
    pub slower_by: Option<f64>,
    /// ... but only if it is slower by at least this much too.
    pub slower_at_least: Duration,
    /// So many changes between up and down within [`Self::flapping_within`]: flapping.
    pub flapping_after: u32,
    /// See there.
    pub flapping_within: Duration,
}

impl Default for Hysteresis {
    fn default() -> Self {
        Self {
            down_after: 3,
            up_after: 2,
            slower_by: Some(3.0),
            slower_at_least: Duration::from_millis(20),
            flapping_after: 6,
            flapping_within: Duration::from_secs(10 * 60),
        }
    }
}

/// How connections are held.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// The idle times to try, ascending: what a path cuts is found between two of them.
    pub idle_steps: Vec<Duration>,
    /// How often a connection that is held for the server's own limit, or to notice its end, is kept alive.
    pub keep_alive: Duration,
    /// How long a keep-alive may stay unanswered.
    pub patience: Duration,
}

impl Default for Hold {
    fn default() -> Self {
        let minutes = |count: u64| Duration::from_secs(count * 60);
        Self {
            idle_steps: vec![minutes(1), minutes(2), minutes(4), minutes(8)],
            keep_alive: Duration::from_secs(15),
            patience: Duration::from_secs(5),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            depth: Stage::Negotiate,
            deep_every: Duration::from_secs(10 * 60),
            plan: Plan::default(),
            hysteresis: Hysteresis::default(),
            hold: None,
            controls: Vec::new(),
            summary_every: Duration::from_secs(60),
        }
    }
}
