//! Testimony: what others tell beside the probe (the user, the guest, Azure), by the id that the diagnosis reads.

use serde::{Deserialize, Serialize};

/// One thing that somebody else saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Testimony {
    /// Who tells it.
    pub witness: Witness,
    /// The observation that it amounts to: `says.internal-error`, `guest.event.36870`, ...
    pub id: String,
    /// The fact, one clause, in the witness's own words where that can be.
    pub fact: String,
}

/// Who tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The user, of what the Remote Desktop client displayed.
    Client,
    /// A command that ran inside the guest.
    Guest,
    /// Azure, asked for the machine's state, its health or its network.
    Azure,
    /// The monitor, of what only shows over time.
    Monitor,
}
