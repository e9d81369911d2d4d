//! NTLM as far as its challenge: what an unauthenticated client may send and learn ([MS-NLMP] 2.2.1).

use super::error::{DecodeError, Reason};
use super::reader::Reader;

// CHALLENGE_MESSAGE ([MS-NLMP] 2.2.1.2).
mod challenge;

// AV_PAIR list ([MS-NLMP] 2.2.2.1).
mod av_pairs;

// FILETIME ([MS-DTYP] 2.3.3).
mod filetime;

pub use av_pairs::AvPairs;
pub use challenge::Challenge;
pub use filetime::{filetime_from_unix, filetime_to_unix};

/// NTLMSSP_NEGOTIATE_UNICODE ([MS-NLMP] 2.2.2.5).
pub const NEGOTIATE_UNICODE: u32 = 0x0000_0001;
/// NTLMSSP_TARGET_TYPE_DOMAIN: the target name is a domain.
pub const TARGET_TYPE_DOMAIN: u32 = 0x0001_0000;
/// NTLMSSP_TARGET_TYPE_SERVER: the target name is the machine itself.
pub const TARGET_TYPE_SERVER: u32 = 0x0002_0000;
/// NTLMSSP_NEGOTIATE_TARGET_INFO: AV pairs follow.
pub const NEGOTIATE_TARGET_INFO: u32 = 0x0080_0000;
/// NTLMSSP_NEGOTIATE_VERSION: the version field means something.
pub const NEGOTIATE_VERSION: u32 = 0x0200_0000;

/// What the probe asks for: UNICODE, OEM, REQUEST_TARGET, SIGN, SEAL, LM_KEY, NTLM, ALWAYS_SIGN,
/// EXTENDED_SESSIONSECURITY, VERSION, 128, KEY_EXCH, 56, as Windows' own clients do.
const CLIENT_FLAGS: u32 = 0xe208_82b7;

/// The NEGOTIATE_MESSAGE of a client that gives no names ([MS-NLMP] 2.2.1.1), 40 bytes.
#[must_use]
pub fn negotiate() -> Vec<u8> {
    NegotiateMessage {
        flags: CLIENT_FLAGS,
        version: Some(Version { major: 10, minor: 0, build: 17763, revision: 15 }),
    }
    .encode()
}

/// VERSION ([MS-NLMP] 2.2.2.10).
///
/// ```text
/// major(1) minor(1) build(2, little-endian) reserved(3) revision(1)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Major version of Windows.
    pub major: u8,
    /// Minor version of Windows.
    pub minor: u8,
    /// Build number.
    pub build: u16,
    /// NTLMSSP revision, 15 since Windows XP SP2.
    pub revision: u8,
}

impl Version {
    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let major = reader.u8("ProductMajorVersion")?;
        let minor = reader.u8("ProductMinorVersion")?;
        let build = reader.u16_le("ProductBuild")?;
        reader.take("Reserved", 3)?;
        Ok(Self { major, minor, build, revision: reader.u8("NTLMRevisionCurrent")? })
    }

    fn write(self, out: &mut Vec<u8>) {
        let [low, high] = self.build.to_le_bytes();
        out.extend_from_slice(&[self.major, self.minor, low, high, 0, 0, 0, self.revision]);
    }
}

/// NEGOTIATE_MESSAGE ([MS-NLMP] 2.2.1.1), without the names that a probe does not give.
///
/// ```text
/// "NTLMSSP\0" type(4)=1 flags(4) DomainNameFields(8) WorkstationFields(8) [Version(8)]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NegotiateMessage {
    /// NegotiateFlags.
    pub flags: u32,
    /// The client's version, where NTLMSSP_NEGOTIATE_VERSION is set.
    pub version: Option<Version>,
}

impl NegotiateMessage {
    /// Writes the message, without names.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = SIGNATURE.to_vec();
        out.extend_from_slice(&NEGOTIATE.to_le_bytes());
        out.extend_from_slice(&self.flags.to_le_bytes());
        out.extend_from_slice(&[0; 16]);
        if let Some(version) = self.version {
            version.write(&mut out);
        }
        out
    }

    /// Reads the message; names, if any, are passed over.
    ///
    /// Errors: no NTLM NEGOTIATE.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = read_header("NEGOTIATE_MESSAGE", bytes, NEGOTIATE)?;
        let flags = reader.u32_le("NegotiateFlags")?;
        let has_version = flags & NEGOTIATE_VERSION != 0;
        if !has_version {
            // Windows 95 and some today leave the name fields out altogether.
            return Ok(Self { flags, version: None });
        }
        reader.take("DomainNameFields", 8)?;
        reader.take("WorkstationFields", 8)?;
        Ok(Self { flags, version: Some(Version::read(&mut reader)?) })
    }
}

/// Checks signature and type; the reader then stands at byte 12.
fn read_header<'a>(message: &'static str, bytes: &'a [u8], kind: u32) -> Result<Reader<'a>, DecodeError> {
    let mut reader = Reader::new(message, bytes);
    let at_signature = reader.clone();
    if reader.take("Signature", SIGNATURE.len())? != SIGNATURE {
        return Err(at_signature.error("Signature", Reason::Structure("not NTLMSSP")));
    }
    let at_type = reader.clone();
    let found = reader.u32_le("MessageType")?;
    if found != kind {
        return Err(at_type.error("MessageType", Reason::Unexpected { found: u64::from(found) }));
    }
    Ok(reader)
}

const SIGNATURE: &[u8] = b"NTLMSSP\0";
const NEGOTIATE: u32 = 1;
const CHALLENGE: u32 = 2;

#[cfg(test)]
mod tests;
