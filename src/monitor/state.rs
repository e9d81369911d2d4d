//! Up, degraded, down, unknown, flapping: what a row of rounds says of a target, with hysteresis.

use serde::{Deserialize, Serialize};

// The machine that decides it.
mod machine;

// How the watched time divides.
mod account;

// Many changes within a short time.
mod flapping;

pub use machine::{Edge, Kind, Machine, Seen, Turned};

/// The state of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Not known: nothing was decided yet, or our own side lost its network.
    Unknown,
    /// It answers as usual.
    Up,
    /// It answers, slower or with less than usual.
    Degraded,
    /// It does not answer.
    Down,
    /// It goes up and down again and again. The outages are counted all the same.
    Flapping,
}

impl State {
    /// The word for the state, the same everywhere.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Flapping => "flapping",
        }
    }
}

/// How much time a target spent how, since its first round. Time in which no monitor ran is in none of them; time in
/// which a monitor slept is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Availability {
    /// Up, degraded or flapping but answering, in seconds.
    pub up_s: f64,
    /// Down, in seconds.
    pub down_s: f64,
    /// Unknown, in seconds: counts neither for nor against the target.
    pub unknown_s: f64,
}

impl Availability {
    /// The part of the known time in which it answered, 0 to 1; null before anything is known.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        let known = self.up_s + self.down_s;
        (known > 0.0).then(|| self.up_s / known)
    }
}
