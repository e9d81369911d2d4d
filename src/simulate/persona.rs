//! What a persona is: the types of its data file.

use serde::Deserialize;

use crate::evidence::HexBytes;

/// One server to play, as its data file describes it.
///
/// What is absent is not played: without `[tls]` a ClientHello gets no answer, without `[credssp]` a TSRequest
/// gets none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persona {
    /// The name to call it by: the file's name without `.toml`.
    #[serde(skip)]
    pub name: &'static str,
    /// What it plays, in one clause.
    pub title: String,
    /// What makes it different from the real thing, or where the bytes come from; empty when there is nothing to say.
    #[serde(default)]
    pub note: String,
    /// Whether what it writes arrives whole or a byte at a time.
    #[serde(default)]
    pub pieces: Pieces,
    /// The source reference of its Connection Confirm (Windows: 0x1234).
    #[serde(default = "windows_src_ref")]
    pub src_ref: u16,
    /// Its clock minus the true time, in seconds.
    #[serde(default)]
    pub clock_offset_s: i64,
    /// What it does before, or instead of, reading a connection request.
    pub greeting: Option<Greeting>,
    /// Its answers to a connection request; the first rule that fits counts, and the last one fits always.
    #[serde(default, rename = "request")]
    pub requests: Vec<Rule>,
    /// What it says of standard RDP security after selecting it.
    pub standard: Option<Standard>,
    /// The certificate that it shows.
    pub certificate: Option<Certificate>,
    /// How it answers each TLS version.
    pub tls: Option<Tls>,
    /// How it answers CredSSP.
    pub credssp: Option<Credssp>,
}

/// How the bytes are cut on their way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pieces {
    /// As they were written.
    #[default]
    Whole,
    /// One byte a segment.
    SingleBytes,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// In order, by FIN.
    #[default]
    Close,
    /// By reset.
    Reset,
    /// Not at all: it stays open, and says nothing more until the peer leaves.
    Silent,
}

/// What is said, or done, without a connection request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Greeting {
    /// When.
    pub after: Cue,
    /// The bytes, as text; nothing when absent.
    #[serde(default)]
    pub text: String,
    /// How the connection ends then.
    pub end: End,
}

/// What a greeting waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cue {
    /// Nothing: it comes as soon as the connection is there.
    Accept,
    /// The first bytes of the peer, whatever they are.
    FirstBytes,
}

/// One answer to a connection request, and when it is given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// When it is given; every condition must hold, and none means always.
    #[serde(default)]
    pub when: When,
    /// The answer.
    pub answer: Answer,
}

/// Conditions on a connection request; `requestedProtocols` counts as 0 when there is no RDP_NEG_REQ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// `requestedProtocols` is exactly this.
    pub exactly: Option<u32>,
    /// All these bits are among them.
    pub all_of: Option<u32>,
    /// At least one bit is outside this mask.
    pub outside: Option<u32>,
    /// There is a `mstshash` cookie, or there is none.
    pub cookie: Option<bool>,
    /// There is an RDP_NEG_REQ, or there is none.
    pub negotiates: Option<bool>,
}

/// An answer to a connection request.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Answer {
    /// RDP_NEG_RSP; then the selected protocol is played.
    Select {
        /// `selectedProtocol`.
        protocol: u32,
        /// The flags byte.
        flags: u8,
    },
    /// RDP_NEG_FAILURE; then it waits for the peer to leave.
    Refuse {
        /// `failureCode`.
        code: u32,
    },
    /// A Connection Confirm of eleven bytes, without negotiation data; then standard RDP security is played.
    Legacy,
    /// These bytes.
    Bytes {
        /// The bytes, in hex.
        hex: HexBytes,
        /// How the connection ends then.
        end: End,
    },
    /// Bytes that mean nothing.
    Garbage {
        /// How many.
        bytes: usize,
        /// How the connection ends then.
        end: End,
    },
    /// These bytes, then zeros, one at a time and without an end.
    Drip {
        /// The first bytes, in hex.
        hex: HexBytes,
        /// The pause between two, in milliseconds.
        every_ms: u64,
    },
    /// No byte at all.
    Nothing {
        /// How the connection ends.
        end: End,
    },
}

/// What the MCS Connect Response says of standard RDP security.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// The MCS result, 0 = successful.
    #[serde(default)]
    pub result: u8,
    /// `SC_CORE` version.
    pub rdp_version: u32,
    /// `encryptionMethod`.
    pub method: u32,
    /// `encryptionLevel`.
    pub level: u32,
}

/// A certificate to show; its key is always the rehearsal key (RSA, 2048 bits).
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Certificate {
    /// As Windows makes one for itself, with SHA-256: made when the server starts.
    Fresh {
        /// The common name, for subject and, without another, issuer.
        common_name: String,
        /// Whole days from now to the beginning of its validity; negative is past.
        from_days: i64,
        /// Whole days from now to its end; negative is past.
        to_days: i64,
        /// The authority that issued it; without one it is self-signed, as Windows does.
        #[serde(default)]
        issuer: Option<String>,
        /// Whether it was made for clients and not for servers.
        #[serde(default)]
        client_use_only: bool,
    },
    /// A stored one with a SHA-1 signature, for OLDFILES. It is valid from 2020 to 2055, where Windows gives 183 days.
    StoredSha1,
    /// Like `fresh`, with its bytes damaged: the DER ends before its lengths say so.
    Broken {
        /// The common name, for subject and issuer.
        common_name: String,
    },
}

/// How TLS is answered, by the highest version that the ClientHello and the persona have in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The answer to TLS 1.0.
    #[serde(rename = "1.0")]
    pub v1_0: VersionAnswer,
    /// The answer to TLS 1.1.
    #[serde(rename = "1.1")]
    pub v1_1: VersionAnswer,
    /// The answer to TLS 1.2.
    #[serde(rename = "1.2")]
    pub v1_2: VersionAnswer,
    /// The answer to TLS 1.3.
    #[serde(rename = "1.3")]
    pub v1_3: VersionAnswer,
    /// The cipher suites of a clear flight, the preferred one first; all with RSA key exchange.
    ///
    /// Where there are any, a ClientHello that offers TLS 1.2 alone and RC4 with it gets the clear flight even if the
    /// version is answered by a handshake: no client has offered that for years, only a survey does, and a survey
    /// shall see Schannel's clock.
    #[serde(default)]
    pub suites: Vec<u16>,
    /// How a connection ends whose ClientHello has no suite in common (Schannel on 3389: by reset).
    #[serde(default)]
    pub mismatch: End,
}

/// How one TLS version is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum VersionAnswer {
    /// A full handshake (TLS 1.2 and 1.3).
    Handshake,
    /// The clear flight ServerHello, Certificate, ServerHelloDone, and no more (TLS 1.2 and older).
    Flight,
    /// A fatal alert in clear, then FIN.
    Alert {
        /// The alert description.
        code: u8,
    },
    /// No TLS record; the connection ends.
    Nothing {
        /// How it ends.
        end: End,
    },
}

/// How CredSSP is answered.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credssp {
    /// The version in the server's TSRequest.
    pub version: u32,
    /// What it holds.
    pub answer: CredsspAnswer,
}

/// What answers the NTLM NEGOTIATE.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CredsspAnswer {
    /// The NTLM CHALLENGE of this machine.
    Challenge(Machine),
    /// A TSRequest with an error code.
    Error {
        /// The NTSTATUS.
        code: u32,
    },
    /// No TSRequest; the connection ends.
    Nothing {
        /// How it ends.
        end: End,
    },
}

/// The machine that a challenge names.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// NetBIOS name of the machine.
    pub netbios_computer: String,
    /// NetBIOS name of the domain; the machine's own in a workgroup.
    pub netbios_domain: String,
    /// DNS name of the machine.
    pub dns_computer: String,
    /// DNS name of the domain; the machine's own in a workgroup.
    pub dns_domain: String,
    /// DNS name of the forest; absent in a workgroup.
    pub dns_tree: Option<String>,
    /// Major version, minor version and build of Windows; absent where the challenge does not tell, as from FreeRDP.
    pub windows: Option<(u8, u8, u16)>,
}

impl When {
    /// Whether a request fits.
    #[must_use]
    pub fn fits(&self, requested: Option<u32>, cookie: bool) -> bool {
        let bits = requested.unwrap_or(0);
        self.exactly.is_none_or(|wanted| bits == wanted)
            && self.all_of.is_none_or(|wanted| bits & wanted == wanted)
            && self.outside.is_none_or(|mask| bits & !mask != 0)
            && self.cookie.is_none_or(|wanted| cookie == wanted)
            && self.negotiates.is_none_or(|wanted| requested.is_some() == wanted)
    }
}

const fn windows_src_ref() -> u16 {
    0x1234
}

#[cfg(test)]
mod tests {
    use super::When;

    #[test]
    fn conditions_are_all_needed() {
        let when = When { all_of: Some(2), cookie: Some(true), ..When::default() };
        assert!(when.fits(Some(0xb), true));
        assert!(!when.fits(Some(0xb), false));
        assert!(!when.fits(Some(1), true));
        let when = When { outside: Some(0xb), ..When::default() };
        assert!(when.fits(Some(0x10), false));
        assert!(!when.fits(Some(0xb), false));
        let when = When { negotiates: Some(false), ..When::default() };
        assert!(when.fits(None, false));
        assert!(!when.fits(Some(0), false));
    }
}
