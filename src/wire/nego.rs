//! Negotiation data: which protocols a client asks for, which one the server takes, or why none.

use super::codes::negotiation::{FailureCode, Protocol};
use super::error::{DecodeError, Reason};
use super::reader::Reader;

/// `RESTRICTED_ADMIN_MODE_REQUIRED` ([MS-RDPBCGR] 2.2.1.1.1 `flags`).
pub const REQUEST_RESTRICTED_ADMIN: u8 = 0x01;
/// `REDIRECTED_AUTHENTICATION_MODE_REQUIRED` ([MS-RDPBCGR] 2.2.1.1.1 `flags`).
pub const REQUEST_REDIRECTED_AUTH: u8 = 0x02;
/// `CORRELATION_INFO_PRESENT` ([MS-RDPBCGR] 2.2.1.1.1 `flags`).
pub const REQUEST_CORRELATION_INFO: u8 = 0x08;

const TYPE_REQUEST: u8 = 1;
const TYPE_RESPONSE: u8 = 2;
const TYPE_FAILURE: u8 = 3;
const TYPE_CORRELATION_INFO: u8 = 6;

/// The length of each of the three negotiation structures, in bytes.
const LENGTH: u16 = 8;

/// The length of the correlation info, in bytes.
const CORRELATION_INFO_LENGTH: u16 = 36;

/// RDP Negotiation Request, RDP_NEG_REQ ([MS-RDPBCGR] 2.2.1.1.1).
///
/// ```text
/// 01 FLAGS 08 00 PROTOCOLS(u32 le)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NegotiationRequest {
    /// The flag bits, unknown ones included.
    pub flags: u8,
    /// `requestedProtocols`, as bits.
    pub requested: u32,
}

/// What a Connection Confirm carries: RDP_NEG_RSP or RDP_NEG_FAILURE ([MS-RDPBCGR] 2.2.1.2.1, 2.2.1.2.2).
///
/// ```text
/// 02 FLAGS 08 00 SELECTED(u32 le)
/// 03 FLAGS 08 00 CODE(u32 le)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negotiation {
    /// RDP Negotiation Response.
    Response {
        /// The flag bits, unknown ones included.
        flags: u8,
        /// `selectedProtocol`. Nothing promises that it was asked for: compare.
        selected: Protocol,
    },
    /// RDP Negotiation Failure.
    Failure {
        /// The flag bits, which the specification has as 0.
        flags: u8,
        /// `failureCode`.
        code: FailureCode,
    },
}

impl NegotiationRequest {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        write(out, TYPE_REQUEST, self.flags, self.requested);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.expect_u8("type", TYPE_REQUEST)?;
        let flags = reader.u8("flags")?;
        reader.expect_length("length", LENGTH)?;
        Ok(Self { flags, requested: reader.u32_le("requestedProtocols")? })
    }
}

impl Negotiation {
    pub(super) fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Response { flags, selected } => write(out, TYPE_RESPONSE, flags, selected.0),
            Self::Failure { flags, code } => write(out, TYPE_FAILURE, flags, code.0),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let at_type = reader.clone();
        let kind = reader.u8("type")?;
        if kind != TYPE_RESPONSE && kind != TYPE_FAILURE {
            return Err(at_type.error("type", Reason::Unexpected { found: kind.into() }));
        }
        let flags = reader.u8("flags")?;
        reader.expect_length("length", LENGTH)?;
        Ok(if kind == TYPE_RESPONSE {
            Self::Response { flags, selected: Protocol(reader.u32_le("selectedProtocol")?) }
        } else {
            Self::Failure { flags, code: FailureCode(reader.u32_le("failureCode")?) }
        })
    }
}

fn write(out: &mut Vec<u8>, kind: u8, flags: u8, value: u32) {
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&LENGTH.to_le_bytes());
    out.extend_from_slice(&value.to_le_bytes());
}

/// Writes RDP_NEG_CORRELATION_INFO ([MS-RDPBCGR] 2.2.1.1.2): `06 00 24 00`, the id, 16 reserved bytes.
pub(super) fn write_correlation_info(out: &mut Vec<u8>, id: [u8; 16]) {
    out.extend_from_slice(&[TYPE_CORRELATION_INFO, 0]);
    out.extend_from_slice(&CORRELATION_INFO_LENGTH.to_le_bytes());
    out.extend_from_slice(&id);
    out.extend_from_slice(&[0; 16]);
}

/// Reads what [`write_correlation_info`] writes; what stands in the reserved bytes does not matter.
pub(super) fn read_correlation_info(reader: &mut Reader<'_>) -> Result<[u8; 16], DecodeError> {
    reader.expect_u8("type", TYPE_CORRELATION_INFO)?;
    reader.u8("flags")?;
    reader.expect_length("length", CORRELATION_INFO_LENGTH)?;
    let id = reader.array("correlationId")?;
    reader.take("reserved", 16)?;
    Ok(id)
}

/// The protocols that are asked for, lowest bit first; no bit at all asks for standard RDP security.
/// An unknown bit is kept as a [`Protocol`] without a name.
#[must_use]
pub fn protocol_names(bits: u32) -> Vec<Protocol> {
    if bits == 0 {
        return vec![Protocol::RDP];
    }
    (0..u32::BITS)
        .map(|shift| 1_u32.wrapping_shl(shift))
        .filter(|bit| bits & bit != 0)
        .map(Protocol)
        .collect()
}

/// The flags of an RDP Negotiation Response by the specification's names, lowest bit first, unknown bits in
/// hex ([MS-RDPBCGR] 2.2.1.2.1).
#[must_use]
pub fn response_flag_names(flags: u8) -> Vec<String> {
    const NAMES: [(u8, &str); 5] = [
        (0x01, "EXTENDED_CLIENT_DATA_SUPPORTED"),
        (0x02, "DYNVC_GFX_PROTOCOL_SUPPORTED"),
        (0x04, "NEGRSP_FLAG_RESERVED"),
        (0x08, "RESTRICTED_ADMIN_MODE_SUPPORTED"),
        (0x10, "REDIRECTED_AUTHENTICATION_MODE_SUPPORTED"),
    ];
    (0..u8::BITS)
        .map(|shift| 1_u8.wrapping_shl(shift))
        .filter(|bit| flags & bit != 0)
        .map(|bit| match NAMES.iter().find(|(known, _)| *known == bit) {
            Some((_, name)) => (*name).to_owned(),
            None => format!("{bit:#04x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_come_by_bit_and_unknown_bits_stay() {
        assert_eq!(protocol_names(0), [Protocol::RDP]);
        assert_eq!(protocol_names(0x0b), [Protocol::SSL, Protocol::HYBRID, Protocol::HYBRID_EX]);
        assert_eq!(protocol_names(0x8000_0020), [Protocol(0x20), Protocol(0x8000_0000)]);
        assert_eq!(protocol_names(0x20).first().unwrap().to_string(), "unknown 0x20");
    }

    #[test]
    fn flags_come_by_name_and_unknown_bits_in_hex() {
        assert_eq!(response_flag_names(0), Vec::<String>::new());
        assert_eq!(response_flag_names(0x1f).len(), 5);
        let expected = ["EXTENDED_CLIENT_DATA_SUPPORTED", "RESTRICTED_ADMIN_MODE_SUPPORTED", "0x20", "0x80"];
        assert_eq!(response_flag_names(0xa9), expected);
    }
}
