//! DER, as far as a TSRequest needs it: tag, definite length, value ([X.690] 8.1).

use super::error::{DecodeError, Reason};
use super::reader::{Reader, length};

/// SEQUENCE.
pub(crate) const SEQUENCE: u8 = 0x30;
/// INTEGER.
pub(crate) const INTEGER: u8 = 0x02;
/// OCTET STRING.
pub(crate) const OCTET_STRING: u8 = 0x04;

/// The value of the next element, which must have the tag.
pub(crate) fn expect<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
    tag: u8,
) -> Result<Reader<'a>, DecodeError> {
    let at_tag = reader.clone();
    let (found, value) = element(reader, field)?;
    if found == tag {
        return Ok(value);
    }
    Err(at_tag.error(field, Reason::Unexpected { found: u64::from(found) }))
}

/// The tag and the value of the next element.
pub(crate) fn element<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<(u8, Reader<'a>), DecodeError> {
    let tag = reader.u8(field)?;
    let size = value_len(reader, field)?;
    Ok((tag, reader.part(field, size)?))
}

/// Reads a definite length; longer forms than need be are read all the same.
pub(crate) fn value_len(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let at_length = reader.clone();
    let first = reader.u8(field)?;
    match first {
        0..=0x7f => Ok(usize::from(first)),
        0x81..=0x84 => {
            let octets = reader.take(field, usize::from(first & 0x7f))?;
            let size = octets.iter().fold(0_u64, |size, &octet| size << 8 | u64::from(octet));
            usize::try_from(size).map_err(|_| at_length.error(field, Reason::Length { found: size }))
        }
        0x80 => Err(at_length.error(field, Reason::Structure("indefinite length"))),
        _ => Err(at_length.error(field, length(usize::from(first)))),
    }
}

/// An element: tag, shortest length, value.
pub(crate) fn encode(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    if let Ok(short @ 0..=0x7f) = u8::try_from(value.len()) {
        out.push(short);
    } else {
        let octets = value.len().to_be_bytes();
        let significant: Vec<u8> = octets.into_iter().skip_while(|&octet| octet == 0).collect();
        // INVARIANT: at most 8 octets, the width of a usize.
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(8));
        out.extend(significant);
    }
    out.extend_from_slice(value);
    out
}
