//! One TLS version at a time: a hand-made hello with a wide suite list, and the server's clear flight.
//!
//! rustls reaches neither 2012 R2 nor 2008 R2, and a narrow offer causes the very reset that it then reports.

use super::answered_in_clear;
use crate::evidence::Failure;
use crate::probe::random;
use crate::probe::stream::{Line, malformed};
use crate::wire::codes::tls::TlsVersion;
use crate::wire::tls::client_hello::ClientHello;
use crate::wire::tls::server_flight::{Flight, FlightReader, Progress};

/// Every version that is tried, oldest first.
pub(crate) const VERSIONS: [TlsVersion; 4] =
    [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2, TlsVersion::TLS_1_3];

/// A close_notify in clear: the polite end of a handshake that goes no further (RFC 8446 6.1).
pub(crate) const CLOSE_NOTIFY: [u8; 7] = [0x15, 0x03, 0x01, 0x00, 0x02, 0x01, 0x00];

/// Offers exactly one version and reads the flight. The stage's deadline must be set.
pub(crate) async fn attempt(
    line: &mut Line,
    version: TlsVersion,
    server_name: Option<&str>,
) -> Result<Flight, Failure> {
    let hello = ClientHello {
        version,
        server_name: server_name.map(str::to_owned),
        random: random::bytes()?,
        session_id: random::bytes()?,
        key_share: random::bytes()?,
    };
    line.write(&hello.encode()).await?;
    if line.pending().is_empty() {
        line.fill().await?;
    }
    if let Some(failure) = answered_in_clear(line).await {
        return Err(failure);
    }
    let mut reader = FlightReader::new();
    loop {
        let bytes = line.take();
        match reader.push(&bytes).map_err(|error| malformed(&error, &bytes))? {
            Progress::Flight(flight) => return Ok(flight),
            Progress::Alert { description, .. } => {
                return Err(Failure::Alert { description, encrypted: false });
            }
            Progress::NeedMore => line.fill().await?,
        }
    }
}
