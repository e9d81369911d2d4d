//! Golden cases of several addresses, no verdict, a part of a probe, and a hostile server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::diagnosis::{Nla, StandardRdp, Standing, Tls, Verdict};
use rdprobe::evidence::failure::LocalTrouble;
use rdprobe::evidence::{Because, Failure, Millis, Route, Stage, Step};
use rdprobe::report::Report;
use rdprobe::target::{Host, Target};

use super::build::*;
use super::cases::*;

pub(crate) fn partly_reachable() -> Report {
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

pub(crate) fn two_addresses() -> Step<rdprobe::evidence::Resolution> {
    resolved(NAME, &[("2001:db8::2", 60), ("20.50.1.2", 60)])
}

pub(crate) fn many_addresses() -> Report {
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

pub(crate) fn undecided_no_route() -> Report {
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

pub(crate) fn undecided_interrupted() -> Report {
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

pub(crate) fn stage_passed() -> Report {
    let mut route = route("10.1.2.3:3390", connected());
    route.scope = rdprobe::evidence::resolve::Scope::Private;
    let target =
        Target { input: "rdp-gw:3390".to_owned(), host: Host::Name("rdp-gw".to_owned()), port: 3390 };
    let mut evidence =
        evidence(target, resolved("rdp-gw.corp.example.net", &[("10.1.2.3", 1200)]), vec![route]);
    evidence.depth = Stage::Connect;
    report(evidence, diagnosis(Verdict::StagePassed, None, "the port accepts TCP connections"))
}

pub(crate) fn hostile_strings() -> Report {
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
