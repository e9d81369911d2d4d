//! Golden cases of several addresses, no verdict, a part of a probe, and a hostile server.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use rdprobe::evidence::failure::LocalTrouble;
use rdprobe::evidence::{Because, Evidence, Failure, Millis, Route, Stage, Step};
use rdprobe::target::{Host, Target};

use super::build::*;
use super::cases::*;

pub(crate) fn partly_reachable() -> Evidence {
    let routes = vec![healthy(A), route("[2001:db8::2]:3389", silent(12.5))];
    evidence(named(NAME), two_addresses(), routes)
}

pub(crate) fn two_addresses() -> Step<rdprobe::evidence::Resolution> {
    resolved(NAME, &[("2001:db8::2", 60), ("20.50.1.2", 60)])
}

pub(crate) fn many_addresses() -> Evidence {
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
    evidence(named(NAME), resolved(NAME, &list), routes)
}

pub(crate) fn undecided_no_route() -> Evidence {
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
    let mut evidence =
        evidence(target, Step::skipped(Because::AddressGiven), vec![route(to, failed(0.2, 0.1, failure))]);
    evidence.elapsed_ms = Millis(0.4);
    evidence
}

pub(crate) fn undecided_interrupted() -> Evidence {
    let mut route = route(A, connected());
    route.negotiate = vec![unanswered(0x0b, Failure::Interrupted)];
    route.handshake = Step::skipped(Because::ProbeEnded);
    route.certificate = Step::skipped(Because::ProbeEnded);
    route.credssp = Step::skipped(Because::ProbeEnded);
    let mut evidence = evidence(named(NAME), one_address(), vec![route]);
    evidence.interrupted = true;
    evidence
}

pub(crate) fn undecided_silent_resolver() -> Evidence {
    let mut evidence = evidence(named(NAME), silent(0.1), Vec::new());
    evidence.elapsed_ms = Millis(5000.4);
    evidence
}

pub(crate) fn stage_passed() -> Evidence {
    let mut route = route("10.1.2.3:3390", connected());
    route.scope = rdprobe::evidence::resolve::Scope::Private;
    let target =
        Target { input: "rdp-gw:3390".to_owned(), host: Host::Name("rdp-gw".to_owned()), port: 3390 };
    let mut evidence =
        evidence(target, resolved("rdp-gw.corp.example.net", &[("10.1.2.3", 1200)]), vec![route]);
    evidence.depth = Stage::Connect;
    evidence
}

pub(crate) fn hostile_strings() -> Evidence {
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
    let mut evidence = one(route);
    evidence.target =
        named("a-very-long-name-of-a-machine-that-fills-the-line.westeurope.cloudapp.azure.com");
    evidence
}
