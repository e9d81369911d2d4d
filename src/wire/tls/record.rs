//! The TLS record layer, and alerts (RFC 5246 6.2.1 and 7.2, RFC 8446 5.1 and 6).

use crate::wire::codes::tls::{AlertDescription, TlsVersion};
use crate::wire::error::{DecodeError, Reason};
use crate::wire::reader::{Reader, length};

/// The bytes before the fragment: type, version, length.
pub const HEADER_LEN: usize = 5;

/// The largest fragment of a clear record.
pub const MAX_CLEAR: usize = 16_384;

/// The largest fragment that any record may have: ciphertext may add 2048 bytes (RFC 5246 6.2.3).
pub const MAX_FRAGMENT: usize = MAX_CLEAR + 2_048;

/// Content type `change_cipher_spec`.
pub const CHANGE_CIPHER_SPEC: u8 = 20;
/// Content type `alert`.
pub const ALERT: u8 = 21;
/// Content type `handshake`.
pub const HANDSHAKE: u8 = 22;
/// Content type `application_data`.
pub const APPLICATION_DATA: u8 = 23;

/// One record of a stream.
///
/// ```text
/// type(1) version(2) length(2) fragment
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// The content type.
    pub kind: u8,
    /// The version in the header, which says little about the version in use.
    pub version: TlsVersion,
    /// The fragment.
    pub fragment: &'a [u8],
}

impl<'a> Record<'a> {
    /// Reads the first record of a stream and says how many bytes it takes; `None`: more bytes are needed.
    ///
    /// Errors: the bytes so far cannot begin a TLS record.
    pub fn decode(bytes: &'a [u8]) -> Result<Option<(Self, usize)>, DecodeError> {
        let Some(needed) = frame_len(bytes)? else { return Ok(None) };
        let Some(frame) = bytes.get(..needed) else { return Ok(None) };
        let mut reader = Reader::new(MESSAGE, frame);
        let kind = reader.u8("type")?;
        let version = TlsVersion(reader.u16_be("version")?);
        let fragment_len = reader.u16_be("length")?;
        let fragment = reader.take("fragment", usize::from(fragment_len))?;
        Ok(Some((Self { kind, version, fragment }, needed)))
    }
}

/// The length of the first record, header included; `None`: fewer than five bytes so far.
///
/// Errors: the bytes so far cannot begin a TLS record, which the first byte alone may tell.
pub fn frame_len(bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
    let mut reader = Reader::new(MESSAGE, bytes);
    let Some(&kind) = bytes.first() else { return Ok(None) };
    if !(CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(&kind) {
        return Err(reader.error("type", Reason::Unexpected { found: u64::from(kind) }));
    }
    reader.u8("type")?;
    let Some(&major) = reader.peek().first() else { return Ok(None) };
    if major != 3 {
        return Err(reader.error("version", Reason::Unexpected { found: u64::from(major) }));
    }
    if bytes.len() < HEADER_LEN {
        return Ok(None);
    }
    reader.u16_be("version")?;
    let at_length = reader.clone();
    let fragment_len = usize::from(reader.u16_be("length")?);
    if fragment_len == 0 && kind != APPLICATION_DATA || fragment_len > MAX_FRAGMENT {
        return Err(at_length.error("length", length(fragment_len)));
    }
    Ok(Some(fragment_len.saturating_add(HEADER_LEN)))
}

/// Cuts a payload into records no larger than a clear record may be.
#[must_use]
pub fn wrap(kind: u8, version: TlsVersion, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(payload.len().saturating_add(HEADER_LEN));
    for fragment in payload.chunks(MAX_CLEAR) {
        out.push(kind);
        out.extend_from_slice(&version.0.to_be_bytes());
        super::vector::push_u16(&mut out, fragment);
    }
    out
}

/// What stands for a version in record headers and hellos: TLS 1.3 and whatever else is unknown there pass for 1.2.
#[must_use]
pub fn legacy_version(version: TlsVersion) -> TlsVersion {
    if (TlsVersion::SSL_3_0..=TlsVersion::TLS_1_2).contains(&version) { version } else { TlsVersion::TLS_1_2 }
}

/// A clear alert record, `level` 1 for a warning, 2 for a fatal one.
#[must_use]
pub fn alert(version: TlsVersion, level: u8, description: AlertDescription) -> Vec<u8> {
    wrap(ALERT, legacy_version(version), &[level, description.0])
}

/// Level and description of a clear alert (RFC 5246 7.2).
pub(super) fn read_alert(fragment: &[u8]) -> Result<(u8, AlertDescription), DecodeError> {
    let mut reader = Reader::new("Alert", fragment);
    let level = reader.u8("level")?;
    Ok((level, AlertDescription(reader.u8("description")?)))
}

const MESSAGE: &str = "TLS record";
