//! What the user asks about: a host name or address and a port, read from the forms people have at hand.

use std::net::IpAddr;

/// The port on which Remote Desktop listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 3389;

/// A host and a port to probe.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Target {
    /// What the user wrote.
    pub input: String,
    /// The name or address to connect to.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
}

/// A name to resolve, or an address that needs no resolving.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// A literal address.
    Address(IpAddr),
    /// A DNS name, without a trailing dot unless the user wrote one.
    Name(String),
}
