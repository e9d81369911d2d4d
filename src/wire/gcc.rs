//! GCC conference data inside MCS Connect: what client and server say of themselves ([T.124]; [MS-RDPBCGR] 2.2.1.3-4).

use super::codes::encryption::{EncryptionLevel, EncryptionMethod};
use super::error::{DecodeError, Reason};
use super::reader::Reader;

/// `t124Identifier`: the object key {itu-t recommendation t 124 version(0) 1} in PER.
const T124_KEY: [u8; 7] = [0x00, 0x05, 0x00, 0x14, 0x7c, 0x00, 0x01];

/// `ConferenceCreateRequest` up to the user data: conference name "1", one set with the key "Duca".
const CREATE_REQUEST: [u8; 12] = *b"\x00\x08\x00\x10\x00\x01\xc0\x00Duca";

/// The `connectPDU` length that Windows sends, whatever the length is. No reader may trust it.
const CREATE_RESPONSE_LENGTH: u8 = 0x2a;
/// `ConferenceCreateResponse` up to the user data: node id, tag 1, success, one set with the key "McDn".
const CREATE_RESPONSE: [u8; 13] = *b"\x14\x76\x0a\x01\x01\x00\x01\xc0\x00McDn";
const SERVER_KEY: &[u8] = b"McDn";

const CS_CORE: u16 = 0xc001;
const CS_SECURITY: u16 = 0xc002;
const CS_NET: u16 = 0xc003;
const CS_CLUSTER: u16 = 0xc004;
const SC_CORE: u16 = 0x0c01;
const SC_SECURITY: u16 = 0x0c02;
const SC_NET: u16 = 0x0c03;

/// The header of a block: type and length, in bytes.
const BLOCK_HEADER_LEN: usize = 4;

/// RDP 5.0 to 8.1: what every server since Windows 2000 takes.
const RDP_VERSION: u32 = 0x0008_0004;
/// Without it the server drops the connection in silence instead of saying why.
const RNS_UD_CS_SUPPORT_ERRINFO_PDU: u16 = 0x0001;
/// Every method there is: 40 bit, 128 bit, 56 bit, FIPS.
const ENCRYPTION_METHODS: u32 = 0x1b;
/// `REDIRECTION_SUPPORTED` with version 4 of the redirection.
const CLUSTER_FLAGS: u32 = 0x0d;
const CLIENT_NAME: &str = "rdprobe";

/// Bit 31 of the certificate's `dwVersion` says only that the certificate is a temporary one.
const CERTIFICATE_VERSION: u32 = 0x7fff_ffff;
const PROPRIETARY: u32 = 1;
const X509_CHAIN: u32 = 2;

/// Server Core Data, SC_CORE ([MS-RDPBCGR] 2.2.1.4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerCore {
    /// The server's RDP version: 0x80001 is 4.0, 0x80004 is 5.0 to 8.1, 0x80005 and above 10.0 and above.
    pub version: u32,
    /// The `requestedProtocols` of the Connection Request, as the server saw them; old servers leave it out.
    pub client_requested_protocols: Option<u32>,
}

/// Server Security Data, SC_SECURITY ([MS-RDPBCGR] 2.2.1.4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerSecurity {
    /// `encryptionMethod`, the one that the server chose.
    pub method: EncryptionMethod,
    /// `encryptionLevel`, which the server is set to.
    pub level: EncryptionLevel,
    /// The kind of the server certificate; `None` when there is none, as without encryption.
    pub certificate: Option<CertificateKind>,
}

/// The kind of a Server Certificate ([MS-RDPBCGR] 2.2.1.4.3.1 `dwVersion`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateKind {
    /// Signed with the well-known Terminal Services key, which everybody has: no proof of identity.
    Proprietary,
    /// A chain of X.509 certificates.
    X509,
    /// Another kind, by its version.
    Unknown(u32),
}

/// `ConnectGCCPDU` with a `ConferenceCreateRequest` and the client's blocks ([MS-RDPBCGR] 2.2.1.3).
pub(super) fn conference_create_request(selected_protocol: u32) -> Vec<u8> {
    let mut blocks = Vec::new();
    block(&mut blocks, CS_CORE, &client_core(selected_protocol));
    block(&mut blocks, CS_CLUSTER, &[CLUSTER_FLAGS.to_le_bytes(), [0; 4]].concat());
    block(&mut blocks, CS_SECURITY, &[ENCRYPTION_METHODS.to_le_bytes(), [0; 4]].concat());
    block(&mut blocks, CS_NET, &0_u32.to_le_bytes()); // channelCount
    let mut create = CREATE_REQUEST.to_vec();
    put_length(&mut create, blocks.len());
    create.extend(blocks);
    let mut out = T124_KEY.to_vec();
    put_length(&mut out, create.len());
    out.extend(create);
    out
}

/// Client Core Data, CS_CORE ([MS-RDPBCGR] 2.2.1.3.2): a plain client with 1024 x 768 pixels of 8 to 24 bits.
fn client_core(selected_protocol: u32) -> Vec<u8> {
    let mut out = RDP_VERSION.to_le_bytes().to_vec();
    put_u16s(&mut out, &[1024, 768, 0xca01, 0xaa03]); // width, height, 8 bits a pixel, SASSequence
    put_u32s(&mut out, &[0x0409, 2600]); // keyboardLayout, clientBuild
    let name: Vec<u8> = CLIENT_NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    put_padded(&mut out, &name, 32); // clientName
    put_u32s(&mut out, &[4, 0, 12]); // keyboardType, keyboardSubType, keyboardFunctionKey
    put_padded(&mut out, &[], 64); // imeFileName
    put_u16s(&mut out, &[0xca01, 1]); // postBeta2ColorDepth, clientProductId
    put_u32s(&mut out, &[0]); // serialNumber
    put_u16s(&mut out, &[24, 0x0007, RNS_UD_CS_SUPPORT_ERRINFO_PDU]); // highColorDepth, supportedColorDepths
    put_padded(&mut out, &[], 64); // clientDigProductId
    out.extend_from_slice(&[0, 0]); // connectionType, pad1octet
    put_u32s(&mut out, &[selected_protocol]); // serverSelectedProtocol
    out
}

/// `ConnectGCCPDU` with a `ConferenceCreateResponse` and the server's blocks ([MS-RDPBCGR] 2.2.1.4).
pub(super) fn conference_create_response(
    core: Option<ServerCore>,
    security: Option<ServerSecurity>,
) -> Vec<u8> {
    let mut blocks = Vec::new();
    if let Some(core) = core {
        let mut body = core.version.to_le_bytes().to_vec();
        body.extend(core.client_requested_protocols.into_iter().flat_map(u32::to_le_bytes));
        block(&mut blocks, SC_CORE, &body);
    }
    if core.is_some() || security.is_some() {
        block(&mut blocks, SC_NET, &[0xeb, 0x03, 0, 0]); // the I/O channel 1003, no others
    }
    if let Some(security) = security {
        block(&mut blocks, SC_SECURITY, &server_security(security));
    }
    let mut out = T124_KEY.to_vec();
    out.push(CREATE_RESPONSE_LENGTH);
    out.extend_from_slice(&CREATE_RESPONSE);
    put_length(&mut out, blocks.len());
    out.extend(blocks);
    out
}

fn server_security(security: ServerSecurity) -> Vec<u8> {
    let mut out = Vec::new();
    put_u32s(&mut out, &[security.method.0, security.level.0]);
    let certificate = match security.certificate {
        None => return out,
        Some(CertificateKind::Proprietary) => proprietary_certificate(),
        Some(CertificateKind::X509) => [X509_CHAIN, 0].map(u32::to_le_bytes).concat(), // no certificate in it
        Some(CertificateKind::Unknown(version)) => version.to_le_bytes().to_vec(),
    };
    let length = u32::try_from(certificate.len()).unwrap_or(u32::MAX);
    put_u32s(&mut out, &[32, length]); // serverRandomLen, serverCertLen
    put_padded(&mut out, &[], 32);
    out.extend(certificate);
    out
}

/// A proprietary certificate with a key and a signature of zeros ([MS-RDPBCGR] 2.2.1.4.3.1.1).
fn proprietary_certificate() -> Vec<u8> {
    let mut out = Vec::new();
    put_u32s(&mut out, &[PROPRIETARY, 1, 1]); // dwVersion, dwSigAlgId, dwKeyAlgId
    put_u16s(&mut out, &[6, 92]); // wPublicKeyBlobType, wPublicKeyBlobLen
    out.extend_from_slice(b"RSA1");
    put_u32s(&mut out, &[72, 512, 63, 0x0001_0001]); // keylen, bitlen, datalen, pubExp
    put_padded(&mut out, &[], 72); // modulus
    put_u16s(&mut out, &[8, 72]); // wSignatureBlobType, wSignatureBlobLen
    put_padded(&mut out, &[], 72); // SignatureBlob
    out
}

/// Reads the user data of a Connect Response; unknown blocks are passed over.
pub(super) fn read_conference_create_response(
    user_data: Reader<'_>,
) -> Result<(Option<ServerCore>, Option<ServerSecurity>), DecodeError> {
    let mut reader = user_data.named("GCC Conference Create Response");
    reader.expect("t124Identifier", &T124_KEY)?;
    length(&mut reader, "connectPDU length")?;
    reader.u8("choice")?;
    reader.u16_be("nodeID")?;
    let tag_length = reader.u8("tag")?;
    reader.take("tag", tag_length.into())?;
    reader.u8("result")?;
    reader.u8("number of sets")?;
    reader.u8("choice of key")?;
    reader.u8("h221 key length")?;
    reader.expect("h221 key", SERVER_KEY)?;
    let blocks_length = length(&mut reader, "user data length")?;
    let mut blocks = reader.part("user data", blocks_length)?;
    let (mut core, mut security) = (None, None);
    while !blocks.is_empty() {
        let (kind, body) = next_block(&mut blocks)?;
        match kind {
            SC_CORE => core = Some(ServerCore::read(body.named("SC_CORE"))?),
            SC_SECURITY => security = Some(ServerSecurity::read(body.named("SC_SECURITY"))?),
            _ => {}
        }
    }
    Ok((core, security))
}

impl ServerCore {
    fn read(mut body: Reader<'_>) -> Result<Self, DecodeError> {
        let version = body.u32_le("version")?;
        // Both fields after the version are optional, and later versions may add more.
        let client_requested_protocols =
            if body.is_empty() { None } else { Some(body.u32_le("clientRequestedProtocols")?) };
        Ok(Self { version, client_requested_protocols })
    }
}

impl ServerSecurity {
    fn read(mut body: Reader<'_>) -> Result<Self, DecodeError> {
        let method = EncryptionMethod(body.u32_le("encryptionMethod")?);
        let level = EncryptionLevel(body.u32_le("encryptionLevel")?);
        let mut security = Self { method, level, certificate: None };
        if body.is_empty() {
            return Ok(security);
        }
        let random_length = wide_length(&mut body, "serverRandomLen")?;
        let certificate_length = wide_length(&mut body, "serverCertLen")?;
        body.take("serverRandom", random_length)?;
        let mut certificate = body.part("serverCertificate", certificate_length)?;
        if !certificate.is_empty() {
            security.certificate = Some(match certificate.u32_le("dwVersion")? & CERTIFICATE_VERSION {
                PROPRIETARY => CertificateKind::Proprietary,
                X509_CHAIN => CertificateKind::X509,
                version => CertificateKind::Unknown(version),
            });
        }
        Ok(security)
    }
}

/// One block: its type, and a reader over what follows the header.
fn next_block<'a>(blocks: &mut Reader<'a>) -> Result<(u16, Reader<'a>), DecodeError> {
    let kind = blocks.u16_le("block type")?;
    let at_length = blocks.clone();
    let length = blocks.u16_le("block length")?;
    let Some(body) = usize::from(length).checked_sub(BLOCK_HEADER_LEN) else {
        return Err(at_length.error("block length", Reason::Length { found: length.into() }));
    };
    Ok((kind, blocks.part("block", body)?))
}

/// A length of 32 bits that must fit into what follows.
fn wide_length(body: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let at_length = body.clone();
    let found = body.u32_le(field)?;
    usize::try_from(found).map_err(|_| at_length.error(field, Reason::Length { found: found.into() }))
}

/// A PER length: one byte up to 127, else two bytes with 14 bits ([X.691] 10.9).
fn length(reader: &mut Reader<'_>, field: &'static str) -> Result<usize, DecodeError> {
    let at_length = reader.clone();
    match reader.u8(field)? {
        short @ 0..=0x7f => Ok(short.into()),
        high @ 0x80..=0xbf => Ok(u16::from_be_bytes([high & 0x3f, reader.u8(field)?]).into()),
        found => Err(at_length.error(field, Reason::Unexpected { found: found.into() })),
    }
}

/// Writes a PER length; what is written here stays far below the 16383 that two bytes can say.
fn put_length(out: &mut Vec<u8>, length: usize) {
    let length = u16::try_from(length).unwrap_or(u16::MAX) & 0x3fff;
    let [high, low] = length.to_be_bytes();
    match length {
        0..=0x7f => out.push(low),
        _ => out.extend_from_slice(&[high | 0x80, low]),
    }
}

fn block(out: &mut Vec<u8>, kind: u16, body: &[u8]) {
    let length = u16::try_from(body.len().saturating_add(BLOCK_HEADER_LEN)).unwrap_or(u16::MAX);
    put_u16s(out, &[kind, length]);
    out.extend_from_slice(body);
}

fn put_u16s(out: &mut Vec<u8>, values: &[u16]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

fn put_u32s(out: &mut Vec<u8>, values: &[u32]) {
    out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
}

/// Writes a field of fixed length, filled up with zeros.
fn put_padded(out: &mut Vec<u8>, value: &[u8], length: usize) {
    let end = out.len().saturating_add(length);
    out.extend_from_slice(value);
    out.resize(end, 0);
}
