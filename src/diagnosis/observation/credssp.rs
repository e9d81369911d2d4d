//! nla.*, ntlm.*, time.*: the CredSSP answer and the clocks.

use super::{Notes, bytes, duration};
use crate::diagnosis::matrix;
use crate::evidence::credssp::Membership;
use crate::evidence::resolve::Source;
use crate::evidence::{Because, Challenge, ClockSkew, Evidence, Failure, Millis, Outcome, Route};
use crate::wire::codes::ntstatus::NtStatus;

/// What Kerberos allows between two clocks.
const SKEW_LIMIT_MS: f64 = 5.0 * 60.0 * 1000.0;

/// NetBIOS names end here.
const NETBIOS_LENGTH: usize = 15;

pub(super) fn observe(evidence: &Evidence, route: &Route, notes: &mut Notes) {
    match &route.credssp.outcome {
        Outcome::Seen(challenge) => {
            seen(challenge, notes);
            other_machine(evidence, challenge, notes);
            old_name(route, challenge, notes);
        }
        Outcome::Failed(failure) => failed(failure, notes),
        Outcome::Skipped(Because::EarlierStageFailed)
            if matrix::choice(route).is_some_and(matrix::is_hybrid) =>
        {
            notes.add("nla.not-tested", "NLA was selected, and the handshake before it did not come about");
        }
        Outcome::Skipped(_) => {}
    }
    if let Some(clock) = &route.clock {
        skew(clock, notes);
    }
}

fn seen(challenge: &Challenge, notes: &mut Notes) {
    notes.add("nla.challenge", "the TSRequest was answered with an NTLM CHALLENGE");
    let version = challenge.ts_request_version;
    notes.add(format!("nla.ver.{version}"), format!("the server's TSRequest has version {version}"));
    match challenge.membership {
        Membership::Workgroup => notes.add("ntlm.workgroup", "domain and machine have the same name"),
        Membership::Domain => {
            let domain = domain(challenge).unwrap_or("a domain without a name");
            notes.add("ntlm.domain", format!("the machine is in {domain}"));
        }
        Membership::Unknown => {}
    }
    if let Some(os) = &challenge.os {
        let product = os.product.as_deref().unwrap_or("a Windows that is not in the table");
        notes.add(format!("ntlm.build.{}", os.build), format!("build {}: {product}", os.build));
    }
}

/// The best name of the domain that a challenge has.
pub(in crate::diagnosis) fn domain(challenge: &Challenge) -> Option<&str> {
    challenge.dns_domain_name.as_deref().or(challenge.netbios_domain_name.as_deref())
}

fn failed(failure: &Failure, notes: &mut Notes) {
    if notes.add_own_side("the TSRequest", failure) {
        return;
    }
    match failure {
        Failure::Alert { description, .. } => {
            notes.add(format!("nla.alert.{}", description.0), format!("answered by the alert {description}"));
        }
        Failure::Reset { .. } => notes.add("nla.reset", "the TSRequest was answered by a reset"),
        Failure::Closed { bytes_read } => {
            notes.add(
                "nla.eof",
                format!("the TSRequest was answered by a close after {}", bytes(*bytes_read)),
            );
        }
        Failure::TimedOut { after_ms, .. } => {
            notes.add("nla.silent", format!("the TSRequest was not answered for {}", duration(*after_ms)));
        }
        Failure::Disconnected { bytes, .. } => {
            notes.add("nla.disconnect", format!("the TSRequest was answered by an MCS disconnect: {bytes}"));
        }
        Failure::CredsspError { code, version } => {
            notes.add(format!("nla.errcode.{:08x}", code.0), format!("the server ended CredSSP: {code}"));
            notes.add(format!("nla.ver.{version}"), format!("the server's TSRequest has version {version}"));
            if *code == NtStatus::NTLM_BLOCKED {
                notes.add("nla.no-ntlm", "the server takes CredSSP and refuses NTLM");
            }
        }
        Failure::Malformed { detail, .. } => notes.add("nla.malformed", detail.clone()),
        Failure::TooMuch { limit_bytes } => {
            notes.add("nla.malformed", format!("more than {}", bytes(*limit_bytes)));
        }
        Failure::TlsLibrary { detail } => notes.add("nla.malformed", detail.clone()),
        // Nothing else belongs to this stage; that it is here at all is worth a line.
        _ => notes.add("nla.malformed", "the answer was of no use"),
    }
}

/// An alias is a normal thing to ask for, so a different name is a hint and no more.
fn other_machine(evidence: &Evidence, challenge: &Challenge, notes: &mut Notes) {
    let Some(resolution) = evidence.resolve.seen().filter(|it| it.source != Source::Literal) else { return };
    let asked = resolution.query_name.trim_end_matches('.');
    let label = asked.split('.').next().unwrap_or(asked);
    let short: String = label.chars().take(NETBIOS_LENGTH).collect();
    let same = |name: &String| {
        name.eq_ignore_ascii_case(asked)
            || name.eq_ignore_ascii_case(&short)
            || name.split('.').next().is_some_and(|first| first.eq_ignore_ascii_case(label))
    };
    let names = [&challenge.dns_computer_name, &challenge.netbios_computer_name];
    let mut names = names.into_iter().flatten().peekable();
    if let Some(first) = names.peek().map(ToString::to_string)
        && !names.any(same)
    {
        notes.add("dns.other-machine", format!("asked for {asked}, the machine calls itself {first}"));
    }
}

/// The machine makes its own certificate in its own name; only an issued one may bear another.
fn old_name(route: &Route, challenge: &Challenge, notes: &mut Notes) {
    let Some(certificate) = route.certificate.seen().filter(|it| it.windows_default_pattern) else { return };
    let Some(common_name) = &certificate.common_name else { return };
    let label = |name: &str| name.split('.').next().unwrap_or(name).to_ascii_lowercase();
    let mut names =
        [&challenge.dns_computer_name, &challenge.netbios_computer_name].into_iter().flatten().peekable();
    let own = names.peek().map(ToString::to_string);
    let short: String = label(common_name).chars().take(NETBIOS_LENGTH).collect();
    let same = |name: &String| label(name) == label(common_name) || label(name) == short;
    if let Some(own) = own
        && !names.any(same)
    {
        let fact = format!("the machine calls itself {own}, its own certificate says {common_name}");
        notes.add("cert.old-name", fact);
    }
}

fn skew(clock: &ClockSkew, notes: &mut Notes) {
    let size = Millis(clock.skew_ms.0.abs());
    let side = if clock.skew_ms.0 < 0.0 { "behind" } else { "ahead of" };
    let about = if clock.approximate { "about " } else { "" };
    let fact = format!("the server's clock is {about}{} {side} this machine's", duration(size));
    let id = if size.0 > SKEW_LIMIT_MS { "time.skew" } else { "time.ok" };
    notes.add(id, fact);
}
