//! The golden cases: one report each, as the probe and the diagnosis may give it.

use rdprobe::evidence::{Evidence, Failure, Route, Step};
use rdprobe::report::Report;
use rdprobe::wire::codes::tls::TlsVersion;

use super::build::*;

use super::{others, reachable, told, unreachable};

pub(crate) const A: &str = "20.50.1.2:3389";
pub(crate) const NAME: &str = "myvm.example.net";

/// Every case by the name of its folder.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    let judged = |(case, evidence): (&'static str, Evidence)| (case, report(evidence));
    evidences().into_iter().map(judged).collect()
}

fn evidences() -> Vec<(&'static str, Evidence)> {
    vec![
        ("reachable-domain", reachable::reachable_domain()),
        ("reachable-azure-default", reachable::reachable_azure_default()),
        ("reachable-certificate-expired", reachable::reachable_certificate_expired()),
        ("reachable-old-server", reachable::reachable_old_server()),
        ("reachable-standard-rdp", reachable::reachable_standard_rdp()),
        ("reachable-without-nla", reachable::reachable_without_nla()),
        ("dns-no-such-name", unreachable::dns_no_such_name()),
        ("tcp-silent-port-only", unreachable::tcp_silent_port_only()),
        ("tcp-silent-host", unreachable::tcp_silent_host()),
        ("tcp-refused", unreachable::tcp_refused()),
        ("tcp-forbidden-by-router", unreachable::tcp_forbidden_by_router()),
        ("not-rdp", unreachable::not_rdp()),
        ("negotiation-refused", unreachable::negotiation_refused()),
        ("tls-reset", unreachable::tls_reset()),
        ("nla-blocked", unreachable::nla_blocked()),
        ("partly-reachable", others::partly_reachable()),
        ("many-addresses", others::many_addresses()),
        ("undecided-no-route", others::undecided_no_route()),
        ("undecided-interrupted", others::undecided_interrupted()),
        ("stage-passed", others::stage_passed()),
        ("undecided-silent-resolver", others::undecided_silent_resolver()),
        ("hostile-strings", others::hostile_strings()),
        ("told-service-stopped", told::service_stopped()),
        ("told-key-unreadable", told::key_unreadable()),
        ("told-drain-mode", told::drained()),
        ("told-no-licence", told::no_licence()),
    ]
}

/// A healthy Windows Server 2022 at an address.
pub(crate) fn healthy(to: &str) -> Route {
    let mut route = route(to, connected());
    route.negotiate = vec![selected(0x0b, 8, 0x1f), refused(1, 5), refused(0, 5)];
    route.handshake = handshake(TlsVersion::TLS_1_3, TLS13_GCM);
    route.tls_versions = vec![
        no_flight(TlsVersion::TLS_1_0, Failure::Reset { bytes_read: 0 }),
        no_flight(TlsVersion::TLS_1_1, Failure::Reset { bytes_read: 0 }),
        flight(TlsVersion::TLS_1_2, ECDHE_GCM, 1),
        flight(TlsVersion::TLS_1_3, TLS13_GCM, 0),
    ];
    route.certificate = saw(142.3, 0.0, machine_certificate("VM01.corp.example.net"));
    route.credssp =
        saw(142.4, 33.6, challenge("VM01", "corp.example.net", 20348, Some("Windows Server 2022")));
    route.clock = Some(skew(160.0));
    route.connections = 7;
    route
}

pub(crate) fn one_address() -> Step<rdprobe::evidence::Resolution> {
    resolved(NAME, &[("20.50.1.2", 60)])
}

/// The name with one address, as this route saw it.
pub(crate) fn one(route: Route) -> Evidence {
    evidence(named(NAME), one_address(), vec![route])
}
