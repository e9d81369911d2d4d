//! Pieces that the golden cases are put together from; every time is fixed.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::net::{IpAddr, SocketAddr};

use rdprobe::evidence::certificate::{Chain, NameMatch, Source as CertificateSource, Validity};
use rdprobe::evidence::credssp::{ClockSource, Membership, OsVersion};
use rdprobe::evidence::negotiate::RowVerdict;
use rdprobe::evidence::resolve::{FamilyOutcome, Record, ResolvedAddress, Scope, Source};
use rdprobe::evidence::{
    Answer, Because, Certificate, Challenge, ClockSkew, Connected, ControlPort, Evidence, Failure, Handshake,
    HexBytes, MatrixRow, Millis, Outcome, Reply, Resolution, Route, ServerFlight, Stage, Step,
    VersionAttempt,
};
use rdprobe::report::Report;
use rdprobe::target::{Host, Target};
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::tls::{CipherSuite, TlsVersion};

pub(crate) const ECDHE_GCM: CipherSuite = CipherSuite(0xc030);
pub(crate) const RSA_CBC: CipherSuite = CipherSuite::TLS_RSA_WITH_AES_128_CBC_SHA;
pub(crate) const TLS13_GCM: CipherSuite = CipherSuite(0x1302);

pub(crate) fn ran<T>(start: f64, elapsed: f64, outcome: Outcome<T>) -> Step<T> {
    Step { start_ms: Millis(start), elapsed_ms: Millis(elapsed), outcome }
}

pub(crate) fn saw<T>(start: f64, elapsed: f64, value: T) -> Step<T> {
    ran(start, elapsed, Outcome::Seen(value))
}

pub(crate) fn failed<T>(start: f64, elapsed: f64, failure: Failure) -> Step<T> {
    ran(start, elapsed, Outcome::Failed(failure))
}

pub(crate) fn silent<T>(start: f64) -> Step<T> {
    failed(start, 5000.4, Failure::TimedOut { after_ms: Millis(5000.0), bytes_read: 0 })
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub(crate) fn named(input: &str) -> Target {
    Target { input: input.to_owned(), host: Host::Name(input.to_owned()), port: 3389 }
}

pub(crate) fn resolved(name: &str, addresses: &[(&str, u32)]) -> Step<Resolution> {
    let scope_of = |address: IpAddr| match address {
        IpAddr::V4(v4) if v4.is_private() => Scope::Private,
        _ => Scope::Public,
    };
    let addresses: Vec<ResolvedAddress> = addresses
        .iter()
        .map(|(address, ttl)| {
            let address = address.parse().unwrap();
            ResolvedAddress { address, ttl_s: Some(*ttl), scope: scope_of(address) }
        })
        .collect();
    let family = |record, wanted: fn(&IpAddr) -> bool| {
        let count = u32::try_from(addresses.iter().filter(|one| wanted(&one.address)).count()).unwrap();
        let step = if count == 0 {
            failed(0.1, 9.2, Failure::NoAddress { cname_chain: Vec::new() })
        } else {
            saw(0.1, 12.1, count)
        };
        FamilyOutcome { record, step }
    };
    let families = vec![family(Record::A, IpAddr::is_ipv4), family(Record::Aaaa, IpAddr::is_ipv6)];
    let cname_chain = Vec::new();
    saw(
        0.1,
        12.1,
        Resolution { query_name: format!("{name}."), source: Source::Dns, cname_chain, addresses, families },
    )
}

/// A route on which nothing was tried yet.
pub(crate) fn route(to: &str, connect: Step<Connected>) -> Route {
    let because = if connect.seen().is_some() { Because::NotAsked } else { Because::EarlierStageFailed };
    let address = address(to);
    let scope = if to.starts_with("10.") { Scope::Private } else { Scope::Public };
    Route {
        address,
        scope,
        connect,
        control_ports: Vec::new(),
        negotiate: Vec::new(),
        standard_security: Step::skipped(because),
        handshake: Step::skipped(because),
        tls_versions: Vec::new(),
        certificate: Step::skipped(because),
        credssp: Step::skipped(because),
        clock: None,
        connections: 1,
    }
}

pub(crate) fn connected() -> Step<Connected> {
    let local_address = "10.0.0.4".parse().unwrap();
    saw(
        12.4,
        31.4,
        Connected { rtt_ms: Some(Millis(31.0)), syn_retransmits: Some(0), local_address, interface: None },
    )
}

fn asked(requested: u32, reply: Step<Reply>, verdict: RowVerdict) -> MatrixRow {
    let requested_protocols: Vec<Protocol> =
        [1, 2, 4, 8, 16].into_iter().filter(|bit| requested & bit != 0).map(Protocol).collect();
    MatrixRow {
        requested_protocols: requested,
        requested: if requested == 0 { vec![Protocol::RDP] } else { requested_protocols },
        restricted_admin: false,
        cookie: Some("rdprobe".to_owned()),
        connect_ms: Some(Millis(31.4)),
        reply,
        verdict,
    }
}

fn reply(answer: Answer, kind: u8, flags: u8, code: u8) -> Step<Reply> {
    let mut raw = vec![3, 0, 0, 0x13, 0x0e, 0xd0, 0, 0, 0x12, 0x34, 0, kind, flags, 8, 0, code, 0, 0, 0];
    if kind == 0 {
        raw = vec![3, 0, 0, 0x0b, 6, 0xd0, 0, 0, 0x12, 0x34, 0];
    }
    saw(43.9, 33.0, Reply { answer, src_ref: 0x1234, dst_ref: 0, trailing_bytes: 0, raw: HexBytes(raw) })
}

pub(crate) fn selected(requested: u32, selected: u8, flags: u8) -> MatrixRow {
    let names = [
        "EXTENDED_CLIENT_DATA_SUPPORTED",
        "DYNVC_GFX_PROTOCOL_SUPPORTED",
        "NEGRSP_FLAG_RESERVED",
        "RESTRICTED_ADMIN_MODE_SUPPORTED",
        "REDIRECTED_AUTHENTICATION_MODE_SUPPORTED",
    ];
    let flag_names = names
        .iter()
        .enumerate()
        .filter(|(bit, _)| flags & (1 << bit) != 0)
        .map(|(_, name)| (*name).to_owned());
    let selected_protocol = Protocol(u32::from(selected));
    let answer = Answer::Response { selected_protocol, flags, flag_names: flag_names.collect() };
    let verdict = match u32::from(selected) {
        0 if requested != 0 => RowVerdict::Downgraded,
        bit if requested & bit == bit => RowVerdict::Offered,
        _ => RowVerdict::OutsideRequest,
    };
    asked(requested, reply(answer, 2, flags, selected), verdict)
}

pub(crate) fn refused(requested: u32, code: u8) -> MatrixRow {
    let failure_code = FailureCode(u32::from(code));
    asked(requested, reply(Answer::Failure { failure_code }, 3, 0, code), RowVerdict::Refused)
}

pub(crate) fn no_negotiation(requested: u32) -> MatrixRow {
    asked(requested, reply(Answer::None, 0, 0, 0), RowVerdict::NoNegotiation)
}

pub(crate) fn unanswered(requested: u32, failure: Failure) -> MatrixRow {
    asked(requested, failed(43.9, 33.0, failure), RowVerdict::Unknown)
}

pub(crate) fn port(port: u16, step: Step<Connected>) -> ControlPort {
    ControlPort { port, step }
}

pub(crate) fn reset_by_peer<T>(start: f64) -> Step<T> {
    failed(start, 31.2, Failure::Refused { errno: Some(111), icmp: None })
}

pub(crate) fn flight(offered: TlsVersion, suite: CipherSuite, certificates: usize) -> VersionAttempt {
    let random_time_s = (certificates > 0).then_some(1_748_772_000);
    let flight = ServerFlight {
        version: offered,
        cipher_suite: suite,
        random_time_s,
        looks_like_schannel: certificates > 0,
        certificates,
    };
    VersionAttempt { offered, connect_ms: Some(Millis(31.4)), step: saw(80.0, 64.5, flight) }
}

pub(crate) fn no_flight(offered: TlsVersion, failure: Failure) -> VersionAttempt {
    VersionAttempt { offered, connect_ms: Some(Millis(31.4)), step: failed(80.0, 32.5, failure) }
}

pub(crate) fn handshake(version: TlsVersion, cipher_suite: CipherSuite) -> Step<Handshake> {
    saw(77.0, 65.2, Handshake { version, cipher_suite, certificates: 1 })
}

/// The certificate that Windows makes for itself.
pub(crate) fn machine_certificate(name: &str) -> Certificate {
    Certificate {
        source: CertificateSource::Handshake,
        subject: format!("CN={name}"),
        common_name: Some(name.to_owned()),
        subject_alternative_names: Vec::new(),
        issuer: format!("CN={name}"),
        serial: "1f6d9c1e8a3b4f5d".to_owned(),
        not_before: "2025-03-02T08:00:00Z".parse().unwrap(),
        not_after: "2025-09-01T08:00:00Z".parse().unwrap(),
        days_left: 91,
        lifetime_days: 183,
        validity: Validity::Valid,
        key_type: "RSA".to_owned(),
        key_bits: Some(2048),
        signature_algorithm: "sha256WithRSAEncryption".to_owned(),
        extended_key_usages: vec!["serverAuth".to_owned()],
        server_authentication: true,
        thumbprint_sha1: "6E1F0A7C3D2B9845AA01BB23CC45DD67EE89FF10".to_owned(),
        thumbprint_sha256: "0F1E2D3C4B5A69788796A5B4C3D2E1F00123456789ABCDEF0123456789ABCDEF".to_owned(),
        self_issued: true,
        self_signature: Some(true),
        windows_default_pattern: true,
        chain: Chain::Untrusted { reason: "self-signed".to_owned() },
        name_match: NameMatch::MachineNameOnly,
        weaknesses: Vec::new(),
    }
}

pub(crate) fn challenge(computer: &str, domain: &str, build: u16, product: Option<&str>) -> Challenge {
    let in_domain = !domain.is_empty();
    let dns_domain = if in_domain { domain.to_owned() } else { computer.to_owned() };
    let dns_computer = if in_domain { format!("{computer}.{domain}") } else { computer.to_owned() };
    let netbios_domain = domain.split('.').next().filter(|_| in_domain).unwrap_or(computer).to_uppercase();
    Challenge {
        ts_request_version: 6,
        target_name: Some(netbios_domain.clone()),
        netbios_computer_name: Some(computer.to_owned()),
        netbios_domain_name: Some(netbios_domain),
        dns_computer_name: Some(dns_computer),
        dns_domain_name: Some(dns_domain),
        dns_tree_name: in_domain.then(|| domain.to_owned()),
        membership: if in_domain { Membership::Domain } else { Membership::Workgroup },
        os: Some(OsVersion { major: 10, minor: 0, build, product: product.map(str::to_owned) }),
        system_time: Some("2025-06-02T03:00:00.4Z".parse().unwrap()),
        trailing_bytes: 0,
    }
}

pub(crate) fn skew(skew: f64) -> ClockSkew {
    ClockSkew { skew_ms: Millis(skew), source: ClockSource::NtlmTimestamp, approximate: false }
}

pub(crate) fn evidence(target: Target, resolve: Step<Resolution>, routes: Vec<Route>) -> Evidence {
    let started_at = "2025-06-02T03:00:00.25Z".parse().unwrap();
    let elapsed_ms =
        if routes.iter().any(|route| route.connect.failure().is_some()) { 10_031.5 } else { 214.7 };
    Evidence {
        target,
        started_at,
        elapsed_ms: Millis(elapsed_ms),
        depth: Stage::Credssp,
        interrupted: false,
        resolve,
        routes,
        testimony: Vec::new(),
    }
}

/// The report of a version that never changes.
pub(crate) fn report(evidence: Evidence) -> Report {
    Report { rdprobe_version: "0.0.0".to_owned(), ..Report::new(evidence) }
}
