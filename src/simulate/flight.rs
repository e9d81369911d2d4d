//! The clear flight of TLS 1.2 and older, made to look like Schannel's.

use std::io;

use super::certificate::bug;
use super::clock;
use super::persona::{Persona, Tls};
use super::tls::Identity;
use crate::wire::codes::tls::{CipherSuite, TlsVersion};
use crate::wire::tls::flight::Flight;
use crate::wire::tls::offered_hello::OfferedHello;

/// ServerHello, Certificate and ServerHelloDone as records; `None` without a suite in common.
pub(super) fn make(
    persona: &Persona,
    tls: &Tls,
    identity: &Identity,
    version: TlsVersion,
    hello: &OfferedHello,
) -> io::Result<Option<Vec<u8>>> {
    let common =
        tls.suites.iter().copied().map(CipherSuite).find(|suite| hello.cipher_suites.contains(suite));
    let Some(cipher_suite) = common else { return Ok(None) };
    let flight = Flight {
        version,
        cipher_suite,
        random: random(persona)?,
        session_id: session_id()?,
        extensions: extensions(hello),
        certificates: vec![identity.certificate.to_vec()],
        hello_retry_request: false,
    };
    Ok(Some(flight.encode()))
}

/// Whether only a survey says such a hello: TLS 1.2 alone, and RC4 with it.
pub(super) fn is_survey(tls: &Tls, hello: &OfferedHello) -> bool {
    !tls.suites.is_empty()
        && hello.versions == [TlsVersion::TLS_1_2]
        && hello.cipher_suites.contains(&CipherSuite(TLS_RSA_WITH_RC4_128_SHA))
}

/// Schannel begins its random with the clock, in Unix seconds.
fn random(persona: &Persona) -> io::Result<[u8; 32]> {
    let mut random = [0; 32];
    getrandom::fill(&mut random).map_err(bug)?;
    let seconds = u32::try_from(clock::unix_seconds(persona.clock_offset_s)).map_err(bug)?;
    for (place, byte) in random.iter_mut().zip(seconds.to_be_bytes()) {
        *place = byte;
    }
    Ok(random)
}

/// Schannel's session id begins with a little-endian counter that stays small: bytes 2 and 3 are zero.
fn session_id() -> io::Result<Vec<u8>> {
    let mut id = vec![0; 32];
    getrandom::fill(&mut id).map_err(bug)?;
    for byte in id.iter_mut().skip(2).take(2) {
        *byte = 0;
    }
    Ok(id)
}

/// Schannel answers these two only, when the client has them.
fn extensions(hello: &OfferedHello) -> Vec<u16> {
    [EXTENDED_MASTER_SECRET, RENEGOTIATION_INFO]
        .into_iter()
        .filter(|kind| hello.extensions.contains(kind))
        .collect()
}

const TLS_RSA_WITH_RC4_128_SHA: u16 = 0x0005;
const EXTENDED_MASTER_SECRET: u16 = 23;
const RENEGOTIATION_INFO: u16 = 65281;
