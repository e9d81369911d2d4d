//! Everything known of one target: events, outages with cause and changes, deep probes, bounded memory.

use rdprobe::diagnosis::Standing;
use rdprobe::evidence::{Evidence, Failure, HexBytes, Round, Route, Testimony, Witness};
use rdprobe::monitor::event::{EVENT_SCHEMA, Event, What};
use rdprobe::monitor::health::Health;
use rdprobe::monitor::hold::{Ending, HeldEnd};
use rdprobe::monitor::settings::{Hold, Hysteresis, Settings};
use rdprobe::monitor::state::State;
use rdprobe::monitor::watched::Watched;
use rdprobe::report::Report;
use rdprobe::wire::codes::negotiation::Protocol;

use super::made::{after, bad, good, report, report_at, secs, settings, slow, sound, target, watched};
use crate::fixture::{
    NAME, V4, V6, certificate, challenge, named, refused, seen, selects, timed_out, unconnected, windows,
};

/// A round a second, from this second on; the events of all of them.
fn rounds(watched: &mut Watched, from: u64, count: u64, make: impl Fn(Round) -> Round) -> Vec<Event> {
    (from..from + count)
        .flat_map(|second| watched.round(&make(good(after(secs(second)))), None).events)
        .collect()
}

fn fails(failure: &Failure) -> impl Fn(Round) -> Round {
    let failure = failure.clone();
    move |round| bad(round.due, failure.clone())
}

fn same(round: Round) -> Round {
    round
}

fn one() -> Watched {
    watched(&settings(secs(1)))
}

#[test]
fn an_outage_is_told_from_its_beginning_to_its_end() {
    let mut watched = one();
    let up = rounds(&mut watched, 0, 5, same);
    assert_eq!(up.len(), 1);
    assert_eq!((up[0].schema.as_str(), up[0].target.as_str()), (EVENT_SCHEMA, NAME));
    let down = rounds(&mut watched, 5, 3, fails(&refused()));
    let What::State { from, to, since, why, outage } = &down[0].what else { panic!("{down:?}") };
    assert_eq!((*from, *to, *since, outage.is_none()), (State::Up, State::Down, after(secs(5)), true));
    assert!(why.contains("answered by a reset"), "{why}");
    // Noticed when the third round was over.
    assert!(down[0].at > after(secs(7)) && down[0].at < after(secs(8)));
    assert!(rounds(&mut watched, 8, 2, fails(&timed_out())).is_empty());
    let lasting = watched.view();
    assert_eq!((lasting.state, lasting.since, lasting.outages_total), (State::Down, after(secs(5)), 1));
    assert_eq!(lasting.outages[0].end, None);
    let back = rounds(&mut watched, 10, 2, same);
    let What::State { to: State::Up, since, outage: Some(outage), .. } = &back[0].what else {
        panic!("{back:?}")
    };
    assert_eq!((outage.start, outage.end, *since), (after(secs(5)), Some(after(secs(10))), after(secs(10))));
    assert_eq!(outage.rounds_lost, 5);
    assert_eq!(
        (outage.first_symptom.kind.as_str(), outage.last_symptom.kind.as_str()),
        ("refused", "timed_out")
    );
    assert_eq!(&watched.view().outages[0], outage);
}

#[test]
fn a_deep_probe_is_wanted_at_every_change_and_once() {
    let mut watched = one();
    assert!(!watched.wants_deep_probe());
    rounds(&mut watched, 0, 2, same);
    assert!(watched.wants_deep_probe());
    assert_eq!(watched.probed(&sound()), []);
    assert!(!watched.wants_deep_probe());
    rounds(&mut watched, 2, 2, fails(&refused()));
    assert!(!watched.wants_deep_probe(), "nothing is decided yet");
    rounds(&mut watched, 4, 1, fails(&refused()));
    assert!(watched.wants_deep_probe());
}

#[test]
fn the_deep_probe_in_an_outage_gives_its_cause() {
    let mut watched = one();
    rounds(&mut watched, 0, 3, same);
    watched.probed(&sound());
    rounds(&mut watched, 3, 3, fails(&refused()));
    let dark = report(unconnected(V4, refused()));
    let events = watched.probed(&dark);
    let What::Diagnosed { state: State::Down, summary, cause: Some(cause) } = &events[0].what else {
        panic!("{events:?}")
    };
    assert_eq!(*summary, dark.diagnosis.summary);
    assert_eq!(cause.id, dark.diagnosis.findings[0].cause);
    assert_eq!(watched.view().cause.as_ref(), Some(cause));
    // Asked again without a change it says nothing new.
    assert_eq!(watched.probed(&dark), []);
    let back = rounds(&mut watched, 6, 2, same);
    let What::State { outage: Some(outage), .. } = &back[0].what else { panic!("{back:?}") };
    assert_eq!(outage.cause.as_ref(), Some(cause));
    assert_eq!(watched.view().cause, None);
}

/// The same machine with another certificate and build.
fn renewed() -> Route {
    let mut other = certificate();
    other.thumbprint_sha1 = "EF".repeat(20);
    other.thumbprint_sha256 = "01".repeat(32);
    let mut challenge = challenge();
    challenge.os.as_mut().unwrap().build = 20348;
    Route { certificate: seen(other), credssp: seen(challenge), ..windows(V4) }
}

#[test]
fn what_is_different_on_return_goes_into_the_outage_that_ended() {
    let mut watched = one();
    rounds(&mut watched, 0, 2, same);
    watched.probed(&sound());
    rounds(&mut watched, 2, 30, fails(&timed_out()));
    watched.probed(&report(unconnected(V4, timed_out())));
    rounds(&mut watched, 32, 2, same);
    let events = watched.probed(&report_at(after(secs(34)), renewed()));
    let What::Changed { changes } = &events[0].what else { panic!("{events:?}") };
    let what: Vec<&str> = changes.iter().map(|change| change.what.as_str()).collect();
    assert_eq!(what, ["thumbprint", "build"]);
    assert!(events[0].at > after(secs(34)));
    let What::Pattern { id, fact, cause: None } = &events[1].what else { panic!("{events:?}") };
    assert_eq!(id, "over-time.came-back-other");
    let view = watched.view();
    assert_eq!(&view.outages[0].changes, changes);
    assert_eq!(&view.patterns, std::slice::from_ref(fact));
    assert_eq!(view.server.build.as_deref(), Some("10.0.20348"));
    // The next look finds nothing new, and what changes later belongs to no outage.
    assert_eq!(watched.probed(&report(renewed())), []);
    assert_eq!(watched.probed(&sound()).len(), 1);
    assert_eq!(&watched.view().outages[0].changes, changes);
}

#[test]
fn what_a_deep_probe_did_not_see_has_not_changed() {
    let mut watched = one();
    watched.probed(&sound());
    let shallow = Route {
        certificate: rdprobe::evidence::Step::skipped(rdprobe::evidence::Because::NotAsked),
        ..windows(V4)
    };
    assert_eq!(watched.probed(&report(shallow)), []);
    // And is remembered across it.
    let events = watched.probed(&report(renewed()));
    let What::Changed { changes } = &events[0].what else { panic!("{events:?}") };
    assert!(changes.iter().any(|change| change.what == "thumbprint"), "{changes:?}");
    assert_eq!(watched.view().server.thumbprint_sha1, Some("EF".repeat(20)));
}

#[test]
fn the_order_of_addresses_is_no_change_and_a_new_one_is() {
    let two = |first: &str, second: &str| {
        rdprobe::report::Report::new(crate::fixture::named(vec![windows(first), windows(second)]))
    };
    let mut watched = one();
    watched.probed(&two(V4, V6));
    assert_eq!(watched.probed(&two(V6, V4)), []);
    let events = watched.probed(&two(V6, "20.51.100.9:3389"));
    let What::Changed { changes } = &events[0].what else { panic!("{events:?}") };
    assert_eq!(changes.iter().map(|change| change.what.as_str()).collect::<Vec<_>>(), ["address"]);
}

#[test]
fn a_certificate_that_a_round_sees_for_the_first_time_asks_for_a_deep_probe() {
    let mut watched = one();
    let with =
        |byte: u8| move |round: Round| Round { certificate_sha256: Some(HexBytes(vec![byte; 32])), ..round };
    rounds(&mut watched, 0, 5, with(1));
    watched.probed(&sound());
    rounds(&mut watched, 5, 5, with(1));
    assert!(!watched.wants_deep_probe());
    rounds(&mut watched, 10, 1, with(2));
    assert!(watched.wants_deep_probe());
    watched.probed(&sound());
    // A farm that shows its certificates in turn is not probed at every turn.
    for second in 11..200 {
        rounds(&mut watched, second, 1, with(u8::try_from(second % 30).unwrap()));
        if watched.wants_deep_probe() {
            assert!(second < 40, "{second}");
            watched.probed(&sound());
        }
    }
}

#[test]
fn slow_rounds_degrade_and_say_by_how_much() {
    let mut watched = one();
    rounds(&mut watched, 0, 60, same);
    let events = rounds(&mut watched, 60, 3, |round| slow(round.due, 97.0));
    let What::State { to: State::Degraded, since, why, .. } = &events[0].what else { panic!("{events:?}") };
    assert_eq!((*since, why.as_str()), (after(secs(60)), "it took 100.0 ms, and usually 7.0 ms"));
    let back = rounds(&mut watched, 63, 2, same);
    assert!(matches!(back[0].what, What::State { to: State::Up, outage: None, .. }));
    assert_eq!(watched.view().availability.up_s, 64.0);
}

#[test]
fn a_lesser_protocol_degrades() {
    let mut watched = one();
    rounds(&mut watched, 0, 10, same);
    let events = rounds(&mut watched, 10, 3, |mut round| {
        round.negotiate.outcome = selects(Protocol::SSL);
        round
    });
    let What::State { to: State::Degraded, why, .. } = &events[0].what else { panic!("{events:?}") };
    assert_eq!(why, "the server selects TLS, and usually NLA (CredSSP)");
    assert!(watched.wants_deep_probe());
}

#[test]
fn our_own_network_is_not_the_targets_outage() {
    let mut watched = one();
    rounds(&mut watched, 0, 5, same);
    let mut events = Vec::new();
    for second in 5..65 {
        let taken =
            watched.round(&bad(after(secs(second)), timed_out()), Some("the gateway does not answer"));
        assert_eq!(taken.health, Health::OwnSide("the gateway does not answer".to_owned()));
        events.extend(taken.events);
    }
    let What::State { to: State::Unknown, since, why, .. } = &events[0].what else { panic!("{events:?}") };
    assert_eq!((*since, why.as_str()), (after(secs(5)), "the gateway does not answer"));
    rounds(&mut watched, 65, 3, same);
    let view = watched.view();
    assert_eq!((view.state, view.outages_total, view.lost), (State::Up, 0, 0));
    assert_eq!((view.availability.down_s, view.availability.unknown_s), (0.0, 60.0));
}

#[test]
fn missed_rounds_are_counted_and_were_watched() {
    let mut watched = one();
    rounds(&mut watched, 0, 2, same);
    rounds(&mut watched, 2, 1, |round| slow(round.due, 4_100.0));
    rounds(&mut watched, 7, 1, |round| Round { missed: 4, ..round });
    rounds(&mut watched, 8, 1, same);
    let view = watched.view();
    assert_eq!((view.missed, view.rounds), (4, 5));
    assert_eq!((view.availability.up_s, view.availability.unknown_s), (8.0, 0.0));
    assert_eq!(watched.close_interval(after(secs(60))).missed, 4);
}

#[test]
fn a_name_of_which_one_address_is_dead_is_degraded_until_a_whole_probe_finds_it_well() {
    let mut watched = one();
    rounds(&mut watched, 0, 10, same);
    let both = |second, other: Route| {
        let at = after(secs(second));
        Report::new(Evidence { started_at: at, ..named(vec![windows(V4), other]) })
    };
    watched.probed(&both(1, windows(V6)));
    assert!(!watched.wants_deep_probe());
    // Once may be a moment: it is looked at again, and no more than that.
    watched.probed(&both(10, unconnected(V6, timed_out())));
    assert!(watched.wants_deep_probe());
    assert!(rounds(&mut watched, 10, 6, same).is_empty());
    watched.probed(&both(16, unconnected(V6, timed_out())));
    assert!(!watched.wants_deep_probe());
    let told = rounds(&mut watched, 16, 100, same);
    let [Event { what: What::State { to, since, why, .. }, .. }] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!((*to, *since), (State::Degraded, after(secs(16))));
    assert!(why.starts_with("1 of 2 addresses fail: "), "{why}");
    assert!(why.ends_with(", as a whole probe found at 2026-03-01 00:00:10 UTC"), "{why}");
    // The probe at the change of state tells the cause.
    assert!(watched.wants_deep_probe());
    let diagnosed = watched.probed(&both(116, unconnected(V6, timed_out())));
    assert!(matches!(diagnosed[0].what, What::Diagnosed { state: State::Degraded, .. }), "{diagnosed:?}");
    assert_eq!(watched.view().lost, 0);
    watched.probed(&both(117, windows(V6)));
    let told = rounds(&mut watched, 116, 5, same);
    assert!(matches!(told[0].what, What::State { to: State::Up, .. }), "{told:?}");
}

fn holding() -> Watched {
    Watched::new(target(), &Settings { hold: Some(Hold::default()), ..settings(secs(1)) }, after(secs(0)))
}

fn held(opened: u64, age: u32, ending: Ending) -> HeldEnd {
    let noticed = after(secs(opened + u64::from(age)));
    HeldEnd { opened: after(secs(opened)), noticed, age_s: f64::from(age), idle_s: 0.0, ending }
}

#[test]
fn a_connection_lost_before_its_time_is_told() {
    let mut watched = holding();
    rounds(&mut watched, 0, 2, same);
    for number in 0..3 {
        watched.next_hold().unwrap();
        let events = watched.held(&held(10 + number * 100, 60, Ending::Fin));
        assert_eq!(events.iter().filter(|event| matches!(event.what, What::HeldLost { .. })).count(), 0);
    }
    watched.next_hold().unwrap();
    let events = watched.held(&held(400, 20, Ending::Reset));
    let What::HeldLost { why, .. } = &events[0].what else { panic!("{events:?}") };
    assert!(why.ends_with("ended after 20 s by a reset; the server gives it 1 min"), "{why}");
    assert_eq!(watched.view().held.unwrap().age_s, 20.0);
    assert!(watched.testimony(after(secs(420))).iter().any(|told| told.id == "over-time.fixed-age"));
}

#[test]
fn a_connection_that_dies_with_the_target_says_nothing_of_its_own() {
    let mut watched = holding();
    rounds(&mut watched, 0, 60, same);
    watched.next_hold().unwrap();
    rounds(&mut watched, 60, 1, fails(&refused()));
    assert_eq!(watched.held(&held(40, 21, Ending::Silence)), []);
    assert_eq!(watched.view().held.unwrap().ending, Ending::Silence);
}

#[test]
fn flapping_keeps_its_outages_and_tells_each() {
    let hysteresis = Hysteresis { flapping_after: 4, ..Hysteresis::default() };
    let mut watched = Watched::new(target(), &Settings { hysteresis, ..settings(secs(1)) }, after(secs(0)));
    let mut events = Vec::new();
    for turn in 0..10 {
        events.extend(rounds(&mut watched, turn * 10, 5, same));
        events.extend(rounds(&mut watched, turn * 10 + 5, 5, fails(&refused())));
    }
    events.extend(rounds(&mut watched, 100, 3, same));
    let ended =
        events.iter().filter(|event| matches!(event.what, What::State { outage: Some(_), .. })).count();
    let view = watched.view();
    assert_eq!((view.state, ended, view.outages_total), (State::Flapping, 10, 10));
    assert_eq!(view.availability.down_s, 50.0);
    let flapping =
        |event: &&Event| matches!(&event.what, What::Pattern { id, .. } if id == "over-time.flapping");
    assert_eq!(events.iter().filter(flapping).count(), 1, "told once");
    let cause = events.iter().find_map(|event| match &event.what {
        What::Pattern { cause, .. } => cause.clone(),
        _ => None,
    });
    assert_eq!(cause.unwrap().standing, Standing::Possible);
}

#[test]
fn views_are_bounded() {
    let mut watched = one();
    for turn in 0..80 {
        rounds(&mut watched, turn * 2_000, 10, same);
        rounds(&mut watched, turn * 2_000 + 10, 5, fails(&refused()));
    }
    let view = watched.view();
    assert_eq!((view.recent_us.len(), view.outages.len(), view.outages_total), (240, 50, 80));
    assert_eq!(view.recent_us.last(), Some(&None));
    assert_eq!(view.recent_us[0], Some(7_000));
    let text = serde_json::to_string(&view).unwrap();
    assert_eq!(serde_json::from_str::<rdprobe::monitor::view::TargetView>(&text).unwrap(), view);
}

#[test]
fn what_shows_beside_other_targets_is_told_once_and_ranked() {
    let mut watched = watched(&settings(secs(1)));
    let beside = Testimony {
        witness: Witness::Monitor,
        id: "over-time.public-only".to_owned(),
        fact: "20.51.100.4 was out 3 times while 10.0.0.4 of the same machine stayed up".to_owned(),
    };
    let at = "2026-03-01T00:00:00Z".parse().unwrap();
    let events = watched.compared(Some(beside.clone()), at);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert!(matches!(&event.what, What::Pattern { id, cause: Some(_), .. } if *id == beside.id), "{event:?}");
    assert_eq!(watched.testimony(at), std::slice::from_ref(&beside));
    assert_eq!(watched.compared(Some(beside.clone()), at), []);
    // Gone, and there again: news again.
    assert_eq!(watched.compared(None, at), []);
    assert_eq!(watched.testimony(at), []);
    assert_eq!(watched.compared(Some(beside), at).len(), 1);
}
