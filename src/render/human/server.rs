//! What the server told of itself: names and build, what it offers, TLS versions, certificate, other ports.

use std::io;

use super::layout::Page;
use crate::diagnosis::{Nla, Posture, StandardRdp, Tls};
use crate::evidence::certificate::{Chain, NameMatch, Validity};
use crate::evidence::credssp::Membership;
use crate::evidence::{
    Certificate, Challenge, ControlPort, Failure, Outcome, Route, ServerFlight, VersionAttempt,
};
use crate::render::words::{chain_text, clock_text, days, failure_text, name_match_text, weakness_text};
use crate::report::Report;

/// Writes the sections, each only if there is something to tell; short ones where there are causes to read.
pub(super) fn sections(report: &Report, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let brief = !verbose && !report.diagnosis.findings.is_empty();
    let routes = &report.evidence.routes;
    if let Some(route) = routes.iter().find(|route| !route.control_ports.is_empty()) {
        page.section("Ports", &ports(route, routes.len()))?;
    }
    let Some(route) = super::telling_route(&report.evidence) else { return Ok(()) };
    page.section("Server", &identity(route, routes.len()))?;
    let posture = report.diagnosis.posture.iter().find(|posture| posture.address == route.address);
    page.section("Offers", &posture.and_then(posture_text).into_iter().collect::<Vec<_>>())?;
    page.section("TLS", &versions(route, brief))?;
    if let Some(certificate) = route.certificate.seen() {
        page.section("Cert", &certificate_lines(certificate, brief))?;
    }
    Ok(())
}

fn identity(route: &Route, routes: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(challenge) = route.credssp.seen() {
        lines.push(names(challenge));
        lines.extend(version_text(challenge));
    }
    if let Some(clock) = &route.clock {
        match lines.pop() {
            Some(line) if lines.len() == 1 => lines.push(format!("{line}; {}", clock_text(clock))),
            other => {
                lines.extend(other);
                lines.push(clock_text(clock));
            }
        }
    }
    if routes > 1 && !lines.is_empty() {
        lines.push(format!("as told by {}; -v shows every address", route.address.ip()));
    }
    lines
}

fn names(challenge: &Challenge) -> String {
    let name = [&challenge.dns_computer_name, &challenge.netbios_computer_name, &challenge.target_name]
        .into_iter()
        .find_map(|name| name.as_deref())
        .unwrap_or("gives no name");
    let domain = challenge.dns_domain_name.as_deref().or(challenge.netbios_domain_name.as_deref());
    match (challenge.membership, domain) {
        (Membership::Domain, Some(domain)) => format!("{name}, in domain {domain}"),
        (Membership::Domain, None) => format!("{name}, in a domain"),
        (Membership::Workgroup, _) => format!("{name}, in no domain"),
        (Membership::Unknown, _) => name.to_owned(),
    }
}

/// Product and build.
pub(super) fn version_text(challenge: &Challenge) -> Option<String> {
    let os = challenge.os.as_ref()?;
    let number = format!("{}.{}.{}", os.major, os.minor, os.build);
    Some(match &os.product {
        Some(product) => format!("{product} (build {number})"),
        None => format!("version {number}, product not known here"),
    })
}

/// NLA, TLS and standard RDP security in one line; `None` if nothing was decided.
pub(super) fn posture_text(posture: &Posture) -> Option<String> {
    let nla = match posture.nla {
        Nla::Required => Some("NLA required"),
        Nla::Offered => Some("NLA optional"),
        Nla::Selected => Some("NLA selected"),
        Nla::NotOffered => Some("no NLA"),
        Nla::Unknown => None,
    };
    let tls = match posture.tls {
        Tls::Offered => Some("TLS offered"),
        Tls::NotOffered => Some("no TLS"),
        Tls::Broken => Some("TLS broken"),
        Tls::Unknown => None,
    };
    let standard = match posture.standard_rdp {
        StandardRdp::Only => Some("standard RDP security only"),
        StandardRdp::Allowed => Some("standard RDP security allowed"),
        StandardRdp::Refused => Some("standard RDP security refused"),
        StandardRdp::Unknown => None,
    };
    let known: Vec<&str> = [nla, tls, standard].into_iter().flatten().collect();
    (!known.is_empty()).then(|| known.join("; "))
}

/// Each accepted version with its suite, newest first, then the others by what became of them.
fn versions(route: &Route, brief: bool) -> Vec<String> {
    let newest_first = || route.tls_versions.iter().rev();
    let mut lines: Vec<String> = newest_first()
        .filter_map(|attempt| {
            let flight = accepted(attempt)?;
            Some(if brief {
                attempt.offered.to_string()
            } else {
                format!("{}, {}", attempt.offered, flight.cipher_suite)
            })
        })
        .collect();
    if brief && !lines.is_empty() {
        lines = vec![format!("accepted: {}", lines.join(", "))];
    }
    let mut others: Vec<(String, Vec<String>)> = Vec::new();
    for (version, how) in
        newest_first().filter_map(|attempt| Some((attempt.offered.to_string(), not_accepted(attempt)?)))
    {
        match others.iter_mut().find(|(known, _)| *known == how) {
            Some((_, versions)) => versions.push(version),
            None => others.push((how, vec![version])),
        }
    }
    let others: Vec<String> =
        others.iter().map(|(how, versions)| format!("{} ({how})", versions.join(", "))).collect();
    if !others.is_empty() {
        lines.push(format!("not accepted: {}", others.join("; ")));
    }
    if brief && !lines.is_empty() { vec![lines.join("; ")] } else { lines }
}

/// The flight, if the server chose the version that was offered.
pub(super) fn accepted(attempt: &VersionAttempt) -> Option<&ServerFlight> {
    attempt.step.seen().filter(|flight| flight.version == attempt.offered)
}

fn not_accepted(attempt: &VersionAttempt) -> Option<String> {
    let how = match &attempt.step.outcome {
        Outcome::Seen(flight) if flight.version == attempt.offered => return None,
        Outcome::Seen(flight) => format!("answered with {}", flight.version),
        Outcome::Failed(Failure::Reset { bytes_read: 0 }) => "reset".to_owned(),
        Outcome::Failed(Failure::Closed { bytes_read: 0 }) => "closed".to_owned(),
        Outcome::Failed(Failure::TimedOut { bytes_read: 0, .. }) => "no answer".to_owned(),
        Outcome::Failed(Failure::Alert { description, .. }) => format!("alert {description}"),
        Outcome::Failed(Failure::Disconnected { .. }) => "MCS disconnect".to_owned(),
        Outcome::Failed(failure) => failure_text(failure),
        // What was not tried was not refused either; the stages above say why.
        Outcome::Skipped(_) => return None,
    };
    Some(how)
}

/// Whether the library's handshake failed while the server answers with versions or suites that only a
/// hand-made hello can offer: rustls has neither TLS 1.0 and 1.1 nor suites without ECDHE and AEAD.
pub(super) fn older_than_library(route: &Route) -> bool {
    let mut flights = route.tls_versions.iter().filter_map(accepted).peekable();
    route.handshake.failure().is_some()
        && flights.peek().is_some()
        && flights.all(|flight| !library_has(flight))
}

fn library_has(flight: &ServerFlight) -> bool {
    let suite = flight.cipher_suite.name().unwrap_or_default();
    let modern_suite = suite.contains("GCM") || suite.contains("CHACHA20");
    match flight.version.0 {
        0x0303 => suite.starts_with("TLS_ECDHE_") && modern_suite,
        version => version > 0x0303,
    }
}

fn certificate_lines(certificate: &Certificate, brief: bool) -> Vec<String> {
    let name = certificate.common_name.as_deref().unwrap_or(&certificate.subject);
    let origin = if certificate.windows_default_pattern {
        "self-signed, as Windows makes it".to_owned()
    } else if certificate.self_issued && !matches!(certificate.chain, Chain::Trusted) {
        "self-signed".to_owned()
    } else {
        chain_text(&certificate.chain)
    };
    let mut lines = vec![format!("{name}, {}", validity_text(certificate))];
    if !brief || certificate.name_match == NameMatch::Differs {
        lines.push(format!("{origin}; {}", name_match_text(certificate.name_match)));
    }
    let mut faults: Vec<&str> =
        certificate.weaknesses.iter().map(|weakness| weakness_text(*weakness)).collect();
    if !certificate.server_authentication {
        faults.push("not meant for server authentication");
    }
    if !faults.is_empty() {
        lines.push(faults.join("; "));
    }
    lines
}

/// Where the probe's time lies in the validity, with the date and the days.
pub(super) fn validity_text(certificate: &Certificate) -> String {
    let until = certificate.not_after.strftime("%Y-%m-%d");
    match certificate.validity {
        Validity::Valid => {
            format!("valid until {until}, {} left", days(certificate.days_left.unsigned_abs()))
        }
        Validity::Expired => format!("EXPIRED on {until}, {}", certificate.ended_ago()),
        Validity::NotYetValid => {
            format!("NOT YET VALID, only from {}", certificate.not_before.strftime("%Y-%m-%d"))
        }
    }
}

/// The control ports of one address: who answered, who did not.
fn ports(route: &Route, routes: usize) -> Vec<String> {
    let list = |test: fn(&ControlPort) -> bool| -> String {
        let ports: Vec<String> =
            route.control_ports.iter().filter(|port| test(port)).map(|port| port.port.to_string()).collect();
        ports.join(", ")
    };
    let groups = [
        ("open", list(|port| port.step.seen().is_some())),
        ("refused", list(refused)),
        ("other failure", list(|port| port.step.failure().is_some() && !refused(port) && !silent(port))),
        ("silent", list(silent)),
    ];
    let told: Vec<String> = groups
        .iter()
        .filter(|(_, ports)| !ports.is_empty())
        .map(|(word, ports)| format!("{word}: {ports}"))
        .collect();
    if told.is_empty() {
        return Vec::new();
    }
    let alive = route.control_ports.iter().any(|port| port.step.seen().is_some() || refused(port));
    let meaning = if alive { "something answers at this address" } else { "nothing else answers either" };
    let place = if routes > 1 { format!("of {}, ", route.address.ip()) } else { String::new() };
    vec![format!("{place}{} ({meaning})", told.join("; "))]
}

/// Whether a reset came: something at the address is alive.
fn refused(port: &ControlPort) -> bool {
    matches!(port.step.failure(), Some(Failure::Refused { icmp: None, .. }))
}

fn silent(port: &ControlPort) -> bool {
    matches!(port.step.failure(), Some(Failure::TimedOut { .. }))
}
