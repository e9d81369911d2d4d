//! Against evidence that no persona can give.

use rdprobe::evidence::certificate::{Chain, NameMatch};
use rdprobe::evidence::resolve::{FamilyOutcome, Record};
use rdprobe::evidence::{
    Because, Certificate, Challenge, ClockSkew, Connected, Evidence, Failure, Route, Step,
};
use rdprobe::policy::Outcome::{Met, Missed, Undecided, Warning};
use rdprobe::report::Report;
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::tls::{AlertDescription, TlsVersion};

use super::expectations::{Case, compare, judged};
use crate::fixture::{
    NAME, V4, alert, certificate, challenge, clock, failed, named, refuses, reset, row, seen, selects, tcp,
    timed_out, unconnected, unnamed, versions, windows,
};

/// What the evidence is, the evidence, and what each expectation comes to.
type Made = (&'static str, Evidence, Vec<Case>);

pub(super) fn cases() -> Vec<Made> {
    [names_and_addresses(), path(), security(), certificates(), machine()].concat()
}

#[test]
fn every_evidence_comes_to_what_is_expected() {
    let wrong: Vec<String> = cases()
        .into_iter()
        .flat_map(|(what, evidence, cases)| compare(what, &cases, &Report::new(evidence)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn with_family(record: Record, step: Step<u32>) -> Evidence {
    let mut evidence = named(vec![windows(V4)]);
    let mut resolution = evidence.resolve.seen().cloned().expect("an answer");
    resolution.families = vec![FamilyOutcome { record, step }];
    evidence.resolve = seen(resolution);
    evidence
}

fn names_and_addresses() -> Vec<Made> {
    let no_name = Failure::NoSuchName { cname_chain: Vec::new() };
    let no_address = Failure::NoAddress { cname_chain: Vec::new() };
    vec![
        (
            "a name that does not exist",
            unnamed(no_name),
            vec![
                ("reachable", Missed, ""),
                ("addresses=0", Met, "no address"),
                ("addresses>=1", Missed, "no address"),
                ("ipv4", Missed, ""),
                ("nla=required", Undecided, "no address was tried"),
                ("cert>30d", Undecided, "no address was tried"),
            ],
        ),
        (
            "a resolver that does not answer",
            unnamed(timed_out()),
            vec![
                ("reachable", Undecided, ""),
                ("addresses=1", Undecided, "the name resolution failed"),
                ("ipv4", Undecided, "the name resolution failed"),
                ("ipv6", Undecided, "the name resolution failed"),
            ],
        ),
        (
            "a family that the resolver does not answer",
            with_family(Record::Aaaa, failed(timed_out())),
            vec![
                ("addresses=1", Undecided, "AAAA records were asked for in vain"),
                ("addresses>=1", Met, "one address"),
                ("addresses<1", Missed, "one address"),
                ("addresses=0", Missed, "one address"),
                ("addresses!=0", Met, "one address"),
                ("ipv6", Undecided, "asked for in vain"),
                ("!ipv6", Undecided, "asked for in vain"),
                ("ipv4", Met, ""),
            ],
        ),
        (
            "a family that has no address",
            with_family(Record::Aaaa, failed(no_address)),
            vec![("addresses=1", Met, "one address"), ("ipv6", Missed, "there are no AAAA records")],
        ),
        (
            "a family that nobody asked for",
            named(vec![windows(V4)]),
            vec![("ipv6", Undecided, "no AAAA records were asked for"), ("ipv4", Met, "20.51.100.4 is one")],
        ),
    ]
}

fn path() -> Vec<Made> {
    let without_rtt = Route { connect: seen(Connected { rtt_ms: None, ..tcp() }), ..windows(V4) };
    vec![
        (
            "a sound machine",
            named(vec![windows(V4)]),
            vec![
                ("rtt<150ms:400ms", Met, "the round trip takes 11.2 ms"),
                ("rtt<10ms:400ms", Warning, "11.2 ms"),
                ("rtt<=11.2ms", Met, "11.2 ms"),
                ("rtt<11.2ms", Missed, "11.2 ms"),
                ("connect<12ms", Missed, "12.5 ms"),
            ],
        ),
        (
            "a system that tells no round trip",
            named(vec![without_rtt]),
            vec![("rtt<1s", Undecided, "does not tell")],
        ),
        (
            "a refused connection",
            named(vec![unconnected(V4, crate::fixture::refused())]),
            vec![
                ("connect<1s", Undecided, "the TCP connection failed"),
                ("protocol=SSL", Undecided, "no protocol was selected: the TCP connection failed"),
                ("no-rdp-security", Undecided, "the TCP connection failed"),
            ],
        ),
    ]
}

fn security() -> Vec<Made> {
    let rows = |rows: Vec<_>| Route { negotiate: rows, ..windows(V4) };
    let unanswered = || rdprobe::evidence::Outcome::Failed(timed_out());
    let with_versions = |handshake, failure: &Failure| Route {
        handshake,
        tls_versions: versions(&[TlsVersion::TLS_1_2], failure),
        ..windows(V4)
    };
    let untried = Route { tls_versions: Vec::new(), ..windows(V4) };
    vec![
        (
            "NLA taken, and no other request answered",
            named(vec![rows(vec![
                row(0x0b, selects(Protocol::HYBRID)),
                row(1, unanswered()),
                row(0, unanswered()),
            ])]),
            vec![
                ("nla=required", Undecided, "got no answer that tells more"),
                ("nla=offered", Undecided, "got no answer that tells more"),
                ("nla!=none", Met, "NLA is offered"),
                ("nla=none", Missed, "NLA is offered"),
                ("no-rdp-security", Undecided, ""),
            ],
        ),
        (
            "standard RDP security beside NLA",
            named(vec![rows(vec![
                row(0x0b, selects(Protocol::HYBRID)),
                row(1, refuses(FailureCode::HYBRID_REQUIRED)),
                row(0, selects(Protocol::RDP)),
            ])]),
            vec![
                ("nla=required", Missed, "standard RDP security is taken without it"),
                ("no-rdp-security", Missed, "taken beside others"),
            ],
        ),
        (
            "a protocol without a name",
            named(vec![rows(vec![row(0x4b, selects(Protocol(0x40)))])]),
            vec![
                ("protocol=HYBRID", Missed, "the server selects unknown 0x40"),
                ("protocol!=HYBRID", Met, ""),
            ],
        ),
        (
            "old versions that get no answer",
            named(vec![with_versions(failed(reset()), &timed_out())]),
            vec![
                ("tls>=1.2", Undecided, "TLS 1.0 got no answer in time"),
                ("tls!=1.0", Undecided, "TLS 1.0 got no answer in time"),
                ("tls=1.2", Met, "TLS 1.2 is taken"),
                ("tls=1.3", Undecided, "TLS 1.3 got no answer in time"),
            ],
        ),
        (
            "internal_error says nothing of a version",
            named(vec![with_versions(failed(reset()), &alert(AlertDescription::INTERNAL_ERROR))]),
            vec![("tls!=1.0", Undecided, "internal_error")],
        ),
        (
            "protocol_version turns a version down",
            named(vec![with_versions(failed(reset()), &alert(AlertDescription::PROTOCOL_VERSION))]),
            vec![("tls>=1.2", Met, "TLS 1.2 is taken"), ("tls!=1.0", Met, "protocol_version")],
        ),
        (
            "only the handshake was made",
            named(vec![untried]),
            vec![("tls>=1.2", Undecided, "TLS 1.0 was not tried"), ("tls=1.2", Met, "TLS 1.2 is taken")],
        ),
    ]
}

fn with_certificate(certificate: Certificate) -> Evidence {
    named(vec![Route { certificate: seen(certificate), ..windows(V4) }])
}

fn certificates() -> Vec<Made> {
    let san =
        ["a.example", "b.example", "c.example", "d.example", "e.example", "f.example"].map(str::to_owned);
    let trusted = Certificate {
        chain: Chain::Trusted,
        name_match: NameMatch::Matches,
        subject_alternative_names: vec![NAME.to_owned()],
        ..certificate()
    };
    let unchecked = Certificate {
        chain: Chain::NotChecked { reason: "this machine has no root certificates".to_owned() },
        subject_alternative_names: san.into(),
        name_match: NameMatch::Differs,
        self_signature: None,
        signature_algorithm: "1.2.3.4".to_owned(),
        key_type: "1.2.3.5".to_owned(),
        key_bits: None,
        ..certificate()
    };
    let broken = Certificate { self_signature: Some(false), ..certificate() };
    let key = |kind: &str, bits| {
        with_certificate(Certificate { key_type: kind.to_owned(), key_bits: bits, ..certificate() })
    };
    let none = Route {
        certificate: Step::skipped(Because::EarlierStageFailed),
        handshake: failed(reset()),
        ..windows(V4)
    };
    vec![
        (
            "a trusted certificate",
            with_certificate(trusted),
            vec![
                ("cert.trusted", Met, "it ends in a root of this machine"),
                ("!cert.trusted", Missed, "root"),
                ("cert.name", Met, NAME),
                ("!cert.name", Missed, NAME),
            ],
        ),
        (
            "a certificate of unknown kinds",
            with_certificate(unchecked),
            vec![
                ("cert.trusted", Undecided, "not checked"),
                ("!cert.trusted", Undecided, "not checked"),
                ("cert.name", Missed, "and 2 more"),
                ("cert.self-signed", Undecided, "cannot be verified here"),
                ("cert.signature", Undecided, "1.2.3.4, which has no name here"),
                ("cert.key>=2048", Undecided, "1.2.3.5"),
            ],
        ),
        (
            "a false signature",
            with_certificate(broken),
            vec![("cert.self-signed", Missed, "does not verify")],
        ),
        (
            "P-256",
            key("EC", Some(256)),
            vec![("cert.key>=3072", Met, "EC of 256 bits, as strong as RSA of 3072")],
        ),
        ("P-192", key("EC", Some(192)), vec![("cert.key>=2048", Missed, "as strong as RSA of 1024")]),
        ("Ed25519", key("Ed25519", None), vec![("cert.key>=2048", Met, "as strong as RSA of 3072")]),
        ("RSA without a size", key("RSA", None), vec![("cert.key>=2048", Undecided, "RSA")]),
        (
            "no certificate",
            named(vec![none]),
            vec![
                ("cert.server", Undecided, "no certificate was seen: the TLS handshake failed"),
                ("cert.name", Undecided, "no certificate was seen"),
            ],
        ),
    ]
}

fn with_clock(clock: ClockSkew) -> Evidence {
    named(vec![Route { clock: Some(clock), ..windows(V4) }])
}

fn with_challenge(challenge: Challenge) -> Evidence {
    named(vec![Route { credssp: seen(challenge), ..windows(V4) }])
}

fn machine() -> Vec<Made> {
    use rdprobe::evidence::credssp::{Membership, OsVersion};
    let about = |skew_ms| with_clock(ClockSkew { approximate: true, ..clock(skew_ms) });
    let nameless = Challenge {
        netbios_computer_name: None,
        netbios_domain_name: None,
        dns_computer_name: None,
        dns_domain_name: None,
        membership: Membership::Unknown,
        os: Some(OsVersion { major: 10, minor: 0, build: 30000, product: None }),
        ..challenge()
    };
    let long = Challenge {
        dns_computer_name: Some("averylongmachinename.corp.example".to_owned()),
        netbios_computer_name: Some("AVERYLONGMACHIN".to_owned()),
        ..challenge()
    };
    let base =
        Challenge { os: Some(OsVersion { major: 10, minor: 0, build: 19041, product: None }), ..challenge() };
    vec![
        (
            "a build that newer ones answer with",
            with_challenge(base),
            vec![
                ("os>=19045", Undecided, "build 19041"),
                ("os=19044", Undecided, "build 19041"),
                ("os=19046", Missed, "build 19041"),
                ("os=win10", Met, "build 19041"),
                ("os<2022", Met, "build 19041"),
            ],
        ),
        (
            "a clock that is exact",
            with_clock(clock(-60_500.0)),
            vec![
                ("skew<1m", Missed, "60.5 s behind"),
                ("skew<=60.5s", Met, "60.5 s behind"),
                ("skew<1m:5m", Warning, "60.5 s behind"),
            ],
        ),
        (
            "a clock that is good to the second",
            about(59_500.0),
            vec![
                ("skew<1m", Undecided, "about 59.5 s ahead of this machine's, which is too close"),
                ("skew<61s", Met, "about"),
                ("skew<58s", Missed, "about"),
                ("skew<1m:5m", Undecided, "too close"),
            ],
        ),
        (
            "a challenge that names nobody",
            with_challenge(nameless),
            vec![
                ("name=X", Undecided, "names no machine"),
                ("domain=X", Undecided, "does not tell"),
                ("workgroup", Undecided, "does not tell"),
                ("os>=2025", Met, "build 30000: a Windows that is not in the table"),
                ("os=win11", Missed, "build 30000"),
            ],
        ),
        (
            "a long name",
            with_challenge(long),
            vec![
                ("name=AveryLongMachineName", Met, ""),
                ("name=AVERYLONGMACHIN", Met, ""),
                ("name=averylongmachinename.corp.example.", Met, ""),
                ("name=averylongmachine", Missed, ""),
            ],
        ),
    ]
}

#[test]
fn a_measure_has_its_thresholds_and_its_unit() {
    let report = Report::new(named(vec![windows(V4)]));
    let cases = [
        ("cert>30d:7d", "cert_days", 123.5, "d", Some(30.0), 7.0),
        ("cert>30d", "cert_days", 123.5, "d", None, 30.0),
        ("rtt<150ms:0.4s", "rtt_ms", 11.2, "ms", Some(150.0), 400.0),
        ("connect<1s", "connect_ms", 12.5, "ms", None, 1000.0),
        ("skew<1m:5m", "skew_s", 0.12, "s", Some(60.0), 300.0),
    ];
    for (text, name, value, unit, warning, critical) in cases {
        let measure = judged(text, &report).measure.unwrap_or_else(|| panic!("{text} has no measure"));
        assert_eq!((measure.name.as_str(), measure.unit.as_str()), (name, unit), "{text}");
        let off = |seen: f64, wanted: f64| (seen - wanted).abs() > 1e-9;
        assert!(!off(measure.value, value), "{text}: {}", measure.value);
        assert_eq!((measure.warning, measure.critical), (warning, Some(critical)), "{text}");
    }
    assert_eq!(judged("nla=required", &report).measure, None);
}
