//! A ClientHello that offers exactly one version with a wide suite list (RFC 5246 7.4.1.2, RFC 8446 4.1.2).
//!
//! A narrow offer makes old Schannel reset the connection, and so causes what it then reports.

use super::vector::{extension, handshake, push_u8, push_u16, u16_list};
use super::{record, suites};
use crate::wire::codes::tls::{CipherSuite, TlsVersion};

/// A hello with exactly one version. All randomness is the caller's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientHello {
    /// The one version offered.
    pub version: TlsVersion,
    /// The name for `server_name`; an address, or what is no DNS name, is left out (RFC 6066 3).
    pub server_name: Option<String>,
    /// `random`.
    pub random: [u8; 32],
    /// `legacy_session_id`, sent with TLS 1.3 only (RFC 8446 D.4).
    pub session_id: [u8; 32],
    /// The x25519 public key, sent with TLS 1.3 only: any 32 bytes are one.
    pub key_share: [u8; 32],
}

impl ClientHello {
    /// The whole hello as one TLS record, which fits one packet.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(512);
        body.extend_from_slice(&record::legacy_version(self.version).0.to_be_bytes());
        body.extend_from_slice(&self.random);
        push_u8(&mut body, if self.is_1_3() { &self.session_id } else { &[] });
        push_u16(&mut body, &u16_list(self.cipher_suites().into_iter().map(|suite| suite.0)));
        push_u8(&mut body, &[0]);
        push_u16(&mut body, &self.extensions());
        record::wrap(record::HANDSHAKE, TlsVersion::TLS_1_0, &handshake(CLIENT_HELLO, &body))
    }

    /// The suites offered, strongest first: all that may be used with the version.
    #[must_use]
    pub fn cipher_suites(&self) -> Vec<CipherSuite> {
        suites::offered(self.version)
    }

    fn is_1_3(&self) -> bool {
        self.version >= TlsVersion::TLS_1_3
    }

    fn extensions(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if let Some(name) = self.server_name.as_deref().and_then(sni) {
            extension(&mut out, SERVER_NAME, &server_name_list(name));
        }
        extension(&mut out, SUPPORTED_GROUPS, &prefixed_u16(&u16_list(GROUPS)));
        extension(&mut out, EC_POINT_FORMATS, &[1, 0]);
        // Only from TLS 1.2 on: RFC 5246 7.4.1.4.1 forbids it to a client that offers less.
        if self.version >= TlsVersion::TLS_1_2 {
            extension(&mut out, SIGNATURE_ALGORITHMS, &prefixed_u16(&u16_list(SIGNATURES)));
        }
        extension(&mut out, EXTENDED_MASTER_SECRET, &[]);
        extension(&mut out, RENEGOTIATION_INFO, &[0]);
        if self.is_1_3() {
            self.extensions_1_3(&mut out);
        }
        out
    }

    fn extensions_1_3(&self, out: &mut Vec<u8>) {
        let mut versions = Vec::new();
        push_u8(&mut versions, &self.version.0.to_be_bytes());
        extension(out, SUPPORTED_VERSIONS, &versions);
        extension(out, PSK_KEY_EXCHANGE_MODES, &[1, PSK_DHE_KE]);
        let mut share = X25519.to_be_bytes().to_vec();
        push_u16(&mut share, &self.key_share);
        extension(out, KEY_SHARE, &prefixed_u16(&share));
    }
}

/// The name as it goes into `server_name`: a DNS name without its trailing dot, no address.
fn sni(name: &str) -> Option<&str> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    let is_dns = (1..=253).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    (is_dns && !is_address).then_some(name)
}

fn server_name_list(name: &str) -> Vec<u8> {
    let mut entry = vec![HOST_NAME];
    push_u16(&mut entry, name.as_bytes());
    prefixed_u16(&entry)
}

fn prefixed_u16(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_u16(&mut out, body);
    out
}

/// Handshake type `client_hello`.
pub(super) const CLIENT_HELLO: u8 = 1;

/// Extension `server_name` (RFC 6066 3).
pub(super) const SERVER_NAME: u16 = 0;
/// Extension `renegotiation_info` (RFC 5746 3.2).
pub(super) const RENEGOTIATION_INFO: u16 = 0xff01;
/// Extension `extended_master_secret` (RFC 7627 5.1).
pub(super) const EXTENDED_MASTER_SECRET: u16 = 23;
/// Extension `supported_versions` (RFC 8446 4.2.1).
pub(super) const SUPPORTED_VERSIONS: u16 = 43;
/// Name type `host_name`.
pub(super) const HOST_NAME: u8 = 0;

const SUPPORTED_GROUPS: u16 = 10;
const EC_POINT_FORMATS: u16 = 11;
const SIGNATURE_ALGORITHMS: u16 = 13;
const PSK_KEY_EXCHANGE_MODES: u16 = 45;
const KEY_SHARE: u16 = 51;
const PSK_DHE_KE: u8 = 1;

const X25519: u16 = 0x001d;
/// x25519, secp256r1, secp384r1, secp521r1 (RFC 8446 4.2.7).
const GROUPS: [u16; 4] = [X25519, 0x0017, 0x0018, 0x0019];

/// ECDSA, RSA-PSS, RSA PKCS #1, EdDSA, then SHA-1 and DSA for old servers (RFC 8446 4.2.3, RFC 5246 7.4.1.4.1).
const SIGNATURES: [u16; 17] = [
    0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0809, 0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x0807,
    0x0203, 0x0201, 0x0402, 0x0202,
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::tls::offered_hello::OfferedHello;

    fn hello(version: TlsVersion, server_name: Option<&str>) -> ClientHello {
        ClientHello {
            version,
            server_name: server_name.map(Into::into),
            random: [1; 32],
            session_id: [2; 32],
            key_share: [3; 32],
        }
    }

    const VERSIONS: [TlsVersion; 4] =
        [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2, TlsVersion::TLS_1_3];

    #[test]
    fn offers_exactly_one_version_in_one_packet() {
        for version in VERSIONS {
            let bytes = hello(version, Some("myvm.westus.cloudapp.azure.com")).encode();
            assert!(bytes.len() < 1400, "{version}: {} bytes", bytes.len());
            assert_eq!(bytes[..3], [22, 3, 1]);
            let offered = OfferedHello::decode(&bytes).unwrap();
            assert_eq!(offered.versions, [version]);
            assert_eq!(offered.legacy_version, version.min(TlsVersion::TLS_1_2));
            assert_eq!(offered.random, [1; 32]);
            assert_eq!(offered.server_name.as_deref(), Some("myvm.westus.cloudapp.azure.com"));
            assert_eq!(offered.extensions.contains(&SUPPORTED_VERSIONS), version == TlsVersion::TLS_1_3);
            assert_eq!(offered.session_id.len(), if version == TlsVersion::TLS_1_3 { 32 } else { 0 });
        }
    }

    #[test]
    fn offers_what_old_schannel_takes() {
        let windows_7 = [0x2f, 0x35, 5, 0xa, 0xc013, 0xc014, 0xc009, 0xc00a, 0x32, 0x38, 0x13, 4];
        let server_2012_r2 = [
            0x9c, 0x9d, 0x3c, 0x3d, 0xc027, 0xc028, 0xc02f, 0xc030, 0xc023, 0xc024, 0xc02b, 0xc02c, 0x9e,
            0x9f,
        ];
        let suites = |version| -> Vec<u16> {
            OfferedHello::decode(&hello(version, None).encode())
                .unwrap()
                .cipher_suites
                .into_iter()
                .map(|suite| suite.0)
                .collect()
        };
        for version in [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2] {
            assert!(windows_7.iter().all(|suite| suites(version).contains(suite)), "{version}");
        }
        let modern = suites(TlsVersion::TLS_1_2);
        assert!(server_2012_r2.iter().chain(&[0xcca8, 0xcca9]).all(|suite| modern.contains(suite)));
        assert_eq!(suites(TlsVersion::TLS_1_3).len(), 5);
        assert!(!suites(TlsVersion::TLS_1_1).contains(&0xc030));
    }

    #[test]
    fn every_suite_offered_has_a_name() {
        for version in VERSIONS {
            let mut suites = hello(version, None).cipher_suites();
            assert_eq!(suites.iter().find(|suite| suite.name().is_none()), None);
            let count = suites.len();
            suites.sort();
            suites.dedup();
            assert_eq!(suites.len(), count, "{version}: a suite twice");
        }
    }

    #[test]
    fn addresses_and_nonsense_are_no_server_name() {
        let name = |name| {
            OfferedHello::decode(&hello(TlsVersion::TLS_1_2, Some(name)).encode()).unwrap().server_name
        };
        assert_eq!(name("vm.example.").as_deref(), Some("vm.example"));
        for none in ["10.0.0.4", "::1", "", ".", "a b", "ü.example", &"x".repeat(254)] {
            assert_eq!(name(none), None, "{none}");
        }
    }

    /// The independent reader of the same bytes.
    #[test]
    fn another_reader_agrees() {
        for version in VERSIONS {
            let bytes = hello(version, Some("vm.example")).encode();
            let (rest, record) = tls_parser::parse_tls_plaintext(&bytes).unwrap();
            assert!(rest.is_empty());
            let [tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ClientHello(read))] =
                record.msg.as_slice()
            else {
                panic!("no ClientHello: {record:?}");
            };
            let (rest, extensions) =
                tls_parser::parse_tls_client_hello_extensions(read.ext.unwrap()).unwrap();
            assert!(rest.is_empty());
            let unknown = |extension: &&tls_parser::TlsExtension<'_>| {
                matches!(extension, tls_parser::TlsExtension::Unknown(..))
            };
            assert_eq!(extensions.iter().find(unknown), None, "{version}");
            assert_eq!(
                extensions.len(),
                match version.0 {
                    0x0304 => 9,
                    0x0303 => 6,
                    _ => 5,
                }
            );
        }
    }

    proptest! {
        #[test]
        fn any_name_and_version_can_be_read(version in any::<u16>(), name in ".{0,300}") {
            let bytes = hello(TlsVersion(version), Some(&name)).encode();
            prop_assert!(bytes.len() < 1400);
            prop_assert!(OfferedHello::decode(&bytes).is_ok());
        }
    }
}
