//! The code points of TLS: versions and alerts, by their IANA names; cipher suites have a file of their own.

code_table! {
    /// A protocol version on the wire (RFC 8446 4.1.2, RFC 5246 A.1).
    TlsVersion(u16) {
        SSL_3_0 = 0x0300, "SSL 3.0", "SSL 3.0 (RFC 6101), broken";
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
        UNEXPECTED_MESSAGE = 10, "unexpected_message", "a message came that has no place there";
        BAD_RECORD_MAC = 20, "bad_record_mac", "a record could not be verified";
        DECRYPTION_FAILED = 21, "decryption_failed_RESERVED", "a record could not be decrypted";
        RECORD_OVERFLOW = 22, "record_overflow", "a record is too long";
        DECOMPRESSION_FAILURE = 30, "decompression_failure_RESERVED", "a record could not be decompressed";
        HANDSHAKE_FAILURE = 40, "handshake_failure", "no acceptable set of parameters";
        NO_CERTIFICATE = 41, "no_certificate_RESERVED", "no certificate to answer with (SSL 3.0)";
        BAD_CERTIFICATE = 42, "bad_certificate", "a certificate is corrupt or its signature is wrong";
        UNSUPPORTED_CERTIFICATE = 43, "unsupported_certificate", "a certificate is of a type that is not supported";
        CERTIFICATE_REVOKED = 44, "certificate_revoked", "a certificate is revoked";
        CERTIFICATE_EXPIRED = 45, "certificate_expired", "a certificate is not valid now";
        CERTIFICATE_UNKNOWN = 46, "certificate_unknown", "a certificate is not acceptable, for a reason not named";
        ILLEGAL_PARAMETER = 47, "illegal_parameter", "a field is out of range or does not fit the others";
        UNKNOWN_CA = 48, "unknown_ca", "the chain ends in no authority that the peer knows";
        ACCESS_DENIED = 49, "access_denied", "the certificate is valid, but access is not granted";
        DECODE_ERROR = 50, "decode_error", "a message could not be read";
        DECRYPT_ERROR = 51, "decrypt_error", "a signature or a key exchange could not be verified";
        TOO_MANY_CIDS_REQUESTED = 52, "too_many_cids_requested", "more connection ids are asked for than the peer gives";
        EXPORT_RESTRICTION = 60, "export_restriction_RESERVED", "an export restriction is not met";
        PROTOCOL_VERSION = 70, "protocol_version", "the version is recognized but not supported";
        INSUFFICIENT_SECURITY = 71, "insufficient_security", "the peer demands stronger parameters";
        INTERNAL_ERROR = 80, "internal_error", "an error of the peer's own stopped the handshake";
        INAPPROPRIATE_FALLBACK = 86, "inappropriate_fallback", "the offer is lower than the peer can do";
        USER_CANCELED = 90, "user_canceled", "the handshake is given up for a reason that is no error";
        NO_RENEGOTIATION = 100, "no_renegotiation", "the peer does not renegotiate";
        MISSING_EXTENSION = 109, "missing_extension", "an extension is absent that must be there";
        UNSUPPORTED_EXTENSION = 110, "unsupported_extension", "an extension came that was not offered";
        CERTIFICATE_UNOBTAINABLE = 111, "certificate_unobtainable_RESERVED", "a certificate could not be fetched from the address given";
        UNRECOGNIZED_NAME = 112, "unrecognized_name", "the peer has no server of that name";
        BAD_CERTIFICATE_STATUS_RESPONSE = 113, "bad_certificate_status_response", "an OCSP response is not valid";
        BAD_CERTIFICATE_HASH_VALUE = 114, "bad_certificate_hash_value_RESERVED", "a certificate does not have the hash stated";
        UNKNOWN_PSK_IDENTITY = 115, "unknown_psk_identity", "the peer does not know the pre-shared key";
        CERTIFICATE_REQUIRED = 116, "certificate_required", "the peer demands a client certificate";
        GENERAL_ERROR = 117, "general_error", "an error that no other alert names";
        NO_APPLICATION_PROTOCOL = 120, "no_application_protocol", "no application protocol in common";
        ECH_REQUIRED = 121, "ech_required", "the peer demands an encrypted ClientHello";
    }
}

pub use super::cipher_suites::CipherSuite;
