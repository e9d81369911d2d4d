//! Vectors with length prefixes, as TLS messages are built of (RFC 8446 3.4).

/// Appends a body with a length of one byte before it; what does not fit the length is cut.
pub(super) fn push_u8(out: &mut Vec<u8>, body: &[u8]) {
    push(out, 1, 0xff, body);
}

/// Appends a body with a length of two bytes before it; what does not fit the length is cut.
pub(super) fn push_u16(out: &mut Vec<u8>, body: &[u8]) {
    push(out, 2, 0xffff, body);
}

/// Appends a body with a length of three bytes before it; what does not fit the length is cut.
pub(super) fn push_u24(out: &mut Vec<u8>, body: &[u8]) {
    push(out, 3, 0x00ff_ffff, body);
}

fn push(out: &mut Vec<u8>, width: usize, limit: usize, body: &[u8]) {
    let body = body.get(..limit).unwrap_or(body);
    let length = body.len().to_be_bytes();
    let (_, length) = length.split_at(length.len().saturating_sub(width));
    out.extend_from_slice(length);
    out.extend_from_slice(body);
}

/// A handshake message: type, length of three bytes, body (RFC 8446 4).
pub(super) fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![kind];
    push_u24(&mut out, body);
    out
}

/// An extension: type, length of two bytes, body (RFC 8446 4.2).
pub(super) fn extension(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    push_u16(out, body);
}

/// A list of 16-bit numbers, without its length.
pub(super) fn u16_list(values: impl IntoIterator<Item = u16>) -> Vec<u8> {
    values.into_iter().flat_map(u16::to_be_bytes).collect()
}
