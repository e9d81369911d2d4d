//! What a probe sets out to do, and how long it may wait.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::evidence::Stage;

/// What to do. Settings only; the same for every target of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The last stage to run.
    pub depth: Stage,
    /// Whether to ask the rarer rows of the matrix too.
    pub full: bool,
    /// Whether to make do with one connection to each address: what only others would tell stays unknown.
    pub lean: bool,
    /// Which address families to use.
    pub families: Families,
    /// The resolver to ask instead of the system's.
    pub resolver: Option<SocketAddr>,
    /// The local address to connect from.
    pub source: Option<IpAddr>,
    /// The interface to connect through.
    pub interface: Option<String>,
    /// The `mstshash` cookie; none when empty is asked for.
    pub cookie: Option<String>,
    /// The correlation id to send, which a Windows server writes to its event log.
    pub correlation_id: Option<[u8; 16]>,
    /// Other ports to try when RDP's port stays silent.
    pub control_ports: Vec<u16>,
    /// How long to wait.
    pub timeouts: Timeouts,
}

/// Which address families to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Families {
    /// Both.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Families {
    /// Whether an address is of a family in use.
    #[must_use]
    pub const fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

/// How long to wait, a stage and over all.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// The whole probe of one target.
    pub total: Duration,
    /// Name resolution.
    pub resolve: Duration,
    /// One TCP connect.
    pub connect: Duration,
    /// From the Connection Request to the Confirm.
    pub negotiate: Duration,
    /// One TLS handshake or flight.
    pub tls: Duration,
    /// From the TSRequest to the challenge.
    pub credssp: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let stage = Duration::from_secs(5);
        Self {
            total: Duration::from_secs(30),
            resolve: stage,
            connect: stage,
            negotiate: stage,
            tls: stage,
            credssp: stage,
        }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            depth: Stage::Credssp,
            full: false,
            lean: false,
            families: Families::Any,
            resolver: None,
            source: None,
            interface: None,
            cookie: Some("rdprobe".to_owned()),
            correlation_id: None,
            control_ports: vec![135, 445, 5985, 443, 80, 22],
            timeouts: Timeouts::default(),
        }
    }
}
