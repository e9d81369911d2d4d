//! One server behaviour each: verdict, stage, first finding.

use super::{causes, find, has, judged, standing};
use crate::fixture::{
    self as fix, V4, V6, alert, bare_confirm, challenge, clock, closed, connected, control, deaf,
    disconnected, failed, local, mcs, named, refused, refuses, reset, row, seen, selects, timed_out,
    unconnected, unnamed, unreachable, versions, windows,
};
use rdprobe::diagnosis::observation::is_symptom;
use rdprobe::diagnosis::observation::vocabulary::{Seen, lookup};
use rdprobe::diagnosis::{Diagnosis, Nla, StandardRdp, Standing, Tls, Verdict};
use rdprobe::evidence::failure::{Banner, Icmp, LocalTrouble, Unreachable};
use rdprobe::evidence::{Because, Challenge, Connected, Evidence, Failure, Millis, Route, Stage, Step};
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::ntstatus::NtStatus;
use rdprobe::wire::codes::tls::{AlertDescription, TlsVersion};

/// What a situation has to come to.
struct Expected {
    verdict: Verdict,
    stage: Option<Stage>,
    first: Option<(&'static str, Standing)>,
}

const fn fails(stage: Stage, cause: &'static str, standing: Standing) -> Expected {
    Expected { verdict: Verdict::NotReachable, stage: Some(stage), first: Some((cause, standing)) }
}

const fn undecided(stage: Stage, cause: &'static str, standing: Standing) -> Expected {
    Expected { verdict: Verdict::Undecided, stage: Some(stage), first: Some((cause, standing)) }
}

const fn reachable(first: Option<(&'static str, Standing)>) -> Expected {
    Expected { verdict: Verdict::Reachable, stage: None, first }
}

/// Says what is wrong, so that one run shows every situation that is misjudged.
fn check(name: &str, evidence: &Evidence, expected: &Expected) -> Result<(), String> {
    let diagnosis = judged(evidence);
    let first = diagnosis.findings.first().map(|finding| (finding.cause.as_str(), finding.standing));
    let got = (diagnosis.verdict, diagnosis.failing_stage, first);
    if got != (expected.verdict, expected.stage, expected.first) {
        return Err(format!("{name}: {got:?}: {}", diagnosis.summary));
    }
    if diagnosis.summary.is_empty() || diagnosis.summary.ends_with('.') {
        return Err(format!("{name}: the summary is {:?}", diagnosis.summary));
    }
    if diagnosis.still_open.is_empty() == (expected.verdict == Verdict::Reachable) {
        return Err(format!("{name}: left open: {:?}", diagnosis.still_open));
    }
    for seen in &diagnosis.observations {
        let word = lookup(&seen.id).ok_or_else(|| format!("{name}: {} is no word", seen.id))?;
        if word.seen != Seen::Now || seen.fact.is_empty() || seen.fact.contains("Some(") {
            return Err(format!("{name}: {}: {}", seen.id, seen.fact));
        }
    }
    Ok(())
}

/// Every situation: its name, the evidence, and what has to come out.
fn situations() -> Vec<(&'static str, Evidence, Expected)> {
    [on_the_way(), at_the_listener(), in_tls(), in_credssp(), sound()].into_iter().flatten().collect()
}

#[test]
fn each_situation_is_judged_as_it_must_be() {
    let situations = situations();
    let wrong: Vec<String> = situations
        .iter()
        .filter_map(|(name, evidence, expected)| check(name, evidence, expected).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(situations.len() >= 25);
}

type Situation = (&'static str, Evidence, Expected);

fn one(route: Route) -> Evidence {
    named(vec![route])
}

fn on_the_way() -> Vec<Situation> {
    use Standing::{Confirmed, Likely, Possible};
    let silent = |ports| Route { control_ports: ports, ..unconnected(V4, timed_out()) };
    let port_icmp = Failure::Refused { errno: Some(111), icmp: Some(Icmp { kind: 3, code: 3, from: None }) };
    vec![
        (
            "no such name",
            unnamed(Failure::NoSuchName { cname_chain: Vec::new() }),
            fails(Stage::Resolve, "dns-name-unresolved", Confirmed),
        ),
        (
            "no address",
            unnamed(Failure::NoAddress { cname_chain: Vec::new() }),
            fails(Stage::Resolve, "dns-name-unresolved", Confirmed),
        ),
        (
            "silent resolver",
            unnamed(timed_out()),
            undecided(Stage::Resolve, "client-resolver-down", Possible),
        ),
        (
            "servfail",
            unnamed(Failure::ResolverFailed { code: "SERVFAIL".to_owned() }),
            undecided(Stage::Resolve, "client-resolver-down", Possible),
        ),
        (
            "no resolver",
            unnamed(Failure::NoResolver { detail: "no nameserver in resolv.conf".to_owned() }),
            undecided(Stage::Resolve, "client-resolver-down", Confirmed),
        ),
        ("silent port", one(silent(vec![])), fails(Stage::Connect, "nsg-blocks-rdp", Possible)),
        (
            "silent port, living host",
            one(silent(vec![control(135, Some(timed_out())), control(445, Some(refused()))])),
            fails(Stage::Connect, "nsg-blocks-rdp", Possible),
        ),
        (
            "silent host",
            one(silent(vec![control(135, Some(timed_out())), control(445, Some(timed_out()))])),
            fails(Stage::Connect, "nsg-blocks-rdp", Possible),
        ),
        (
            "refused",
            one(unconnected(V4, refused())),
            fails(Stage::Connect, "rdp-disabled-registry", Possible),
        ),
        (
            "forbidden by a router",
            one(unconnected(V4, unreachable(Unreachable::Prohibited, 13))),
            fails(Stage::Connect, "client-side-block", Possible),
        ),
        (
            "refused by icmp",
            one(unconnected(V4, port_icmp)),
            fails(Stage::Connect, "other-firewall-refuses", Likely),
        ),
        (
            "no route here",
            one(unconnected(V4, local(LocalTrouble::NoRoute))),
            undecided(Stage::Connect, "client-no-network", Confirmed),
        ),
        (
            "no descriptor here",
            one(unconnected(V4, local(LocalTrouble::TooManyFiles))),
            undecided(Stage::Connect, "client-limits", Confirmed),
        ),
        (
            "interrupted",
            Evidence { interrupted: true, ..one(unconnected(V4, Failure::Interrupted)) },
            Expected { verdict: Verdict::Undecided, stage: Some(Stage::Connect), first: None },
        ),
        (
            "dead ipv6",
            named(vec![unconnected(V6, timed_out()), windows(V4)]),
            Expected {
                verdict: Verdict::PartlyReachable,
                stage: Some(Stage::Connect),
                first: Some(("ipv6-not-served", Possible)),
            },
        ),
    ]
}

fn at_the_listener() -> Vec<Situation> {
    use Standing::{Confirmed, Likely, Possible};
    let ssh = Failure::NotRdp { looks_like: Banner::Ssh, bytes: fix::hex("5353482d322e30") };
    let all = |code| Route {
        negotiate: [0x0b, 0x01, 0x00].map(|bits| row(bits, refuses(code))).into(),
        ..connected(V4)
    };
    let bare = Route {
        negotiate: vec![row(0x0b, bare_confirm()), row(0x01, bare_confirm()), row(0x00, bare_confirm())],
        standard_security: failed(disconnected()),
        ..connected(V4)
    };
    vec![
        (
            "ssh on the port",
            one(deaf(V4, &ssh)),
            fails(Stage::Negotiate, "port-taken-by-other-app", Possible),
        ),
        (
            "accepts, silent",
            one(deaf(V4, &timed_out())),
            fails(Stage::Negotiate, "termservice-hung", Possible),
        ),
        (
            "accepts, resets",
            one(deaf(V4, &reset())),
            fails(Stage::Negotiate, "rdp-disabled-registry", Possible),
        ),
        (
            "accepts, closes",
            one(deaf(V4, &closed())),
            fails(Stage::Negotiate, "rdp-disabled-registry", Possible),
        ),
        (
            "mcs disconnect",
            one(deaf(V4, &disconnected())),
            fails(Stage::Negotiate, "server-not-windows", Likely),
        ),
        (
            "no certificate",
            one(all(FailureCode::SSL_CERT_NOT_ON_SERVER)),
            fails(Stage::Negotiate, "rdp-cert-missing", Confirmed),
        ),
        (
            "client certificate",
            one(all(FailureCode::SSL_WITH_USER_AUTH_REQUIRED)),
            fails(Stage::Negotiate, "client-certificate-required", Confirmed),
        ),
        (
            "unheard-of code",
            one(all(FailureCode(0xffff))),
            fails(Stage::Negotiate, "unknown-server-behaviour", Likely),
        ),
        ("bare confirm, no mcs", one(bare), fails(Stage::Negotiate, "server-not-windows", Possible)),
        (
            "standard security only",
            one(fix::standard_only(V4)),
            reachable(Some(("security-layer-rdp", Confirmed))),
        ),
    ]
}

fn in_tls() -> Vec<Situation> {
    use Standing::{Likely, Possible};
    let broken = |failure: Failure, otherwise: &Failure, answered: &[TlsVersion]| Route {
        handshake: failed(failure),
        tls_versions: versions(answered, otherwise),
        ..fix::resets_every_hello(V4)
    };
    let old = broken(reset(), &reset(), &[TlsVersion::TLS_1_0]);
    let internal = alert(AlertDescription::INTERNAL_ERROR);
    let expired = Route { certificate: seen(fix::expired_certificate()), ..windows(V4) };
    vec![
        (
            "every hello reset",
            one(fix::resets_every_hello(V4)),
            fails(Stage::Tls, "rdp-cert-private-key-inaccessible", Possible),
        ),
        (
            "mcs disconnect after the hello",
            one(broken(disconnected(), &disconnected(), &[])),
            fails(Stage::Tls, "server-key-unusable", Likely),
        ),
        (
            "internal error",
            one(broken(internal.clone(), &internal, &[])),
            fails(Stage::Tls, "openssl-security-level", Likely),
        ),
        (
            "no answer to the hello",
            one(broken(timed_out(), &timed_out(), &[])),
            fails(Stage::Tls, "termservice-hung", Possible),
        ),
        ("tls 1.0 only", one(old), reachable(Some(("legacy-tls-only", Likely)))),
        (
            "expired, self-signed",
            one(expired),
            reachable(Some(("rdp-selfsigned-cert-expired-not-renewed", Likely))),
        ),
    ]
}

fn in_credssp() -> Vec<Situation> {
    use Standing::{Confirmed, Likely, Possible};
    let nla = |credssp| Route { credssp, clock: None, ..windows(V4) };
    let errcode = |code| failed(Failure::CredsspError { code: NtStatus(code), version: 6 });
    let old = Challenge { ts_request_version: 2, ..challenge() };
    let skewed = Route { clock: Some(clock(-2.0 * 3600.0 * 1000.0)), ..windows(V4) };
    vec![
        (
            "ntlm blocked",
            one(nla(errcode(0xc000_0418))),
            reachable(Some(("credssp-ntlm-blocked", Confirmed))),
        ),
        (
            "credssp ends in a code",
            one(nla(errcode(0xc000_00bb))),
            fails(Stage::Credssp, "credssp-refused", Likely),
        ),
        (
            "credssp ends in an alert",
            one(nla(failed(alert(AlertDescription::INTERNAL_ERROR)))),
            fails(Stage::Credssp, "credssp-ntlm-blocked", Possible),
        ),
        (
            "credssp silent",
            one(nla(failed(timed_out()))),
            fails(Stage::Credssp, "termservice-hung", Possible),
        ),
        ("old credssp", one(nla(seen(old))), reachable(Some(("credssp-encryption-oracle", Likely)))),
        ("skewed clock", one(skewed), reachable(Some(("time-skew", Likely)))),
    ]
}

fn sound() -> Vec<Situation> {
    let tls_only = Route {
        negotiate: vec![row(0x0b, selects(Protocol::SSL)), row(0x01, selects(Protocol::SSL))],
        credssp: Step::skipped(Because::ProtocolHasNone),
        clock: None,
        ..windows(V4)
    };
    let no_v6 = named(vec![unconnected(V6, local(LocalTrouble::NoRoute)), windows(V4)]);
    let shallow = Evidence { depth: Stage::Connect, ..one(connected(V4)) };
    vec![
        ("sound", one(windows(V4)), reachable(None)),
        ("tls without nla", one(tls_only), reachable(None)),
        ("no ipv6 here", no_v6, reachable(Some(("client-no-network", Standing::Confirmed)))),
        ("connect only", shallow, Expected { verdict: Verdict::StagePassed, stage: None, first: None }),
    ]
}

#[test]
fn the_posture_of_a_sound_server_is_nla_required() {
    let diagnosis = judged(&one(windows(V4)));
    let posture = diagnosis.posture.first().expect("a posture");
    assert_eq!((posture.nla, posture.tls), (Nla::Required, Tls::Offered));
    assert_eq!((posture.standard_rdp, posture.negotiates), (StandardRdp::Refused, Some(true)));
    assert!(diagnosis.summary.contains("NLA required") && diagnosis.summary.contains("TLS 1.2"));
}

#[test]
fn the_questions_left_open_name_the_domain() {
    let route = Route { credssp: seen(fix::domain_challenge()), ..windows(V4) };
    let diagnosis = judged(&one(route));
    assert!((5..=7).contains(&diagnosis.still_open.len()), "{:?}", diagnosis.still_open);
    assert!(diagnosis.still_open.iter().any(|question| question.contains("corp.example.com")));
    assert!(diagnosis.still_open.iter().all(|question| question.contains('?')));
    let workgroup = judged(&one(windows(V4))).still_open;
    assert!(workgroup.iter().any(|question| question.contains(".\\user")));
}

#[test]
fn an_old_server_is_reachable_and_said_to_be_old() {
    let route = Route {
        handshake: failed(reset()),
        tls_versions: versions(&[TlsVersion::TLS_1_0], &reset()),
        credssp: Step::skipped(Because::EarlierStageFailed),
        clock: None,
        ..windows(V4)
    };
    let diagnosis = judged(&one(route));
    assert_eq!(diagnosis.verdict, Verdict::Reachable);
    assert!(diagnosis.summary.contains("TLS 1.0") && diagnosis.summary.contains("sign-in was not tested"));
    assert!(has(&diagnosis, "nla.not-tested") && has(&diagnosis, "tls.library-too-new"));
}

#[test]
fn a_bare_confirm_with_mcs_is_standard_security() {
    let route = Route {
        negotiate: vec![row(0x0b, bare_confirm()), row(0x00, bare_confirm())],
        standard_security: seen(mcs(0)),
        ..connected(V4)
    };
    let diagnosis = judged(&one(route));
    let posture = diagnosis.posture.first().expect("a posture");
    assert_eq!((posture.tls, posture.standard_rdp), (Tls::NotOffered, StandardRdp::Only));
    assert_eq!((posture.negotiates, diagnosis.verdict), (Some(false), Verdict::Reachable));
}

/// A word that no situation can show would be a promise without proof.
#[test]
fn observations_that_the_probe_can_see_are_seen() {
    let extra = [odd_rows(), odd_certificates(), odd_answers(), nearby()].concat();
    let all: Vec<Diagnosis> = situations()
        .iter()
        .map(|(_, evidence, _)| judged(evidence))
        .chain(extra.iter().map(judged))
        .collect();
    let shown =
        |id: &str| all.iter().any(|diagnosis| diagnosis.observations.iter().any(|it| family(&it.id) == id));
    let never: Vec<&str> = rdprobe::diagnosis::observation::vocabulary::vocabulary()
        .filter(|word| word.seen == Seen::Now && !shown(word.id))
        .map(|word| word.id)
        .collect();
    assert_eq!(never, Vec::<&str>::new());
}

fn family(id: &str) -> &'static str {
    lookup(id).map_or("", |word| word.id)
}

/// Answers that come sooner than another network could give them, and one from the machine itself.
fn nearby() -> Vec<Evidence> {
    let accepted = Connected { rtt_ms: Some(Millis(0.2)), ..fix::tcp() };
    let mut refused = unconnected(V4, refused());
    refused.connect.elapsed_ms = Millis(0.4);
    let by_itself = refused.address.ip();
    let port_icmp =
        Failure::Refused { errno: None, icmp: Some(Icmp { kind: 3, code: 3, from: Some(by_itself) }) };
    vec![
        one(Route { connect: seen(accepted), ..connected(V4) }),
        one(refused),
        one(unconnected(V4, port_icmp)),
    ]
}

fn odd_rows() -> Vec<Evidence> {
    let retransmitted = Connected { syn_retransmits: Some(2), ..fix::tcp() };
    let mut lost = row(0x01, rdprobe::evidence::Outcome::Failed(timed_out()));
    lost.connect_ms = None;
    let flapping = Route { connect: seen(retransmitted), negotiate: vec![lost], ..connected(V4) };
    let mut rows = windows(V4).negotiate;
    rows.push(row(0x10, rdprobe::evidence::Outcome::Failed(closed())));
    rows.push(row(0x04, refuses(FailureCode::SSL_NOT_ALLOWED)));
    rows.push(row(0x04, selects(Protocol::HYBRID)));
    let downgrades = Route {
        negotiate: vec![row(0x0b, selects(Protocol::RDP)), row(0x01, selects(Protocol::RDP))],
        standard_security: seen(rdprobe::evidence::StandardSecurity {
            encryption_level: Some(rdprobe::wire::codes::encryption::EncryptionLevel::FIPS),
            ..mcs(0)
        }),
        ..connected(V4)
    };
    let refuses_mcs = Route { standard_security: seen(mcs(2)), ..downgrades.clone() };
    let outside = Route { negotiate: vec![row(0x0b, selects(Protocol::RDSAAD))], ..connected(V4) };
    let tls_required = Route {
        negotiate: vec![row(0x0b, selects(Protocol::SSL)), row(0x00, refuses(FailureCode::SSL_REQUIRED))],
        ..windows(V4)
    };
    let malformed = Failure::Malformed { detail: "x224: length".to_owned(), bytes: fix::hex("0300") };
    let routes = [
        flapping,
        Route { negotiate: rows, ..windows(V4) },
        downgrades,
        refuses_mcs,
        outside,
        tls_required,
        deaf(V4, &malformed),
        Route { control_ports: vec![control(443, None)], ..unconnected(V4, timed_out()) },
        unconnected(V4, unreachable(Unreachable::Host, 1)),
        unconnected(V4, unreachable(Unreachable::Network, 0)),
        unconnected(V4, unreachable(Unreachable::Protocol, 2)),
        unconnected(V4, Failure::Unreachable { what: Unreachable::Host, errno: Some(113), icmp: None }),
        unconnected(V4, local(LocalTrouble::Denied)),
        unconnected(V4, local(LocalTrouble::NoResources)),
        unconnected(V4, local(LocalTrouble::SourceNotHere)),
        unconnected(V4, local(LocalTrouble::Other)),
    ];
    routes.into_iter().map(one).collect()
}

fn odd_certificates() -> Vec<Evidence> {
    use rdprobe::evidence::Certificate;
    use rdprobe::evidence::certificate::Validity;
    let odd = [
        Certificate { server_authentication: false, ..fix::issued_certificate() },
        Certificate { self_signature: Some(false), validity: Validity::NotYetValid, ..fix::certificate() },
    ];
    odd.into_iter().map(|certificate| one(Route { certificate: seen(certificate), ..windows(V4) })).collect()
}

fn odd_answers() -> Vec<Evidence> {
    use rdprobe::evidence::resolve::{FamilyOutcome, Record, Scope, Source};
    let malformed = || Failure::Malformed { detail: "odd bytes".to_owned(), bytes: fix::hex("00") };
    let tls = |failure: Failure, otherwise: Failure| Route {
        handshake: failed(failure),
        tls_versions: versions(&[], &otherwise),
        ..fix::resets_every_hello(V4)
    };
    let handshake_only = |failure: Failure| Route { tls_versions: Vec::new(), ..tls(failure, reset()) };
    let nla = |failure: Failure| Route { credssp: failed(failure), ..windows(V4) };
    let version = |number| {
        let challenge = Challenge { ts_request_version: number, ..fix::domain_challenge() };
        Route { credssp: seen(challenge), ..windows(V4) }
    };
    let stranger = Challenge {
        netbios_computer_name: Some("OTHER".to_owned()),
        dns_computer_name: Some("other".to_owned()),
        ..challenge()
    };
    let routes = vec![
        tls(alert(AlertDescription::PROTOCOL_VERSION), alert(AlertDescription::PROTOCOL_VERSION)),
        handshake_only(closed()),
        handshake_only(disconnected()),
        handshake_only(malformed()),
        handshake_only(Failure::TlsLibrary { detail: "bad certificate".to_owned() }),
        nla(reset()),
        nla(closed()),
        nla(malformed()),
        nla(disconnected()),
        version(3),
        version(4),
        Route { credssp: seen(stranger), ..windows(V4) },
        Route {
            negotiate: vec![row(0x0b, bare_confirm())],
            standard_security: seen(mcs(1)),
            ..connected(V4)
        },
        Route { scope: Scope::Private, ..windows(V4) },
        Route { scope: Scope::Special, ..unconnected(V4, timed_out()) },
    ];
    let mut all: Vec<Evidence> = routes.into_iter().map(one).collect();
    let mut hosts = one(windows(V4));
    if let rdprobe::evidence::Outcome::Seen(resolution) = &mut hosts.resolve.outcome {
        resolution.source = Source::HostsFile;
        let silent = Failure::TimedOut { after_ms: Millis(5000.0), bytes_read: 0 };
        resolution.families = vec![FamilyOutcome { record: Record::Aaaa, step: failed(silent) }];
    }
    all.push(hosts);
    all
}

#[test]
fn findings_are_sorted_and_each_can_be_acted_upon() {
    for (name, evidence, _) in situations() {
        let diagnosis = judged(&evidence);
        assert!(diagnosis.findings.is_sorted_by_key(|finding| finding.standing), "{name}");
        for finding in &diagnosis.findings {
            assert!(!finding.evidence_for.is_empty(), "{name}: {}", finding.cause);
            assert!(finding.next_check.is_some() && finding.fix.is_some(), "{name}: {}", finding.cause);
        }
        let mut ids = causes(&diagnosis);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), diagnosis.findings.len(), "{name}: a cause stands twice");
    }
}

/// A symptom that nothing explains would leave its reader alone with it.
#[test]
fn no_symptom_stays_without_a_finding() {
    let extra = [odd_rows(), odd_certificates(), odd_answers(), nearby()].concat();
    let all = situations().into_iter().map(|(_, evidence, _)| evidence).chain(extra);
    for diagnosis in all.map(|evidence| judged(&evidence)) {
        for seen in diagnosis.observations.iter().filter(|seen| is_symptom(&seen.id)) {
            let explained = diagnosis.findings.iter().any(|finding| finding.evidence_for.contains(&seen.id));
            assert!(explained, "{}: {} stays without a finding", diagnosis.summary, seen.id);
        }
    }
}

/// The attempts at TLS versions negotiate first: what fails there says nothing of TLS.
#[test]
fn without_a_selection_over_tls_nothing_is_said_of_tls() {
    let route = Route { tls_versions: versions(&[], &closed()), ..deaf(V4, &closed()) };
    let diagnosis = judged(&one(route));
    assert!(!diagnosis.observations.iter().any(|seen| seen.id.starts_with("tls.")));
    assert!(find(&diagnosis, "rdp-cert-private-key-inaccessible").is_none());
}

#[test]
fn a_dead_address_does_not_hide_behind_a_living_one() {
    let diagnosis = judged(&named(vec![windows(V4), unconnected(V6, timed_out())]));
    assert_eq!(diagnosis.verdict, Verdict::PartlyReachable);
    assert!(has(&diagnosis, "route.some-dead") && diagnosis.summary.contains("1 of 2"));
    let stopped = find(&diagnosis, "vm-not-running").expect("still possible");
    assert_eq!(stopped.evidence_against, ["route.some-dead"]);
    assert_eq!(standing(&diagnosis, "vm-not-running"), Some(Standing::Possible));
}
