//! TSRequest, the one message of CredSSP ([MS-CSSP] 2.2.1).

use super::codes::ntstatus::NtStatus;
use super::der;
use super::error::{DecodeError, Reason};
use super::reader::{Reader, length};

/// The longest TSRequest that is read.
pub const MAX_LEN: usize = 64 * 1024;

/// The version that a client of today states.
pub const VERSION: u32 = 6;

/// A TSRequest ([MS-CSSP] 2.2.1). Windows wants each in one TLS record (appendix A <8>).
///
/// ```text
/// SEQUENCE { version [0] INTEGER, negoTokens [1] SEQUENCE OF SEQUENCE { negoToken [0] OCTET STRING } OPTIONAL,
///            authInfo [2] OCTET STRING OPTIONAL, pubKeyAuth [3] OCTET STRING OPTIONAL,
///            errorCode [4] INTEGER OPTIONAL, clientNonce [5] OCTET STRING OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TsRequest {
    /// `version`: 2 to 6.
    pub version: u32,
    /// `negoTokens`: SPNEGO or raw NTLM.
    pub nego_tokens: Vec<Vec<u8>>,
    /// `authInfo`: the encrypted credentials.
    pub auth_info: Option<Vec<u8>>,
    /// `pubKeyAuth`: the binding to the TLS key.
    pub pub_key_auth: Option<Vec<u8>>,
    /// `errorCode`: only versions 3, 4 and 6 have it.
    pub error_code: Option<NtStatus>,
    /// `clientNonce`: from version 5 on.
    pub client_nonce: Option<[u8; 32]>,
}

impl TsRequest {
    /// A request that carries one token.
    #[must_use]
    pub fn with_token(token: Vec<u8>) -> Self {
        Self { version: VERSION, nego_tokens: vec![token], ..Self::default() }
    }

    /// Writes the request.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let octets = |tag: u8, value: &[u8]| der::encode(tag, &der::encode(der::OCTET_STRING, value));
        let mut body = der::encode(FIELD_VERSION, &der::encode(der::INTEGER, &version_octets(self.version)));
        if !self.nego_tokens.is_empty() {
            let tokens: Vec<u8> = self
                .nego_tokens
                .iter()
                .flat_map(|token| der::encode(der::SEQUENCE, &octets(NEGO_TOKEN, token)))
                .collect();
            body.extend(der::encode(FIELD_NEGO_TOKENS, &der::encode(der::SEQUENCE, &tokens)));
        }
        if let Some(auth_info) = &self.auth_info {
            body.extend(octets(FIELD_AUTH_INFO, auth_info));
        }
        if let Some(pub_key_auth) = &self.pub_key_auth {
            body.extend(octets(FIELD_PUB_KEY_AUTH, pub_key_auth));
        }
        if let Some(NtStatus(code)) = self.error_code {
            // Servers write the bit pattern in four octets, high bit set or not.
            body.extend(der::encode(FIELD_ERROR_CODE, &der::encode(der::INTEGER, &code.to_be_bytes())));
        }
        if let Some(nonce) = &self.client_nonce {
            body.extend(octets(FIELD_CLIENT_NONCE, nonce));
        }
        der::encode(der::SEQUENCE, &body)
    }

    /// Reads one request from the front of the bytes and says how many it took; the rest is the caller's.
    ///
    /// Errors: no TSRequest, or more than [`MAX_LEN`] bytes.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), DecodeError> {
        let mut reader = Reader::new(MESSAGE, bytes);
        Self::frame_len(bytes)?;
        let mut body = der::expect(&mut reader, "TSRequest", der::SEQUENCE)?;
        let mut version = der::expect(&mut body, "version", FIELD_VERSION)?;
        let mut request = Self { version: read_version(&mut version)?, ..Self::default() };
        while !body.is_empty() {
            let (tag, mut value) = der::element(&mut body, "field")?;
            request.read_field(tag, &mut value)?;
        }
        Ok((request, reader.offset()))
    }

    /// The length of the whole request; `None`: too few bytes so far to tell.
    ///
    /// Errors: no SEQUENCE (the first byte tells), or more than [`MAX_LEN`] bytes.
    pub fn frame_len(bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
        let mut reader = Reader::new(MESSAGE, bytes);
        let at_tag = reader.clone();
        match reader.u8("TSRequest") {
            Err(_) => return Ok(None),
            Ok(der::SEQUENCE) => {}
            Ok(tag) => return Err(at_tag.error("TSRequest", Reason::Unexpected { found: u64::from(tag) })),
        }
        let at_length = reader.clone();
        let size = match der::value_len(&mut reader, "TSRequest") {
            Ok(size) => size,
            Err(DecodeError { reason: Reason::TooShort { .. }, .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let total = reader.offset().saturating_add(size);
        if total > MAX_LEN {
            return Err(at_length.error("TSRequest", length(total)));
        }
        Ok(Some(total))
    }

    /// Fields that later versions may add are passed over.
    fn read_field(&mut self, tag: u8, value: &mut Reader<'_>) -> Result<(), DecodeError> {
        match tag {
            FIELD_NEGO_TOKENS => self.nego_tokens = read_tokens(value)?,
            FIELD_AUTH_INFO => self.auth_info = Some(read_octets(value, "authInfo")?.to_vec()),
            FIELD_PUB_KEY_AUTH => self.pub_key_auth = Some(read_octets(value, "pubKeyAuth")?.to_vec()),
            FIELD_ERROR_CODE => self.error_code = Some(read_error_code(value)?),
            FIELD_CLIENT_NONCE => {
                let at_value = value.clone();
                let nonce = read_octets(value, "clientNonce")?;
                let nonce =
                    nonce.try_into().map_err(|_| at_value.error("clientNonce", length(nonce.len())))?;
                self.client_nonce = Some(nonce);
            }
            _ => {}
        }
        Ok(())
    }
}

fn read_octets<'a>(value: &mut Reader<'a>, field: &'static str) -> Result<&'a [u8], DecodeError> {
    let octets = der::expect(value, field, der::OCTET_STRING)?;
    value.end(field)?;
    Ok(octets.peek())
}

fn read_tokens(value: &mut Reader<'_>) -> Result<Vec<Vec<u8>>, DecodeError> {
    let mut list = der::expect(value, "negoTokens", der::SEQUENCE)?;
    value.end("negoTokens")?;
    let mut tokens = Vec::new();
    while !list.is_empty() {
        if tokens.len() >= MAX_TOKENS {
            return Err(list.error("negoTokens", Reason::Structure("more than 16 tokens")));
        }
        let mut entry = der::expect(&mut list, "negoTokens", der::SEQUENCE)?;
        let mut token = der::expect(&mut entry, "negoToken", NEGO_TOKEN)?;
        tokens.push(read_octets(&mut token, "negoToken")?.to_vec());
    }
    Ok(tokens)
}

fn read_version(value: &mut Reader<'_>) -> Result<u32, DecodeError> {
    let at_value = value.clone();
    let octets = der::expect(value, "version", der::INTEGER)?;
    value.end("version")?;
    match octets.peek() {
        [] | [0x80..=0xff, ..] => Err(at_value.error("version", Reason::Structure("no positive number"))),
        [0, rest @ ..] | rest if rest.len() <= 4 => Ok(bits(rest, 0)),
        long => Err(at_value.error("version", length(long.len()))),
    }
}

/// The bit pattern of an NTSTATUS: four octets with the high bit set are no negative number here,
/// and five octets with a leading zero are the same value written by the book.
fn read_error_code(value: &mut Reader<'_>) -> Result<NtStatus, DecodeError> {
    let at_value = value.clone();
    let octets = der::expect(value, "errorCode", der::INTEGER)?;
    value.end("errorCode")?;
    match octets.peek() {
        [] => Err(at_value.error("errorCode", length(0))),
        [0, rest @ ..] if rest.len() == 4 => Ok(NtStatus(bits(rest, 0))),
        octets @ [first, ..] if octets.len() <= 4 => {
            Ok(NtStatus(bits(octets, if *first >= 0x80 { u32::MAX } else { 0 })))
        }
        long => Err(at_value.error("errorCode", length(long.len()))),
    }
}

/// Big-endian octets, shifted into a start value of all zeros or all ones.
fn bits(octets: &[u8], start: u32) -> u32 {
    octets.iter().fold(start, |value, &octet| value << 8 | u32::from(octet))
}

/// The shortest positive INTEGER.
fn version_octets(version: u32) -> Vec<u8> {
    let mut octets: Vec<u8> = version.to_be_bytes().into_iter().skip_while(|&octet| octet == 0).collect();
    if octets.first().is_none_or(|&first| first >= 0x80) {
        octets.insert(0, 0);
    }
    octets
}

const MESSAGE: &str = "TSRequest";
const MAX_TOKENS: usize = 16;
const FIELD_VERSION: u8 = 0xa0;
const FIELD_NEGO_TOKENS: u8 = 0xa1;
const FIELD_AUTH_INFO: u8 = 0xa2;
const FIELD_PUB_KEY_AUTH: u8 = 0xa3;
const FIELD_ERROR_CODE: u8 = 0xa4;
const FIELD_CLIENT_NONCE: u8 = 0xa5;
/// `negoToken [0]` within an entry of negoTokens.
const NEGO_TOKEN: u8 = 0xa0;

#[cfg(test)]
mod tests;
