//! Round: what one turn of the monitor saw, on one connection.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{Challenge, Connected, Handshake, HexBytes, Millis, Reply, Resolution, Stage, Step};

/// One round: one connection to one address, as deep as the monitor's settings go.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Round {
    /// When the round was due by the schedule, on this machine's clock (UTC).
    #[schemars(with = "String")]
    pub due: jiff::Timestamp,
    /// How many turns before it the schedule left out, because the round before them took so long or nothing ran.
    #[serde(default)]
    pub missed: u64,
    /// How long after that it began: this machine's own lateness.
    pub late_ms: Millis,
    /// From its beginning to its end, the farewell left out.
    pub elapsed_ms: Millis,
    /// The last stage asked for.
    pub depth: Stage,
    /// The address that was tried; null if the name gave none.
    pub address: Option<SocketAddr>,
    /// The name, if this round resolved it: skipped while the last answer is still good.
    pub resolve: Step<Resolution>,
    /// TCP.
    pub connect: Step<Connected>,
    /// The Connection Request and its answer.
    pub negotiate: Step<Reply>,
    /// The TLS handshake.
    pub handshake: Step<Handshake>,
    /// SHA-256 of the leaf certificate, where TLS came about.
    pub certificate_sha256: Option<HexBytes>,
    /// The NTLM challenge.
    pub credssp: Step<Challenge>,
}
