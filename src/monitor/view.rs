//! One target as every view shows it: the live view, the lines, `/metrics`, a report.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::hold::HeldEnd;
use super::latency::PhaseSummary;
use super::outage::{Cause, Outage};
use super::state::{Availability, State};

/// Everything that a view may show of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TargetView {
    /// As the user wrote it.
    pub target: String,
    /// The address of the last round; null if the name gave none.
    pub address: Option<SocketAddr>,
    /// Its state.
    pub state: State,
    /// Since when.
    #[schemars(with = "String")]
    pub since: jiff::Timestamp,
    /// Why, in one clause.
    pub why: String,
    /// The cause of the outage that lasts; null if there is none or none was found.
    pub cause: Option<Cause>,
    /// How many rounds were made.
    pub rounds: u64,
    /// How many of them failed on the target's side.
    pub lost: u64,
    /// How many of them say nothing of the target, because of this machine's own trouble.
    #[serde(default)]
    pub own_side: u64,
    /// How many rounds the schedule left out because one before them stalled.
    pub missed: u64,
    /// How the watched time divides.
    pub availability: Availability,
    /// The total times of the last rounds, oldest first, in microseconds; null for a lost one. 240 at most; those
    /// that say nothing of the target are left out.
    pub recent_us: Vec<Option<u64>>,
    /// The last whole summary interval, a phase each; phases that were never measured are left out.
    pub latest: Vec<PhaseSummary>,
    /// Since the monitor began, a phase each.
    pub overall: Vec<PhaseSummary>,
    /// The outages, oldest first, the one that lasts included; the last 50.
    pub outages: Vec<Outage>,
    /// How many outages there were altogether.
    pub outages_total: u64,
    /// What the last deep probe saw of the server.
    pub server: ServerView,
    /// The last held connection that ended; null if none was held.
    pub held: Option<HeldEnd>,
    /// The patterns found, each in one clause.
    pub patterns: Vec<String>,
}

impl TargetView {
    /// How many rounds say something of the target: what the lost ones are a share of.
    #[must_use]
    pub const fn judged(&self) -> u64 {
        self.rounds.saturating_sub(self.own_side)
    }
}

/// What the last deep probe that got so far saw of the server.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServerView {
    /// The protocol that it selects, by name.
    pub protocol: Option<String>,
    /// The TLS version agreed on.
    pub tls_version: Option<String>,
    /// When its certificate ends.
    #[schemars(with = "Option<String>")]
    pub certificate_not_after: Option<jiff::Timestamp>,
    /// SHA-1 thumbprint of its certificate, upper-case hex.
    pub thumbprint_sha1: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Its version and build: `10.0.20348`.
    pub build: Option<String>,
    /// Its clock against ours, in milliseconds, positive if it is ahead.
    pub skew_ms: Option<f64>,
}
