//! Over time: what a row of outages and held connections shows that no single probe can see.
//!
//! Each pattern is a testimony by an id of the vocabulary (`over-time.*`), so that the diagnosis ranks its causes.

use jiff::Timestamp;
use std::net::IpAddr;
use std::time::Duration;

use super::hold::HeldEnd;
use super::outage::{Cause, Outage};
use super::span::span;
use super::view::TargetView;
use crate::diagnosis::{Observation, rank};
use crate::evidence::resolve::Scope;
use crate::evidence::{Testimony, Witness};
use crate::probe::resolve::scope;

// Outages that come again after the same time.
mod rhythm;

/// What is longer ago says nothing of today.
const LATELY: Duration = Duration::from_secs(24 * 3600);

/// The patterns that one target's outages and the held connections that were lost, oldest first, show at this moment.
#[must_use]
pub fn of<'a>(
    outages: impl Iterator<Item = &'a Outage> + Clone,
    lost: impl Iterator<Item = &'a HeldEnd>,
    flapping: bool,
    now: Timestamp,
) -> Vec<Testimony> {
    let starts: Vec<Timestamp> = outages.clone().map(|outage| outage.start).collect();
    let short = outages.clone().filter_map(lasted).max().unwrap_or_default();
    rhythm::of(&starts, short, now)
        .into_iter()
        .chain(flapping.then(|| told("over-time.flapping", "it goes up and down again and again".to_owned())))
        .chain(often_lost(lost, now))
        .chain(outages.last().and_then(|outage| came_back_other(outage, now)))
        .collect()
}

/// The pattern's best cause in the catalogue; none if it has none.
#[must_use]
pub fn cause_of(testimony: &Testimony) -> Option<Cause> {
    let Testimony { id, fact, .. } = testimony;
    let seen = Observation { id: id.clone(), address: None, fact: fact.clone() };
    rank::rank(&[seen], true).first().map(|finding| Cause::of_finding(finding, fact))
}

/// What a target shows beside others of the same machine: out by its public address while a private one stays up.
#[must_use]
pub fn across(own: &TargetView, others: &[TargetView], now: Timestamp) -> Option<Testimony> {
    let last = own.outages.last()?;
    if is_past(last.end.unwrap_or(now), LATELY, now) {
        return None;
    }
    let public = own.address.map(|address| address.ip()).filter(|ip| !is_private(*ip))?;
    let inside = others.iter().find(|other| {
        let private = other.address.is_some_and(|address| is_private(address.ip()));
        private && same_machine(own, other) && other.rounds > 0
    })?;
    let alone =
        own.outages.iter().filter(|outage| !inside.outages.iter().any(|other| overlap(outage, other)));
    let count = alone.count();
    (count >= OFTEN && count == own.outages.len()).then(|| {
        let private =
            inside.address.map_or_else(|| inside.target.clone(), |address| address.ip().to_string());
        told(
            "over-time.public-only",
            format!("{public} was out {count} times while {private} of the same machine stayed up"),
        )
    })
}

/// So often is no accident any more.
const OFTEN: usize = 3;

/// The same, of outages.
pub(super) const OFTEN_OUT: u64 = 3;

/// Within this time.
const SHORT_WHILE: Duration = Duration::from_secs(3600);

fn often_lost<'a>(lost: impl Iterator<Item = &'a HeldEnd>, now: Timestamp) -> Option<Testimony> {
    let lost: Vec<&HeldEnd> = lost.collect();
    let last = lost.last()?.noticed;
    if is_past(last, LATELY, now) {
        return None;
    }
    let recent = |held: &&&HeldEnd| last.duration_since(held.noticed).unsigned_abs() <= SHORT_WHILE;
    let count = lost.iter().filter(recent).count();
    let longest = lost.iter().filter(recent).map(|held| held.age()).max()?;
    (count >= OFTEN).then(|| {
        let fact = format!(
            "{count} connections that were kept alive were lost within {}, none older than {}",
            span(SHORT_WHILE),
            span(longest)
        );
        told("over-time.held-lost", fact)
    })
}

/// What differs after an outage and tells that the machine was started anew, or is another one.
const TELLS_OF_A_RESTART: [&str; 3] = ["build", "thumbprint", "name"];

fn came_back_other(outage: &Outage, now: Timestamp) -> Option<Testimony> {
    if is_past(outage.end?, LATELY, now) {
        return None;
    }
    let telling = |what: &&str| outage.changes.iter().any(|change| change.what == **what);
    let different: Vec<&str> = TELLS_OF_A_RESTART.into_iter().filter(|what| telling(what)).collect();
    let away = lasted(outage).filter(|_| !different.is_empty())?;
    let what = different.join(" and ").replace("thumbprint", "certificate");
    Some(told("over-time.came-back-other", format!("after {} it came back with another {what}", span(away))))
}

/// Whether something was longer ago than that. A clock that was set back makes nothing past.
fn is_past(at: Timestamp, long: Duration, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(at)).is_ok_and(|ago| ago > long)
}

fn lasted(outage: &Outage) -> Option<Duration> {
    Some(outage.end?.duration_since(outage.start).unsigned_abs())
}

fn overlap(one: &Outage, other: &Outage) -> bool {
    let end = |outage: &Outage| outage.end.unwrap_or(Timestamp::MAX);
    one.start <= end(other) && other.start <= end(one)
}

fn same_machine(one: &TargetView, other: &TargetView) -> bool {
    match (&one.server.name, &other.server.name) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

fn is_private(ip: IpAddr) -> bool {
    matches!(scope(ip), Scope::Private | Scope::Loopback | Scope::LinkLocal)
}

fn told(id: &str, fact: String) -> Testimony {
    Testimony { witness: Witness::Monitor, id: id.to_owned(), fact }
}
