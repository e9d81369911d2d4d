//! The vocabulary: every observation id, its stage, its weight, and whether the probe can see it yet.
//!
//! An id with one segment `N` (decimal), `X` (lower-case hex), `V` (a TLS version such as `1.2`) or `W` (a name in
//! lower case) stands for a family: `x224.negfail.N` covers `x224.negfail.7`. A literal row goes before its family.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::evidence::Stage;

// says.*, over-time.*, guest.*: what the client displayed, what the monitor saw, what the guest says of itself.
mod told;

/// One id of the vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The id, or the template of a family.
    pub id: &'static str,
    /// The stage that it belongs to; null for what holds for the probe as a whole or comes from the guest.
    pub stage: Option<Stage>,
    /// What it asks of the catalogue.
    pub weight: Weight,
    /// Whether the evidence can show it.
    pub seen: Seen,
    /// What it means, in one clause.
    pub meaning: &'static str,
}

/// What an observation asks of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Something is wrong: some cause has to explain it.
    Symptom,
    /// What the user's client displayed: causes that are known for it hear it.
    Complaint,
    /// Speaks for or against causes, and needs no cause of its own.
    Hint,
    /// A plain or a good fact.
    Neutral,
}

/// Whether the evidence can show an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The probe can see it.
    Now,
    /// Somebody else has to tell it: the user, a command inside the guest, or the monitor.
    Told,
    /// Not yet, and what it would take.
    Later(&'static str),
}

const RESOLVE: Option<Stage> = Some(Stage::Resolve);
const CONNECT: Option<Stage> = Some(Stage::Connect);
const NEGOTIATE: Option<Stage> = Some(Stage::Negotiate);
const TLS: Option<Stage> = Some(Stage::Tls);
const CREDSSP: Option<Stage> = Some(Stage::Credssp);

const fn symptom(stage: Option<Stage>, id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage, weight: Weight::Symptom, seen: Seen::Now, meaning }
}

const fn hint(stage: Option<Stage>, id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage, weight: Weight::Hint, seen: Seen::Now, meaning }
}

const fn plain(stage: Option<Stage>, id: &'static str, meaning: &'static str) -> Word {
    Word { id, stage, weight: Weight::Neutral, seen: Seen::Now, meaning }
}

const fn later(word: Word, needs: &'static str) -> Word {
    Word {
        id: word.id,
        stage: word.stage,
        weight: word.weight,
        seen: Seen::Later(needs),
        meaning: word.meaning,
    }
}

const AFTER_LOGON: &str = "comes after the client info, which an uncredentialed probe does not send";

/// Every id: what the probe sees, in the order of the flow, then what is told.
pub fn vocabulary() -> impl Iterator<Item = &'static Word> + Clone {
    SEEN.iter().chain(told::TOLD)
}

const SEEN: &[Word] = &[
    plain(None, "probe.interrupted", "the probe was ended before it was done"),
    // Resolve.
    symptom(RESOLVE, "dns.nxdomain", "the name does not exist"),
    symptom(RESOLVE, "dns.nodata", "the name has no address of the families asked for"),
    symptom(RESOLVE, "dns.timeout", "the resolver did not answer"),
    symptom(RESOLVE, "dns.servfail", "the resolver answered with an error of its own"),
    symptom(RESOLVE, "dns.no-resolver", "this machine has no resolver that works"),
    hint(RESOLVE, "dns.family-silent", "the query for one address family got no answer while the other did"),
    hint(RESOLVE, "dns.private", "the name stands for a private address"),
    hint(RESOLVE, "dns.special", "the name stands for an address where nobody can be"),
    hint(RESOLVE, "dns.hosts-file", "the address comes from this machine's hosts file"),
    hint(RESOLVE, "dns.other-machine", "the machine that answers has another name than the one asked for"),
    plain(RESOLVE, "dns.ok", "the name has addresses"),
    // Connect.
    symptom(CONNECT, "tcp.timeout", "the SYN was never answered"),
    symptom(CONNECT, "tcp.rst", "the SYN was answered by a reset"),
    symptom(CONNECT, "tcp.icmp-admin", "a filter on the way says that it forbids the connection"),
    symptom(CONNECT, "tcp.icmp-host", "a router says that the host cannot be reached"),
    symptom(CONNECT, "tcp.icmp-net", "a router says that the network cannot be reached"),
    symptom(CONNECT, "tcp.icmp-port", "the SYN was refused by an ICMP port-unreachable"),
    symptom(CONNECT, "tcp.icmp-other", "an ICMP message of another kind ended the attempt"),
    hint(CONNECT, "tcp.icmp-from-target", "the address itself sent the ICMP message"),
    hint(CONNECT, "tcp.icmp-from-router", "another machine than the address sent the ICMP message"),
    symptom(CONNECT, "tcp.no-neighbour", "nobody answers for the address on the local network"),
    symptom(CONNECT, "tcp.flap", "some connections of one probe came about and others did not"),
    symptom(CONNECT, "tcp.noroute", "this machine has no route to the address"),
    symptom(CONNECT, "tcp.local-denied", "a rule on this machine forbids the connection"),
    symptom(CONNECT, "tcp.local-files", "this machine has no free file descriptor"),
    symptom(CONNECT, "tcp.local-resources", "this machine has no free port or buffer"),
    symptom(CONNECT, "tcp.local-source", "the source address or interface asked for is not on this machine"),
    symptom(CONNECT, "tcp.local-other", "this machine failed in another way"),
    later(
        symptom(CONNECT, "tcp.close-at-once", "the peer closed before anything was written"),
        "the probe writes at once, so that an early close shows as x224.eof or x224.reset",
    ),
    hint(
        CONNECT,
        "tcp.refused-nearby",
        "the reset came back sooner than any machine beyond this network could send it",
    ),
    hint(
        CONNECT,
        "tcp.accepted-nearby",
        "the connection was accepted sooner than any machine beyond this network could",
    ),
    hint(CONNECT, "tcp.retransmit", "the SYN had to be sent again"),
    plain(CONNECT, "tcp.ok", "the connection came about"),
    hint(CONNECT, "route.some-dead", "one address of the name is dead while another one connects"),
    hint(CONNECT, "route.ipv6-dead", "the name's IPv6 addresses are dead while its IPv4 addresses connect"),
    hint(CONNECT, "host.alive-other-port", "another port of the same address answers"),
    hint(CONNECT, "host.all-ports-silent", "no other port of the same address answers either"),
    plain(CONNECT, "control.open.N", "the control port accepts"),
    plain(CONNECT, "control.refused.N", "the control port refuses, so somebody is there"),
    plain(CONNECT, "control.silent.N", "the control port does not answer"),
    // Negotiate.
    symptom(NEGOTIATE, "x224.silent", "TCP connects and the Connection Request is never answered"),
    symptom(NEGOTIATE, "x224.reset", "the Connection Request is answered by a reset"),
    symptom(NEGOTIATE, "x224.eof", "the Connection Request is answered by a close"),
    symptom(NEGOTIATE, "x224.not-rdp", "what answers speaks another protocol"),
    symptom(NEGOTIATE, "x224.malformed", "the answer is not a well-formed Connection Confirm"),
    symptom(NEGOTIATE, "x224.disconnect", "the answer is an MCS Disconnect Provider Ultimatum"),
    symptom(
        NEGOTIATE,
        "x224.contradiction",
        "the server demands what was offered to it, or selects what was not",
    ),
    plain(NEGOTIATE, "x224.negfail.1", "standard RDP security alone is refused: TLS is required"),
    symptom(NEGOTIATE, "x224.negfail.2", "TLS is not allowed: standard RDP security only"),
    symptom(NEGOTIATE, "x224.negfail.3", "the server has no certificate that it can use"),
    plain(NEGOTIATE, "x224.negfail.5", "NLA is required"),
    symptom(NEGOTIATE, "x224.negfail.N", "the negotiation is refused with another code"),
    plain(NEGOTIATE, "x224.sel.N", "the protocol that the server selected"),
    plain(NEGOTIATE, "x224.flags.X", "the flag byte of the answer"),
    plain(NEGOTIATE, "x224.src-ref.X", "the SRC-REF of the answer"),
    plain(NEGOTIATE, "x224.legacy-cc", "the server does not negotiate"),
    symptom(NEGOTIATE, "x224.downgraded", "the server selects standard RDP security from an offer of TLS"),
    hint(NEGOTIATE, "x224.row-refused", "one request of the matrix was refused and others contradict it"),
    hint(NEGOTIATE, "x224.row-failed", "one request of the matrix got no usable answer while others did"),
    hint(NEGOTIATE, "x224.row-odd", "one request was answered with a protocol that it did not ask for"),
    plain(NEGOTIATE, "mcs.ok", "standard RDP security is really accepted"),
    plain(NEGOTIATE, "mcs.method.X", "the encryption method of standard RDP security"),
    hint(NEGOTIATE, "mcs.level.4", "standard RDP security is set to FIPS methods only"),
    plain(NEGOTIATE, "mcs.level.N", "the encryption level of standard RDP security"),
    symptom(NEGOTIATE, "mcs.refused", "standard RDP security was selected and MCS Connect is refused"),
    symptom(NEGOTIATE, "mcs.failed", "standard RDP security was selected and MCS Connect is not answered"),
    // TLS.
    symptom(TLS, "tls.reset-after-ch", "the ClientHello is answered by a reset"),
    symptom(TLS, "tls.eof-after-ch", "the ClientHello is answered by a close"),
    symptom(TLS, "tls.silent", "the ClientHello is not answered"),
    symptom(TLS, "tls.alert.N.ch", "the ClientHello is answered by an alert"),
    symptom(TLS, "tls.disconnect-after-ch", "the ClientHello is answered by an MCS disconnect in clear"),
    symptom(TLS, "tls.malformed", "the answer to the ClientHello is not well-formed TLS"),
    symptom(TLS, "tls.library", "the TLS library here refuses what the server does"),
    symptom(
        TLS,
        "tls.reset-every-version",
        "every TLS version is answered by a reset or a close, on a wide offer too",
    ),
    symptom(TLS, "tls.refused-every-version", "every TLS version is refused, by alerts or in other ways"),
    symptom(
        TLS,
        "tls.enabled-but-broken",
        "a TLS version answers with internal_error: enabled, and yet not able",
    ),
    symptom(TLS, "tls.old-only", "the server has nothing newer than TLS 1.1"),
    hint(
        TLS,
        "tls.library-too-new",
        "the TLS library here found nothing in common, a wide hand-made offer did",
    ),
    plain(TLS, "tls.version.V", "the server speaks this version"),
    plain(TLS, "tls.refused.V", "the server refuses this version"),
    plain(TLS, "tls.cipher.X", "the cipher suite that the server chose"),
    plain(TLS, "tls.schannel", "the ServerHello bears the marks of Windows"),
    // Certificate.
    symptom(TLS, "cert.expired", "the certificate has expired"),
    symptom(TLS, "cert.notyet", "the certificate is not yet valid"),
    symptom(TLS, "cert.no-eku", "the certificate is not meant for servers"),
    symptom(TLS, "cert.broken", "the certificate cannot be read, or its own key does not verify it"),
    hint(TLS, "cert.weak", "key or signature of the certificate are weak"),
    hint(TLS, "cert.name", "the certificate names another machine"),
    plain(TLS, "cert.machine-name", "the certificate names the machine, not the address that was asked for"),
    plain(TLS, "cert.self-signed", "the certificate is self-signed"),
    plain(TLS, "cert.windows-default", "the certificate is like the one Windows makes for itself"),
    plain(TLS, "cert.ca-issued", "the certificate was issued by an authority"),
    // CredSSP.
    plain(CREDSSP, "nla.challenge", "the server sent its NTLM challenge"),
    symptom(CREDSSP, "nla.alert.N", "the TSRequest is answered by an alert"),
    symptom(CREDSSP, "nla.reset", "the TSRequest is answered by a reset"),
    symptom(CREDSSP, "nla.eof", "the TSRequest is answered by a close"),
    symptom(CREDSSP, "nla.silent", "the TSRequest is not answered"),
    symptom(CREDSSP, "nla.malformed", "the answer to the TSRequest is not well-formed"),
    symptom(CREDSSP, "nla.disconnect", "the TSRequest is answered by an MCS disconnect"),
    symptom(CREDSSP, "nla.errcode.X", "the server ended CredSSP with an error code"),
    hint(CREDSSP, "nla.no-ntlm", "the server takes CredSSP but not NTLM"),
    hint(CREDSSP, "nla.not-tested", "NLA was selected, and could not be tried"),
    symptom(CREDSSP, "nla.ver.2", "CredSSP without the mend for CVE-2018-0886, version 2"),
    symptom(CREDSSP, "nla.ver.3", "CredSSP without the mend for CVE-2018-0886, version 3"),
    symptom(CREDSSP, "nla.ver.4", "CredSSP without the mend for CVE-2018-0886, version 4"),
    plain(CREDSSP, "nla.ver.N", "the version of the server's TSRequest"),
    later(symptom(CREDSSP, "nla.early-auth.N", "the early user authorization result"), "needs credentials"),
    symptom(CREDSSP, "cert.old-name", "the machine's own certificate bears another name than the machine"),
    plain(CREDSSP, "ntlm.workgroup", "the machine is in no domain"),
    plain(CREDSSP, "ntlm.domain", "the machine is in a domain"),
    plain(CREDSSP, "ntlm.build.N", "the build number of the server"),
    symptom(CREDSSP, "time.skew", "the two clocks differ by more than 5 minutes"),
    plain(CREDSSP, "time.ok", "the two clocks agree within 5 minutes"),
    // After the logon.
    later(symptom(None, "lic.error.N", "the licensing phase ended in this error"), AFTER_LOGON),
    later(plain(None, "lic.valid", "the licensing phase ended well"), AFTER_LOGON),
    later(symptom(None, "errinfo.X", "the server said why it disconnects (Set Error Info)"), AFTER_LOGON),
];

/// The row of an id: the literal one, or else its family's.
#[must_use]
pub fn lookup(id: &str) -> Option<&'static Word> {
    let literal = INDEX.literals.get(id).copied();
    literal.or_else(|| {
        let families = prefixes(id).filter_map(|before| INDEX.families.get(before)).flatten();
        let fitting = families.filter(|family| family.has(id)).min_by_key(|family| family.place);
        fitting.map(|family| family.word)
    })
}

/// Where a parameter may begin: after every dot.
fn prefixes(id: &str) -> impl Iterator<Item = &str> {
    id.match_indices('.').filter_map(|(dot, _)| id.get(..=dot))
}

/// The literal rows by id, and the families by what stands before their parameter.
struct Index {
    literals: HashMap<&'static str, &'static Word>,
    families: HashMap<&'static str, Vec<Family>>,
}

/// A row that stands for many ids.
struct Family {
    /// Where it stands in the table: the first row goes before a later one.
    place: usize,
    word: &'static Word,
    parameter: Parameter<'static>,
}

impl Family {
    fn has(&self, id: &str) -> bool {
        let Parameter { before, kind, after } = self.parameter;
        let value = id.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        value.is_some_and(|value| !value.is_empty() && value.chars().all(|letter| fits(kind, letter)))
    }
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index { literals: HashMap::new(), families: HashMap::new() };
    for (place, word) in vocabulary().enumerate() {
        match parameter(word.id) {
            Some(parameter) => {
                index.families.entry(parameter.before).or_default().push(Family { place, word, parameter });
            }
            None => {
                index.literals.insert(word.id, word);
            }
        }
    }
    index
});

/// Whether a pattern of the catalogue (an id, or a prefix that ends in `.*`) names at least one id.
#[must_use]
pub fn pattern_is_known(pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => prefix.ends_with('.') && vocabulary().any(|word| word.id.starts_with(prefix)),
        None => parameter(pattern).is_none() && lookup(pattern).is_some(),
    }
}

/// Whether an observed id is meant by a pattern of the catalogue.
#[must_use]
pub fn matches(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => id.starts_with(prefix),
        None => pattern == id,
    }
}

/// What stands before, at and after the parameter of a template.
#[derive(Clone, Copy)]
struct Parameter<'a> {
    before: &'a str,
    kind: char,
    after: &'a str,
}

fn parameter(template: &str) -> Option<Parameter<'_>> {
    let mut start: usize = 0;
    for segment in template.split('.') {
        if let "N" | "X" | "V" | "W" = segment {
            let (before, rest) = template.split_at_checked(start)?;
            return Some(Parameter { before, kind: rest.chars().next()?, after: rest.get(1..)? });
        }
        start = start.saturating_add(segment.len()).saturating_add(1);
    }
    None
}

fn fits(kind: char, letter: char) -> bool {
    match kind {
        'N' => letter.is_ascii_digit(),
        'X' => letter.is_ascii_digit() || ('a'..='f').contains(&letter),
        'W' => letter.is_ascii_digit() || letter.is_ascii_lowercase() || letter == '-',
        _ => letter.is_ascii_digit() || letter == '.',
    }
}
