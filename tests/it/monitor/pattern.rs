//! What shows over time: rhythm, flapping, lost connections, another machine on return, the public address alone.

use proptest::prelude::*;
use std::time::Duration;

use rdprobe::diagnosis::{Standing, diagnose};
use rdprobe::evidence::{Stage, Testimony, Witness};
use rdprobe::monitor::health::Symptom;
use rdprobe::monitor::hold::{Ending, HeldEnd};
use rdprobe::monitor::outage::Outage;
use rdprobe::monitor::pattern::{across, cause_of, of};
use rdprobe::monitor::view::TargetView;
use rdprobe::policy::Change;

use super::made::{after, secs, settings, watched};
use crate::fixture::{V4, named, windows};

const MINUTE: u64 = 60;

fn outage(start: u64, lasted: u64) -> Outage {
    let symptom =
        Symptom { stage: Stage::Connect, kind: "refused".to_owned(), text: "the SYN was refused".to_owned() };
    Outage {
        start: after(secs(start)),
        end: Some(after(secs(start + lasted))),
        seen_until: None,
        rounds_lost: lasted,
        first_symptom: symptom.clone(),
        last_symptom: symptom,
        cause: None,
        changes: Vec::new(),
    }
}

/// What shows a moment after the last one.
fn found(outages: &[Outage]) -> Vec<Testimony> {
    let now = outages.last().and_then(|last| last.end).unwrap_or(after(secs(0)));
    of(outages.iter(), [].iter(), false, now)
}

fn only(found: &[Testimony]) -> (&str, &str) {
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].witness, Witness::Monitor);
    (&found[0].id, &found[0].fact)
}

/// Outages of 20 s that begin so many minutes after each other.
fn every(minutes: &[u64]) -> Vec<Outage> {
    let starts = minutes.iter().scan(0, |now, minutes| {
        *now += minutes * MINUTE;
        Some(*now)
    });
    std::iter::once(0).chain(starts).map(|start| outage(start, 20)).collect()
}

#[test]
fn ninety_minutes_are_the_group_policys() {
    let found = found(&every(&[91, 104, 97, 118]));
    assert_eq!(only(&found), ("over-time.flap-90-min", "the last 5 outages began about every 104 min"));
    let cause = cause_of(&found[0]).unwrap();
    assert_eq!((cause.id.as_str(), cause.standing), ("gp-refresh-flap", Standing::Likely));
    assert_eq!(cause.summary, found[0].fact);
}

#[test]
fn another_rhythm_is_named_and_no_policy_blamed() {
    let found = found(&every(&[30, 31, 30, 29, 30]));
    assert_eq!(only(&found), ("over-time.rhythm", "the last 6 outages began every 30 min"));
    assert_eq!(cause_of(&found[0]), None);
}

#[test]
fn what_has_no_rhythm_gives_none() {
    assert_eq!(found(&every(&[91, 104])), [], "too few");
    assert_eq!(found(&every(&[91, 12, 300, 45, 7, 210])), []);
    assert_eq!(found(&every(&[30, 30, 30])), [], "chance alone does that");
    assert_eq!(found(&[]), []);
    // Out for most of the time.
    let long: Vec<Outage> = (0..6).map(|index| outage(index * 90 * MINUTE, 80 * MINUTE)).collect();
    assert_eq!(found(&long), []);
}

#[test]
fn flapping_is_told_with_its_causes() {
    let found = of([].iter(), [].iter(), true, after(secs(0)));
    assert_eq!(only(&found).0, "over-time.flapping");
    assert_eq!(cause_of(&found[0]).unwrap().standing, Standing::Possible);
}

fn lost(noticed: u64, age_s: f64) -> HeldEnd {
    let noticed = after(secs(noticed));
    HeldEnd { opened: noticed, noticed, age_s, idle_s: 0.0, ending: Ending::Reset }
}

#[test]
fn connections_that_are_lost_again_and_again() {
    let often = [lost(0, 40.0), lost(600, 95.0), lost(1_300, 12.0)];
    let found = of([].iter(), often.iter(), false, after(secs(4_000)));
    let fact = "3 connections that were kept alive were lost within 60 min, none older than 1 min 35 s";
    assert_eq!(only(&found), ("over-time.held-lost", fact));
    let causes = ["brute-force", "listener-misconfigured-disconnects"];
    assert!(causes.contains(&cause_of(&found[0]).unwrap().id.as_str()));
    let seldom = [lost(0, 40.0), lost(4_000, 95.0), lost(8_000, 12.0)];
    assert_eq!(of([].iter(), seldom.iter(), false, after(secs(8_000))), []);
}

#[test]
fn another_build_on_return_tells_of_a_restart() {
    let change = |what: &str| Change { what: what.to_owned(), before: None, after: None, ignored: false };
    let mut back = outage(0, 140);
    back.changes = vec![change("thumbprint"), change("build"), change("tls")];
    let fact = "after 2 min 20 s it came back with another build and certificate";
    assert_eq!(only(&found(&[back.clone()])), ("over-time.came-back-other", fact));
    back.changes = vec![change("tls")];
    assert_eq!(found(&[back]), []);
}

#[test]
fn what_was_over_long_ago_shows_no_more() {
    let day = 24 * 60 * MINUTE;
    let at_the_end = |outages: &[Outage], later: u64| {
        let end = outages.last().unwrap().end.unwrap();
        of(outages.iter(), [].iter(), false, end.checked_add(secs(later)).unwrap())
    };
    let policy = every(&[91, 104, 97, 118]);
    assert_eq!(at_the_end(&policy, day - MINUTE).len(), 1);
    assert_eq!(at_the_end(&policy, day + MINUTE), []);
    // Once a week: it may yet come again.
    let weekly = every(&[7 * 24 * 60; 5]);
    assert_eq!(at_the_end(&weekly, 8 * day).len(), 1);
    assert_eq!(at_the_end(&weekly, 15 * day), []);
    let mut back = outage(0, 140);
    back.changes = vec![Change { what: "build".to_owned(), before: None, after: None, ignored: false }];
    assert_eq!(at_the_end(&[back], day + MINUTE), []);
    let often = [0, 1, 2].map(|start| lost(start, 20.0));
    assert_eq!(of([].iter(), often.iter(), false, after(secs(day))).len(), 1);
    assert_eq!(of([].iter(), often.iter(), false, after(secs(2 * day))), []);
    let public = view(V4, "dc1", vec![outage(0, 20), outage(100, 20), outage(900, 30)]);
    let inside = view("10.0.0.4:3389", "dc1", Vec::new());
    assert_eq!(across(&public, &[inside], after(secs(2 * day))), None);
}

fn view(address: &str, name: &str, outages: Vec<Outage>) -> TargetView {
    let mut view = watched(&settings(secs(1))).view();
    view.address = Some(address.parse().unwrap());
    view.server.name = Some(name.to_owned());
    view.rounds = 1_000;
    view.outages = outages;
    view
}

#[test]
fn the_public_address_alone_points_to_guessing() {
    let outages = vec![outage(0, 20), outage(100, 20), outage(900, 30)];
    let public = view(V4, "DC1.corp.example", outages.clone());
    let inside = view("10.0.0.4:3389", "dc1.corp.example", Vec::new());
    let now = after(secs(1_000));
    let testimony = across(&public, std::slice::from_ref(&inside), now).unwrap();
    assert_eq!(testimony.id, "over-time.public-only");
    assert_eq!(testimony.fact, "20.51.100.4 was out 3 times while 10.0.0.4 of the same machine stayed up");
    assert_eq!(cause_of(&testimony).unwrap().standing, Standing::Possible);
    // Not where the private address was out as well, nor of another machine, nor the other way round.
    let both = view("10.0.0.4:3389", "dc1.corp.example", vec![outage(110, 5)]);
    assert_eq!(across(&public, &[both], now), None);
    assert_eq!(across(&public, &[view("10.0.0.4:3389", "dc2", Vec::new())], now), None);
    assert_eq!(across(&view("10.0.0.4:3389", "dc1", outages), &[view(V4, "dc1", Vec::new())], now), None);
    assert_eq!(across(&public, std::slice::from_ref(&public), now), None);
}

#[test]
fn a_deep_probe_ranks_what_the_monitor_saw() {
    let fact = "an idle connection is cut without a word between 2 min and 4 min without a movement";
    let mut evidence = named(vec![windows(V4)]);
    let told = |id: &str| Testimony { witness: Witness::Monitor, id: id.to_owned(), fact: fact.to_owned() };
    evidence.testimony = vec![told("over-time.idle-cut")];
    let diagnosis = diagnose(&evidence);
    assert_eq!(diagnosis.findings[0].cause, "keepalive-idle-cut");
    assert_eq!(diagnosis.findings[0].standing, Standing::Likely);
    // A fact that is no fault asks for no cause.
    evidence.testimony =
        vec![told("over-time.fixed-age"), told("over-time.idle-untested"), told("over-time.rhythm")];
    assert!(diagnose(&evidence).findings.is_empty());
}

proptest! {
    #[test]
    fn a_rhythm_is_found_whenever_it_began(
        period in 2_u64..2_000,
        begin in 0_u64..100_000,
        count in 5_u64..40,
        off in prop::collection::vec(0_u64..5, 40),
    ) {
        let period = period * MINUTE;
        let starts = (0..count).zip(off).map(|(index, off)| begin + index * period + off);
        let outages: Vec<Outage> = starts.map(|start| outage(start, 10)).collect();
        let found = found(&outages);
        prop_assert_eq!(found.len(), 1);
        let policy = (Duration::from_secs(88 * 60)..Duration::from_secs(122 * 60)).contains(&secs(period));
        prop_assert!(!policy || found[0].id == "over-time.flap-90-min", "{:?}", found);
        prop_assert!(policy || (86..=124).contains(&(period / MINUTE)) || found[0].id == "over-time.rhythm");
    }
}
