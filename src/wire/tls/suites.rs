//! The suites that a hello offers, by version.

use crate::wire::codes::tls::{CipherSuite, TlsVersion};

/// Everything that a server may choose with this version, strongest first.
pub(super) fn offered(version: TlsVersion) -> Vec<CipherSuite> {
    let lists: &[&[u16]] = match version {
        v if v >= TlsVersion::TLS_1_3 => &[TLS_1_3],
        TlsVersion::TLS_1_2 => &[TLS_1_2_ONLY, ANY_VERSION],
        _ => &[ANY_VERSION],
    };
    lists.iter().flat_map(|list| list.iter().copied().map(CipherSuite)).collect()
}

/// RFC 8446 B.4.
const TLS_1_3: &[u16] = &[0x1302, 0x1301, 0x1303, 0x1304, 0x1305];

/// AEAD and SHA-2 suites, which no version before TLS 1.2 may use: Server 2012 R2 and later want them.
const TLS_1_2_ONLY: &[u16] = &[
    0xc02c, 0xc030, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xccaa, 0x009f, 0x009e, 0xc024, 0xc028, 0xc023, 0xc027,
    0x006b, 0x0067, 0x009d, 0x009c, 0x003d, 0x003c, 0x00a3, 0x00a2, 0x006a, 0x0040,
];

/// CBC with SHA-1, 3DES and RC4, which Windows 7, Server 2008 R2 and older are left with.
const ANY_VERSION: &[u16] = &[
    0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0x0038, 0x0032, 0xc008, 0xc012, 0x0016,
    0x0013, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004,
];
