//! What the clear part of a server's flight says: ServerHello and Certificate (RFC 5246 7.4.1.3, 7.4.2; RFC 8446 4.1.3).

use super::client_hello::{EXTENDED_MASTER_SECRET, RENEGOTIATION_INFO, SUPPORTED_VERSIONS};
use super::record;
use super::vector::{extension, handshake, push_u8, push_u16, push_u24};
use crate::wire::codes::tls::{CipherSuite, TlsVersion};
use crate::wire::error::{DecodeError, Reason};
use crate::wire::reader::{Reader, length};

/// The most certificates that a flight may carry.
pub const MAX_CERTIFICATES: usize = 64;

/// What a ServerHello and the clear messages after it say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flight {
    /// The version that the server chose, `supported_versions` respected.
    pub version: TlsVersion,
    /// The suite that the server chose.
    pub cipher_suite: CipherSuite,
    /// `random`; that of a HelloRetryRequest is fixed.
    pub random: [u8; 32],
    /// `session_id`, at most 32 bytes.
    pub session_id: Vec<u8>,
    /// The extensions of the ServerHello by number, in their order.
    pub extensions: Vec<u16>,
    /// DER, the leaf first; empty for TLS 1.3, where they are encrypted.
    pub certificates: Vec<Vec<u8>>,
    /// Whether the ServerHello is a HelloRetryRequest: the server takes the version but wants another key share.
    pub hello_retry_request: bool,
}

impl Flight {
    /// The first four bytes of `random` as Unix seconds; `None` for TLS 1.3, whose random is all random.
    ///
    /// Schannel puts its clock there up to TLS 1.2; others need not: compare it with something before believing it.
    #[must_use]
    pub fn random_time(&self) -> Option<u32> {
        if self.version >= TlsVersion::TLS_1_3 {
            return None;
        }
        self.random.first_chunk().map(|seconds| u32::from_be_bytes(*seconds))
    }

    /// Whether it bears the marks seen on every Schannel: a session id of 32 bytes whose bytes 2 and 3 are zero,
    /// and no other extensions than `extended_master_secret` and `renegotiation_info`. TLS 1.2 and older only.
    #[must_use]
    pub fn looks_like_schannel(&self) -> bool {
        let counter_is_small = matches!(self.session_id.as_slice(), [_, _, 0, 0, ..]);
        self.version < TlsVersion::TLS_1_3
            && self.session_id.len() == 32
            && counter_is_small
            && self.extensions.iter().all(|kind| [EXTENDED_MASTER_SECRET, RENEGOTIATION_INFO].contains(kind))
    }

    /// Writes the flight as records, as a scripted server sends it: ServerHello, Certificate, ServerHelloDone;
    /// for TLS 1.3 the ServerHello alone. Extensions get an empty body, but for those that must have one.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let wire_version = record::legacy_version(self.version);
        let mut messages = handshake(SERVER_HELLO, &self.server_hello(wire_version));
        if self.version < TlsVersion::TLS_1_3 {
            if !self.certificates.is_empty() {
                messages.extend(handshake(CERTIFICATE, &self.certificate_list()));
            }
            messages.extend(handshake(SERVER_HELLO_DONE, &[]));
        }
        record::wrap(record::HANDSHAKE, wire_version, &messages)
    }

    fn server_hello(&self, wire_version: TlsVersion) -> Vec<u8> {
        let mut body = wire_version.0.to_be_bytes().to_vec();
        body.extend_from_slice(&if self.hello_retry_request { HELLO_RETRY_RANDOM } else { self.random });
        push_u8(&mut body, self.session_id.get(..32).unwrap_or(&self.session_id));
        body.extend_from_slice(&self.cipher_suite.0.to_be_bytes());
        body.push(0);
        let mut extensions = Vec::new();
        for &kind in &self.extensions {
            match kind {
                SUPPORTED_VERSIONS => extension(&mut extensions, kind, &self.version.0.to_be_bytes()),
                RENEGOTIATION_INFO => extension(&mut extensions, kind, &[0]),
                _ => extension(&mut extensions, kind, &[]),
            }
        }
        if self.version >= TlsVersion::TLS_1_3 && !self.extensions.contains(&SUPPORTED_VERSIONS) {
            extension(&mut extensions, SUPPORTED_VERSIONS, &self.version.0.to_be_bytes());
        }
        if !extensions.is_empty() {
            push_u16(&mut body, &extensions);
        }
        body
    }

    fn certificate_list(&self) -> Vec<u8> {
        let mut list = Vec::new();
        for certificate in &self.certificates {
            push_u24(&mut list, certificate);
        }
        let mut body = Vec::new();
        push_u24(&mut body, &list);
        body
    }
}

/// Reads the body of a ServerHello.
///
/// ```text
/// legacy_version(2) random(32) session_id<0..32> cipher_suite(2) compression(1) [extensions<0..2^16-1>]
/// ```
pub(super) fn read_server_hello(body: &[u8]) -> Result<Flight, DecodeError> {
    let mut reader = Reader::new("ServerHello", body);
    let legacy_version = reader.u16_be("legacy_version")?;
    if legacy_version >> 8 != 3 {
        let found = u64::from(legacy_version);
        return Err(Reader::new("ServerHello", body).error("legacy_version", Reason::Unexpected { found }));
    }
    let random = reader.array("random")?;
    let at_length = reader.clone();
    let session_id_len = usize::from(reader.u8("legacy_session_id_echo")?);
    if session_id_len > 32 {
        return Err(at_length.error("legacy_session_id_echo", length(session_id_len)));
    }
    let session_id = reader.take("legacy_session_id_echo", session_id_len)?.to_vec();
    let cipher_suite = CipherSuite(reader.u16_be("cipher_suite")?);
    reader.u8("legacy_compression_method")?;
    let (extensions, selected) = read_extensions(&mut reader)?;
    Ok(Flight {
        version: selected.unwrap_or(TlsVersion(legacy_version)),
        cipher_suite,
        random,
        session_id,
        extensions,
        certificates: Vec::new(),
        hello_retry_request: random == HELLO_RETRY_RANDOM,
    })
}

/// The extensions by number, and the version that `supported_versions` selects.
fn read_extensions(reader: &mut Reader<'_>) -> Result<(Vec<u16>, Option<TlsVersion>), DecodeError> {
    let mut kinds = Vec::new();
    let mut selected = None;
    if reader.is_empty() {
        return Ok((kinds, selected));
    }
    let total = usize::from(reader.u16_be("extensions")?);
    let mut extensions = reader.part("extensions", total)?;
    reader.end("extensions")?;
    while !extensions.is_empty() {
        let kind = extensions.u16_be("extension_type")?;
        let size = usize::from(extensions.u16_be("extension_data")?);
        let mut data = extensions.part("extension_data", size)?;
        if kind == SUPPORTED_VERSIONS {
            selected = Some(TlsVersion(data.u16_be("selected_version")?));
            data.end("selected_version")?;
        }
        kinds.push(kind);
    }
    Ok((kinds, selected))
}

/// Reads the body of a Certificate message of TLS 1.2 or older.
///
/// ```text
/// certificate_list<0..2^24-1> of ASN.1Cert<1..2^24-1>
/// ```
pub(super) fn read_certificates(body: &[u8]) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut reader = Reader::new("Certificate", body);
    let total = reader.u24_be("certificate_list")?;
    let mut list = reader.part("certificate_list", total)?;
    reader.end("certificate_list")?;
    let mut certificates = Vec::new();
    while !list.is_empty() {
        if certificates.len() >= MAX_CERTIFICATES {
            return Err(list.error("certificate_list", Reason::Structure("more than 64 certificates")));
        }
        let at_length = list.clone();
        let size = list.u24_be("certificate")?;
        if size == 0 {
            return Err(at_length.error("certificate", length(size)));
        }
        certificates.push(list.take("certificate", size)?.to_vec());
    }
    Ok(certificates)
}

/// Handshake type `server_hello`.
pub(super) const SERVER_HELLO: u8 = 2;
/// Handshake type `certificate`.
pub(super) const CERTIFICATE: u8 = 11;
/// Handshake type `server_hello_done`.
pub(super) const SERVER_HELLO_DONE: u8 = 14;

/// The random that makes a ServerHello a HelloRetryRequest: SHA-256 of "HelloRetryRequest" (RFC 8446 4.1.3).
pub const HELLO_RETRY_RANDOM: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];
