//! TLS: one attempt a version, and the full handshake.

use serde::{Deserialize, Serialize};

use super::{Millis, Step};
use crate::wire::codes::tls::{CipherSuite, TlsVersion};

/// One hand-made ClientHello that offers exactly one version, on its own negotiated connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct VersionAttempt {
    /// The version offered.
    pub offered: TlsVersion,
    /// How long this attempt's own TCP connect took; null if it did not come about.
    pub connect_ms: Option<Millis>,
    /// The server's flight, or how it refused.
    #[serde(flatten)]
    pub step: Step<ServerFlight>,
}

/// What a ServerHello and the clear messages after it say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ServerFlight {
    /// The version that the server chose; another than the one offered is a refusal in other words.
    pub version: TlsVersion,
    /// The suite that the server chose.
    pub cipher_suite: CipherSuite,
    /// The first four bytes of ServerHello.random as Unix seconds: Schannel's clock up to TLS 1.2; null for TLS 1.3.
    pub random_time_s: Option<u32>,
    /// Whether the flight bears Schannel's marks (causes: session id of 32 bytes with bytes 2 and 3 zero).
    pub looks_like_schannel: bool,
    /// How many certificates came in clear; 0 for TLS 1.3.
    pub certificates: usize,
}

/// The full handshake.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Handshake {
    /// The version agreed on.
    pub version: TlsVersion,
    /// The suite agreed on.
    pub cipher_suite: CipherSuite,
    /// How many certificates the server sent.
    pub certificates: usize,
}
