//! CredSSP: the server's NTLM challenge, its names, build and clock.

use serde::{Deserialize, Serialize};

use super::Millis;

/// What the server's TSRequest with the NTLM CHALLENGE told ([MS-CSSP] 2.2.1; [MS-NLMP] 2.2.1.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Challenge {
    /// The version in the server's TSRequest: 2 to 4 are not mended for CVE-2018-0886.
    pub ts_request_version: u32,
    /// TargetName of the challenge.
    pub target_name: Option<String>,
    /// NetBIOS name of the machine (AV pair 1).
    pub netbios_computer_name: Option<String>,
    /// NetBIOS name of the domain (AV pair 2).
    pub netbios_domain_name: Option<String>,
    /// DNS name of the machine (AV pair 3).
    pub dns_computer_name: Option<String>,
    /// DNS name of the domain (AV pair 4).
    pub dns_domain_name: Option<String>,
    /// DNS name of the forest (AV pair 5); absent in a workgroup.
    pub dns_tree_name: Option<String>,
    /// In a domain, or on its own.
    pub membership: Membership,
    /// Version and build, where the challenge has them.
    pub os: Option<OsVersion>,
    /// The server's clock (AV pair 7), UTC.
    #[schemars(with = "Option<String>")]
    pub system_time: Option<jiff::Timestamp>,
    /// Bytes after the TSRequest in the same answer.
    pub trailing_bytes: usize,
}

/// Whether the machine is in a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// Domain and machine names are the same, and there is no forest.
    Workgroup,
    /// They differ, or a forest is named.
    Domain,
    /// The challenge does not tell.
    Unknown,
}

/// The version in the challenge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OsVersion {
    /// Major version.
    pub major: u8,
    /// Minor version.
    pub minor: u8,
    /// Build number.
    pub build: u16,
    /// The products with that build, where known.
    pub product: Option<String>,
}

/// The server's clock against this machine's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ClockSkew {
    /// Server minus this machine, half the round trip taken into account. Positive: the server is ahead.
    pub skew_ms: Millis,
    /// How it was read.
    pub source: ClockSource,
    /// Whether it is only good to the second.
    pub approximate: bool,
}

/// Where a clock was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClockSource {
    /// AV pair 7 of the NTLM challenge.
    NtlmTimestamp,
    /// ServerHello.random of Schannel, TLS 1.2 or older.
    ServerHelloRandom,
}
