//! Everything that was seen, with -v; with -vv the bytes too.

use std::io;

use super::layout::{Page, Paint};
use super::{causes, repairs, server, stages};
use crate::evidence::negotiate::{EncryptionLevel, EncryptionMethod, RowVerdict};
use crate::evidence::{
    Answer, Certificate, Challenge, ControlPort, Evidence, Failure, HexBytes, MatrixRow, Outcome, Route,
    Step, VersionAttempt,
};
use crate::render::words::{
    because_text, chain_text, clock_source, clock_text, days, failure_text, ms, name_match_text, record_of,
    record_word, scope_word, source_word, stage_word, weakness_text,
};
use crate::report::Report;

/// Writes everything: the probe, the names, each address, the observations, the findings.
pub(super) fn sections(report: &Report, bytes: bool, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.text(0, Paint::Strong, "EVIDENCE")?;
    page.section("Probe", &probe(report))?;
    page.section("Names", &names(&report.evidence, bytes))?;
    for route in &report.evidence.routes {
        address(route, report, bytes, page)?;
    }
    page.blank()?;
    page.text(0, Paint::Strong, "OBSERVATIONS")?;
    for observation in &report.diagnosis.observations {
        let place = observation.address.map(|address| format!(" [{}]", address.ip())).unwrap_or_default();
        page.text(0, Paint::Plain, &format!("{}{place}: {}", observation.id, observation.fact))?;
    }
    if report.diagnosis.observations.is_empty() {
        page.text(0, Paint::Plain, "none")?;
    }
    findings(report, page)
}

fn probe(report: &Report) -> Vec<String> {
    let evidence = &report.evidence;
    let last = stage_word(evidence.depth);
    vec![
        format!("began {}, took {}", evidence.started_at, ms(evidence.elapsed_ms)),
        format!(
            "rdprobe {}, target as given: {}, last stage asked for: {last}",
            report.rdprobe_version, evidence.target.input
        ),
    ]
}

fn names(evidence: &Evidence, bytes: bool) -> Vec<String> {
    let resolution = match &evidence.resolve.outcome {
        Outcome::Seen(resolution) => resolution,
        Outcome::Failed(failure) => return vec![failure_line(failure, bytes)],
        Outcome::Skipped(because) => return vec![because_text(*because, None)],
    };
    let mut lines = vec![format!("{}, from: {}", resolution.query_name, source_word(resolution.source))];
    lines.extend(resolution.cname_chain.iter().map(|cname| {
        format!("{} is an alias (CNAME) of {}, ttl {} s", cname.name, cname.target, cname.ttl_s)
    }));
    lines.extend(resolution.addresses.iter().map(|address| {
        let ttl = address.ttl_s.map(|ttl| format!(", ttl {ttl} s")).unwrap_or_default();
        let record = record_word(record_of(address.address));
        format!("{record} {}{ttl}, {}", address.address, scope_word(address.scope))
    }));
    lines.extend(resolution.families.iter().map(|family| {
        let text = step_text(&family.step, |count| format!("{count} in the answer"), bytes);
        format!("{} query: {text}", record_word(family.record))
    }));
    lines
}

fn address(route: &Route, report: &Report, bytes: bool, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    let scope = scope_word(route.scope);
    page.text(0, Paint::Strong, &format!("{} ({scope}), connections: {}", route.address, route.connections))?;
    page.section("Connect", &[step_text(&route.connect, connect_text, bytes)])?;
    let ports: Vec<String> = route.control_ports.iter().map(|port| port_text(port, bytes)).collect();
    page.section("Ports", &ports)?;
    let rows: Vec<String> = route.negotiate.iter().flat_map(|row| row_lines(row, bytes)).collect();
    page.section("Matrix", &rows)?;
    if let Some(posture) = report.diagnosis.posture.iter().find(|posture| posture.address == route.address) {
        page.section("Offers", &server::posture_text(posture).into_iter().collect::<Vec<_>>())?;
    }
    page.section(
        "MCS",
        &ran(
            &route.standard_security,
            |standard| {
                let version = standard
                    .rdp_version
                    .map(|version| format!("; RDP version {version:#x}"))
                    .unwrap_or_default();
                let method = standard.encryption_method.and_then(EncryptionMethod::meaning);
                let level = standard.encryption_level.and_then(EncryptionLevel::meaning);
                let mut told = vec![stages::standard_text(standard)];
                told.extend([method, level].into_iter().flatten().map(str::to_owned));
                format!("{}{version}", told.join("; "))
            },
            bytes,
        ),
    )?;
    let sent = |count: usize| format!("certificates sent: {count}");
    page.section(
        "TLS",
        &ran(
            &route.handshake,
            |handshake| {
                format!(
                    "full handshake: {}, {}",
                    stages::handshake_text(handshake),
                    sent(handshake.certificates)
                )
            },
            bytes,
        ),
    )?;
    let attempts: Vec<String> =
        route.tls_versions.iter().map(|attempt| attempt_text(attempt, bytes)).collect();
    page.section("Offered", &attempts)?;
    match &route.certificate.outcome {
        Outcome::Seen(certificate) => page.section("Cert", &certificate_lines(certificate))?,
        Outcome::Failed(failure) => page.section("Cert", &[failure_line(failure, bytes)])?,
        Outcome::Skipped(_) => {}
    }
    match &route.credssp.outcome {
        Outcome::Seen(challenge) => page.section("NLA", &challenge_lines(challenge))?,
        Outcome::Failed(failure) => page.section("NLA", &[failure_line(failure, bytes)])?,
        Outcome::Skipped(because) => page.section("NLA", &[because_text(*because, None)])?,
    }
    if let Some(clock) = &route.clock {
        let source = clock_source(clock.source);
        page.section(
            "Clock",
            &[format!("{} ({} off), from: {source}", clock_text(clock), ms(clock.skew_ms))],
        )?;
    }
    Ok(())
}

/// A step that ran, as one line; nothing for one that did not.
fn ran<T>(step: &Step<T>, text: impl Fn(&T) -> String, bytes: bool) -> Vec<String> {
    if step.ran() { vec![step_text(step, text, bytes)] } else { Vec::new() }
}

fn step_text<T>(step: &Step<T>, text: impl Fn(&T) -> String, bytes: bool) -> String {
    let text = match &step.outcome {
        Outcome::Seen(value) => text(value),
        Outcome::Failed(failure) => failure_line(failure, bytes),
        Outcome::Skipped(because) => return because_text(*because, None),
    };
    format!("{text} (began at {}, took {})", ms(step.start_ms), ms(step.elapsed_ms))
}

/// A failure, with -vv its bytes too.
fn failure_line(failure: &Failure, bytes: bool) -> String {
    let text = failure_text(failure);
    match failure {
        Failure::Disconnected { bytes: raw, .. }
        | Failure::Malformed { bytes: raw, .. }
        | Failure::NotRdp { bytes: raw, .. }
            if bytes =>
        {
            format!("{text}; bytes {raw}")
        }
        _ => text,
    }
}

fn connect_text(connected: &crate::evidence::Connected) -> String {
    let mut parts = vec![format!("connected from {}", connected.local_address)];
    parts.extend(connected.interface.as_ref().map(|interface| format!("through {interface}")));
    parts.extend(connected.rtt_ms.map(|rtt| format!("round trip {}", ms(rtt))));
    parts.extend(connected.syn_retransmits.map(|times| format!("SYN retransmissions: {times}")));
    parts.join(", ")
}

/// A control port and what its answer proves.
fn port_text(port: &ControlPort, bytes: bool) -> String {
    let proof = match &port.step.outcome {
        Outcome::Seen(_) | Outcome::Failed(Failure::Refused { icmp: None, .. }) => {
            ": something at this address is alive and the path to it is open"
        }
        Outcome::Failed(Failure::TimedOut { .. }) => ": proves nothing by itself",
        Outcome::Failed(_) | Outcome::Skipped(_) => "",
    };
    format!("{}: {}{proof}", port.port, step_text(&port.step, |_| "open".to_owned(), bytes))
}

fn row_lines(row: &MatrixRow, bytes: bool) -> Vec<String> {
    let asked: Vec<String> = row.requested.iter().map(ToString::to_string).collect();
    let cookie = row
        .cookie
        .as_ref()
        .map_or_else(|| "no cookie".to_owned(), |cookie| format!("cookie mstshash={cookie}"));
    let admin = if row.restricted_admin { ", restricted admin demanded" } else { "" };
    let mut lines =
        vec![format!("requested {} ({:#x}), {cookie}{admin}", asked.join("+"), row.requested_protocols)];
    let connected =
        row.connect_ms.map(|time| format!("; its own connect took {}", ms(time))).unwrap_or_default();
    let text = step_text(&row.reply, |reply| stages::answer_text(&reply.answer, row.verdict, true), bytes);
    let offered = if row.verdict == RowVerdict::Offered { "offered: " } else { "" };
    lines.push(format!("  {offered}{text}{connected}"));
    if let Some(reply) = row.reply.seen() {
        if let Answer::Response { flags, flag_names, .. } = &reply.answer {
            let names = if flag_names.is_empty() { "none".to_owned() } else { flag_names.join(" ") };
            lines.push(format!("  flags {flags:#04x}: {names}"));
        }
        let trailing = if reply.trailing_bytes == 0 {
            String::new()
        } else {
            format!(", trailing bytes: {}", reply.trailing_bytes)
        };
        lines.push(format!("  src-ref {:#06x}, dst-ref {:#06x}{trailing}", reply.src_ref, reply.dst_ref));
        lines.extend(bytes.then(|| hex_line(&reply.raw)));
    }
    lines
}

fn hex_line(raw: &HexBytes) -> String {
    format!("  bytes {raw}")
}

fn attempt_text(attempt: &VersionAttempt, bytes: bool) -> String {
    let text = step_text(
        &attempt.step,
        |flight| {
            let how = if flight.version == attempt.offered {
                "accepted".to_owned()
            } else {
                format!("not accepted, answered with {}", flight.version)
            };
            let mut text =
                format!("{how}, {}, certificates in clear: {}", flight.cipher_suite, flight.certificates);
            if flight.looks_like_schannel {
                text.push_str(", looks like Schannel");
            }
            text
        },
        bytes,
    );
    format!("{} alone: {text}", attempt.offered)
}

fn certificate_lines(certificate: &Certificate) -> Vec<String> {
    let list = |values: &[String]| if values.is_empty() { "none".to_owned() } else { values.join(", ") };
    let bits = certificate.key_bits.map(|bits| format!(", {bits} bits")).unwrap_or_default();
    let signature = match (certificate.self_issued, certificate.self_signature) {
        (false, _) => "issued by another",
        (true, Some(true)) => "self-issued, and its own key verifies it",
        (true, Some(false)) => "self-issued, but its own key does not verify it",
        (true, None) => "self-issued, signature not checked: unknown algorithm",
    };
    let default =
        if certificate.windows_default_pattern { ", like the one that Windows makes for itself" } else { "" };
    let mut lines = vec![
        format!("subject {}", certificate.subject),
        format!("issuer {}", certificate.issuer),
        format!("alternative names: {}", list(&certificate.subject_alternative_names)),
        format!("serial {}", certificate.serial),
        format!(
            "valid from {} until {}, {} in all",
            certificate.not_before,
            certificate.not_after,
            days(certificate.lifetime_days.unsigned_abs())
        ),
        server::validity_text(certificate),
        format!("key {}{bits}, signature {}", certificate.key_type, certificate.signature_algorithm),
        format!("extended key usages: {}", list(&certificate.extended_key_usages)),
        format!("SHA-1 {}", certificate.thumbprint_sha1),
        format!("SHA-256 {}", certificate.thumbprint_sha256),
        format!("{signature}{default}"),
        chain_text(&certificate.chain),
        name_match_text(certificate.name_match).to_owned(),
    ];
    let read = match certificate.source {
        crate::evidence::certificate::Source::Handshake => "read from the full handshake",
        crate::evidence::certificate::Source::ClearFlight => "read from a clear flight of TLS 1.2 or older",
    };
    lines.push(read.to_owned());
    lines.extend(certificate.weaknesses.iter().map(|weakness| format!("weak: {}", weakness_text(*weakness))));
    lines
}

fn challenge_lines(challenge: &Challenge) -> Vec<String> {
    let fields = [
        ("target name", &challenge.target_name),
        ("NetBIOS computer name", &challenge.netbios_computer_name),
        ("NetBIOS domain name", &challenge.netbios_domain_name),
        ("DNS computer name", &challenge.dns_computer_name),
        ("DNS domain name", &challenge.dns_domain_name),
        ("DNS forest name", &challenge.dns_tree_name),
    ];
    let mut lines: Vec<String> = fields
        .iter()
        .filter_map(|(label, value)| value.as_ref().map(|value| format!("{label} {value}")))
        .collect();
    lines.extend(server::version_text(challenge));
    lines.extend(challenge.system_time.map(|time| format!("server's clock {time}")));
    lines.push(format!("TSRequest version {}", challenge.ts_request_version));
    if challenge.trailing_bytes > 0 {
        lines.push(format!("trailing bytes: {}", challenge.trailing_bytes));
    }
    lines
}

fn findings(report: &Report, page: &mut Page<'_>) -> io::Result<()> {
    for finding in &report.diagnosis.findings {
        page.blank()?;
        page.text(0, Paint::Strong, &format!("FINDING {}", finding.cause))?;
        let (_, standing) = causes::standing(finding.standing);
        page.section("What", &[finding.title.as_str()])?;
        page.section(
            "How sure",
            &[format!("{standing}; its signature is {}", causes::confidence(finding.confidence))],
        )?;
        let lists = [
            ("For", &finding.evidence_for),
            ("Against", &finding.evidence_against),
            ("Twins", &finding.twins),
        ];
        for (label, values) in lists.iter().filter(|(_, values)| !values.is_empty()) {
            page.section(label, &[values.join(", ")])?;
        }
        page.section("Next", &finding.next_check.iter().collect::<Vec<_>>())?;
        page.section("Docs", &finding.docs)?;
    }
    repairs::all(&report.diagnosis, page)
}
