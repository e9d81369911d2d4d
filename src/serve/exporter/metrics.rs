//! A report as metrics: blackbox_exporter's names where they mean the same, `probe_rdp_*` beside them.

use std::net::IpAddr;

use super::Probed;
use crate::diagnosis::{self, Diagnosis, Nla, Standing, Verdict};
use crate::evidence::{Certificate, Evidence, Route, Stage, Step};
use crate::monitor::latency::Phase;
use crate::policy::Outcome;
use crate::serve::exposition::{Encoder, Family};
use crate::wire::codes::tls::TlsVersion;

/// Writes everything that a probe came to.
pub(super) fn write(encoder: &mut Encoder, probed: &Probed) {
    let (evidence, diagnosis) = (&probed.report.evidence, &probed.report.diagnosis);
    encoder.single(
        Family::gauge("probe_success", "Whether the target answered as the module expects"),
        flag(probed.success),
    );
    encoder.single(
        Family::gauge("probe_duration_seconds", "How long the probe took, in seconds"),
        seconds(evidence.elapsed_ms.0),
    );
    expectations(encoder, probed);
    answer(encoder, diagnosis);
    resolution(encoder, evidence);
    routes(encoder, evidence);
    let Some(route) = representative(evidence) else { return };
    address(encoder, route.address.ip());
    security(encoder, route, diagnosis);
    certificate(encoder, evidence, route);
    server(encoder, route);
}

fn expectations(encoder: &mut Encoder, probed: &Probed) {
    let answers = matches!(probed.report.diagnosis.verdict, Verdict::Reachable | Verdict::StagePassed);
    encoder.single(
        Family::gauge(
            "probe_failed_due_to_expectation",
            "Whether the target answers, but not as the module expects",
        ),
        flag(!probed.success && answers),
    );
    encoder.family(Family::gauge("probe_rdp_expectation_met", "Whether an expectation of the module holds"));
    for judged in &probed.judged {
        encoder.value(&[("expectation", &judged.expectation)], flag(judged.outcome <= Outcome::Warning));
    }
}

/// The verdict, the stage that failed and the cause.
fn answer(encoder: &mut Encoder, diagnosis: &Diagnosis) {
    encoder.family(Family::gauge(
        "probe_rdp_verdict",
        "The answer to the one question: 1 for one of the verdicts",
    ));
    for (verdict, word) in [
        (Verdict::Reachable, "reachable"),
        (Verdict::PartlyReachable, "partly_reachable"),
        (Verdict::NotReachable, "not_reachable"),
        (Verdict::Undecided, "undecided"),
        (Verdict::StagePassed, "stage_passed"),
    ] {
        encoder.value(&[("verdict", word)], flag(diagnosis.verdict == verdict));
    }
    encoder.family(Family::gauge("probe_rdp_failed_stage", "1 for the first stage that failed"));
    for stage in Stage::ALL {
        encoder.value(&[("stage", stage.word())], flag(diagnosis.failing_stage == Some(stage)));
    }
    if let Some(finding) = diagnosis.findings.first() {
        let standing = match finding.standing {
            Standing::Confirmed => "confirmed",
            Standing::Likely => "likely",
            Standing::Possible => "possible",
        };
        encoder.family(Family::gauge(
            "probe_rdp_cause_info",
            "Always 1; the best explanation, an id for rdprobe explain, and how sure it is",
        ));
        encoder.value(&[("cause", &finding.cause), ("standing", standing)], 1.0);
    }
}

fn resolution(encoder: &mut Encoder, evidence: &Evidence) {
    // As blackbox_exporter: an address needs no look-up, which takes no time.
    encoder.single(
        Family::gauge("probe_dns_lookup_time_seconds", "How long the name's resolution took, in seconds"),
        seconds(evidence.resolve.elapsed_ms.0),
    );
    if let Some(ttl) =
        evidence.resolve.seen().and_then(|it| it.addresses.iter().filter_map(|it| it.ttl_s).min())
    {
        let family = Family::gauge(
            "probe_rdp_dns_ttl_seconds",
            "The shortest time to live of the name's addresses, in seconds",
        );
        encoder.single(family, f64::from(ttl));
    }
}

fn routes(encoder: &mut Encoder, evidence: &Evidence) {
    let up = evidence.routes.iter().filter(|route| diagnosis::went_well(route, evidence.depth));
    encoder.single(
        Family::gauge("probe_rdp_routes", "How many addresses of the target were tried"),
        count(evidence.routes.len()),
    );
    encoder.single(
        Family::gauge("probe_rdp_routes_up", "How many of them answered as deep as the module goes"),
        count(up.count()),
    );
    encoder.family(Family::gauge(
        "probe_rdp_phase_duration_seconds",
        "How long a phase took, in seconds, at the address that went furthest; phases that did not run are left out",
    ));
    let mut phase = |phase: Phase, milliseconds: Option<f64>| {
        if let Some(milliseconds) = milliseconds {
            encoder.value(&[("phase", phase.word())], seconds(milliseconds));
        }
    };
    phase(Phase::Resolve, time(&evidence.resolve));
    if let Some(route) = representative(evidence) {
        phase(Phase::Connect, time(&route.connect));
        phase(Phase::X224, route.negotiate.first().and_then(|row| time(&row.reply)));
        phase(Phase::Tls, time(&route.handshake));
        phase(Phase::Credssp, time(&route.credssp));
        if let Some(connected) = route.connect.seen() {
            kernel(encoder, connected.rtt_ms.map(|rtt| rtt.0), connected.syn_retransmits);
        }
    }
}

fn kernel(encoder: &mut Encoder, rtt_ms: Option<f64>, retransmits: Option<u32>) {
    if let Some(rtt) = rtt_ms {
        let family =
            Family::gauge("probe_rdp_kernel_rtt_seconds", "The kernel's own round-trip time, in seconds");
        encoder.single(family, seconds(rtt));
    }
    if let Some(retransmits) = retransmits {
        let family =
            Family::gauge("probe_rdp_syn_retransmits", "How often the connection's SYN was sent again");
        encoder.single(family, f64::from(retransmits));
    }
}

fn address(encoder: &mut Encoder, address: IpAddr) {
    let version = if address.is_ipv4() { 4.0 } else { 6.0 };
    encoder.single(Family::gauge("probe_ip_protocol", "The IP version of the connection, 4 or 6"), version);
    encoder.single(
        Family::gauge(
            "probe_ip_addr_hash",
            "A hash of the address (FNV-1a): another value is another address",
        ),
        f64::from(fnv1a(address)),
    );
}

fn security(encoder: &mut Encoder, route: &Route, diagnosis: &Diagnosis) {
    use crate::evidence::Answer;
    let reply = route.negotiate.first().and_then(|row| row.reply.seen());
    if let Some(Answer::Response { selected_protocol, .. }) = reply.map(|reply| &reply.answer) {
        encoder.family(Family::gauge(
            "probe_rdp_selected_protocol_info",
            "Always 1; the protocol that the server selected of all that were offered",
        ));
        encoder.value(&[("protocol", selected_protocol.name().unwrap_or("other"))], 1.0);
    }
    if let Some(posture) = diagnosis.posture.iter().find(|posture| posture.address == route.address) {
        encoder.family(Family::gauge(
            "probe_rdp_nla",
            "Whether NLA is required, offered or not offered: 1 for one of them",
        ));
        for (nla, word) in [
            (Nla::Required, "required"),
            (Nla::Offered, "offered"),
            (Nla::NotOffered, "not_offered"),
            (Nla::Selected, "selected"),
            (Nla::Unknown, "unknown"),
        ] {
            encoder.value(&[("nla", word)], flag(posture.nla == nla));
        }
    }
    encoder.family(Family::gauge("probe_tls_version_info", "Always 1; the TLS version agreed on"));
    if let Some(handshake) = route.handshake.seen() {
        encoder.value(&[("version", version(handshake.version))], 1.0);
    }
    encoder.family(Family::gauge(
        "probe_rdp_tls_version_accepted",
        "Whether the server accepts a TLS version; versions that were not tried are left out",
    ));
    for attempt in route.tls_versions.iter().filter(|attempt| attempt.step.ran()) {
        let accepted = attempt.step.seen().is_some_and(|flight| flight.version == attempt.offered);
        encoder.value(&[("version", version(attempt.offered))], flag(accepted));
    }
}

fn certificate(encoder: &mut Encoder, evidence: &Evidence, route: &Route) {
    let all = evidence.routes.iter().filter_map(|route| route.certificate.seen());
    if let Some(earliest) = all.map(|certificate| certificate.not_after).min() {
        encoder.single(
            Family::gauge(
                "probe_ssl_earliest_cert_expiry",
                "When the first of the servers' certificates ends, in Unix time",
            ),
            earliest.as_duration().as_secs_f64(),
        );
    }
    if let Some(certificate) = route.certificate.seen() {
        encoder.family(Family::gauge(
            "probe_ssl_last_chain_info",
            "Always 1; what the server's certificate says",
        ));
        chain_info(encoder, certificate);
    }
}

fn chain_info(encoder: &mut Encoder, certificate: &Certificate) {
    let fingerprint = certificate.thumbprint_sha256.to_ascii_lowercase();
    let names = certificate.subject_alternative_names.join(",");
    encoder.value(
        &[
            ("fingerprint_sha256", &fingerprint),
            ("subject", &certificate.subject),
            ("issuer", &certificate.issuer),
            ("subjectalternative", &names),
            ("serialnumber", &certificate.serial),
        ],
        1.0,
    );
}

/// What the server told of itself.
fn server(encoder: &mut Encoder, route: &Route) {
    if let Some(clock) = &route.clock {
        let family = Family::gauge(
            "probe_rdp_clock_skew_seconds",
            "The server's clock against this machine's, in seconds; positive if it is ahead",
        );
        encoder.single(family, seconds(clock.skew_ms.0));
    }
    if let Some(challenge) = route.credssp.seen() {
        let name = challenge.dns_computer_name.as_deref().or(challenge.netbios_computer_name.as_deref());
        let domain = challenge.dns_domain_name.as_deref().or(challenge.netbios_domain_name.as_deref());
        let build = challenge.os.as_ref().map(|os| format!("{}.{}.{}", os.major, os.minor, os.build));
        encoder.family(Family::gauge(
            "probe_rdp_server_info",
            "Always 1; the server's name, domain and build; empty where it does not tell",
        ));
        encoder.value(
            &[
                ("name", name.unwrap_or_default()),
                ("domain", domain.unwrap_or_default()),
                ("build", build.as_deref().unwrap_or_default()),
            ],
            1.0,
        );
    }
}

/// The address that went furthest, the first of them: what is told once is told of it.
fn representative(evidence: &Evidence) -> Option<&Route> {
    let furthest = |route: &&Route| {
        let stages = [
            route.connect.seen().is_some(),
            route.negotiate.first().is_some_and(|row| row.reply.seen().is_some()),
            route.handshake.seen().is_some(),
            route.credssp.seen().is_some(),
        ];
        (diagnosis::went_well(route, evidence.depth), stages)
    };
    // Of equals max_by_key takes the last one.
    evidence.routes.iter().rev().max_by_key(furthest)
}

fn time<T>(step: &Step<T>) -> Option<f64> {
    step.ran().then_some(step.elapsed_ms.0)
}

/// Numbers that no table knows come from the server, and are not to become labels.
fn version(version: TlsVersion) -> &'static str {
    version.name().unwrap_or("other")
}

/// Seconds, to the microsecond as the evidence has them.
fn seconds(milliseconds: f64) -> f64 {
    (milliseconds * 1e3).round() / 1e6
}

fn flag(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

fn count(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// FNV-1a of 32 bits over the octets, as blackbox_exporter has it.
fn fnv1a(address: IpAddr) -> u32 {
    let hash = |octets: &[u8]| {
        octets
            .iter()
            .fold(0x811c_9dc5_u32, |hash, octet| (hash ^ u32::from(*octet)).wrapping_mul(0x0100_0193))
    };
    match address {
        IpAddr::V4(address) => hash(&address.octets()),
        IpAddr::V6(address) => hash(&address.octets()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hash_as_fnv_says() {
        // "foob", from the test vectors of the FNV page.
        assert_eq!(fnv1a("102.111.111.98".parse().unwrap()), 0x3f50_76ef);
    }
}
