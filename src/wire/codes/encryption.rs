//! The code points of standard RDP security: encryption methods and levels.

code_table! {
    /// The encryption method that the server chose ([MS-RDPBCGR] 2.2.1.4.3 `encryptionMethod`).
    EncryptionMethod(u32) {
        NONE = 0x0, "NONE", "no encryption";
        BIT_40 = 0x1, "40BIT", "RC4 with 40-bit keys";
        BIT_128 = 0x2, "128BIT", "RC4 with 128-bit keys";
        BIT_56 = 0x8, "56BIT", "RC4 with 56-bit keys";
        FIPS = 0x10, "FIPS", "3DES and SHA-1, FIPS 140-1";
    }
}

code_table! {
    /// The encryption level that the server is set to ([MS-RDPBCGR] 2.2.1.4.3 `encryptionLevel`).
    EncryptionLevel(u32) {
        NONE = 0, "NONE", "no encryption";
        LOW = 1, "LOW", "only what the client sends is encrypted";
        CLIENT_COMPATIBLE = 2, "CLIENT_COMPATIBLE", "the strongest key that the client has";
        HIGH = 3, "HIGH", "the strongest key that the server has";
        FIPS = 4, "FIPS", "FIPS 140-1 methods only";
    }
}
