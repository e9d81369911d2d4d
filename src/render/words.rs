//! The one text of each failure, reason and quantity, as a person reads it: lower-case clauses, units on every number.

use std::net::IpAddr;
use std::time::Duration;

use super::escape::escape;
use crate::evidence::certificate::{Chain, NameMatch, Weakness};
use crate::evidence::credssp::{ClockSkew, ClockSource};
use crate::evidence::failure::{Banner, Icmp, LocalTrouble, Unreachable};
use crate::evidence::negotiate::StandardCertificate;
use crate::evidence::resolve::{Cname, Record, Scope, Source};
use crate::evidence::{Because, Failure, HexBytes, Millis, Stage};

/// Why a step failed, in one clause.
#[must_use]
pub fn failure_text(failure: &Failure) -> String {
    match failure {
        Failure::NoSuchName { cname_chain } => {
            format!("the name{} does not exist (NXDOMAIN)", at_the_end(cname_chain))
        }
        Failure::NoAddress { cname_chain } => {
            format!("the name{} exists but has no address (NODATA)", at_the_end(cname_chain))
        }
        Failure::ResolverFailed { code } => format!("the resolver answered {code}"),
        Failure::NoResolver { detail } => format!("no resolver could be asked: {detail}"),
        Failure::TimedOut { after_ms, bytes_read: 0 } => {
            format!("no answer: timed out after {}", ms(*after_ms))
        }
        Failure::TimedOut { after_ms, bytes_read } => {
            format!("stalled after {}: timed out after {}", bytes(*bytes_read), ms(*after_ms))
        }
        Failure::Refused { icmp: None, .. } => "refused by a TCP reset".to_owned(),
        Failure::Refused { icmp: Some(icmp), .. } => format!("refused by {}", icmp_text(icmp)),
        Failure::Unreachable { what, errno, icmp } => unreachable_text(*what, *errno, icmp.as_ref()),
        Failure::Reset { bytes_read } => {
            format!("the server reset the connection {}", after_bytes(*bytes_read))
        }
        Failure::Closed { bytes_read } => {
            format!("the server closed the connection {}", after_bytes(*bytes_read))
        }
        Failure::Alert { description, encrypted } => {
            let how = if *encrypted { "encrypted TLS alert" } else { "TLS alert" };
            coded(&format!("{how} "), description.name(), description.0.into(), description.meaning())
        }
        Failure::NegotiationRefused { code } => {
            coded("refused: ", code.name(), code.0.into(), code.meaning())
        }
        Failure::Disconnected { reason, .. } => {
            format!("the server ended the MCS connection: {} ({reason})", mcs_reason(*reason))
        }
        Failure::Malformed { detail, .. } => format!("malformed answer: {detail}"),
        Failure::NotRdp { looks_like, bytes } => not_rdp_text(*looks_like, bytes),
        Failure::TooMuch { limit_bytes } => format!("the server sent more than {}", bytes(*limit_bytes)),
        Failure::TlsLibrary { detail } => format!("the TLS library here gave up: {detail}"),
        Failure::CredsspError { code, version } => {
            let error = coded("CredSSP error ", code.name(), code.0.into(), code.meaning());
            format!("{error} (TSRequest version {version})")
        }
        Failure::Local { what, errno, detail } => local_text(*what, *errno, detail),
        Failure::Interrupted => "the user ended the probe".to_owned(),
    }
}

fn unreachable_text(what: Unreachable, errno: Option<i32>, icmp: Option<&Icmp>) -> String {
    let what = match what {
        Unreachable::Network => "network unreachable",
        Unreachable::Host => "host unreachable",
        Unreachable::Protocol => "protocol unreachable",
        Unreachable::Port => "port unreachable",
        Unreachable::Prohibited => "forbidden by a filter",
        Unreachable::Other => "unreachable",
    };
    match (icmp, errno) {
        (Some(icmp), _) => format!("{what}: {}", icmp_text(icmp)),
        (None, Some(errno)) => format!("{what}: errno {errno}, no ICMP message seen"),
        (None, None) => format!("{what}, no ICMP message seen"),
    }
}

fn icmp_text(icmp: &Icmp) -> String {
    let sender = icmp.from.map_or_else(|| "an unknown sender".to_owned(), |from| from.to_string());
    format!("ICMP type {} code {} from {sender}", icmp.kind, icmp.code)
}

fn not_rdp_text(looks_like: Banner, raw: &HexBytes) -> String {
    match (looks_like, quote(raw)) {
        (Banner::Unknown, None) => format!("not RDP: an unknown protocol, first bytes {}", first_bytes(raw)),
        (known, None) => format!("not RDP: this is {}", known.word()),
        (known, Some(text)) => format!("not RDP: this is {}, it says \"{text}\"", known.word()),
    }
}

fn local_text(what: LocalTrouble, errno: Option<i32>, detail: &str) -> String {
    let what = match what {
        LocalTrouble::NoRoute => "has no route there",
        LocalTrouble::Denied => "forbids the connection",
        LocalTrouble::TooManyFiles => "has no free file descriptor",
        LocalTrouble::NoResources => "has no free port or buffer",
        LocalTrouble::SourceNotHere => "does not have that source address or interface",
        LocalTrouble::Other => "could not do it",
    };
    let errno = errno.map(|errno| format!(" (errno {errno})")).unwrap_or_default();
    format!("this machine {what}: {detail}{errno}")
}

/// Where the aliases lead, as part of a clause; nothing without an alias.
fn at_the_end(cname_chain: &[Cname]) -> String {
    cname_chain.last().map_or_else(String::new, |alias| format!(" is an alias of {}, which", alias.target))
}

/// A code by name and number, then what it means; an unknown one in hex.
#[must_use]
pub fn coded(lead: &str, name: Option<&str>, number: u64, meaning: Option<&str>) -> String {
    let number_text = if number > 0xffff { format!("{number:#010x}") } else { number.to_string() };
    let code =
        name.map_or_else(|| format!("unknown code {number:#x}"), |name| format!("{name} ({number_text})"));
    let meaning = meaning.map(|meaning| format!(": {meaning}")).unwrap_or_default();
    format!("{lead}{code}{meaning}")
}

/// The reason of a Disconnect Provider Ultimatum, by its name in T.125.
fn mcs_reason(reason: u8) -> &'static str {
    match reason {
        0 => "rn-domain-disconnected",
        1 => "rn-provider-initiated",
        2 => "rn-token-purged",
        3 => "rn-user-requested",
        4 => "rn-channel-purged",
        _ => "unknown reason",
    }
}

/// Why a stage did not run, in one clause. `failed` is the stage that failed before it, where known.
#[must_use]
pub fn because_text(because: Because, failed: Option<Stage>) -> String {
    match (because, failed) {
        (Because::EarlierStageFailed, Some(stage)) => format!("not tried: {} failed", stage_word(stage)),
        (Because::EarlierStageFailed, None) => "not tried: an earlier stage failed".to_owned(),
        (Because::ProtocolHasNone, _) => "the protocol in use has no such stage".to_owned(),
        (Because::ServerRefused, _) => "not tried: the server refused the negotiation".to_owned(),
        (Because::NotAsked, _) => "not asked for".to_owned(),
        (Because::ProbeEnded, _) => "not tried: the probe ended first".to_owned(),
        (Because::AddressGiven, _) => "not needed: an address was given".to_owned(),
    }
}

/// The word that a person reads for a stage.
#[must_use]
pub const fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Credssp => "nla",
        Stage::Resolve | Stage::Connect | Stage::Negotiate | Stage::Tls => stage.word(),
    }
}

/// A time with its unit: two digits below a millisecond, one below a second, none above.
#[must_use]
pub fn ms(time: Millis) -> String {
    match time.0 {
        short if short < 1.0 => format!("{short:.2} ms"),
        middling if middling < 1000.0 => format!("{middling:.1} ms"),
        long => format!("{:.1} s", long / 1000.0),
    }
}

/// How long somebody waited, in whole seconds or the two largest units: `12 s`, `4 min 10 s`, `2 h 5 min`.
#[must_use]
pub fn waited(time: Millis) -> String {
    let Ok(whole) = Duration::try_from_secs_f64(time.0 / 1000.0) else { return ms(time) };
    match whole.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A number of bytes with its unit.
fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}

fn after_bytes(count: u64) -> String {
    if count == 0 { "without an answer".to_owned() } else { format!("after {}", bytes(count)) }
}

/// A number of days with its unit.
#[must_use]
pub fn days(count: u64) -> String {
    if count == 1 { "1 day".to_owned() } else { format!("{count} days") }
}

/// The server's clock against this machine's.
#[must_use]
pub fn clock_text(clock: &ClockSkew) -> String {
    let length = Duration::try_from_secs_f64(clock.skew_ms.0.abs() / 1e3).unwrap_or(Duration::MAX);
    if length < Duration::from_secs(2) {
        return "its clock agrees with ours".to_owned();
    }
    let about = if clock.approximate { "about " } else { "" };
    let side = if clock.skew_ms.0 > 0.0 { "ahead of ours" } else { "behind ours" };
    format!("its clock is {about}{} {side}", span(length))
}

/// Where a clock was read.
#[must_use]
pub const fn clock_source(source: ClockSource) -> &'static str {
    match source {
        ClockSource::NtlmTimestamp => "time stamp of the NTLM challenge",
        ClockSource::ServerHelloRandom => "ServerHello.random, good to the second",
    }
}

/// A length of time in its two largest units.
#[must_use]
pub fn span(length: Duration) -> String {
    let seconds = length.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..172_800 => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
        _ => days(seconds / 86400),
    }
}

/// Whether a certificate names the target.
#[must_use]
pub const fn name_match_text(name_match: NameMatch) -> &'static str {
    match name_match {
        NameMatch::Matches => "names the target",
        NameMatch::MachineNameOnly => "machine name only, which is normal",
        NameMatch::Differs => "does not name the target: clients will warn",
    }
}

/// Whether a client would trust a certificate's chain.
#[must_use]
pub fn chain_text(chain: &Chain) -> String {
    match chain {
        Chain::Trusted => "trusted by this machine".to_owned(),
        Chain::Untrusted { reason } => format!("not trusted by this machine: {reason}"),
        Chain::NotChecked { reason } => format!("trust not checked: {reason}"),
    }
}

/// A weakness of a certificate.
#[must_use]
pub const fn weakness_text(weakness: Weakness) -> &'static str {
    match weakness {
        Weakness::Sha1Signature => "signed with SHA-1",
        Weakness::Md5Signature => "signed with MD5 or MD2",
        Weakness::RsaBelow2048 => "RSA key below 2048 bits",
        Weakness::EcBelow224 => "EC key below 224 bits",
    }
}

/// What the certificate of standard RDP security is worth.
#[must_use]
pub const fn standard_certificate_text(certificate: StandardCertificate) -> &'static str {
    match certificate {
        StandardCertificate::Proprietary => "proprietary certificate, no proof of identity",
        StandardCertificate::X509 => "X.509 certificate",
        StandardCertificate::Unknown => "certificate of an unknown kind",
    }
}

/// What kind of address it is.
#[must_use]
pub const fn scope_word(scope: Scope) -> &'static str {
    match scope {
        Scope::Public => "public",
        Scope::Private => "private",
        Scope::Loopback => "this machine",
        Scope::LinkLocal => "link-local",
        Scope::SharedNat => "carrier-grade NAT",
        Scope::Special => "special, nobody is there",
    }
}

/// Where addresses came from.
#[must_use]
pub const fn source_word(source: Source) -> &'static str {
    match source {
        Source::Dns => "DNS",
        Source::HostsFile => "hosts file",
        Source::Literal => "address given",
    }
}

/// A record type by its DNS name.
#[must_use]
pub const fn record_word(record: Record) -> &'static str {
    match record {
        Record::A => "A",
        Record::Aaaa => "AAAA",
    }
}

/// The record type that holds an address.
#[must_use]
pub const fn record_of(address: IpAddr) -> Record {
    if address.is_ipv4() { Record::A } else { Record::Aaaa }
}

/// The first line of printable bytes, 40 characters at most; `None` if they are no text.
fn quote(raw: &HexBytes) -> Option<String> {
    let line = raw.0.split(|byte| matches!(byte, b'\r' | b'\n')).next()?;
    let text = std::str::from_utf8(line).ok()?;
    let printable = text.len() >= 3 && !text.chars().any(char::is_control);
    printable.then(|| escape(&text.chars().take(40).collect::<String>()))
}

fn first_bytes(raw: &HexBytes) -> String {
    raw.0.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
