//! Certificate: what the server's certificate says, and whether a client would trust it.

use serde::{Deserialize, Serialize};

// DER to facts.
mod read;

// Keys and signatures: names, sizes, strength.
mod algorithm;

// Names: RFC 4514 text, and whether a certificate names the target.
mod name;

// Where in broken DER the trouble is.
mod broken;

pub use read::read;

/// The leaf certificate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Certificate {
    /// Where it was read.
    pub source: Source,
    /// Subject, RFC 4514 text.
    pub subject: String,
    /// The common name of the subject, if it has one.
    pub common_name: Option<String>,
    /// Subject alternative names: DNS names and addresses.
    pub subject_alternative_names: Vec<String>,
    /// Issuer, RFC 4514 text.
    pub issuer: String,
    /// Serial number, lower-case hex.
    pub serial: String,
    /// Valid from (UTC).
    #[schemars(with = "String")]
    pub not_before: jiff::Timestamp,
    /// Valid until (UTC).
    #[schemars(with = "String")]
    pub not_after: jiff::Timestamp,
    /// Whole days until `not_after` at the time of the probe, rounded down: 0 on the last day, -1 on the first past it.
    pub days_left: i64,
    /// Whole days between `not_before` and `not_after`.
    pub lifetime_days: i64,
    /// Whether the probe's time lies within the validity.
    pub validity: Validity,
    /// Public key algorithm: RSA, EC, Ed25519, ...
    pub key_type: String,
    /// Key size in bits; null where the algorithm has none.
    pub key_bits: Option<u32>,
    /// Signature algorithm by name (`sha256WithRSAEncryption`).
    pub signature_algorithm: String,
    /// Extended key usages by name, unknown ones as dotted numbers.
    pub extended_key_usages: Vec<String>,
    /// Whether a client takes it for a server: server authentication, RD authentication, any, or no extension at all.
    pub server_authentication: bool,
    /// SHA-1 thumbprint, upper-case hex: what `SSLCertificateSHA1Hash` holds.
    pub thumbprint_sha1: String,
    /// SHA-256 thumbprint, upper-case hex.
    pub thumbprint_sha256: String,
    /// Whether subject and issuer are the same.
    pub self_issued: bool,
    /// Whether its own key verifies its signature; null where the algorithm is not known here.
    pub self_signature: Option<bool>,
    /// Whether it is like the one Windows makes for itself: self-issued, CN only, no SAN, 183 days, server authentication.
    pub windows_default_pattern: bool,
    /// Whether the chain ends in a root of this machine.
    pub chain: Chain,
    /// Whether it names the target.
    pub name_match: NameMatch,
    /// Weaknesses by name: `sha1_signature`, `md5_signature`, `rsa_below_2048`.
    pub weaknesses: Vec<Weakness>,
}

impl Certificate {
    /// How many whole days ago it ended; 0 within the first day, and where it has not ended.
    #[must_use]
    pub const fn days_ago(&self) -> u64 {
        match self.validity {
            // Rounded down, what ended one day and an hour ago is -2.
            Validity::Expired => self.days_left.unsigned_abs().saturating_sub(1),
            Validity::Valid | Validity::NotYetValid => 0,
        }
    }

    /// How long ago it ended, in words.
    #[must_use]
    pub fn ended_ago(&self) -> String {
        match self.days_ago() {
            0 => "less than a day ago".to_owned(),
            1 => "1 day ago".to_owned(),
            days => format!("{days} days ago"),
        }
    }
}

/// Where a certificate was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The full handshake.
    Handshake,
    /// A clear flight of TLS 1.2 or older.
    ClearFlight,
}

/// Where a time lies in a validity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Within it.
    Valid,
    /// Before it.
    NotYetValid,
    /// After it.
    Expired,
}

/// Whether a client would trust the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Chain {
    /// It ends in a root of this machine.
    Trusted,
    /// It does not, and why.
    Untrusted {
        /// The verifier's reason.
        reason: String,
    },
    /// It was not checked: no roots could be loaded, or nobody asked.
    NotChecked {
        /// Why.
        reason: String,
    },
}

/// Whether the certificate names the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// It does.
    Matches,
    /// It does not, as is normal for a machine's own self-signed certificate reached by another name.
    MachineNameOnly,
    /// It does not, and it is no machine certificate.
    Differs,
}

/// A weakness of key or signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weakness {
    /// Signed with SHA-1.
    Sha1Signature,
    /// Signed with MD5 or MD2.
    Md5Signature,
    /// RSA key of less than 2048 bits.
    #[serde(rename = "rsa_below_2048")]
    RsaBelow2048,
    /// EC key of less than 224 bits.
    #[serde(rename = "ec_below_224")]
    EcBelow224,
}
