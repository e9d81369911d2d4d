//! What the monitor tells: one event a change, the same for the screen, the record, the hook and the webhook.

use serde::{Deserialize, Serialize};

use super::hold::HeldEnd;
use super::outage::{Cause, Outage};
use super::state::State;
use crate::policy::Change;

/// The name and version of the format.
pub const EVENT_SCHEMA: &str = "rdprobe.event/1";

/// Something happened to a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Event {
    /// Always `rdprobe.event/1`; additions only within a version.
    #[schemars(extend("const" = EVENT_SCHEMA))]
    pub schema: String,
    /// When it was noticed, on this machine's clock (UTC).
    #[schemars(with = "String")]
    pub at: jiff::Timestamp,
    /// Which target, as the user wrote it.
    pub target: String,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "events are few, and most of them are changes of state")]
pub enum What {
    /// The state is another one.
    State {
        /// The state before.
        from: State,
        /// The state now.
        to: State,
        /// Since when, by the schedule: earlier than it was noticed by the rounds that hysteresis waited for.
        #[schemars(with = "String")]
        since: jiff::Timestamp,
        /// Why, in one clause.
        why: String,
        /// The outage that this ended; null if it ended none.
        outage: Option<Outage>,
    },
    /// The deep probe at a change of state found why.
    Diagnosed {
        /// The state that it was made in.
        state: State,
        /// The report's one clause.
        summary: String,
        /// The best finding; null if nothing explains what was seen.
        cause: Option<Cause>,
    },
    /// Something about the server is different.
    Changed {
        /// What.
        changes: Vec<Change>,
    },
    /// A held connection ended that should not have.
    HeldLost {
        /// Which, and how.
        held: HeldEnd,
        /// What that means, in one clause.
        why: String,
    },
    /// Over time a pattern showed that no single probe can see: its cause in the words of the catalogue.
    Pattern {
        /// The observation: `over-time.idle-cut`, ...
        id: String,
        /// The fact that proves it, one clause.
        fact: String,
        /// The cause that goes with it; null if the catalogue has none.
        cause: Option<Cause>,
    },
}

impl Event {
    /// An event of a target.
    #[must_use]
    pub fn new(at: jiff::Timestamp, target: &str, what: What) -> Self {
        Self { schema: EVENT_SCHEMA.to_owned(), at, target: target.to_owned(), what }
    }
}
