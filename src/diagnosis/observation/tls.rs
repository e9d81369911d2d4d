//! tls.*: the full handshake and the one-version attempts.

use super::{Notes, bytes, silence};
use crate::diagnosis::matrix;
use crate::evidence::{Failure, Outcome, Route, VersionAttempt};
use crate::wire::codes::tls::{AlertDescription, TlsVersion};

pub(super) fn observe(route: &Route, notes: &mut Notes) {
    // Where no row selects a protocol over TLS, the attempts died in the negotiation before their hello.
    if !matrix::selects_over_tls(route) {
        return;
    }
    if let Some(handshake) = route.handshake.seen() {
        version(handshake.version, "the full handshake", notes);
        let fact = format!("the full handshake chose {}", handshake.cipher_suite);
        notes.add(format!("tls.cipher.{:04x}", handshake.cipher_suite.0), fact);
    }
    for attempt in &route.tls_versions {
        one_version(attempt, notes);
    }
    let answered = answered_versions(route);
    if let Some(failure) = route.handshake.failure() {
        handshake_failed(failure, answered.first().copied(), notes);
    }
    if route.handshake.seen().is_none() {
        together(route, &answered, notes);
    }
}

/// The versions that hand-made hellos were answered with, oldest first.
fn answered_versions(route: &Route) -> Vec<TlsVersion> {
    let mut versions: Vec<TlsVersion> = route
        .tls_versions
        .iter()
        .filter_map(|attempt| attempt.step.seen())
        .map(|flight| flight.version)
        .collect();
    versions.sort_unstable();
    versions.dedup();
    versions
}

fn version(version: TlsVersion, who: &str, notes: &mut Notes) {
    let fact = format!("{who} was answered with {version}");
    notes.add(format!("tls.version.{}", number(version)), fact);
}

fn one_version(attempt: &VersionAttempt, notes: &mut Notes) {
    let who = format!("the hello with {} only", attempt.offered);
    match &attempt.step.outcome {
        Outcome::Seen(flight) => {
            version(flight.version, &who, notes);
            let fact = format!("{who} was answered with {}", flight.cipher_suite);
            notes.add(format!("tls.cipher.{:04x}", flight.cipher_suite.0), fact);
            if flight.looks_like_schannel {
                notes.add("tls.schannel", format!("{who} was answered with the marks of Schannel"));
            }
        }
        Outcome::Failed(failure) => {
            if !notes.add_own_side(&who, failure) {
                let fact = format!("{who}: {}", answer(failure).1);
                notes.add(format!("tls.refused.{}", number(attempt.offered)), fact);
            }
        }
        Outcome::Skipped(_) => {}
    }
}

/// A handshake that fails while a wide offer is answered was refused for our library's narrow offer: no symptom.
fn handshake_failed(failure: &Failure, answered: Option<TlsVersion>, notes: &mut Notes) {
    if notes.add_own_side("the TLS handshake", failure) {
        return;
    }
    let (id, what) = answer(failure);
    match answered {
        Some(version) => {
            let fact =
                format!("the full handshake: {what}; a wide hand-made hello was answered with {version}");
            notes.add("tls.library-too-new", fact);
        }
        None => notes.add(id, format!("the full handshake: {what}")),
    }
}

/// What the attempts together say, where no full handshake stands against it.
fn together(route: &Route, answered: &[TlsVersion], notes: &mut Notes) {
    if let Some(newest) = answered.last() {
        if *newest < TlsVersion::TLS_1_2 {
            notes.add("tls.old-only", format!("the newest version that the server answers is {newest}"));
        }
        return;
    }
    let failures: Vec<&Failure> = route
        .tls_versions
        .iter()
        .filter_map(|attempt| attempt.step.failure())
        .filter(|it| is_peer(it))
        .collect();
    if failures.is_empty() || failures.len() != route.tls_versions.len() {
        return;
    }
    let count = failures.len();
    if failures.iter().all(|failure| matches!(failure, Failure::Reset { .. } | Failure::Closed { .. })) {
        let fact =
            format!("{count} of {count} TLS versions were answered by a reset or a close, wide offers too");
        notes.add("tls.reset-every-version", fact);
    } else if failures.iter().all(|failure| matches!(failure, Failure::Disconnected { .. })) {
        notes.add("tls.disconnect-after-ch", "every hello was answered by an MCS disconnect in clear");
    } else if failures.iter().any(|failure| is_internal_error(failure)) {
        let fact = "a hello was answered with internal_error, and none with a ServerHello";
        notes.add("tls.enabled-but-broken", fact);
    } else if !failures.iter().all(|failure| matches!(failure, Failure::TimedOut { .. })) {
        notes.add("tls.refused-every-version", format!("{count} of {count} TLS versions were refused"));
    }
}

/// The id for a failed hello, and what happened in words.
fn answer(failure: &Failure) -> (String, String) {
    let (id, what) = match failure {
        Failure::Reset { .. } => ("tls.reset-after-ch", "answered by a reset".to_owned()),
        Failure::Closed { .. } => ("tls.eof-after-ch", "answered by a close".to_owned()),
        Failure::TimedOut { after_ms, bytes_read } => ("tls.silent", silence(*after_ms, *bytes_read)),
        Failure::Alert { description, .. } => {
            return (
                format!("tls.alert.{}.ch", description.0),
                format!("answered by the alert {description}"),
            );
        }
        Failure::Disconnected { bytes, .. } => {
            ("tls.disconnect-after-ch", format!("answered by an MCS disconnect in clear: {bytes}"))
        }
        Failure::TlsLibrary { detail } => ("tls.library", format!("the TLS library here stopped: {detail}")),
        Failure::Malformed { detail, .. } => ("tls.malformed", detail.clone()),
        Failure::NotRdp { looks_like, .. } => ("tls.malformed", format!("{} answers", looks_like.word())),
        Failure::TooMuch { limit_bytes } => ("tls.malformed", format!("more than {}", bytes(*limit_bytes))),
        _ => ("tls.malformed", "no useful answer".to_owned()),
    };
    (id.to_owned(), what)
}

const fn is_peer(failure: &Failure) -> bool {
    !matches!(failure, Failure::Local { .. } | Failure::Interrupted)
}

fn is_internal_error(failure: &Failure) -> bool {
    matches!(failure, Failure::Alert { description, .. } if *description == AlertDescription::INTERNAL_ERROR)
}

/// `1.2` for TLS 1.2; the number of an unknown version.
fn number(version: TlsVersion) -> String {
    match version.name().and_then(|name| name.strip_prefix("TLS ")) {
        Some(number) => number.to_owned(),
        None => version.0.to_string(),
    }
}
