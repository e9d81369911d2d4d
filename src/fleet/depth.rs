//! How much is asked of every target: one connection as deep as wished, or everything that a single probe asks.

use serde::{Deserialize, Serialize};

use crate::evidence::Stage;
use crate::probe::Plan;

/// How much is asked of every target.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Depth {
    /// One connection, and nothing said on it: whether the port is open, nothing of RDP.
    Tcp,
    /// One connection: the Connection Request and its answer.
    X224,
    /// One connection: the full TLS handshake and the certificate too.
    Tls,
    /// One connection: the NTLM challenge too, with names, build and clock.
    Nla,
    /// All connections of a single probe: what is required, every TLS version, standard RDP security.
    #[default]
    Full,
}

impl Depth {
    /// The last stage.
    #[must_use]
    pub const fn stage(self) -> Stage {
        match self {
            Self::Tcp => Stage::Connect,
            Self::X224 => Stage::Negotiate,
            Self::Tls => Stage::Tls,
            Self::Nla | Self::Full => Stage::Credssp,
        }
    }

    /// What a target that is as it should be is called: whether RDP works tells only a scan as deep as NLA.
    #[must_use]
    pub const fn good_word(self) -> &'static str {
        match self {
            Self::Tcp => "open",
            Self::X224 | Self::Tls => "passed",
            Self::Nla | Self::Full => "ok",
        }
    }

    /// What was not tested, one clause; none where the answer tells whether RDP works.
    #[must_use]
    pub const fn untested(self) -> Option<&'static str> {
        match self {
            Self::Tcp => Some("only the port was tested and nothing of RDP: an open port may be anything's"),
            Self::X224 => {
                Some("only the RDP negotiation was tested: who passed it may still fail in TLS or NLA")
            }
            Self::Tls => Some("RDP was tested as far as TLS: who passed it may still fail in NLA"),
            Self::Nla | Self::Full => None,
        }
    }

    /// The depth of that word, as a record has it; none of a word that this version does not know.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }

    /// Whether every target is asked for all its TLS versions, for standard RDP security and whether NLA is required.
    /// Less deep, those are asked whose handshake fails: of a fleet no share.
    #[must_use]
    pub const fn asks_all(self) -> bool {
        match self {
            Self::Tcp | Self::X224 | Self::Tls | Self::Nla => false,
            Self::Full => true,
        }
    }

    /// The plan as deep as this.
    #[must_use]
    pub fn plan(self, plan: Plan) -> Plan {
        Plan { depth: self.stage(), lean: !self.asks_all(), ..plan }
    }
}
