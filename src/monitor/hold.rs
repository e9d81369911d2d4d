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
