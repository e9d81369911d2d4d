//! Against the simulator's personas, on real sockets.

use std::time::Duration;

use rdprobe::policy::Outcome::{Met, Missed, Undecided, Warning};
use rdprobe::policy::expectation::TABLE;
use rdprobe::policy::profile::{BUILT_IN, built_in};
use rdprobe::policy::{Outcome, judge};
use rdprobe::report::Report;

use super::expectations::{Case, compare, judged};
use crate::rehearsal::{closed, patient, plan, rehearse, report};

/// A persona, and what each expectation comes to.
pub(super) const CASES: &[(&str, &[Case])] = &[
    (
        "windows-2022-nla",
        &[
            ("reachable", Met, "Remote Desktop answers over TLS 1.3, with NLA required"),
            ("!reachable", Missed, "Remote Desktop answers"),
            ("addresses=1", Met, "one address"),
            ("addresses>=2", Missed, "one address"),
            ("ipv4", Met, "127.0.0.1 is one"),
            ("ipv6", Missed, "no address"),
            ("!ipv6", Met, "no address"),
            ("connect<10s", Met, "the connection came about in"),
            ("connect<=0s", Missed, "the connection came about in"),
            ("connect<0s:10s", Warning, "the connection came about in"),
            ("rtt<10s", Met, "the round trip takes"),
            ("rtt<0ms", Missed, "the round trip takes"),
            ("rtt<0ms:10s", Warning, "the round trip takes"),
            ("protocol=HYBRID_EX", Met, "the server selects HYBRID_EX"),
            ("protocol=ssl|rdp", Missed, "the server selects HYBRID_EX"),
            ("protocol!=RDP", Met, "the server selects HYBRID_EX"),
            ("nla=required", Met, "refused with HYBRID_REQUIRED_BY_SERVER"),
            ("nla=offered", Missed, "refused with HYBRID_REQUIRED_BY_SERVER"),
            ("nla!=none", Met, ""),
            ("no-rdp-security", Met, "is refused"),
            ("tls>=1.2", Met, ", 1.0 and 1.1 are not"),
            ("tls>=1.3", Missed, "TLS 1.2 is taken (TLS_"),
            ("tls<=1.2", Missed, "TLS 1.3 is taken (TLS_"),
            ("tls=1.3", Met, "TLS 1.3 is taken"),
            ("tls=1.0", Missed, "TLS 1.0 is not taken (answered by a reset)"),
            ("tls!=1.0", Met, "TLS 1.0 is not taken (answered by a reset)"),
            ("cert>30d:7d", Met, "it ends on"),
            ("cert>200d", Missed, "it ends on"),
            ("cert>200d:7d", Warning, "it ends on"),
            ("cert.valid", Met, "valid from"),
            ("cert.trusted", Missed, ""),
            ("!cert.trusted", Met, ""),
            ("cert.name", Missed, "it names files22.corp.example"),
            ("cert.server", Met, "extended key usages"),
            ("cert.self-signed", Met, "subject and issuer are CN=files22.corp.example"),
            ("!cert.self-signed", Missed, "subject and issuer are CN=files22.corp.example"),
            ("cert.signature", Met, "sha256WithRSAEncryption"),
            ("cert.key>=2048", Met, "RSA of 2048 bits"),
            ("cert.key>2048", Missed, "RSA of 2048 bits"),
            ("credssp>=5", Met, "version 6"),
            ("credssp=2", Missed, "version 6"),
            ("name=FILES22", Met, "files22.corp.example"),
            ("name=other|Files22.Corp.Example", Met, "files22.corp.example"),
            ("name=files22.example", Missed, "files22.corp.example"),
            ("name!=files22", Missed, "files22.corp.example"),
            ("domain=corp", Met, "the machine is in corp.example"),
            ("domain=corp.example", Met, "the machine is in corp.example"),
            ("domain=other", Missed, "the machine is in corp.example"),
            ("workgroup", Missed, "the machine is in corp.example"),
            ("!workgroup", Met, "the machine is in corp.example"),
            ("os>=2019", Met, "build 20348: Windows Server 2022"),
            ("os=2022", Met, "build 20348"),
            ("os>=20348", Met, "build 20348"),
            ("os>2022", Missed, "build 20348"),
            ("os>=win11", Missed, "build 20348"),
            ("os!=win11", Met, "build 20348"),
            ("skew<1m:5m", Met, "its clock is"),
            ("no-cause=credssp-encryption-oracle|time-skew", Met, "not among the findings"),
            ("no-cause=account-expired", Undecided, "cannot be seen by a probe"),
        ],
    ),
    (
        "windows-11",
        &[
            ("workgroup", Met, "domain and machine have the same name"),
            ("domain=corp", Missed, "in no domain"),
            ("domain!=corp", Met, "in no domain"),
            ("os>=win11", Met, "Windows 11"),
            ("os=win11", Met, "Windows 11"),
            ("os<=2022", Missed, "build 22621"),
        ],
    ),
    (
        "windows-2016-tls",
        &[
            ("nla=required", Missed, "TLS is taken without it"),
            ("nla=offered", Met, "TLS is taken without it"),
            ("nla=offered|required", Met, "TLS is taken without it"),
            ("tls>=1.2", Missed, "TLS 1.0 is taken (TLS_RSA_WITH_"),
            ("tls!=1.1", Missed, "TLS 1.1 is taken"),
            ("tls<=1.2", Met, ", 1.3 is not"),
            ("tls>=1.0", Met, "TLS 1.0 is taken"),
            ("no-rdp-security", Met, "is refused"),
        ],
    ),
    (
        "rdp-security-only",
        &[
            ("reachable", Met, "by standard RDP security only"),
            ("protocol=RDP", Met, "the server selects RDP"),
            ("nla=none", Met, "not selected"),
            ("nla!=none", Missed, "not selected"),
            ("no-rdp-security", Missed, "and nothing else"),
            ("tls>=1.2", Missed, "the server takes no TLS"),
            ("tls=1.2", Missed, "the server takes no TLS"),
            ("tls!=1.0", Met, "the server takes no TLS"),
            ("cert>30d", Undecided, "no certificate was seen"),
            ("cert.valid", Undecided, "no certificate was seen"),
            ("credssp>=5", Undecided, "NLA (CredSSP)"),
            ("name=X", Undecided, "NLA (CredSSP)"),
            ("domain=X", Undecided, "NLA (CredSSP)"),
            ("workgroup", Undecided, "NLA (CredSSP)"),
            ("os>=2016", Undecided, "NLA (CredSSP)"),
            ("skew<5m", Undecided, "the server did not tell its time"),
            ("no-cause=time-skew", Undecided, "not everything that could show it was seen"),
        ],
    ),
    (
        "windows-xp",
        &[
            ("no-rdp-security", Missed, "taken"),
            ("nla=required", Missed, "does not negotiate"),
            ("protocol=RDP", Met, "does not negotiate"),
            ("tls>=1.0", Missed, "takes no TLS"),
        ],
    ),
    (
        "old-credssp",
        &[
            ("credssp>=5", Missed, "version 2"),
            ("credssp<5", Met, "version 2"),
            ("no-cause=time-skew|credssp-encryption-oracle", Missed, "credssp-encryption-oracle is found"),
        ],
    ),
    ("clock-skew", &[("skew<5m", Missed, "3.0 h ahead"), ("skew<1h:4h", Warning, "3.0 h ahead")]),
    ("expired-certificate", &[("cert.valid", Missed, "it ended on"), ("cert>0d", Missed, "it ended on")]),
    (
        "future-certificate",
        &[("cert.valid", Missed, "it becomes valid on"), ("cert>0d", Missed, "it becomes valid on")],
    ),
    (
        "broken-certificate",
        &[
            ("cert.valid", Missed, "the certificate cannot be read"),
            ("cert>30d", Undecided, "the certificate cannot be read"),
            ("cert.trusted", Undecided, "the certificate cannot be read"),
        ],
    ),
    ("client-use-certificate", &[("cert.server", Missed, "clientAuth")]),
    (
        "custom-certificate-expired",
        &[("!cert.self-signed", Met, "it was issued by"), ("cert.self-signed", Missed, "it was issued by")],
    ),
    (
        "windows-2008r2",
        &[("cert.signature", Missed, "sha1WithRSAEncryption"), ("tls>=1.2", Missed, "TLS 1.0 is taken")],
    ),
    ("nla-without-version", &[("os>=2016", Undecided, "tells no version")]),
    (
        "ntlm-blocked",
        &[
            ("reachable", Met, ""),
            ("credssp>=5", Met, "version"),
            ("os>=2016", Undecided, "the server ended NLA (CredSSP) with"),
            ("name!=elsewhere", Met, "the machine's own certificate says"),
        ],
    ),
    (
        "tls-reset",
        &[
            ("reachable", Missed, "TLS reset for every version tried"),
            ("tls>=1.2", Undecided, "no version was answered"),
            ("tls!=1.0", Undecided, "no version was answered"),
            ("cert.trusted", Undecided, "no certificate was seen: the TLS handshake failed"),
        ],
    ),
    (
        "http",
        &[
            ("reachable", Missed, ""),
            ("!reachable", Met, ""),
            ("nla=required", Undecided, "the negotiation failed"),
        ],
    ),
];

#[tokio::test]
async fn every_persona_comes_to_what_is_expected() {
    let mut runs = tokio::task::JoinSet::new();
    for (persona, cases) in CASES {
        runs.spawn(async move { compare(persona, cases, &rehearse(persona, &patient()).await) });
    }
    let mut wrong: Vec<String> = runs.join_all().await.into_iter().flatten().collect();
    wrong.sort();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where nothing answers, one expectation is missed, and nothing else is known.
fn only_reachable_is_known(report: &Report) {
    for subject in TABLE {
        let judged = judged(subject.example, report);
        let expected = match subject.name {
            "reachable" => Outcome::Missed,
            "addresses" | "ipv4" | "ipv6" | "connect" | "rtt" => continue,
            _ => Outcome::Undecided,
        };
        assert_eq!(judged.outcome, expected, "{}: {}", subject.example, judged.fact);
        assert!(!judged.fact.is_empty(), "{}", subject.example);
    }
    assert_eq!(judged("reachable", report).fact, report.diagnosis.summary);
}

#[tokio::test]
async fn of_a_silent_server_nothing_else_is_known() {
    only_reachable_is_known(&rehearse("silent", &plan(Duration::from_millis(300))).await);
}

#[tokio::test]
async fn of_a_closed_port_nothing_else_is_known() {
    let report = report(closed(), &patient()).await;
    only_reachable_is_known(&report);
    assert_eq!(judged("rtt<1s", &report).outcome, Outcome::Undecided);
    assert_eq!(judged("connect<1s", &report).outcome, Outcome::Undecided);
}

/// What each built-in profile misses, where it is not met.
#[tokio::test]
async fn profiles_say_exactly_what_a_persona_misses() {
    let cases: &[(&str, &[&[&str]])] = &[
        ("windows-2022-nla", &[&[], &[], &[]]),
        ("windows-2016-tls", &[&[], &["nla=required", "tls>=1.2"], &["nla=required", "tls>=1.2"]]),
        ("old-credssp", &[&[], &["tls>=1.2"], &["tls>=1.2", "credssp>=5"]]),
        ("clock-skew", &[&[], &[], &["skew<2m:5m"]]),
    ];
    for (persona, missed) in cases {
        let report = rehearse(persona, &patient()).await;
        for (profile, expected) in BUILT_IN.iter().zip(*missed) {
            let policy = built_in(profile.name).unwrap();
            let judged = judge(&policy, &report.evidence, &report.diagnosis);
            assert_eq!(judged.len(), policy.expectations.len());
            let not_met: Vec<&str> = judged
                .iter()
                .filter(|it| it.outcome != Outcome::Met)
                .map(|it| it.expectation.as_str())
                .collect();
            assert_eq!(not_met, *expected, "{persona} and {}: {judged:?}", profile.name);
        }
    }
}
