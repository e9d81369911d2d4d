//! The code points of the RDP negotiation: protocols, flags and failure codes.

code_table! {
    /// One security protocol, as the server selects it ([MS-RDPBCGR] 2.2.1.2.1 `selectedProtocol`).
    Protocol(u32) {
        RDP = 0x0, "RDP", "standard RDP security, RC4 without TLS";
        SSL = 0x1, "SSL", "TLS";
        HYBRID = 0x2, "HYBRID", "NLA (CredSSP)";
        RDSTLS = 0x4, "RDSTLS", "RDSTLS, for redirection";
        HYBRID_EX = 0x8, "HYBRID_EX", "NLA (CredSSP) with early user authorization";
        RDSAAD = 0x10, "RDSAAD", "Entra ID sign-in";
    }
}

code_table! {
    /// Why the server refuses to negotiate ([MS-RDPBCGR] 2.2.1.2.2 `failureCode`).
    FailureCode(u32) {
        SSL_REQUIRED = 1, "SSL_REQUIRED_BY_SERVER", "the server takes only TLS or CredSSP";
        SSL_NOT_ALLOWED = 2, "SSL_NOT_ALLOWED_BY_SERVER", "the server takes only standard RDP security";
        SSL_CERT_NOT_ON_SERVER = 3, "SSL_CERT_NOT_ON_SERVER", "the server has no certificate that it can use";
        INCONSISTENT_FLAGS = 4, "INCONSISTENT_FLAGS", "the protocols asked for do not fit the protocol in use";
        HYBRID_REQUIRED = 5, "HYBRID_REQUIRED_BY_SERVER", "the server requires NLA (CredSSP)";
        SSL_WITH_USER_AUTH_REQUIRED = 6, "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER", "the server requires TLS with a client certificate";
    }
}
