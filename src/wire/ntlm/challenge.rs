//! The server's CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2).

use super::{
    AvPairs, CHALLENGE, NEGOTIATE_TARGET_INFO, NEGOTIATE_UNICODE, NEGOTIATE_VERSION, SIGNATURE, Version,
    read_header,
};
use crate::wire::error::DecodeError;
use crate::wire::reader::{Reader, length};

/// CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2): who the server says it is.
///
/// ```text
/// "NTLMSSP\0" type(4)=2 TargetNameFields(8) flags(4) ServerChallenge(8) reserved(8)
/// TargetInfoFields(8) [Version(8)] payload            Fields: length(2) max(2) offset(4), little-endian
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// TargetName: the domain, or the machine in a workgroup.
    pub target_name: Option<String>,
    /// NegotiateFlags.
    pub flags: u32,
    /// ServerChallenge.
    pub server_challenge: [u8; 8],
    /// Version, where NTLMSSP_NEGOTIATE_VERSION is set and the payload leaves room for it.
    pub version: Option<Version>,
    /// TargetInfo; empty without NTLMSSP_NEGOTIATE_TARGET_INFO.
    pub av_pairs: AvPairs,
}

impl Challenge {
    /// Reads the message. Where the payload begins is the fields' business: at 48 where there is no version.
    ///
    /// Errors: no NTLM CHALLENGE, or a field outside the token.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = read_header(MESSAGE, bytes, CHALLENGE)?;
        let target_name = Fields::read(&mut reader, "TargetNameFields")?;
        let flags = reader.u32_le("NegotiateFlags")?;
        let mut challenge =
            Self { flags, server_challenge: reader.array("ServerChallenge")?, ..Self::default() };
        let mut payload_start = target_name.start();
        let name = target_name.bytes(bytes, 12, "TargetNameFields")?.peek();
        challenge.target_name = Some(challenge.text(name)).filter(|name| !name.is_empty());
        if flags & NEGOTIATE_TARGET_INFO != 0 {
            reader.take("Reserved", 8)?;
            let target_info = Fields::read(&mut reader, "TargetInfoFields")?;
            payload_start = payload_start.min(target_info.start());
            challenge.av_pairs = AvPairs::read(&mut target_info.bytes(bytes, 40, "TargetInfoFields")?)?;
        }
        if flags & NEGOTIATE_VERSION != 0 && payload_start.min(bytes.len()) >= PAYLOAD {
            challenge.version = read_version(bytes)?;
        }
        Ok(challenge)
    }

    /// Writes the message as Windows lays it out: header of 56 bytes, target name, target info.
    /// The three flags that say what is there are set by what is there.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let name = self.target_name.as_deref().map(to_utf16).unwrap_or_default();
        let info = self.av_pairs.encode();
        let flags = self.flags | NEGOTIATE_UNICODE | NEGOTIATE_TARGET_INFO;
        let flags =
            if self.version.is_some() { flags | NEGOTIATE_VERSION } else { flags & !NEGOTIATE_VERSION };
        let mut out = SIGNATURE.to_vec();
        out.extend_from_slice(&CHALLENGE.to_le_bytes());
        Fields::of(&name, PAYLOAD).write(&mut out);
        out.extend_from_slice(&flags.to_le_bytes());
        out.extend_from_slice(&self.server_challenge);
        out.extend_from_slice(&[0; 8]);
        Fields::of(&info, PAYLOAD.saturating_add(name.len())).write(&mut out);
        match self.version {
            Some(version) => version.write(&mut out),
            None => out.extend_from_slice(&[0; 8]),
        }
        out.extend(name);
        out.extend(info);
        out
    }

    /// TargetName is UTF-16, or in the server's OEM code page, of which only ASCII can be read.
    fn text(&self, bytes: &[u8]) -> String {
        if self.flags & NEGOTIATE_UNICODE != 0 {
            return from_utf16(bytes);
        }
        let chars = bytes.iter().map(|&byte| if byte.is_ascii() { char::from(byte) } else { REPLACEMENT });
        visible(&chars.collect::<String>())
    }
}

fn read_version(bytes: &[u8]) -> Result<Option<Version>, DecodeError> {
    let mut reader = Reader::new(MESSAGE, bytes);
    reader.take("Version", 48)?;
    Version::read(&mut reader).map(Some)
}

/// Length and place of a value in the payload.
#[derive(Debug, Clone, Copy)]
struct Fields {
    len: usize,
    offset: usize,
}

impl Fields {
    fn read(reader: &mut Reader<'_>, field: &'static str) -> Result<Self, DecodeError> {
        let len = usize::from(reader.u16_le(field)?);
        reader.u16_le(field)?;
        let offset = usize::try_from(reader.u32_le(field)?).unwrap_or(usize::MAX);
        Ok(Self { len, offset })
    }

    fn of(value: &[u8], offset: usize) -> Self {
        Self { len: value.len(), offset }
    }

    fn write(self, out: &mut Vec<u8>) {
        let len = u16::try_from(self.len).unwrap_or(u16::MAX).to_le_bytes();
        out.extend_from_slice(&len);
        out.extend_from_slice(&len);
        out.extend_from_slice(&u32::try_from(self.offset).unwrap_or(u32::MAX).to_le_bytes());
    }

    /// Where the value begins; an empty one may point anywhere.
    const fn start(self) -> usize {
        if self.len == 0 { usize::MAX } else { self.offset }
    }

    /// The value, as a reader whose offsets count from the start of the token.
    fn bytes<'a>(self, token: &'a [u8], at: usize, field: &'static str) -> Result<Reader<'a>, DecodeError> {
        let mut reader = Reader::new(MESSAGE, token);
        if self.len == 0 {
            return reader.part(field, 0);
        }
        let mut at_fields = reader.clone();
        at_fields.take(field, at)?;
        if self.offset < SMALLEST_HEADER || self.offset.saturating_add(self.len) > token.len() {
            return Err(at_fields.error(field, length(self.offset.saturating_add(self.len))));
        }
        reader.take(field, self.offset)?;
        reader.part(field, self.len)
    }
}

/// UTF-16LE as text; what is no UTF-16, an odd byte and a NUL within become U+FFFD, NULs at the end go.
pub(super) fn from_utf16(bytes: &[u8]) -> String {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair));
    let mut text: String = char::decode_utf16(units).map(|unit| unit.unwrap_or(REPLACEMENT)).collect();
    if !odd.is_empty() {
        text.push(REPLACEMENT);
    }
    visible(&text)
}

pub(super) fn to_utf16(text: impl AsRef<str>) -> Vec<u8> {
    text.as_ref().encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn visible(text: &str) -> String {
    let text = text.trim_end_matches('\0');
    text.chars().map(|c| if c == '\0' { REPLACEMENT } else { c }).collect()
}

const MESSAGE: &str = "CHALLENGE_MESSAGE";
const REPLACEMENT: char = char::REPLACEMENT_CHARACTER;
/// Signature, type, TargetNameFields, flags, ServerChallenge: no payload begins before their end.
const SMALLEST_HEADER: usize = 32;
/// Where the payload begins behind a version.
const PAYLOAD: usize = 56;
