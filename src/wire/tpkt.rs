//! TPKT: four bytes in front of every X.224 message that say how long the frame is (RFC 1006 6).

use super::error::{DecodeError, Reason};
use super::reader::Reader;

/// How long the header is, in bytes.
pub const HEADER_LEN: usize = 4;

/// The longest payload of one frame, in bytes.
pub const MAX_PAYLOAD_LEN: usize = 0xffff - HEADER_LEN;

/// The shortest frame that RFC 1006 allows, in bytes: the header and a TPDU of three bytes.
const MIN_FRAME_LEN: u16 = 7;

const VERSION: u8 = 3;

/// Length of the whole frame, in bytes, the header included.
///
/// `Ok(None)` while fewer than four bytes are there. An error when they are no TPKT header: the first
/// byte is not 3, or the length is shorter than any frame.
///
/// ```text
/// 03 00 LEN LEN      version, reserved, length (big endian, these four bytes included)
/// ```
pub fn frame_len(bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
    let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
        return Ok(None);
    };
    let mut reader = Reader::new("TPKT", header);
    reader.expect_u8("version", VERSION)?;
    reader.u8("reserved")?;
    let length = reader.clone().u16_be("packet length")?;
    if length < MIN_FRAME_LEN {
        return Err(reader.error("packet length", Reason::Length { found: length.into() }));
    }
    Ok(Some(length.into()))
}

/// Puts a frame around a payload, which is cut at [`MAX_PAYLOAD_LEN`].
#[must_use]
pub fn wrap(payload: &[u8]) -> Vec<u8> {
    let payload = payload.get(..MAX_PAYLOAD_LEN).unwrap_or(payload);
    let length = u16::try_from(HEADER_LEN.saturating_add(payload.len())).unwrap_or(u16::MAX);
    let mut frame = vec![VERSION, 0];
    frame.extend_from_slice(&length.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A reader that stands behind the header of the frame that `bytes` begin with and ends with that frame,
/// and how many bytes follow the frame.
pub(super) fn open<'a>(message: &'static str, bytes: &'a [u8]) -> Result<(Reader<'a>, usize), DecodeError> {
    let mut whole = Reader::new(message, bytes);
    let Some(length) = frame_len(bytes)? else {
        let needed = HEADER_LEN.saturating_sub(bytes.len());
        return Err(whole.error("TPKT header", Reason::TooShort { needed }));
    };
    let mut frame = whole.part("TPKT frame", length)?;
    frame.take("TPKT header", HEADER_LEN)?;
    Ok((frame, whole.remaining()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_the_length_as_soon_as_the_header_is_there() {
        for bytes in [&[][..], &[3], &[3, 0], &[3, 0, 0]] {
            assert_eq!(frame_len(bytes), Ok(None));
        }
        assert_eq!(frame_len(&[3, 0, 0, 19]), Ok(Some(19)));
        assert_eq!(frame_len(&[3, 0, 0x05, 0x7d, 2]), Ok(Some(1405)));
    }

    #[test]
    fn refuses_what_is_no_header() {
        let error = frame_len(b"SSH-2.0-x").unwrap_err();
        assert_eq!((error.field, error.offset), ("version", 0));
        assert_eq!(error.reason, Reason::Unexpected { found: 0x53 });
        let error = frame_len(&[3, 0, 0, 6]).unwrap_err();
        assert_eq!(error.to_string(), "TPKT: packet length at byte 2: length out of range: 6");
    }

    #[test]
    fn a_frame_that_is_cut_says_how_much_is_missing() {
        let error = open("X", &[3, 0]).unwrap_err();
        assert_eq!((error.field, error.reason), ("TPKT header", Reason::TooShort { needed: 2 }));
        let error = open("X", &[3, 0, 0, 7, 1]).unwrap_err();
        assert_eq!(error.reason, Reason::TooShort { needed: 2 });
    }

    proptest! {
        #[test]
        fn wrap_and_open_are_inverse(payload in prop::collection::vec(any::<u8>(), 3..600), more in 0_usize..9) {
            let mut frame = wrap(&payload);
            prop_assert_eq!(frame_len(&frame), Ok(Some(payload.len() + 4)));
            frame.extend(vec![7; more]);
            let (reader, after) = open("X", &frame).unwrap();
            prop_assert_eq!((reader.peek(), after), (&payload[..], more));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..16)) {
            let _ = (frame_len(&bytes), open("X", &bytes).is_ok());
        }
    }

    #[test]
    fn a_payload_too_long_is_cut() {
        assert_eq!(wrap(&vec![1; 70_000]).len(), 0xffff);
    }
}
