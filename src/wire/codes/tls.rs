//! The code points of TLS: versions, alerts and cipher suites, by their IANA names.

code_table! {
    /// A protocol version on the wire (RFC 8446 4.1.2, RFC 5246 A.1).
    TlsVersion(u16) {
        TLS_1_0 = 0x0301, "TLS 1.0", "TLS 1.0 (RFC 2246), deprecated";
        TLS_1_1 = 0x0302, "TLS 1.1", "TLS 1.1 (RFC 4346), deprecated";
        TLS_1_2 = 0x0303, "TLS 1.2", "TLS 1.2 (RFC 5246)";
        TLS_1_3 = 0x0304, "TLS 1.3", "TLS 1.3 (RFC 8446)";
    }
}

code_table! {
    /// An alert description (RFC 8446 6, IANA TLS Alerts).
    AlertDescription(u8) {
        CLOSE_NOTIFY = 0, "close_notify", "the peer ends the connection in order";
        HANDSHAKE_FAILURE = 40, "handshake_failure", "no acceptable set of parameters";
        PROTOCOL_VERSION = 70, "protocol_version", "the version is recognized but not supported";
        INTERNAL_ERROR = 80, "internal_error", "an error of the peer's own stopped the handshake";
    }
}

code_table! {
    /// A cipher suite (IANA TLS Cipher Suites).
    CipherSuite(u16) {
        TLS_RSA_WITH_AES_128_CBC_SHA = 0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA", "RSA key exchange, AES-128-CBC, SHA-1";
    }
}
