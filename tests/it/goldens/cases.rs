//! The golden cases: one report each, as the probe and the diagnosis may give it.

use rdprobe::diagnosis::{Nla, StandardRdp, Standing, Tls, Verdict};
use rdprobe::evidence::certificate::{Chain, NameMatch, Source, Validity, Weakness};
use rdprobe::evidence::failure::{Banner, Icmp, LocalTrouble, Unreachable};
use rdprobe::evidence::negotiate::{EncryptionLevel, EncryptionMethod, StandardCertificate};
use rdprobe::evidence::resolve::Cname;
use rdprobe::evidence::{Because, Failure, HexBytes, Millis, Outcome, Route, Stage, StandardSecurity, Step};
use rdprobe::report::Report;
use rdprobe::target::{Host, Target};
use rdprobe::wire::codes::ntstatus::NtStatus;
use rdprobe::wire::codes::tls::{AlertDescription, TlsVersion};

use super::build::*;

const A: &str = "20.50.1.2:3389";
const NAME: &str = "myvm.example.net";
const QUESTIONS: [&str; 5] = [
    "is the account allowed to log on by Remote Desktop?",
    "are its password and its account still valid?",
    "can the server reach a domain controller?",
    "is a session, a licence, a profile free for it?",
    "does the client that fails see the same network as this one?",
];

/// Every case by the name of its folder.
pub(crate) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("reachable-domain", reachable_domain()),
        ("reachable-azure-default", reachable_azure_default()),
        ("reachable-certificate-expired", reachable_certificate_expired()),
        ("reachable-old-server", reachable_old_server()),
        ("reachable-standard-rdp", reachable_standard_rdp()),
        ("reachable-without-nla", reachable_without_nla()),
        ("dns-no-such-name", dns_no_such_name()),
        ("tcp-silent-port-only", tcp_silent_port_only()),
        ("tcp-silent-host", tcp_silent_host()),
        ("tcp-refused", tcp_refused()),
        ("tcp-forbidden-by-router", tcp_forbidden_by_router()),
        ("not-rdp", not_rdp()),
        ("negotiation-refused", negotiation_refused()),
        ("tls-reset", tls_reset()),
        ("nla-blocked", nla_blocked()),
        ("partly-reachable", partly_reachable()),
        ("many-addresses", many_addresses()),
        ("undecided-no-route", undecided_no_route()),
        ("undecided-interrupted", undecided_interrupted()),
        ("stage-passed", stage_passed()),
        ("hostile-strings", hostile_strings()),
    ]
}

/// A healthy Windows Server 2022 at an address.
fn healthy(to: &str) -> Route {
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
    route.clock = skew(160.0);
    route.connections = 7;
    route
}

fn one_address() -> Step<rdprobe::evidence::Resolution> {
    resolved(NAME, &[("20.50.1.2", 60)])
}

fn good(route: Route, nla: Nla, tls: Tls, standard: StandardRdp) -> Report {
    let to = route.address.to_string();
    let mut diagnosis =
        diagnosis(Verdict::Reachable, None, "every stage that needs no password answered in order");
    diagnosis.posture = vec![posture(&to, nla, tls, standard)];
    diagnosis.still_open = QUESTIONS.map(str::to_owned).to_vec();
    report(evidence(named(NAME), one_address(), vec![route]), diagnosis)
}

fn bad(route: Route, stage: Stage, summary: &str) -> Report {
    let diagnosis = diagnosis(Verdict::NotReachable, Some(stage), summary);
    report(evidence(named(NAME), one_address(), vec![route]), diagnosis)
}

fn reachable_domain() -> Report {
    let mut route = healthy(A);
    if let Outcome::Seen(certificate) = &mut route.certificate.outcome {
        certificate.issuer = "CN=Example Issuing CA 1, O=Example".to_owned();
        certificate.subject_alternative_names = vec![NAME.to_owned(), "VM01.corp.example.net".to_owned()];
        certificate.self_issued = false;
        certificate.self_signature = None;
        certificate.windows_default_pattern = false;
        certificate.chain = Chain::Trusted;
        certificate.name_match = NameMatch::Matches;
    }
    let mut report = good(route, Nla::Required, Tls::Offered, StandardRdp::Refused);
    report.diagnosis.observations = vec![
        observed("x224.sel.8", Some(A), "asked for 0xb, selected HYBRID_EX"),
        observed("nla.challenge", Some(A), "NTLM challenge from VM01"),
    ];
    report
}

fn reachable_azure_default() -> Report {
    let mut route = healthy(A);
    route.credssp =
        saw(142.4, 33.6, challenge("vm-web-01", "", 26100, Some("Windows 11 24H2 or Windows Server 2025")));
    route.certificate = saw(142.3, 0.0, machine_certificate("vm-web-01"));
    route.clock = skew(-423_700.0);
    let mut report = good(route, Nla::Required, Tls::Offered, StandardRdp::Refused);
    if let Outcome::Seen(resolution) = &mut report.evidence.resolve.outcome {
        let cname =
            |name: &str, target: &str| Cname { name: name.to_owned(), target: target.to_owned(), ttl_s: 300 };
        resolution.cname_chain = vec![cname("myvm.example.net", "myvm.westus.cloudapp.azure.com")];
    }
    report.diagnosis.observations =
        vec![observed("time.skew", Some(A), "the server's clock is 423.7 s behind")];
    let mut late =
        finding("time-skew", "the clocks are too far apart for Kerberos", Standing::Likely, &["time.skew"]);
    late.next_check = Some("w32tm /query /status on the server".to_owned());
    late.fix = fix("serial-console-cmd", &["w32tm /resync /rediscover"], None);
    report.diagnosis.findings = vec![late];
    report
}

fn reachable_certificate_expired() -> Report {
    let mut route = healthy(A);
    if let Outcome::Seen(certificate) = &mut route.certificate.outcome {
        certificate.not_before = "2024-11-20T08:00:00Z".parse().unwrap();
        certificate.not_after = "2025-05-22T08:00:00Z".parse().unwrap();
        certificate.days_left = -10;
        certificate.validity = Validity::Expired;
        certificate.weaknesses = vec![Weakness::Sha1Signature];
        certificate.signature_algorithm = "sha1WithRSAEncryption".to_owned();
    }
    let mut report = good(route, Nla::Required, Tls::Offered, StandardRdp::Refused);
    report.diagnosis.observations =
        vec![observed("cert.expired", Some(A), "expired on 2025-05-22, 10 days ago")];
    let mut expired = finding(
        "rdp-selfsigned-cert-expired-not-renewed",
        "the self-signed certificate expired and Windows did not renew it",
        Standing::Likely,
        &["cert.expired"],
    );
    expired.next_check =
        Some("look for event 1058 of TerminalServices-RemoteConnectionManager in the System log".to_owned());
    expired.fix = fix(
        "serial-console-powershell",
        &[
            "Get-ChildItem 'Cert:\\LocalMachine\\Remote Desktop' | Remove-Item",
            "Restart-Service SessionEnv, TermService -Force",
        ],
        Some("restarting TermService ends the sessions of all users"),
    );
    report.diagnosis.findings = vec![expired];
    report
}

fn reachable_old_server() -> Report {
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
    certificate.signature_algorithm = "sha1WithRSAEncryption".to_owned();
    route.certificate = saw(150.0, 0.0, certificate);
    route.credssp = Step::skipped(Because::EarlierStageFailed);
    route.connections = 7;
    good(route, Nla::Offered, Tls::Offered, StandardRdp::Allowed)
}

fn reachable_standard_rdp() -> Report {
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
    let mut report = good(route, Nla::NotOffered, Tls::NotOffered, StandardRdp::Only);
    report.diagnosis.posture[0].negotiates = Some(false);
    report
}

fn reachable_without_nla() -> Report {
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
    good(route, Nla::NotOffered, Tls::Offered, StandardRdp::Refused)
}

fn dns_no_such_name() -> Report {
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
    let mut evidence = evidence(named(NAME), failed(0.1, 18.3, Failure::NoSuchName), Vec::new());
    evidence.elapsed_ms = Millis(18.5);
    report(evidence, diagnosis)
}

fn tcp_silent_port_only() -> Report {
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
    nsg.fix = fix(
        "az-cli",
        &[
            "az network nsg rule create -g RESOURCE_GROUP --nsg-name NSG -n AllowRdp --priority 300 --direction Inbound --access Allow --protocol Tcp --destination-port-ranges 3389 --source-address-prefixes YOUR_ADDRESS/32",
        ],
        Some("an open source range exposes the VM to the whole Internet"),
    );
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

fn tcp_silent_host() -> Report {
    let mut route = route(A, silent(12.4));
    route.control_ports = [135, 445, 5985, 443, 80, 22].map(|number| port(number, silent(5012.0))).to_vec();
    let mut report = bad(route, Stage::Connect, "nothing at this address answers");
    report.diagnosis.observations =
        vec![observed("tcp.timeout", Some(A), "no answer to any SYN within 5000 ms")];
    let possible = |cause, title| finding(cause, title, Standing::Possible, &["tcp.timeout"]);
    let mut stopped = possible("vm-not-running", "the virtual machine is stopped or deallocated");
    stopped.next_check =
        Some("az vm get-instance-view -g RESOURCE_GROUP -n VM --query instanceView.statuses".to_owned());
    stopped.fix = fix("portal", &["Virtual machine > Overview > Start"], None);
    report.diagnosis.findings = vec![
        stopped,
        possible("vm-boot-stuck", "the virtual machine does not finish booting"),
        possible("nic-disabled", "the network interface is disabled in the guest"),
        possible("static-ip-in-guest", "the guest has a static address that Azure did not give it"),
    ];
    report
}

fn tcp_refused() -> Report {
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
    stopped.fix =
        fix("serial-console-cmd", &["sc config TermService start= demand", "net start TermService"], None);
    report.diagnosis.findings = vec![stopped];
    report
}

fn tcp_forbidden_by_router() -> Report {
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

fn not_rdp() -> Report {
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
    taken.fix = fix(
        "serial-console-cmd",
        &["netstat -ano | findstr :3389", "tasklist /svc /fi \"PID eq NUMBER\""],
        None,
    );
    report.diagnosis.findings = vec![taken];
    report
}

fn negotiation_refused() -> Report {
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
    key.fix = fix(
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
    );
    let missing = finding(
        "rdp-cert-missing",
        "the listener has no certificate",
        Standing::Possible,
        &["x224.negfail.3"],
    );
    report.diagnosis.findings = vec![key, missing];
    report
}

fn tls_reset() -> Report {
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

fn nla_blocked() -> Report {
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

fn two_addresses() -> Step<rdprobe::evidence::Resolution> {
    resolved(NAME, &[("2001:db8::2", 60), ("20.50.1.2", 60)])
}

fn partly_reachable() -> Report {
    let routes = vec![healthy(A), route("[2001:db8::2]:3389", silent(12.5))];
    let mut diagnosis = diagnosis(
        Verdict::PartlyReachable,
        Some(Stage::Connect),
        "1 of 2 addresses answers; 2001:db8::2 stays silent",
    );
    diagnosis.posture = vec![posture(A, Nla::Required, Tls::Offered, StandardRdp::Refused)];
    diagnosis.observations =
        vec![observed("tcp.timeout", Some("[2001:db8::2]:3389"), "no answer to any SYN within 5000 ms")];
    let mut stale = finding(
        "dns-stale-ip",
        "the name still has an address that the machine no longer has",
        Standing::Possible,
        &["tcp.timeout"],
    );
    stale.next_check = Some("compare the AAAA record with the addresses of the network interface".to_owned());
    diagnosis.findings = vec![stale];
    report(evidence(named(NAME), two_addresses(), routes), diagnosis)
}

fn many_addresses() -> Report {
    let addresses: Vec<String> = (1..=12).map(|last| format!("20.50.1.{last}")).collect();
    let routes: Vec<Route> = addresses
        .iter()
        .enumerate()
        .map(|(number, address)| {
            let to = format!("{address}:3389");
            if number % 6 == 2 { route(&to, silent(12.5)) } else { healthy(&to) }
        })
        .collect();
    let list: Vec<(&str, u32)> = addresses.iter().map(|address| (address.as_str(), 30)).collect();
    let diagnosis = diagnosis(
        Verdict::PartlyReachable,
        Some(Stage::Connect),
        "10 of 12 addresses answer; 20.50.1.3 and 20.50.1.9 stay silent",
    );
    report(evidence(named(NAME), resolved(NAME, &list), routes), diagnosis)
}

fn undecided_no_route() -> Report {
    let to = "[2001:db8::2]:3389";
    let failure = Failure::Local {
        what: LocalTrouble::NoRoute,
        errno: Some(101),
        detail: "Network is unreachable".to_owned(),
    };
    let target = Target {
        input: "[2001:db8::2]".to_owned(),
        host: Host::Address("2001:db8::2".parse().unwrap()),
        port: 3389,
    };
    let diagnosis = diagnosis(
        Verdict::Undecided,
        Some(Stage::Connect),
        "this machine has no IPv6 route, so it cannot tell",
    );
    let mut evidence =
        evidence(target, Step::skipped(Because::AddressGiven), vec![route(to, failed(0.2, 0.1, failure))]);
    evidence.elapsed_ms = Millis(0.4);
    report(evidence, diagnosis)
}

fn undecided_interrupted() -> Report {
    let mut route = route(A, connected());
    route.negotiate = vec![unanswered(0x0b, Failure::Interrupted)];
    route.handshake = Step::skipped(Because::ProbeEnded);
    route.certificate = Step::skipped(Because::ProbeEnded);
    route.credssp = Step::skipped(Because::ProbeEnded);
    let diagnosis = diagnosis(
        Verdict::Undecided,
        Some(Stage::Negotiate),
        "the port accepts connections; whether RDP answers was not seen",
    );
    let mut evidence = evidence(named(NAME), one_address(), vec![route]);
    evidence.interrupted = true;
    report(evidence, diagnosis)
}

fn stage_passed() -> Report {
    let mut route = route("10.1.2.3:3390", connected());
    route.scope = rdprobe::evidence::resolve::Scope::Private;
    let target =
        Target { input: "rdp-gw:3390".to_owned(), host: Host::Name("rdp-gw".to_owned()), port: 3390 };
    let mut evidence =
        evidence(target, resolved("rdp-gw.corp.example.net", &[("10.1.2.3", 1200)]), vec![route]);
    evidence.depth = Stage::Connect;
    report(evidence, diagnosis(Verdict::StagePassed, None, "the port accepts TCP connections"))
}

fn hostile_strings() -> Report {
    let mut route = healthy(A);
    let mut answer = challenge("VM\u{1b}[2J\u{1b}[1;1HREACHABLE", "", 20348, None);
    answer.target_name = Some("nul\0bell\u{7}".to_owned());
    answer.netbios_domain_name = Some("\u{202e}gnp.exe".to_owned());
    route.credssp = saw(142.4, 33.6, answer);
    let mut certificate = machine_certificate("evil\r\n  ok      nla\u{9b}31m");
    certificate.issuer = format!("CN={}", "long".repeat(60));
    certificate.subject_alternative_names = vec!["\u{200b}hidden".to_owned(), "サーバー".to_owned()];
    certificate.windows_default_pattern = false;
    route.certificate = saw(142.3, 0.0, certificate);
    let mut report = good(route, Nla::Required, Tls::Offered, StandardRdp::Refused);
    report.evidence.target =
        named("a-very-long-name-of-a-machine-that-fills-the-line.westeurope.cloudapp.azure.com");
    report
}
