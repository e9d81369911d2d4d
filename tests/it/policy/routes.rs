//! Several addresses: the worst decides, and the fact names it.

use rdprobe::evidence::failure::LocalTrouble;
use rdprobe::evidence::{Connected, Millis, Route};
use rdprobe::policy::Outcome;
use rdprobe::report::Report;

use super::expectations::judged;
use crate::fixture::{
    V4, V6, expired_certificate, local, named, seen, standard_only, tcp, timed_out, unconnected, windows,
};

fn report(routes: Vec<Route>) -> Report {
    Report::new(named(routes))
}

#[test]
fn one_address_that_misses_is_enough() {
    let expired = Route { certificate: seen(expired_certificate()), ..windows(V6) };
    let report = report(vec![windows(V4), expired]);
    let judged = judged("cert.valid", &report);
    assert_eq!(judged.outcome, Outcome::Missed);
    assert_eq!(judged.address, Some(V6.parse().unwrap()));
    assert!(judged.fact.starts_with("at [2603:1030::4]:3389: it ended on"), "{}", judged.fact);
}

#[test]
fn missed_is_worse_than_undecided_and_undecided_than_met() {
    let both = report(vec![windows(V4), unconnected(V6, timed_out())]);
    let undecided = judged("nla=required", &both);
    assert_eq!(undecided.outcome, Outcome::Undecided);
    assert!(undecided.fact.starts_with("at [2603:1030::4]:3389: "), "{}", undecided.fact);
    let three = report(vec![windows(V4), unconnected(V6, timed_out()), standard_only("20.51.100.5:3389")]);
    assert_eq!(judged("nla=required", &three).outcome, Outcome::Missed);
    assert_eq!(judged("reachable", &both).outcome, Outcome::Missed);
    assert_eq!(judged("reachable", &both).address, None);
}

#[test]
fn of_numbers_that_come_to_the_same_the_worst_is_told() {
    let slow = Route { connect: seen(Connected { rtt_ms: Some(Millis(80.0)), ..tcp() }), ..windows(V6) };
    let report = report(vec![windows(V4), slow, windows("20.51.100.5:3389")]);
    let judged = judged("rtt<150ms", &report);
    assert_eq!((judged.outcome, judged.address), (Outcome::Met, Some(V6.parse().unwrap())));
    assert_eq!(judged.measure.unwrap().value.total_cmp(&80.0), std::cmp::Ordering::Equal);
}

/// A machine without IPv6 has nothing to say of a server's IPv6 address.
#[test]
fn an_address_without_a_way_from_here_does_not_count() {
    let no_way = || unconnected(V6, local(LocalTrouble::NoRoute));
    let judged_both = |text| judged(text, &report(vec![windows(V4), no_way()]));
    assert_eq!(judged_both("nla=required").outcome, Outcome::Met);
    assert_eq!(judged_both("reachable").outcome, Outcome::Met);
    let alone = judged("nla=required", &report(vec![no_way()]));
    assert_eq!(alone.outcome, Outcome::Undecided, "where no other was tried, nothing is known");
    let denied = unconnected(V6, local(LocalTrouble::TooManyFiles));
    let judged_denied = judged("nla=required", &report(vec![windows(V4), denied]));
    assert_eq!(judged_denied.outcome, Outcome::Undecided, "what may pass was not seen");
}
