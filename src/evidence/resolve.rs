//! Resolve: the addresses of a name, and where they came from.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

use super::Step;

/// What resolving gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Resolution {
    /// The name that was finally asked for, search domain included.
    pub query_name: String,
    /// Where the answer came from.
    pub source: Source,
    /// The aliases followed, in order; empty when the name itself has the addresses.
    pub cname_chain: Vec<Cname>,
    /// The addresses, IPv6 and IPv4, each once, in the order they are tried; at most 32 of a family.
    pub addresses: Vec<ResolvedAddress>,
    /// How each family fared, if it gave no address: one family silent while the other answers is a fact of its own.
    pub families: Vec<FamilyOutcome>,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A DNS resolver.
    Dns,
    /// The system's hosts file.
    HostsFile,
    /// The target was an address.
    Literal,
}

/// One alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Cname {
    /// The alias.
    pub name: String,
    /// What it stands for.
    pub target: String,
    /// Time to live, in seconds.
    pub ttl_s: u32,
}

/// One address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ResolvedAddress {
    /// The address.
    pub address: IpAddr,
    /// Time to live, in seconds; null where the answer has none (hosts file, literal).
    pub ttl_s: Option<u32>,
    /// What kind of address it is.
    pub scope: Scope,
}

/// How the query for one address family fared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FamilyOutcome {
    /// Which record.
    pub record: Record,
    /// The number of addresses seen, or why there are none. No more than 32 of them are kept and connected to.
    #[serde(flatten)]
    pub step: Step<u32>,
}

/// An address record type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Record {
    /// IPv4.
    A,
    /// IPv6.
    Aaaa,
}

/// What kind of address it is (IANA special-purpose registries).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Reachable from anywhere.
    Public,
    /// RFC 1918 or RFC 4193.
    Private,
    /// This machine.
    Loopback,
    /// One link only.
    LinkLocal,
    /// Carrier-grade NAT (RFC 6598).
    SharedNat,
    /// Documentation, benchmarking, multicast, unspecified, reserved: nobody is there.
    Special,
}
