//! Golden cases of hosts that can be reached.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::evidence::certificate::{Chain, NameMatch, Source, Validity, Weakness};
use rdprobe::evidence::negotiate::{EncryptionLevel, EncryptionMethod, StandardCertificate};
use rdprobe::evidence::resolve::Cname;
use rdprobe::evidence::{Because, Evidence, Failure, HexBytes, Millis, Outcome, StandardSecurity, Step};
use rdprobe::wire::codes::tls::{AlertDescription, TlsVersion};

use super::build::*;
use super::cases::*;

pub(crate) fn reachable_domain() -> Evidence {
    let mut route = healthy(A);
    if let Outcome::Seen(certificate) = &mut route.certificate.outcome {
        "CN=Example Issuing CA 1, O=Example".clone_into(&mut certificate.issuer);
        certificate.subject_alternative_names = vec![NAME.to_owned(), "VM01.corp.example.net".to_owned()];
        certificate.self_issued = false;
        certificate.self_signature = None;
        certificate.windows_default_pattern = false;
        certificate.chain = Chain::Trusted;
        certificate.name_match = NameMatch::Matches;
    }
    one(route)
}

pub(crate) fn reachable_azure_default() -> Evidence {
    let mut route = healthy(A);
    route.credssp =
        saw(142.4, 33.6, challenge("vm-web-01", "", 26100, Some("Windows 11 24H2 or Windows Server 2025")));
    route.certificate = saw(142.3, 0.0, machine_certificate("vm-web-01"));
    route.clock = Some(skew(-423_700.0));
    let mut evidence = one(route);
    if let Outcome::Seen(resolution) = &mut evidence.resolve.outcome {
        let cname =
            |name: &str, target: &str| Cname { name: name.to_owned(), target: target.to_owned(), ttl_s: 300 };
        resolution.cname_chain = vec![cname("myvm.example.net", "myvm.westus.cloudapp.azure.com")];
    }
    evidence
}

pub(crate) fn reachable_certificate_expired() -> Evidence {
    let mut route = healthy(A);
    if let Outcome::Seen(certificate) = &mut route.certificate.outcome {
        certificate.not_before = "2024-11-20T08:00:00Z".parse().unwrap();
        certificate.not_after = "2025-05-22T08:00:00Z".parse().unwrap();
        certificate.days_left = -11;
        certificate.validity = Validity::Expired;
        certificate.weaknesses = vec![Weakness::Sha1Signature];
        "sha1WithRSAEncryption".clone_into(&mut certificate.signature_algorithm);
    }
    one(route)
}

pub(crate) fn reachable_old_server() -> Evidence {
    let mut route = route(A, connected());
    route.negotiate = vec![selected(0x0b, 2, 1), selected(1, 1, 1), selected(0, 0, 1)];
    route.handshake = failed(
        77.0,
        33.0,
        Failure::Alert { description: AlertDescription::PROTOCOL_VERSION, encrypted: false },
    );
    let alert = Failure::Alert { description: AlertDescription::PROTOCOL_VERSION, encrypted: false };
    route.tls_versions = vec![
        flight(TlsVersion::TLS_1_0, RSA_CBC, 1),
        no_flight(TlsVersion::TLS_1_1, Failure::Reset { bytes_read: 0 }),
        no_flight(TlsVersion::TLS_1_2, Failure::Reset { bytes_read: 0 }),
        no_flight(TlsVersion::TLS_1_3, alert),
    ];
    let mut certificate = machine_certificate("OLD-2008R2");
    certificate.source = Source::ClearFlight;
    certificate.weaknesses = vec![Weakness::Sha1Signature];
    "sha1WithRSAEncryption".clone_into(&mut certificate.signature_algorithm);
    route.certificate = saw(150.0, 0.0, certificate);
    route.credssp = Step::skipped(Because::EarlierStageFailed);
    route.connections = 7;
    one(route)
}

pub(crate) fn reachable_standard_rdp() -> Evidence {
    let mut route = route(A, connected());
    route.negotiate = vec![no_negotiation(0x0b), no_negotiation(1), no_negotiation(0)];
    route.standard_security = saw(
        77.0,
        35.1,
        StandardSecurity {
            mcs_result: 0,
            rdp_version: Some(0x0008_0004),
            encryption_method: Some(EncryptionMethod::BIT_128),
            encryption_level: Some(EncryptionLevel::HIGH),
            certificate: Some(StandardCertificate::Proprietary),
        },
    );
    route.handshake = Step::skipped(Because::ProtocolHasNone);
    route.certificate = Step::skipped(Because::ProtocolHasNone);
    route.credssp = Step::skipped(Because::ProtocolHasNone);
    route.connections = 4;
    one(route)
}

pub(crate) fn reachable_without_nla() -> Evidence {
    let mut route = route(A, connected());
    let mut first = unanswered(0x0b, Failure::Closed { bytes_read: 0 });
    first.reply.elapsed_ms = Millis(12.0);
    let mut second = selected(0x0b, 1, 1);
    second.cookie = None;
    route.negotiate = vec![first, second, selected(1, 1, 1), refused(0, 1)];
    route.handshake = handshake(TlsVersion::TLS_1_2, ECDHE_GCM);
    route.tls_versions = vec![
        no_flight(
            TlsVersion::TLS_1_0,
            Failure::Alert { description: AlertDescription::PROTOCOL_VERSION, encrypted: false },
        ),
        no_flight(
            TlsVersion::TLS_1_1,
            Failure::Disconnected { reason: 3, bytes: HexBytes(vec![3, 0, 0, 9, 2, 0xf0, 0x80, 0x21, 0x80]) },
        ),
        flight(TlsVersion::TLS_1_2, ECDHE_GCM, 1),
        flight(TlsVersion::TLS_1_3, TLS13_GCM, 0),
    ];
    let mut certificate = machine_certificate("xrdp");
    certificate.windows_default_pattern = false;
    certificate.name_match = NameMatch::Differs;
    route.certificate = saw(142.3, 0.0, certificate);
    route.credssp = Step::skipped(Because::ProtocolHasNone);
    route.connections = 8;
    one(route)
}
