//! Held connections: how long each lasted, how it ended, and what a row of them says of server and path.

use serde::{Deserialize, Serialize};
use std::time::Duration;

// Which connection to hold next, and what the ends of the ones before it say.
mod ladder;

// The server's own limit, from the ages at which connections end.
mod limit;

// What the path does to idle connections, step by step.
mod idle;

pub use ladder::{Ladder, NextHold};

/// How a held connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// The peer closed it in order.
    Fin,
    /// The peer, or something on the path, reset it.
    Reset,
    /// A keep-alive stayed unanswered.
    Silence,
    /// It was still alive when its time was over, and was closed from here.
    Survived,
}

/// One held connection, after its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct HeldEnd {
    /// When it was negotiated.
    #[schemars(with = "String")]
    pub opened: jiff::Timestamp,
    /// When its end was noticed.
    #[schemars(with = "String")]
    pub noticed: jiff::Timestamp,
    /// How old it was when its end was noticed, in seconds.
    pub age_s: f64,
    /// How long nothing had passed over it, in seconds; 0 where it was kept alive.
    pub idle_s: f64,
    /// How it ended.
    pub ending: Ending,
}

impl HeldEnd {
    /// How old it was.
    #[must_use]
    pub fn age(&self) -> Duration {
        Duration::try_from_secs_f64(self.age_s).unwrap_or_default()
    }
}

impl Ending {
    /// How it ended, after "it ended".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Fin => "by an orderly close",
            Self::Reset => "by a reset",
            Self::Silence => "without a word: a keep-alive stayed unanswered",
            Self::Survived => "by its own time",
        }
    }
}
