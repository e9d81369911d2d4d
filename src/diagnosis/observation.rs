//! Observations: from the evidence to the stable ids of what was seen, each with the fact that proves it.
//!
//! The only bridge between evidence and causes: the catalogue names these ids and nothing of the evidence.

use std::net::SocketAddr;

use super::Observation;
use crate::evidence::{Evidence, Failure, Millis, Stage};

// The table of every id: its stage, its weight, and whether the probe can see it yet.
pub mod vocabulary;

// dns.*: what the resolver said, and what kind of address it gave.
mod resolve;

// tcp.*, host.*, control.*, route.*: the connection and the other ports of the host.
mod connect;

// x224.*, mcs.*: the negotiation matrix and standard RDP security.
mod negotiate;

// tls.*: the full handshake and the one-version attempts.
mod tls;

// cert.*: the leaf certificate.
mod certificate;

// nla.*, ntlm.*, time.*: the CredSSP answer and the clocks.
mod credssp;

pub(super) use credssp::domain;
pub use vocabulary::{Seen, Weight, Word, lookup, matches};

/// Everything that the evidence shows, in the order of the flow: target first, then route by route, then what is told.
#[must_use]
pub fn observe(evidence: &Evidence) -> Vec<Observation> {
    let mut notes = Notes::default();
    if evidence.interrupted {
        notes.add("probe.interrupted", "the probe was ended before its plan was done");
    }
    resolve::observe(evidence, &mut notes);
    connect::observe_routes(evidence, &mut notes);
    for route in &evidence.routes {
        notes.address = Some(route.address);
        connect::observe(route, &mut notes);
        negotiate::observe(route, &mut notes);
        tls::observe(route, &mut notes);
        certificate::observe(route, &mut notes);
        credssp::observe(evidence, route, &mut notes);
    }
    notes.address = None;
    for told in &evidence.testimony {
        notes.add(told.id.as_str(), told.fact.as_str());
    }
    notes.seen
}

/// Collects observations: one of a kind a route, the first fact stands.
#[derive(Default)]
struct Notes {
    address: Option<SocketAddr>,
    seen: Vec<Observation>,
}

impl Notes {
    fn add(&mut self, id: impl Into<String>, fact: impl Into<String>) {
        let (id, fact) = (id.into(), fact.into());
        if !self.has(&id) {
            self.seen.push(Observation { id, address: self.address, fact });
        }
    }

    fn has(&self, id: &str) -> bool {
        self.seen.iter().any(|seen| seen.id == id && seen.address == self.address)
    }

    /// This machine's own trouble, and the user's Ctrl-C, are the same words in whichever stage they strike.
    /// Returns whether the failure was of that kind.
    fn add_own_side(&mut self, doing: &str, failure: &Failure) -> bool {
        match failure {
            Failure::Local { what, detail, .. } => {
                self.add(connect::local_id(*what), format!("{doing}: this machine could not: {detail}"));
                true
            }
            Failure::Interrupted => {
                self.add("probe.interrupted", format!("{doing}: the probe was ended first"));
                true
            }
            _ => false,
        }
    }
}

/// The stage that an observation belongs to; null for what holds for the probe as a whole.
#[must_use]
pub fn stage_of(id: &str) -> Option<Stage> {
    lookup(id).and_then(|word| word.stage)
}

/// Whether an observation must be explained by a cause.
#[must_use]
pub fn is_symptom(id: &str) -> bool {
    lookup(id).is_some_and(|word| word.weight == Weight::Symptom)
}

/// Whether an observation is what the user's client displayed.
#[must_use]
pub fn is_complaint(id: &str) -> bool {
    lookup(id).is_some_and(|word| word.weight == Weight::Complaint)
}

/// Whether an observation is told by others, not seen by the probe.
#[must_use]
pub fn is_told(id: &str) -> bool {
    lookup(id).is_some_and(|word| word.seen == Seen::Told)
}

/// Whether an observation is what the monitor saw over time with its own probes.
pub(super) fn is_watched(id: &str) -> bool {
    id.starts_with("over-time.")
}

/// Whether a pattern of the catalogue names something that the probe can see.
pub(super) fn is_seen(pattern: &str) -> bool {
    match lookup(pattern) {
        Some(word) => word.seen == Seen::Now,
        None => vocabulary::vocabulary().any(|word| word.seen == Seen::Now && matches(pattern, word.id)),
    }
}

/// A duration as a person reads it: milliseconds below a second, seconds above.
pub(super) fn duration(time: Millis) -> String {
    if time.0 < 1000.0 { format!("{:.1} ms", time.0) } else { format!("{:.1} s", time.0 / 1000.0) }
}

/// What did not come in time.
fn silence(after: Millis, bytes_read: u64) -> String {
    match bytes_read {
        0 => format!("no answer within {}", duration(after)),
        count => format!("no whole answer within {} ({})", duration(after), bytes(count)),
    }
}

/// `1 byte`, `2 bytes`.
fn bytes(count: u64) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}
