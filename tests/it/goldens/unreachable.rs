//! Golden cases of hosts that cannot be reached, by the stage that fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::evidence::failure::{Banner, Icmp, Unreachable};
use rdprobe::evidence::{Because, Evidence, Failure, HexBytes, Millis, Step};
use rdprobe::wire::codes::ntstatus::NtStatus;
use rdprobe::wire::codes::tls::TlsVersion;

use super::build::*;
use super::cases::*;

pub(crate) fn dns_no_such_name() -> Evidence {
    let mut evidence =
        evidence(named(NAME), failed(0.1, 18.3, Failure::NoSuchName { cname_chain: Vec::new() }), Vec::new());
    evidence.elapsed_ms = Millis(18.5);
    evidence
}

pub(crate) fn tcp_silent_port_only() -> Evidence {
    let mut route = route(A, silent(12.4));
    route.control_ports = vec![
        port(135, silent(5012.9)),
        port(445, silent(5018.0)),
        port(5985, silent(5023.1)),
        port(443, connected()),
        port(80, reset_by_peer(5033.0)),
        port(22, silent(5038.2)),
    ];
    one(route)
}

pub(crate) fn tcp_silent_host() -> Evidence {
    let mut route = route(A, silent(12.4));
    route.control_ports = [135, 445, 5985, 443, 80, 22].map(|number| port(number, silent(5012.0))).to_vec();
    one(route)
}

pub(crate) fn tcp_refused() -> Evidence {
    one(route(A, reset_by_peer(12.4)))
}

pub(crate) fn tcp_forbidden_by_router() -> Evidence {
    let icmp = Some(Icmp { kind: 3, code: 13, from: Some("192.0.2.1".parse().unwrap()) });
    let failure = Failure::Unreachable { what: Unreachable::Prohibited, errno: Some(113), icmp };
    let route = route(A, failed(12.4, 4.4, failure));
    one(route)
}

pub(crate) fn not_rdp() -> Evidence {
    let mut route = route(A, connected());
    let ssh = || Failure::NotRdp {
        looks_like: Banner::Ssh,
        bytes: HexBytes(b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3\r\n".to_vec()),
    };
    route.negotiate = vec![unanswered(0x0b, ssh()), unanswered(1, ssh())];
    route.handshake = Step::skipped(Because::EarlierStageFailed);
    route.credssp = Step::skipped(Because::EarlierStageFailed);
    route.connections = 2;
    one(route)
}

pub(crate) fn negotiation_refused() -> Evidence {
    let mut route = route(A, connected());
    route.negotiate = vec![refused(0x0b, 3), refused(1, 3), refused(0, 1)];
    route.handshake = Step::skipped(Because::ServerRefused);
    route.certificate = Step::skipped(Because::ServerRefused);
    route.credssp = Step::skipped(Because::ServerRefused);
    route.standard_security = Step::skipped(Because::ServerRefused);
    route.connections = 3;
    one(route)
}

pub(crate) fn tls_reset() -> Evidence {
    let mut route = route(A, connected());
    let reset = || Failure::Reset { bytes_read: 0 };
    route.negotiate = vec![selected(0x0b, 8, 0x1f), refused(1, 5), refused(0, 5)];
    route.handshake = failed(77.0, 31.9, reset());
    route.tls_versions = [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2, TlsVersion::TLS_1_3]
        .map(|version| no_flight(version, reset()))
        .to_vec();
    route.certificate = Step::skipped(Because::EarlierStageFailed);
    route.credssp = Step::skipped(Because::EarlierStageFailed);
    route.connections = 7;
    one(route)
}

pub(crate) fn nla_blocked() -> Evidence {
    let mut route = healthy(A);
    route.credssp = failed(142.4, 33.6, Failure::CredsspError { code: NtStatus::NTLM_BLOCKED, version: 6 });
    route.clock = None;
    one(route)
}
