//! MCS Connect Initial and Connect Response, and how a server ends MCS ([T.125]; [MS-RDPBCGR] 2.2.1.3-4).

use super::error::{DecodeError, Reason};
use super::gcc::{self, ServerCore, ServerSecurity};
use super::reader::Reader;
use super::{tpkt, x224};

const CONNECT_INITIAL: [u8; 2] = [0x7f, 0x65];
const CONNECT_RESPONSE: [u8; 2] = [0x7f, 0x66];

const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const ENUMERATED: u8 = 0x0a;
const SEQUENCE: u8 = 0x30;

/// `DisconnectProviderUltimatum` in the PER choice of domain PDUs: the top six bits of the first byte.
const DISCONNECT_PROVIDER_ULTIMATUM: u8 = 8;

/// `DomainParameters` ([T.125] 11.1): maxChannelIds, maxUserIds, maxTokenIds, numPriorities, minThroughput,
/// maxHeight, maxMCSPDUsize, protocolVersion. The values are those of Microsoft's client.
type DomainParameters = [u16; 8];

const TARGET: DomainParameters = [34, 2, 0, 1, 0, 1, 0xffff, 2];
const MINIMUM: DomainParameters = [1, 1, 1, 1, 0, 1, 1056, 2];
const MAXIMUM: DomainParameters = [0xffff, 0xfc17, 0xffff, 1, 0, 1, 0xffff, 2];

/// The parameters that Windows servers answer.
const ANSWERED: DomainParameters = [34, 3, 0, 1, 0, 1, 0xfff8, 2];

/// Client MCS Connect Initial as a whole TPKT frame ([MS-RDPBCGR] 2.2.1.3).
///
/// `selected_protocol` is what the server selected in the negotiation, which must be repeated here
/// (`serverSelectedProtocol`); 0 for standard RDP security.
#[must_use]
pub fn connect_initial(selected_protocol: u32) -> Vec<u8> {
    let mut body = Vec::new();
    put(&mut body, &[OCTET_STRING], &[1]); // callingDomainSelector
    put(&mut body, &[OCTET_STRING], &[1]); // calledDomainSelector
    put(&mut body, &[BOOLEAN], &[0xff]); // upwardFlag
    for parameters in [TARGET, MINIMUM, MAXIMUM] {
        put(&mut body, &[SEQUENCE], &domain_parameters(parameters));
    }
    put(&mut body, &[OCTET_STRING], &gcc::conference_create_request(selected_protocol));
    let mut message = Vec::new();
    put(&mut message, &CONNECT_INITIAL, &body);
    x224::data(&message)
}

/// Server MCS Connect Response with the blocks that matter here ([MS-RDPBCGR] 2.2.1.4).
///
/// ```text
/// 7F 66 LEN | 0A 01 RESULT | 02 01 calledConnectId | 30 LEN domainParameters | 04 LEN userData (GCC)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectResponse {
    /// `Result` ([T.125] 11.2): 0 successful, 14 unspecified failure, 15 user rejected, ...
    pub result: u8,
    /// SC_CORE, if it came.
    pub core: Option<ServerCore>,
    /// SC_SECURITY, if it came.
    pub security: Option<ServerSecurity>,
}

impl ConnectResponse {
    /// Reads the frame that the bytes begin with. A refusal (`result` not 0) may come without user data.
    pub fn decode(frame: &[u8]) -> Result<Self, DecodeError> {
        let (mut reader, _) = tpkt::open("MCS Connect Response", frame)?;
        reader.expect("X.224 data header", &x224::DATA_HEADER)?;
        let mut body = value(&mut reader, "connect-response", &CONNECT_RESPONSE)?;
        let result = value(&mut body, "result", &[ENUMERATED])?.u8("result")?;
        value(&mut body, "calledConnectId", &[INTEGER])?;
        value(&mut body, "domainParameters", &[SEQUENCE])?;
        let mut response = Self { result, core: None, security: None };
        if result != 0 && body.is_empty() {
            return Ok(response);
        }
        let user_data = value(&mut body, "userData", &[OCTET_STRING])?;
        if result != 0 && user_data.is_empty() {
            return Ok(response);
        }
        (response.core, response.security) = gcc::read_conference_create_response(user_data)?;
        Ok(response)
    }

    /// The response as a whole TPKT frame, for servers. Server random and keys are zero.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put(&mut body, &[ENUMERATED], &[self.result]);
        put(&mut body, &[INTEGER], &[0]);
        put(&mut body, &[SEQUENCE], &domain_parameters(ANSWERED));
        put(&mut body, &[OCTET_STRING], &gcc::conference_create_response(self.core, self.security));
        let mut message = Vec::new();
        put(&mut message, &CONNECT_RESPONSE, &body);
        x224::data(&message)
    }
}

/// The reason of a Disconnect Provider Ultimatum, if the frame is one ([T.125] `Reason`).
///
/// 0 domain disconnected, 1 provider initiated, 2 token purged, 3 user requested, 4 channel purged.
/// PER packs it: six bits of choice, then three bits of reason which straddle the two bytes.
#[must_use]
pub fn disconnect_provider_ultimatum(frame: &[u8]) -> Option<u8> {
    let (mut reader, _) = tpkt::open("MCS Disconnect Provider Ultimatum", frame).ok()?;
    reader.expect("X.224 data header", &x224::DATA_HEADER).ok()?;
    let [first, second] = reader.array("choice, reason").ok()?;
    let is_one = first.wrapping_shr(2) == DISCONNECT_PROVIDER_ULTIMATUM;
    is_one.then(|| (first & 0b11).wrapping_shl(1) | second.wrapping_shr(7))
}

/// A Disconnect Provider Ultimatum as a whole TPKT frame, for servers; three bits of `reason` are sent.
#[must_use]
pub fn encode_disconnect_provider_ultimatum(reason: u8) -> Vec<u8> {
    let choice = DISCONNECT_PROVIDER_ULTIMATUM.wrapping_shl(2);
    x224::data(&[choice | (reason & 0b110).wrapping_shr(1), (reason & 1).wrapping_shl(7)])
}

fn domain_parameters(parameters: DomainParameters) -> Vec<u8> {
    let mut out = Vec::new();
    for parameter in parameters {
        match u8::try_from(parameter) {
            Ok(small) => put(&mut out, &[INTEGER], &[small]),
            // Microsoft's own encoding: two bytes, without the zero in front that DER would have here.
            Err(_) => put(&mut out, &[INTEGER], &parameter.to_be_bytes()),
        }
    }
    out
}

/// Writes one BER value: tag, length, contents.
fn put(out: &mut Vec<u8>, tag: &[u8], contents: &[u8]) {
    out.extend_from_slice(tag);
    // No content here reaches 64 KiB: a TPKT frame could not hold it.
    let length = u16::try_from(contents.len()).unwrap_or(u16::MAX);
    let [high, low] = length.to_be_bytes();
    match length {
        0..=0x7f => out.push(low),
        _ => out.extend_from_slice(&[0x82, high, low]),
    }
    out.extend_from_slice(contents);
}

/// Reads one BER value with this tag: a reader over its contents.
fn value<'a>(reader: &mut Reader<'a>, field: &'static str, tag: &[u8]) -> Result<Reader<'a>, DecodeError> {
    reader.expect(field, tag)?;
    let at_length = reader.clone();
    let length = match reader.u8(field)? {
        short @ 0..=0x7f => usize::from(short),
        0x81 => usize::from(reader.u8(field)?),
        0x82 => usize::from(reader.u16_be(field)?),
        // No frame is long enough for a longer length, and MCS does not use the indefinite form.
        found => return Err(at_length.error(field, Reason::Unexpected { found: found.into() })),
    };
    reader.part(field, length)
}

#[cfg(test)]
mod tests;
