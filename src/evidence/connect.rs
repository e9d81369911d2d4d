//! Connect: the TCP connection, and the control ports of a silent host.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

use super::{Millis, Step};

/// An established TCP connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Connected {
    /// The kernel's smoothed round-trip time (`TCP_INFO`); null where the system does not tell.
    pub rtt_ms: Option<Millis>,
    /// How often the SYN was sent again; null where the system does not tell.
    pub syn_retransmits: Option<u32>,
    /// The local address that was used.
    pub local_address: IpAddr,
    /// The interface that was asked for.
    pub interface: Option<String>,
}

/// One other port of the same address, tried because RDP's port stayed silent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ControlPort {
    /// The TCP port.
    pub port: u16,
    /// Seen: it accepted. Failed with `refused`: the host answered by a reset. Both prove that the host is alive.
    #[serde(flatten)]
    pub step: Step<Connected>,
}
