//! Negotiate: one row of the matrix a request; standard RDP security.

use serde::{Deserialize, Serialize};

use super::{HexBytes, Millis, Step};
use crate::wire::codes::negotiation::{FailureCode, Protocol};

/// One Connection Request on its own TCP connection, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MatrixRow {
    /// The protocols asked for, as bits ([MS-RDPBCGR] 2.2.1.1.1 `requestedProtocols`).
    pub requested_protocols: u32,
    /// The protocols asked for, by name, lowest bit first.
    pub requested: Vec<Protocol>,
    /// Whether restricted admin mode was demanded.
    pub restricted_admin: bool,
    /// The cookie sent (`mstshash=`), null when none was.
    pub cookie: Option<String>,
    /// How long this row's own TCP connect took; null if it did not come about.
    pub connect_ms: Option<Millis>,
    /// The answer.
    #[serde(flatten)]
    pub reply: Step<Reply>,
    /// What the answer says of the request.
    pub verdict: RowVerdict,
}

/// The server's X.224 Connection Confirm ([MS-RDPBCGR] 2.2.1.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reply {
    /// What it says of the negotiation.
    #[serde(flatten)]
    pub answer: Answer,
    /// SRC-REF: 0x1234 on Windows and on newer xrdp.
    pub src_ref: u16,
    /// DST-REF: 0.
    pub dst_ref: u16,
    /// Bytes that came with the frame, after its end.
    pub trailing_bytes: usize,
    /// The frame as it came.
    pub raw: HexBytes,
}

/// What a Connection Confirm says of the negotiation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Answer {
    /// RDP_NEG_RSP.
    Response {
        /// The protocol that the server chose.
        selected_protocol: Protocol,
        /// The flag byte.
        flags: u8,
        /// The flags by name ([MS-RDPBCGR] 2.2.1.2.1), unknown bits in hex.
        flag_names: Vec<String>,
    },
    /// RDP_NEG_FAILURE.
    Failure {
        /// Why.
        failure_code: FailureCode,
    },
    /// No negotiation data: eleven bytes, as Windows XP and 2003 answer, and servers that do not negotiate.
    None,
}

/// What an answer says of its own request. `selected` is compared with `requested`, never assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RowVerdict {
    /// The server selected a protocol that was asked for.
    Offered,
    /// The server selected standard RDP security instead of anything asked for.
    Downgraded,
    /// The server selected a protocol that was not asked for, which the specification forbids.
    OutsideRequest,
    /// The server refused, with a code.
    Refused,
    /// The server does not negotiate.
    NoNegotiation,
    /// No usable answer: see the outcome.
    Unknown,
}

/// What MCS Connect told of standard RDP security ([MS-RDPBCGR] 2.2.1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StandardSecurity {
    /// The MCS result ([T.125] `Result`), 0 = successful.
    pub mcs_result: u8,
    /// The server's RDP version (`SC_CORE` version).
    pub rdp_version: Option<u32>,
    /// Encryption method chosen (0 none, 1 40-bit, 2 128-bit, 8 56-bit, 16 FIPS); null without SC_SECURITY.
    pub encryption_method: Option<EncryptionMethod>,
    /// Encryption level (0 none, 1 low, 2 client compatible, 3 high, 4 FIPS); null without SC_SECURITY.
    pub encryption_level: Option<EncryptionLevel>,
    /// What kind of server certificate came with it.
    pub certificate: Option<StandardCertificate>,
}

pub use crate::wire::codes::encryption::{EncryptionLevel, EncryptionMethod};

/// The server certificate of standard RDP security ([MS-RDPBCGR] 2.2.1.4.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandardCertificate {
    /// Signed with the well-known Terminal Services key: no proof of identity at all.
    Proprietary,
    /// An X.509 chain from the licence server.
    X509,
    /// Neither.
    Unknown,
}
