//! Why a step failed, in the network's words.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

use super::resolve::Cname;
use super::{HexBytes, Millis};
pub use crate::wire::banner::Banner;
use crate::wire::codes::negotiation::FailureCode;
use crate::wire::codes::tls::AlertDescription;

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// The name does not exist (NXDOMAIN).
    NoSuchName {
        /// The aliases that led to the name that does not exist: an alias of a machine that is gone is left behind.
        cname_chain: Vec<Cname>,
    },
    /// The name exists but has no address of the families asked for (NODATA).
    NoAddress {
        /// The aliases that led to the name without an address.
        cname_chain: Vec<Cname>,
    },
    /// The resolver answered with an error of its own (SERVFAIL, REFUSED, ...).
    ResolverFailed {
        /// The response code, by its DNS name.
        code: String,
    },
    /// No resolver is configured, or the one configured cannot be reached.
    NoResolver {
        /// What the system or the library said.
        detail: String,
    },
    /// Nothing came within the time given.
    TimedOut {
        /// How long was waited.
        after_ms: Millis,
        /// How many bytes had come by then.
        bytes_read: u64,
    },
    /// The SYN was refused: by a reset, or, if `icmp` says so, by a port-unreachable.
    Refused {
        /// The system's error number.
        errno: Option<i32>,
        /// The ICMP message that refused it; null for a TCP reset.
        icmp: Option<Icmp>,
    },
    /// The network said that there is no way.
    Unreachable {
        /// What cannot be reached.
        what: Unreachable,
        /// The system's error number.
        errno: Option<i32>,
        /// The ICMP message and its sender; null where the system does not tell or nobody sent one.
        icmp: Option<Icmp>,
    },
    /// The peer reset an established connection.
    Reset {
        /// How many bytes had come by then.
        bytes_read: u64,
    },
    /// The peer closed an established connection in order (FIN).
    Closed {
        /// How many bytes had come by then.
        bytes_read: u64,
    },
    /// The peer sent an alert instead of what TLS wanted next.
    Alert {
        /// Which alert.
        description: AlertDescription,
        /// Whether it came under encryption.
        encrypted: bool,
    },
    /// The peer refused the RDP negotiation.
    NegotiationRefused {
        /// The failure code of the RDP_NEG_FAILURE.
        code: FailureCode,
    },
    /// The peer ended the MCS connection (Disconnect Provider Ultimatum) instead of answering.
    /// xrdp does so when it cannot go on: unknown protocol bits, a key that does not fit, a failed handshake.
    Disconnected {
        /// The reason in the PDU ([T.125] `Reason`), 0 to 4.
        reason: u8,
        /// The bytes.
        bytes: HexBytes,
    },
    /// The bytes are the right protocol but not a message that it allows.
    Malformed {
        /// Message, field, offset and reason.
        detail: String,
        /// The first bytes, 64 at most.
        bytes: HexBytes,
    },
    /// The bytes are not RDP.
    NotRdp {
        /// What they look like.
        looks_like: Banner,
        /// The first bytes, 64 at most.
        bytes: HexBytes,
    },
    /// More bytes came than the stage allows.
    TooMuch {
        /// The limit that was passed, in bytes.
        limit_bytes: u64,
    },
    /// The TLS library here refused what the server did.
    TlsLibrary {
        /// What it said.
        detail: String,
    },
    /// The server ended CredSSP with an error code.
    CredsspError {
        /// The NTSTATUS.
        code: crate::wire::codes::ntstatus::NtStatus,
        /// The version in the server's TSRequest.
        version: u32,
    },
    /// This machine could not do it: no route, no free file descriptor, no permission, ...
    Local {
        /// What this machine lacked.
        what: LocalTrouble,
        /// The system's error number.
        errno: Option<i32>,
        /// The system's text.
        detail: String,
    },
    /// The user ended the probe.
    Interrupted,
}

/// What the network cannot reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unreachable {
    /// The network (ICMP 3/0, ICMPv6 1/0).
    Network,
    /// The host (ICMP 3/1, ICMPv6 1/3), or no answer to ARP or neighbour discovery.
    Host,
    /// The protocol (ICMP 3/2).
    Protocol,
    /// The port, for a message that is not a plain refusal (ICMP 3/3, ICMPv6 1/4).
    Port,
    /// A filter forbids it (ICMP 3/9, 3/10, 3/13, ICMPv6 1/1).
    Prohibited,
    /// Another code.
    Other,
}

/// An ICMP message that ended a connection attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Icmp {
    /// Type (3 = destination unreachable; ICMPv6: 1).
    #[serde(rename = "type")]
    pub kind: u8,
    /// Code within the type.
    pub code: u8,
    /// Who sent it: the router, firewall or host.
    pub from: Option<IpAddr>,
}

/// What this machine lacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LocalTrouble {
    /// No route to that network (ENETUNREACH without an ICMP message), or no address of that family.
    NoRoute,
    /// A local rule forbids it (EACCES, EPERM).
    Denied,
    /// No free file descriptor (EMFILE, ENFILE).
    TooManyFiles,
    /// No free local port or buffer (EADDRNOTAVAIL, EADDRINUSE, ENOBUFS, ENOMEM).
    NoResources,
    /// The source address or interface asked for is not here.
    SourceNotHere,
    /// Something else.
    Other,
}
