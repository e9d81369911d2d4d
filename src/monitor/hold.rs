//! Held connections: how long each lasted, how it ended, and what a row of them says of server and path.

use serde::{Deserialize, Serialize};

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

/// A stand-in until the real one is merged.
#[derive(Debug)]
pub struct Ladder(super::settings::Hold, usize);

/// The next connection to hold.
#[derive(Debug, Clone, Copy)]
pub struct NextHold {
    /// How often it is kept alive; none: it is left idle.
    pub keep_alive: Option<std::time::Duration>,
    /// For how long.
    pub for_at_most: std::time::Duration,
}

#[allow(missing_docs, clippy::should_implement_trait)]
impl Ladder {
    #[must_use]
    pub fn new(hold: &super::settings::Hold) -> Self {
        Self(hold.clone(), 0)
    }
    pub fn next(&mut self) -> NextHold {
        let steps = &self.0.idle_steps;
        let for_at_most = steps.get(self.1.min(steps.len().saturating_sub(1))).copied().unwrap_or_default();
        self.1 += 1;
        NextHold { keep_alive: None, for_at_most }
    }
    pub fn ended(&mut self, _: &HeldEnd) -> Option<String> {
        None
    }
}
