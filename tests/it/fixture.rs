//! Evidence built by hand: the routes that tests judge and render, without a network.

use rdprobe::evidence::certificate::{Chain, NameMatch, Source as CertificateSource, Validity, Weakness};
use rdprobe::evidence::connect::ControlPort;
use rdprobe::evidence::credssp::{ClockSource, Membership, OsVersion};
use rdprobe::evidence::failure::{Icmp, LocalTrouble, Unreachable};
use rdprobe::evidence::negotiate::RowVerdict;
use rdprobe::evidence::resolve::{ResolvedAddress, Scope, Source};
use rdprobe::evidence::{
    Answer, Because, Certificate, Challenge, ClockSkew, Connected, Evidence, Failure, Handshake, HexBytes,
    MatrixRow, Millis, Outcome, Reply, Resolution, Route, ServerFlight, Stage, StandardSecurity, Step,
    VersionAttempt,
};
use rdprobe::target::{Host, Target};
use rdprobe::wire::codes::encryption::{EncryptionLevel, EncryptionMethod};
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::tls::{AlertDescription, CipherSuite, TlsVersion};
use std::net::{IpAddr, SocketAddr};

pub(crate) const V4: &str = "20.51.100.4:3389";
pub(crate) const V6: &str = "[2603:1030::4]:3389";
pub(crate) const NAME: &str = "myvm.westus.cloudapp.azure.com";

/// The nine bytes with which xrdp ends MCS.
pub(crate) const DISCONNECT: &str = "0300000902f0802180";

const VERSIONS: [TlsVersion; 4] =
    [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2, TlsVersion::TLS_1_3];

// ---- a target ----

/// A name that resolves to the routes' addresses.
pub(crate) fn named(routes: Vec<Route>) -> Evidence {
    let addresses = routes
        .iter()
        .map(|route| ResolvedAddress { address: route.address.ip(), ttl_s: Some(60), scope: route.scope })
        .collect();
    let resolution = Resolution {
        query_name: NAME.to_owned(),
        source: Source::Dns,
        cname_chain: Vec::new(),
        addresses,
        families: Vec::new(),
    };
    Evidence { resolve: seen(resolution), ..unresolved(Failure::Interrupted, routes) }
}

/// A name whose resolution failed.
pub(crate) fn unnamed(failure: Failure) -> Evidence {
    unresolved(failure, Vec::new())
}

fn unresolved(failure: Failure, routes: Vec<Route>) -> Evidence {
    Evidence {
        target: Target { input: NAME.to_owned(), host: Host::Name(NAME.to_owned()), port: 3389 },
        started_at: timestamp("2026-03-01T12:00:00Z"),
        elapsed_ms: Millis(182.4),
        depth: Stage::Credssp,
        interrupted: false,
        resolve: failed(failure),
        routes,
        testimony: Vec::new(),
    }
}

// ---- routes ----

/// A route on which nothing ran yet but the connection.
pub(crate) fn connected(address: &str) -> Route {
    Route { connect: seen(tcp()), connections: 1, ..unconnected(address, Failure::Interrupted) }
}

/// A route whose connection failed.
pub(crate) fn unconnected(address: &str, failure: Failure) -> Route {
    let address: SocketAddr = address.parse().expect("an address");
    Route {
        address,
        scope: Scope::Public,
        connect: failed(failure),
        control_ports: Vec::new(),
        negotiate: Vec::new(),
        standard_security: Step::skipped(Because::EarlierStageFailed),
        handshake: Step::skipped(Because::EarlierStageFailed),
        tls_versions: Vec::new(),
        certificate: Step::skipped(Because::EarlierStageFailed),
        credssp: Step::skipped(Because::EarlierStageFailed),
        clock: None,
        connections: 0,
    }
}

/// A sound Windows Server 2019 in a workgroup, with NLA required.
pub(crate) fn windows(address: &str) -> Route {
    Route {
        negotiate: vec![
            row(0x0b, selects(Protocol::HYBRID_EX)),
            row(0x01, refuses(FailureCode::HYBRID_REQUIRED)),
            row(0x00, refuses(FailureCode::HYBRID_REQUIRED)),
        ],
        standard_security: Step::skipped(Because::ServerRefused),
        handshake: seen(Handshake {
            version: TlsVersion::TLS_1_2,
            cipher_suite: CipherSuite(0xc030),
            certificates: 1,
        }),
        tls_versions: versions(&[TlsVersion::TLS_1_2], &reset()),
        certificate: seen(certificate()),
        credssp: seen(challenge()),
        clock: Some(clock(120.0)),
        connections: 7,
        ..connected(address)
    }
}

/// A server that selects TLS and resets every ClientHello.
pub(crate) fn resets_every_hello(address: &str) -> Route {
    Route {
        handshake: failed(reset()),
        tls_versions: versions(&[], &reset()),
        certificate: Step::skipped(Because::EarlierStageFailed),
        credssp: Step::skipped(Because::EarlierStageFailed),
        clock: None,
        ..windows(address)
    }
}

/// A server that takes standard RDP security and nothing else, in its own words.
pub(crate) fn standard_only(address: &str) -> Route {
    Route {
        negotiate: vec![
            row(0x0b, refuses(FailureCode::SSL_NOT_ALLOWED)),
            row(0x01, refuses(FailureCode::SSL_NOT_ALLOWED)),
            row(0x00, selects(Protocol::RDP)),
        ],
        standard_security: seen(mcs(0)),
        ..connected(address)
    }
}

/// A server whose first stage after TCP fails, the same in every row.
pub(crate) fn deaf(address: &str, failure: &Failure) -> Route {
    Route {
        negotiate: [0x0b, 0x01, 0x00].map(|bits| row(bits, Outcome::Failed(failure.clone()))).into(),
        ..connected(address)
    }
}

// ---- pieces ----

pub(crate) fn seen<T>(value: T) -> Step<T> {
    Step { start_ms: Millis(1.0), elapsed_ms: Millis(12.5), outcome: Outcome::Seen(value) }
}

pub(crate) fn failed<T>(failure: Failure) -> Step<T> {
    Step { start_ms: Millis(1.0), elapsed_ms: Millis(12.5), outcome: Outcome::Failed(failure) }
}

pub(crate) fn timed_out() -> Failure {
    Failure::TimedOut { after_ms: Millis(5000.0), bytes_read: 0 }
}

pub(crate) const fn reset() -> Failure {
    Failure::Reset { bytes_read: 0 }
}

pub(crate) const fn closed() -> Failure {
    Failure::Closed { bytes_read: 0 }
}

pub(crate) const fn refused() -> Failure {
    Failure::Refused { errno: Some(111), icmp: None }
}

pub(crate) const fn alert(description: AlertDescription) -> Failure {
    Failure::Alert { description, encrypted: false }
}

pub(crate) fn disconnected() -> Failure {
    Failure::Disconnected { reason: 3, bytes: hex(DISCONNECT) }
}

pub(crate) fn local(what: LocalTrouble) -> Failure {
    Failure::Local { what, errno: Some(101), detail: "network is unreachable".to_owned() }
}

/// An ICMP message of the usual numbers for what cannot be reached.
pub(crate) fn unreachable(what: Unreachable, code: u8) -> Failure {
    let icmp = Icmp { kind: 3, code, from: Some(IpAddr::from([10, 0, 0, 1])) };
    Failure::Unreachable { what, errno: Some(113), icmp: Some(icmp) }
}

pub(crate) fn tcp() -> Connected {
    Connected {
        rtt_ms: Some(Millis(11.2)),
        syn_retransmits: Some(0),
        local_address: IpAddr::from([192, 168, 1, 20]),
        interface: None,
    }
}

/// A control port that accepted (`None`) or failed.
pub(crate) fn control(port: u16, failure: Option<Failure>) -> ControlPort {
    ControlPort { port, step: failure.map_or_else(|| seen(tcp()), failed) }
}

pub(crate) fn row(requested: u32, outcome: Outcome<Reply>) -> MatrixRow {
    let verdict = match &outcome {
        Outcome::Seen(Reply { answer: Answer::Failure { .. }, .. }) => RowVerdict::Refused,
        Outcome::Seen(Reply { answer: Answer::None, .. }) => RowVerdict::NoNegotiation,
        Outcome::Seen(Reply { answer: Answer::Response { selected_protocol, .. }, .. }) => {
            match selected_protocol.0 {
                0 if requested != 0 => RowVerdict::Downgraded,
                bits if requested & bits == bits => RowVerdict::Offered,
                _ => RowVerdict::OutsideRequest,
            }
        }
        Outcome::Failed(_) | Outcome::Skipped(_) => RowVerdict::Unknown,
    };
    let bits = [Protocol::SSL, Protocol::HYBRID, Protocol::RDSTLS, Protocol::HYBRID_EX, Protocol::RDSAAD];
    let mut names: Vec<Protocol> = bits.into_iter().filter(|bit| requested & bit.0 != 0).collect();
    if requested == 0 {
        names.push(Protocol::RDP);
    }
    MatrixRow {
        requested_protocols: requested,
        requested: names,
        restricted_admin: false,
        cookie: Some("rdprobe".to_owned()),
        connect_ms: Some(Millis(11.0)),
        reply: Step { start_ms: Millis(13.0), elapsed_ms: Millis(11.8), outcome },
        verdict,
    }
}

pub(crate) fn selects(selected_protocol: Protocol) -> Outcome<Reply> {
    let low = u8::try_from(selected_protocol.0).expect("a small protocol");
    let answer = Answer::Response { selected_protocol, flags: 0x1f, flag_names: Vec::new() };
    Outcome::Seen(reply(answer, &format!("030000130ed00000123400021f0800{low:02x}000000")))
}

pub(crate) fn refuses(failure_code: FailureCode) -> Outcome<Reply> {
    let code = u8::try_from(failure_code.0).unwrap_or(0xff);
    let answer = Answer::Failure { failure_code };
    Outcome::Seen(reply(answer, &format!("030000130ed0000012340003000800{code:02x}000000")))
}

/// Eleven bytes without negotiation data.
pub(crate) fn bare_confirm() -> Outcome<Reply> {
    Outcome::Seen(reply(Answer::None, "0300000b06d00000123400"))
}

fn reply(answer: Answer, raw: &str) -> Reply {
    Reply { answer, src_ref: 0x1234, dst_ref: 0, trailing_bytes: 0, raw: hex(raw) }
}

pub(crate) const fn mcs(result: u8) -> StandardSecurity {
    StandardSecurity {
        mcs_result: result,
        rdp_version: Some(0x0008_0004),
        encryption_method: Some(EncryptionMethod::BIT_128),
        encryption_level: Some(EncryptionLevel::CLIENT_COMPATIBLE),
        certificate: None,
    }
}

/// One attempt a version: these are answered, the others fail alike.
pub(crate) fn versions(answered: &[TlsVersion], otherwise: &Failure) -> Vec<VersionAttempt> {
    VERSIONS
        .into_iter()
        .map(|offered| VersionAttempt {
            connect_ms: Some(Millis(31.4)),
            offered,
            step: if answered.contains(&offered) { seen(flight(offered)) } else { failed(otherwise.clone()) },
        })
        .collect()
}

pub(crate) fn flight(version: TlsVersion) -> ServerFlight {
    let old = version < TlsVersion::TLS_1_3;
    ServerFlight {
        version,
        cipher_suite: CipherSuite(if version < TlsVersion::TLS_1_2 { 0x002f } else { 0xc030 }),
        random_time_s: old.then_some(1_772_366_400),
        looks_like_schannel: old,
        certificates: usize::from(old),
    }
}

/// The certificate that Windows makes for itself.
pub(crate) fn certificate() -> Certificate {
    Certificate {
        source: CertificateSource::Handshake,
        subject: "CN=myvm".to_owned(),
        common_name: Some("myvm".to_owned()),
        subject_alternative_names: Vec::new(),
        issuer: "CN=myvm".to_owned(),
        serial: "1f2e3d".to_owned(),
        not_before: timestamp("2026-01-01T00:00:00Z"),
        not_after: timestamp("2026-07-03T00:00:00Z"),
        days_left: 123,
        lifetime_days: 183,
        validity: Validity::Valid,
        key_type: "RSA".to_owned(),
        key_bits: Some(2048),
        signature_algorithm: "sha256WithRSAEncryption".to_owned(),
        extended_key_usages: vec!["serverAuth".to_owned()],
        server_authentication: true,
        thumbprint_sha1: "AB".repeat(20),
        thumbprint_sha256: "CD".repeat(32),
        self_issued: true,
        self_signature: Some(true),
        windows_default_pattern: true,
        chain: Chain::Untrusted { reason: "self-signed".to_owned() },
        name_match: NameMatch::MachineNameOnly,
        weaknesses: Vec::new(),
    }
}

/// The same, past its end.
pub(crate) fn expired_certificate() -> Certificate {
    Certificate {
        not_before: timestamp("2025-06-01T00:00:00Z"),
        not_after: timestamp("2025-12-01T00:00:00Z"),
        days_left: -90,
        validity: Validity::Expired,
        ..certificate()
    }
}

/// One that an authority issued.
pub(crate) fn issued_certificate() -> Certificate {
    Certificate {
        issuer: "CN=Contoso Issuing CA".to_owned(),
        lifetime_days: 365,
        self_issued: false,
        self_signature: None,
        windows_default_pattern: false,
        name_match: NameMatch::Differs,
        weaknesses: vec![Weakness::Sha1Signature],
        ..certificate()
    }
}

pub(crate) fn challenge() -> Challenge {
    Challenge {
        ts_request_version: 6,
        target_name: Some("MYVM".to_owned()),
        netbios_computer_name: Some("MYVM".to_owned()),
        netbios_domain_name: Some("MYVM".to_owned()),
        dns_computer_name: Some("myvm".to_owned()),
        dns_domain_name: Some("myvm".to_owned()),
        dns_tree_name: None,
        membership: Membership::Workgroup,
        os: Some(OsVersion {
            major: 10,
            minor: 0,
            build: 17763,
            product: Some("Windows Server 2019".to_owned()),
        }),
        system_time: Some(timestamp("2026-03-01T12:00:00.12Z")),
        trailing_bytes: 0,
    }
}

/// The same machine in a domain.
pub(crate) fn domain_challenge() -> Challenge {
    Challenge {
        netbios_domain_name: Some("CORP".to_owned()),
        dns_computer_name: Some("myvm.corp.example.com".to_owned()),
        dns_domain_name: Some("corp.example.com".to_owned()),
        dns_tree_name: Some("corp.example.com".to_owned()),
        membership: Membership::Domain,
        ..challenge()
    }
}

pub(crate) const fn clock(skew_ms: f64) -> ClockSkew {
    ClockSkew { skew_ms: Millis(skew_ms), source: ClockSource::NtlmTimestamp, approximate: false }
}

pub(crate) fn hex(text: &str) -> HexBytes {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).expect("hex")
}

pub(crate) fn timestamp(text: &str) -> jiff::Timestamp {
    text.parse().expect("a timestamp")
}
