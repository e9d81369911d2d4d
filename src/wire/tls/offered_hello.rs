//! What a server reads of a ClientHello: versions, suites, name (RFC 5246 7.4.1.2, RFC 8446 4.1.2).

use super::client_hello::{CLIENT_HELLO, HOST_NAME, SERVER_NAME, SUPPORTED_VERSIONS};
use super::record::{self, Record};
use crate::wire::codes::tls::{CipherSuite, TlsVersion};
use crate::wire::error::{DecodeError, Reason};
use crate::wire::reader::{Reader, length};

/// What a client offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedHello {
    /// The version in the hello itself.
    pub legacy_version: TlsVersion,
    /// `supported_versions` in the client's order; without it, `legacy_version` alone.
    pub versions: Vec<TlsVersion>,
    /// `random`.
    pub random: [u8; 32],
    /// `legacy_session_id`.
    pub session_id: Vec<u8>,
    /// The suites in the client's order.
    pub cipher_suites: Vec<CipherSuite>,
    /// The host name of `server_name`.
    pub server_name: Option<String>,
    /// The extensions by number, in their order.
    pub extensions: Vec<u16>,
}

impl OfferedHello {
    /// Reads a hello from the records that carry it; [`record::frame_len`] says how long each is.
    ///
    /// Errors: no handshake records, too few of them, or no ClientHello in them.
    pub fn decode(records: &[u8]) -> Result<Self, DecodeError> {
        let handshake = unwrap_records(records)?;
        let mut reader = Reader::new(MESSAGE, &handshake);
        let at_type = reader.clone();
        let kind = reader.u8("msg_type")?;
        if kind != CLIENT_HELLO {
            return Err(at_type.error("msg_type", Reason::Unexpected { found: u64::from(kind) }));
        }
        let size = reader.u24_be("length")?;
        let mut body = reader.part("length", size)?;
        Self::read_body(&mut body)
    }

    fn read_body(body: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let legacy_version = TlsVersion(body.u16_be("legacy_version")?);
        let random = body.array("random")?;
        let session_id_len = usize::from(body.u8("legacy_session_id")?);
        let session_id = body.take("legacy_session_id", session_id_len)?.to_vec();
        let cipher_suites = read_suites(body)?;
        let compressions = usize::from(body.u8("legacy_compression_methods")?);
        body.take("legacy_compression_methods", compressions)?;
        let mut hello = Self {
            legacy_version,
            versions: vec![legacy_version],
            random,
            session_id,
            cipher_suites,
            server_name: None,
            extensions: Vec::new(),
        };
        if !body.is_empty() {
            hello.read_extensions(body)?;
        }
        Ok(hello)
    }

    fn read_extensions(&mut self, body: &mut Reader<'_>) -> Result<(), DecodeError> {
        let total = usize::from(body.u16_be("extensions")?);
        let mut extensions = body.part("extensions", total)?;
        body.end("extensions")?;
        while !extensions.is_empty() {
            let kind = extensions.u16_be("extension_type")?;
            let size = usize::from(extensions.u16_be("extension_data")?);
            let mut data = extensions.part("extension_data", size)?;
            match kind {
                SERVER_NAME => self.server_name = read_server_name(&mut data)?,
                SUPPORTED_VERSIONS => self.versions = read_versions(&mut data)?,
                _ => {}
            }
            self.extensions.push(kind);
        }
        Ok(())
    }
}

/// The handshake bytes of consecutive records.
fn unwrap_records(mut records: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut handshake = Vec::new();
    let mut offset = 0_usize;
    while !records.is_empty() {
        let reader = Reader::new(MESSAGE, records);
        let Some((record, used)) = Record::decode(records)? else {
            let needed =
                record::frame_len(records)?.unwrap_or(record::HEADER_LEN).saturating_sub(records.len());
            return Err(reader.error("record", Reason::TooShort { needed }));
        };
        if record.kind != record::HANDSHAKE {
            let reason = Reason::Unexpected { found: u64::from(record.kind) };
            return Err(DecodeError { message: MESSAGE, field: "record", offset, reason });
        }
        handshake.extend_from_slice(record.fragment);
        offset = offset.saturating_add(used);
        records = records.get(used..).unwrap_or_default();
    }
    Ok(handshake)
}

fn read_suites(body: &mut Reader<'_>) -> Result<Vec<CipherSuite>, DecodeError> {
    let at_length = body.clone();
    let size = usize::from(body.u16_be("cipher_suites")?);
    if size % 2 != 0 {
        return Err(at_length.error("cipher_suites", length(size)));
    }
    let mut list = body.part("cipher_suites", size)?;
    let mut suites = Vec::new();
    while !list.is_empty() {
        suites.push(CipherSuite(list.u16_be("cipher_suites")?));
    }
    Ok(suites)
}

fn read_server_name(data: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    let size = usize::from(data.u16_be("server_name_list")?);
    let mut list = data.part("server_name_list", size)?;
    while !list.is_empty() {
        let kind = list.u8("name_type")?;
        let size = usize::from(list.u16_be("host_name")?);
        let name = list.take("host_name", size)?;
        if kind == HOST_NAME {
            return Ok(Some(String::from_utf8_lossy(name).into_owned()));
        }
    }
    Ok(None)
}

fn read_versions(data: &mut Reader<'_>) -> Result<Vec<TlsVersion>, DecodeError> {
    let size = usize::from(data.u8("supported_versions")?);
    let mut list = data.part("supported_versions", size)?;
    let mut versions = Vec::new();
    while !list.is_empty() {
        versions.push(TlsVersion(list.u16_be("supported_versions")?));
    }
    Ok(versions)
}

const MESSAGE: &str = "ClientHello";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::tls::client_hello::ClientHello;

    fn modern() -> Vec<u8> {
        ClientHello {
            version: TlsVersion::TLS_1_3,
            server_name: Some("vm.example".into()),
            random: [1; 32],
            session_id: [2; 32],
            key_share: [3; 32],
        }
        .encode()
    }

    #[test]
    fn reads_a_hello_cut_over_records() {
        let whole = modern();
        let records: Vec<u8> = whole[5..]
            .chunks(50)
            .flat_map(|part| record::wrap(record::HANDSHAKE, TlsVersion::TLS_1_0, part))
            .collect();
        assert_eq!(OfferedHello::decode(&records), OfferedHello::decode(&whole));
        assert_eq!(OfferedHello::decode(&whole).unwrap().session_id, [2; 32]);
    }

    #[test]
    fn too_short_at_every_length() {
        let whole = modern();
        for len in 0..whole.len() {
            let error = OfferedHello::decode(&whole[..len]).unwrap_err();
            assert!(matches!(error.reason, Reason::TooShort { needed: 1.. }), "length {len}: {error}");
        }
    }

    #[test]
    fn wrong_fields_are_named() {
        // A list of suites cannot have 11 bytes.
        for (at, value, field, offset) in
            [(0, 23, "record", 0), (5, 2, "msg_type", 0), (9 + 2 + 32 + 34, 11, "cipher_suites", 71)]
        {
            let mut broken = modern();
            broken[at] = value;
            let error = OfferedHello::decode(&broken).unwrap_err();
            assert_eq!((error.field, error.offset), (field, offset));
        }
    }

    #[test]
    fn a_hello_without_extensions_offers_its_own_version() {
        let mut body = vec![3, 1];
        body.extend([0; 32]);
        body.extend([0, 0, 2, 0, 0x2f, 1, 0]);
        let mut message = vec![1, 0, 0, u8::try_from(body.len()).unwrap()];
        message.extend(body);
        let hello = OfferedHello::decode(&record::wrap(22, TlsVersion::TLS_1_0, &message)).unwrap();
        assert_eq!(hello.versions, [TlsVersion::TLS_1_0]);
        assert_eq!(hello.server_name, None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0_usize..200) {
            let _ = OfferedHello::decode(&bytes);
            let mut hello = modern();
            hello.truncate(at);
            hello.extend(bytes);
            let _ = OfferedHello::decode(&hello);
        }
    }
}
