//! The table of everything that can be expected.
//!
//! To add a subject: add its row here, its reader in `policy/fact/`, and its cases in `tests/it/policy/`.

use super::criterion::{Criterion, Read};
use super::{Operator, REACHABLE, Subject, Unit};
use crate::policy::fact::{causes, certificate, machine, path, security};

/// Every subject, in the order of the flow.
pub static TABLE: &[Subject] = &[
    Subject {
        name: REACHABLE,
        operators: FLAG,
        means: "RDP negotiates and its security layer answers, on every address",
        example: "reachable",
        decided_by: "the verdict; an address that this machine has no way to try does not count if another was tried",
        criterion: Criterion::Flag(Read::Target(path::reachable)),
    },
    Subject {
        name: "addresses",
        operators: ORDER,
        means: "how many addresses the target has",
        example: "addresses=2",
        decided_by: "the answers of the resolver; a family that it failed to answer leaves the number open",
        criterion: Criterion::Number(Read::Target(path::addresses)),
    },
    Subject {
        name: "ipv4",
        operators: FLAG,
        means: "the target has an IPv4 address",
        example: "ipv4",
        decided_by: "the answer for A records",
        criterion: Criterion::Flag(Read::Target(path::ipv4)),
    },
    Subject {
        name: "ipv6",
        operators: FLAG,
        means: "the target has an IPv6 address",
        example: "!ipv6",
        decided_by: "the answer for AAAA records",
        criterion: Criterion::Flag(Read::Target(path::ipv6)),
    },
    Subject {
        name: "connect",
        operators: LESS,
        means: "how long the TCP connection takes to come about",
        example: "connect<200ms:1s",
        decided_by: "the time of the first connection that came about",
        criterion: Criterion::Time(path::connect, CONNECT_MS),
    },
    Subject {
        name: "rtt",
        operators: LESS,
        means: "the round trip to the machine",
        example: "rtt<150ms:400ms",
        decided_by: "the kernel's smoothed round-trip time of the first connection",
        criterion: Criterion::Time(path::rtt, RTT_MS),
    },
    Subject {
        name: "protocol",
        operators: EQUALITY,
        means: "the protocol that the server selects when it is offered all",
        example: "protocol=HYBRID|HYBRID_EX",
        decided_by: "the answer to the first request; where that has none, the one that a client falls back to",
        criterion: Criterion::Words(&security::PROTOCOLS, security::protocol),
    },
    Subject {
        name: "nla",
        operators: EQUALITY,
        means: "whether NLA is demanded (required), taken but not demanded (offered), or not taken (none)",
        example: "nla=required",
        decided_by: "a request for TLS alone refused with HYBRID_REQUIRED_BY_SERVER, or taken",
        criterion: Criterion::Words(&security::NLA, security::nla),
    },
    Subject {
        name: "no-rdp-security",
        operators: &[Operator::Is],
        means: "standard RDP security (RC4, no proof of identity) is refused",
        example: "no-rdp-security",
        decided_by: "the answer to a request for standard RDP security alone",
        criterion: Criterion::Flag(Read::Route(security::no_rdp_security)),
    },
    Subject {
        name: "tls",
        operators: &[Operator::AtLeast, Operator::AtMost, Operator::Equal, Operator::NotEqual],
        means: "the TLS versions taken: >=1.2 is one of 1.2 or newer and none older, <=1.2 one of 1.2 or older and none \
                newer, =1.3 that 1.3 is taken whatever else is, !=1.0 that 1.0 is not",
        example: "tls>=1.2",
        decided_by: "one connection a version from 1.0 to 1.3; a version that got no answer at all is neither taken nor \
                     refused",
        criterion: Criterion::Tls(security::tls),
    },
    Subject {
        name: "cert",
        operators: MORE,
        means: "the certificate is valid now, and for so much longer",
        example: "cert>30d:7d",
        decided_by: "its dates against this machine's clock",
        criterion: Criterion::Time(certificate::left, CERT_DAYS),
    },
    Subject {
        name: "cert.valid",
        operators: &[Operator::Is],
        means: "the certificate can be read and its dates are good now",
        example: "cert.valid",
        decided_by: "its dates against this machine's clock",
        criterion: Criterion::Flag(Read::Route(certificate::valid)),
    },
    Subject {
        name: "cert.trusted",
        operators: FLAG,
        means: "the certificate's chain ends in a root of this machine",
        example: "cert.trusted",
        decided_by: "the roots of the machine that rdprobe runs on",
        criterion: Criterion::Flag(Read::Route(certificate::trusted)),
    },
    Subject {
        name: "cert.name",
        operators: FLAG,
        means: "the certificate names the target as it was given",
        example: "cert.name",
        decided_by: "its alternative names or, without any, its common name",
        criterion: Criterion::Flag(Read::Route(certificate::names_target)),
    },
    Subject {
        name: "cert.server",
        operators: &[Operator::Is],
        means: "the certificate was made for servers",
        example: "cert.server",
        decided_by: "its extended key usages",
        criterion: Criterion::Flag(Read::Route(certificate::for_servers)),
    },
    Subject {
        name: "cert.self-signed",
        operators: FLAG,
        means: "the certificate is signed by its own key, as Windows makes it by itself",
        example: "!cert.self-signed",
        decided_by: "its issuer, and its key against its signature",
        criterion: Criterion::Flag(Read::Route(certificate::self_signed)),
    },
    Subject {
        name: "cert.signature",
        operators: &[Operator::Is],
        means: "the certificate is not signed with SHA-1, MD5 or MD2",
        example: "cert.signature",
        decided_by: "its signature algorithm",
        criterion: Criterion::Flag(Read::Route(certificate::signature)),
    },
    Subject {
        name: "cert.key",
        operators: MORE,
        means: "the bits of the certificate's key; a key of an elliptic curve counts as the RSA key of like strength",
        example: "cert.key>=2048",
        decided_by: "its key; P-256 and Ed25519 count as 3072, P-384 as 7680 (NIST SP 800-57 part 1, table 2)",
        criterion: Criterion::Number(Read::Route(certificate::key)),
    },
    Subject {
        name: "credssp",
        operators: ORDER,
        means: "the version of CredSSP; 5 and 6 are mended for CVE-2018-0886",
        example: "credssp>=5",
        decided_by: "the version in the server's TSRequest",
        criterion: Criterion::Number(Read::Route(machine::credssp)),
    },
    Subject {
        name: "name",
        operators: EQUALITY,
        means: "what the machine calls itself, short (NetBIOS) or with its domain",
        example: "name=MYVM",
        decided_by: "the NTLM challenge; without one, the certificate",
        criterion: Criterion::Names(machine::names),
    },
    Subject {
        name: "domain",
        operators: EQUALITY,
        means: "the domain that the machine is in, short (NetBIOS) or in full",
        example: "domain=corp.example.com",
        decided_by: "the NTLM challenge",
        criterion: Criterion::Names(machine::domain),
    },
    Subject {
        name: "workgroup",
        operators: FLAG,
        means: "the machine is in no domain",
        example: "!workgroup",
        decided_by: "the NTLM challenge",
        criterion: Criterion::Flag(Read::Route(machine::workgroup)),
    },
    Subject {
        name: "os",
        operators: ORDER,
        means: "the release or the build of Windows; clients and servers share builds, and count alike",
        example: "os>=2019",
        decided_by: "the build in the NTLM challenge; one that newer builds answer with too leaves those open",
        criterion: Criterion::Windows(machine::builds),
    },
    Subject {
        name: "skew",
        operators: LESS,
        means: "how far the machine's clock is off, either way; Kerberos allows five minutes",
        example: "skew<1m:5m",
        decided_by: "the time in the NTLM challenge or, to the second, in ServerHello.random",
        criterion: Criterion::Time(machine::skew, SKEW_S),
    },
    Subject {
        name: "no-cause",
        operators: &[Operator::Equal],
        means: "the cause is not among the findings",
        example: "no-cause=credssp-encryption-oracle",
        decided_by: "the findings; a cause that is only possible, or that the probe cannot see, is left undecided, and \
                     so is all where some address did not answer up to NLA",
        criterion: Criterion::Causes(causes::absent),
    },
];

const CERT_DAYS: Unit = Unit { name: "cert_days", symbol: "d", seconds: 86_400.0 };
const SKEW_S: Unit = Unit { name: "skew_s", symbol: "s", seconds: 1.0 };
const RTT_MS: Unit = Unit { name: "rtt_ms", symbol: "ms", seconds: 0.001 };
const CONNECT_MS: Unit = Unit { name: "connect_ms", symbol: "ms", seconds: 0.001 };

const FLAG: &[Operator] = &[Operator::Is, Operator::IsNot];
const EQUALITY: &[Operator] = &[Operator::Equal, Operator::NotEqual];
const MORE: &[Operator] = &[Operator::Above, Operator::AtLeast];
const LESS: &[Operator] = &[Operator::Below, Operator::AtMost];
const ORDER: &[Operator] = &[
    Operator::Equal,
    Operator::NotEqual,
    Operator::AtLeast,
    Operator::AtMost,
    Operator::Above,
    Operator::Below,
];
