//! The server's clock against this machine's, half the round trip taken into account.

use std::time::Duration;

use jiff::Timestamp;

use crate::evidence::credssp::ClockSource;
use crate::evidence::{ClockSkew, Millis, ServerFlight};

/// A time further away than this was no clock at all.
const SANE: f64 = 10.0 * 365.25 * 86_400_000.0;

/// The skew that the NTLM timestamp shows. `received` is this machine's clock when it came.
pub(super) fn from_ntlm(server: Timestamp, received: Timestamp, rtt: Duration) -> Option<ClockSkew> {
    skew(server, received, rtt).map(|skew_ms| ClockSkew {
        skew_ms,
        source: ClockSource::NtlmTimestamp,
        approximate: false,
    })
}

/// The skew that Schannel's ServerHello.random shows, good to the second; `None` for any other server.
pub(super) fn from_flight(flight: &ServerFlight, received: Timestamp, rtt: Duration) -> Option<ClockSkew> {
    let seconds = flight.random_time_s.filter(|_| flight.looks_like_schannel)?;
    // The server cut the fraction off: on average half a second.
    let server = Timestamp::from_millisecond(i64::from(seconds) * 1000 + 500).ok()?;
    skew(server, received, rtt).map(|skew_ms| ClockSkew {
        skew_ms,
        source: ClockSource::ServerHelloRandom,
        approximate: true,
    })
}

fn skew(server: Timestamp, received: Timestamp, rtt: Duration) -> Option<Millis> {
    let ahead_ms = server.duration_since(received).as_secs_f64() * 1e3 + rtt.as_secs_f64() * 5e2;
    (ahead_ms.abs() <= SANE).then(|| Millis((ahead_ms * 1e3).round() / 1e3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_the_round_trip_is_taken_into_account() {
        let server = Timestamp::from_second(1_000).unwrap();
        let received = Timestamp::from_millisecond(1_000_025).unwrap();
        let skew = from_ntlm(server, received, Duration::from_millis(50)).unwrap();
        assert!(skew.skew_ms.0.abs() < 1e-6, "{:?}", skew.skew_ms);
    }

    #[test]
    fn a_random_number_is_no_clock() {
        let received = Timestamp::from_second(1_800_000_000).unwrap();
        let flight = ServerFlight {
            version: crate::wire::codes::tls::TlsVersion::TLS_1_2,
            cipher_suite: crate::wire::codes::tls::CipherSuite(0x002f),
            random_time_s: Some(12),
            looks_like_schannel: true,
            certificates: 1,
        };
        assert_eq!(from_flight(&flight, received, Duration::ZERO), None);
        let clock = ServerFlight { random_time_s: Some(1_800_010_800), ..flight.clone() };
        let skew = from_flight(&clock, received, Duration::ZERO).unwrap();
        assert!((skew.skew_ms.0 - 10_800_500.0).abs() < 1e-6, "{:?}", skew.skew_ms);
        let openssl = ServerFlight { looks_like_schannel: false, ..clock };
        assert_eq!(from_flight(&openssl, received, Duration::ZERO), None);
    }
}
