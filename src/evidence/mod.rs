//! Facts: what was seen, when, and what was not tried. Types without verbs.
//!
//! A failed probe is evidence: every stage is a [`Step`], whose [`Outcome`] is seen, failed or skipped.
//! "Not offered", "refused" and "not tried" are three facts.

use std::net::SocketAddr;

use crate::target::Target;

// Step, Outcome, Because: one stage of a probe, with its times.
pub mod step;

// Failure: why a step failed, in the network's words.
pub mod failure;

// Resolve: the addresses of the name, and where they came from.
pub mod resolve;

// Connect: the TCP connection, and the control ports.
pub mod connect;

// Negotiate: one row of the matrix a request; standard RDP security.
pub mod negotiate;

// TLS: one attempt a version, and the full handshake.
pub mod tls;

// Certificate: what the server's certificate says, and whether a client would trust it.
pub mod certificate;

// CredSSP: the server's NTLM challenge, its names, build and clock.
pub mod credssp;

// Round: what one turn of the monitor saw, on one connection.
pub mod round;

// Testimony: what the user's client displayed, and what was gathered inside the guest.
pub mod testimony;

// Quantities and bytes as they stand in JSON.
pub mod quantity;

pub use certificate::Certificate;
pub use connect::{Connected, ControlPort};
pub use credssp::{Challenge, ClockSkew};
pub use failure::Failure;
pub use negotiate::{Answer, MatrixRow, Reply, StandardSecurity};
pub use quantity::{HexBytes, Millis};
pub use resolve::Resolution;
pub use round::Round;
pub use step::{Because, Outcome, Stage, Step};
pub use testimony::{Testimony, Witness};
pub use tls::{Handshake, ServerFlight, VersionAttempt};

/// Everything that one probe of one target saw.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Evidence {
    /// What was asked about.
    pub target: Target,
    /// This machine's clock when the probe began (UTC).
    #[schemars(with = "String")]
    pub started_at: jiff::Timestamp,
    /// How long the whole probe took.
    pub elapsed_ms: Millis,
    /// What the probe set out to do: the last stage asked for, with `--only`.
    pub depth: Stage,
    /// Whether the user or a deadline ended the probe before its plan was done.
    pub interrupted: bool,
    /// The addresses of the name.
    pub resolve: Step<Resolution>,
    /// One route an address, in the order of the answer.
    pub routes: Vec<Route>,
    /// What the user's client displayed and what was gathered inside the guest; empty if nobody told anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub testimony: Vec<Testimony>,
}

/// Everything seen at one address. Every address is its own route, tried once.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Route {
    /// Address and port.
    pub address: SocketAddr,
    /// What kind of address it is.
    pub scope: resolve::Scope,
    /// The TCP connection of the first row.
    pub connect: Step<Connected>,
    /// Other ports of the same address; empty when RDP's port answered or when they were not asked for.
    pub control_ports: Vec<ControlPort>,
    /// The negotiation matrix; the first row is the connection that goes on to TLS and CredSSP.
    pub negotiate: Vec<MatrixRow>,
    /// Standard RDP security, asked by MCS Connect where the server selects it.
    pub standard_security: Step<StandardSecurity>,
    /// The full TLS handshake of the first row.
    pub handshake: Step<Handshake>,
    /// One attempt a TLS version, each on its own connection.
    pub tls_versions: Vec<VersionAttempt>,
    /// The leaf certificate, from the handshake or, if that failed, from a clear flight.
    pub certificate: Step<Certificate>,
    /// The NTLM challenge.
    pub credssp: Step<Challenge>,
    /// The server's clock against this machine's, where the server told it.
    pub clock: Option<ClockSkew>,
    /// How many TCP connections were opened to RDP's port of this address.
    pub connections: u32,
}
