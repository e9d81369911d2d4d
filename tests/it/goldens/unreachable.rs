//! Golden cases of hosts that cannot be reached, by the stage that fails.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::diagnosis::{Nla, StandardRdp, Standing, Tls, Verdict};
use rdprobe::evidence::failure::{Banner, Icmp, Unreachable};
use rdprobe::evidence::{Because, Failure, HexBytes, Millis, Stage, Step};
use rdprobe::report::Report;
use rdprobe::wire::codes::ntstatus::NtStatus;
use rdprobe::wire::codes::tls::TlsVersion;

use super::build::*;
use super::cases::*;

pub(crate) fn dns_no_such_name() -> Report {
    let mut diagnosis =
        diagnosis(Verdict::NotReachable, Some(Stage::Resolve), "the name does not exist in the DNS");
    diagnosis.observations = vec![observed("dns.nxdomain", None, "NXDOMAIN for myvm.example.net.")];
    let mut name = finding(
        "dns-name-unresolved",
        "the name is wrong, or its record is gone",
        Standing::Likely,
        &["dns.nxdomain"],
    );
    name.next_check =
        Some("compare the name with the one in the portal: Virtual machine, Overview, DNS name".to_owned());
    name.docs = vec!["https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-specific-rdp-errors".to_owned()];
    diagnosis.findings = vec![name];
    let mut evidence =
        evidence(named(NAME), failed(0.1, 18.3, Failure::NoSuchName { cname_chain: Vec::new() }), Vec::new());
    evidence.elapsed_ms = Millis(18.5);
    report(evidence, diagnosis)
}

pub(crate) fn tcp_silent_port_only() -> Report {
    let mut route = route(A, silent(12.4));
    route.control_ports = vec![
        port(135, silent(5012.9)),
        port(445, silent(5018.0)),
        port(5985, silent(5023.1)),
        port(443, connected()),
        port(80, reset_by_peer(5033.0)),
        port(22, silent(5038.2)),
    ];
    let mut report =
        bad(route, Stage::Connect, "port 3389 stays silent while the host answers on other ports");
    report.diagnosis.observations = vec![
        observed("tcp.timeout", Some(A), "no answer to any SYN within 5000 ms"),
        observed("tcp.control-open", Some(A), "443 open"),
    ];
    let mut nsg = finding(
        "nsg-blocks-rdp",
        "a network security group has no rule that lets RDP in",
        Standing::Possible,
        &["tcp.timeout", "tcp.control-open"],
    );
    nsg.twins = vec!["guest-firewall-blocks-rdp".to_owned(), "rdp-disabled".to_owned()];
    nsg.next_check =
        Some("az network watcher test-ip-flow: does it say Allow for TCP 3389 inbound?".to_owned());
    nsg.fix = Some(fix(
        "az-cli",
        &[
            "az network nsg rule create -g RESOURCE_GROUP --nsg-name NSG -n AllowRdp --priority 300 --direction Inbound --access Allow --protocol Tcp --destination-port-ranges 3389 --source-address-prefixes YOUR_ADDRESS/32",
        ],
        Some("an open source range exposes the VM to the whole Internet"),
    ));
    nsg.docs = vec!["https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/troubleshoot-rdp-nsg-problem".to_owned()];
    let possible = |cause, title| finding(cause, title, Standing::Possible, &["tcp.timeout"]);
    report.diagnosis.findings = vec![
        nsg,
        possible("guest-firewall-blocks-rdp", "the guest's firewall blocks the RDP port"),
        possible("rdp-disabled", "Remote Desktop is switched off in the guest"),
        possible("termservice-stopped", "the Remote Desktop service does not run"),
        possible("rdp-port-changed", "Remote Desktop listens on another port"),
    ];
    report
}

pub(crate) fn tcp_silent_host() -> Report {
    let mut route = route(A, silent(12.4));
    route.control_ports = [135, 445, 5985, 443, 80, 22].map(|number| port(number, silent(5012.0))).to_vec();
    let mut report = bad(route, Stage::Connect, "nothing at this address answers");
    report.diagnosis.observations =
        vec![observed("tcp.timeout", Some(A), "no answer to any SYN within 5000 ms")];
    let possible = |cause, title| finding(cause, title, Standing::Possible, &["tcp.timeout"]);
    let mut stopped = possible("vm-not-running", "the virtual machine is stopped or deallocated");
    stopped.next_check =
        Some("az vm get-instance-view -g RESOURCE_GROUP -n VM --query instanceView.statuses".to_owned());
    stopped.fix = Some(fix("portal", &["Virtual machine > Overview > Start"], None));
    report.diagnosis.findings = vec![
        stopped,
        possible("vm-boot-stuck", "the virtual machine does not finish booting"),
        possible("nic-disabled", "the network interface is disabled in the guest"),
        possible("static-ip-in-guest", "the guest has a static address that Azure did not give it"),
    ];
    report
}

pub(crate) fn tcp_refused() -> Report {
    let mut report = bad(
        route(A, reset_by_peer(12.4)),
        Stage::Connect,
        "the host is alive, but nothing listens on port 3389",
    );
    report.diagnosis.observations = vec![observed("tcp.rst", Some(A), "a reset after 31.2 ms")];
    let mut stopped = finding(
        "termservice-stopped",
        "the Remote Desktop service does not run",
        Standing::Possible,
        &["tcp.rst"],
    );
    stopped.next_check = Some("sc query TermService in the Serial Console".to_owned());
    stopped.fix = Some(fix(
        "serial-console-cmd",
        &["sc config TermService start= demand", "net start TermService"],
        None,
    ));
    report.diagnosis.findings = vec![stopped];
    report
}

pub(crate) fn tcp_forbidden_by_router() -> Report {
    let icmp = Some(Icmp { kind: 3, code: 13, from: Some("192.0.2.1".parse().unwrap()) });
    let failure = Failure::Unreachable { what: Unreachable::Prohibited, errno: Some(113), icmp };
    let route = route(A, failed(12.4, 4.4, failure));
    let mut report = bad(route, Stage::Connect, "a router on the way forbids the connection");
    report.diagnosis.observations = vec![observed("tcp.icmp-admin", Some(A), "ICMP 3/13 from 192.0.2.1")];
    let mut blocked = finding(
        "client-side-block",
        "a firewall near this client blocks the way out",
        Standing::Likely,
        &["tcp.icmp-admin"],
    );
    blocked.next_check = Some("try from another network, for instance a mobile phone's".to_owned());
    report.diagnosis.findings = vec![blocked];
    report
}

pub(crate) fn not_rdp() -> Report {
    let mut route = route(A, connected());
    let ssh = || Failure::NotRdp {
        looks_like: Banner::Ssh,
        bytes: HexBytes(b"SSH-2.0-OpenSSH_8.9p1 Ubuntu-3\r\n".to_vec()),
    };
    route.negotiate = vec![unanswered(0x0b, ssh()), unanswered(1, ssh())];
    route.handshake = Step::skipped(Because::EarlierStageFailed);
    route.credssp = Step::skipped(Because::EarlierStageFailed);
    route.connections = 2;
    let mut report = bad(route, Stage::Negotiate, "another program listens on this port: it speaks SSH");
    report.diagnosis.observations =
        vec![observed("x224.not-rdp", Some(A), "first bytes SSH-2.0-OpenSSH_8.9p1")];
    let mut taken = finding(
        "port-taken-by-other-app",
        "another program holds the RDP port",
        Standing::Confirmed,
        &["x224.not-rdp"],
    );
    taken.next_check = Some("netstat -anob | findstr 3389 in the guest shows which".to_owned());
    taken.fix = Some(fix(
        "serial-console-cmd",
        &["netstat -ano | findstr :3389", "tasklist /svc /fi \"PID eq NUMBER\""],
        None,
    ));
    report.diagnosis.findings = vec![taken];
    report
}

pub(crate) fn negotiation_refused() -> Report {
    let mut route = route(A, connected());
    route.negotiate = vec![refused(0x0b, 3), refused(1, 3), refused(0, 1)];
    route.handshake = Step::skipped(Because::ServerRefused);
    route.certificate = Step::skipped(Because::ServerRefused);
    route.credssp = Step::skipped(Because::ServerRefused);
    route.standard_security = Step::skipped(Because::ServerRefused);
    route.connections = 3;
    let mut report =
        bad(route, Stage::Negotiate, "the server refuses TLS: it has no certificate that it can use");
    report.diagnosis.posture = vec![posture(A, Nla::Unknown, Tls::Broken, StandardRdp::Refused)];
    report.diagnosis.observations =
        vec![observed("x224.negfail.3", Some(A), "SSL_CERT_NOT_ON_SERVER to a request for 0xb")];
    let mut key = finding(
        "rdp-cert-private-key-inaccessible",
        "the listener cannot use its certificate's private key",
        Standing::Likely,
        &["x224.negfail.3"],
    );
    key.evidence_against = vec!["tcp.control-open".to_owned()];
    key.next_check = Some(
        "wevtutil qe System /q:\"*[System[(EventID=36870)]]\" /c:3 /f:text: an event 36870 proves it"
            .to_owned(),
    );
    key.fix = Some(fix(
        "serial-console-powershell",
        &[
            "$keys = \"$env:ProgramData\\Microsoft\\Crypto\\RSA\\MachineKeys\"",
            "takeown /f $keys /a /r",
            "icacls $keys /grant 'NT AUTHORITY\\SYSTEM:(F)'",
            "icacls $keys /grant 'NT AUTHORITY\\NETWORK SERVICE:(R)'",
            "Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' | Remove-Item",
            "Restart-Service TermService -Force",
        ],
        Some("restarting TermService ends the sessions of all users"),
    ));
    let missing = finding(
        "rdp-cert-missing",
        "the listener has no certificate",
        Standing::Possible,
        &["x224.negfail.3"],
    );
    report.diagnosis.findings = vec![key, missing];
    report
}

pub(crate) fn tls_reset() -> Report {
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
    let mut report =
        bad(route, Stage::Tls, "the server resets every TLS handshake, whatever version it is offered");
    report.diagnosis.posture = vec![posture(A, Nla::Required, Tls::Offered, StandardRdp::Refused)];
    report.diagnosis.observations =
        vec![observed("tls.reset-every-version", Some(A), "reset after each of four hellos")];
    let mut key = finding(
        "rdp-cert-private-key-inaccessible",
        "the listener cannot use its certificate's private key",
        Standing::Likely,
        &["tls.reset-every-version"],
    );
    key.next_check = Some("look for event 36870 in the System log".to_owned());
    report.diagnosis.findings = vec![key];
    report
}

pub(crate) fn nla_blocked() -> Report {
    let mut route = healthy(A);
    route.credssp = failed(142.4, 33.6, Failure::CredsspError { code: NtStatus::NTLM_BLOCKED, version: 6 });
    route.clock = None;
    let mut report = bad(route, Stage::Credssp, "the server does not take NTLM");
    report.diagnosis.posture = vec![posture(A, Nla::Required, Tls::Offered, StandardRdp::Refused)];
    report.diagnosis.observations =
        vec![observed("nla.errcode.c0000418", Some(A), "STATUS_NTLM_BLOCKED in the TSRequest")];
    report.diagnosis.findings = vec![finding(
        "credssp-ntlm-blocked",
        "a policy of the server blocks NTLM",
        Standing::Confirmed,
        &["nla.errcode.c0000418"],
    )];
    report
}
