//! Evidence -> observations, posture, verdict, findings; and the catalogue itself.

// The files of the catalogue against the vocabulary and against each other.
mod catalogue;

// What must never be concluded from too little.
mod honesty;

// Look-alikes, pair by pair.
mod confusion;

// What shows each cause.
#[cfg(target_os = "linux")]
mod coverage;

// What the user's client displayed.
mod says;

// The ids of security, sign-in and sessions, which scripts rely on.
mod ids_security;

// The vendor's repair documents: what each describes leads to its cause, and every command stands in a fix.
mod seeds;

// One server behaviour each: verdict, stage, first finding.
mod situations;

use rdprobe::diagnosis::{Diagnosis, Finding, Standing, diagnose};
use rdprobe::evidence::Evidence;

/// The finding of a cause, if it stands.
fn find<'a>(diagnosis: &'a Diagnosis, cause: &str) -> Option<&'a Finding> {
    diagnosis.findings.iter().find(|finding| finding.cause == cause)
}

fn standing(diagnosis: &Diagnosis, cause: &str) -> Option<Standing> {
    find(diagnosis, cause).map(|finding| finding.standing)
}

fn has(diagnosis: &Diagnosis, observation: &str) -> bool {
    diagnosis.observations.iter().any(|seen| seen.id == observation)
}

fn causes(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.findings.iter().map(|finding| finding.cause.as_str()).collect()
}

/// The verdict must hold whichever way the evidence came: fresh, or out of a saved report.
fn judged(evidence: &Evidence) -> Diagnosis {
    let fresh = diagnose(evidence);
    let text = serde_json::to_string(evidence).expect("evidence is JSON");
    let saved: Evidence = serde_json::from_str(&text).expect("evidence is read back");
    assert_eq!(fresh, diagnose(&saved), "a saved report is judged differently");
    fresh
}
