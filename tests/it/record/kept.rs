//! What is written is read: rounds, states, outages, events.

use std::time::Duration;

use rdprobe::evidence::Round;
use rdprobe::monitor::event::What;
use rdprobe::monitor::health::Health;
use rdprobe::monitor::history::{Range, Recorder, read};
use rdprobe::monitor::latency::Phase;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::record::Rounds;
use rdprobe::monitor::state::State;

use super::made::{
    SECOND, TARGET, all, at, cause, change, divided, file, good, outage, state, tell_bad, tell_good,
};

/// 100 seconds: up from 0, down from 40 to 60, then up again with another address.
pub(super) fn written() -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    for second in 0..100 {
        match second {
            40..60 => tell_bad(&recorder, at(second)),
            _ => tell_good(&recorder, at(second), 20_000),
        }
        match second {
            1 => recorder.event(&state(at(0), State::Unknown, State::Up, None)),
            42 => recorder.event(&state(at(40), State::Up, State::Down, None)),
            61 => {
                let mut ended = outage(at(40), at(60), 20);
                ended.cause = None;
                recorder.event(&state(at(60), State::Down, State::Up, Some(ended)));
            }
            _ => {}
        }
    }
    recorder.finish().unwrap();
    (folder, path)
}

#[test]
fn rounds_come_back_in_numbers() {
    let (_folder, path) = written();
    let record = all(&path);
    assert_eq!((record.from, record.to), (at(0), at(100)));
    let [target] = record.targets.as_slice() else { panic!("one target") };
    assert_eq!(target.target, TARGET);
    assert_eq!(target.rounds, Rounds { made: 100, good: 80, bad: 20, ..Rounds::default() });
    let phases: Vec<Phase> = target.phases.iter().map(|phase| phase.summary.phase).collect();
    assert_eq!(phases, [Phase::Connect, Phase::KernelRtt, Phase::X224, Phase::Total]);
    let total = target.phases.last().unwrap();
    assert_eq!(total.summary.raw.count, 80);
    let p50 = total.summary.raw.p50_us.unwrap();
    assert!((20_000..20_020).contains(&p50), "{p50}");
    assert_eq!(total.summary.jitter_us, Some(0.0));
    assert_eq!(total.bins.iter().map(|bin| bin.raw).sum::<u64>(), 80);
    let [loss] = target.losses.as_slice() else { panic!("one way to fail") };
    assert_eq!((loss.kind.as_str(), loss.rounds), ("timed_out", 20));
    assert_eq!(target.bands.width_s, 1);
    assert_eq!(target.bands.points.len(), 100);
    assert_eq!(target.bands.points.iter().filter(|point| point.bad == 1).count(), 20);
}

#[test]
fn availability_is_what_the_states_say() {
    let (_folder, path) = written();
    let record = all(&path);
    let target = record.targets.first().unwrap();
    assert_eq!(divided(&target.availability), [80, 20, 0].map(Duration::from_secs));
    assert_eq!(target.available, Some(0.8));
    let cut = read(&path, &Range { from: Some(at(50)), to: Some(at(70)), ..Range::default() }).unwrap();
    let target = cut.targets.first().unwrap();
    assert_eq!(divided(&target.availability), [10, 10, 0].map(Duration::from_secs));
    assert_eq!(target.outages_total, 1);
    let last = read(&path, &Range { last: Some(SECOND * 30), ..Range::default() }).unwrap();
    assert_eq!((last.from, last.to), (at(70), at(100)));
    assert_eq!(last.targets.first().unwrap().outages_total, 0);
}

#[test]
fn what_happened_after_the_last_round_belongs_to_the_end_alone() {
    let (_folder, path) = written();
    // The last one was told two seconds after the round at 60.
    for (to, events) in [(None, 3), (Some(50), 2), (Some(62), 2), (Some(63), 3)] {
        let range = Range { to: to.map(at), ..Range::default() };
        assert_eq!(read(&path, &range).unwrap().targets.remove(0).events_total, events, "to {to:?}");
    }
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    tell_good(&recorder, at(0), 1_000);
    recorder.event(&state(at(0), State::Unknown, State::Up, None));
    recorder.finish().unwrap();
    assert_eq!(all(&path).to, at(1));
    assert_eq!(all(&path).targets.remove(0).events_total, 1);
}

#[test]
fn an_outage_has_its_cause_and_what_changed() {
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    tell_good(&recorder, at(0), 1_000);
    (1..4).for_each(|second| tell_bad(&recorder, at(second)));
    recorder.event(&state(at(1), State::Up, State::Down, None));
    let found = What::Diagnosed { state: State::Down, summary: "silence".to_owned(), cause: Some(cause()) };
    recorder.event(&rdprobe::monitor::event::Event::new(at(5), TARGET, found));
    tell_bad(&recorder, at(4));
    recorder.flush();
    let lasting = all(&path).targets.remove(0).outages.remove(0);
    assert_eq!((lasting.start, lasting.end, lasting.rounds_lost), (at(1), None, 4));
    assert_eq!(lasting.cause, Some(cause()));

    tell_good(&recorder, at(5), 1_000);
    recorder.event(&state(at(5), State::Down, State::Up, Some(outage(at(1), at(5), 4))));
    let changes = vec![change("thumbprint", "AA", "BB")];
    let changed = What::Changed { changes: changes.clone() };
    recorder.event(&rdprobe::monitor::event::Event::new(at(8), TARGET, changed));
    recorder.finish().unwrap();
    let target = all(&path).targets.remove(0);
    let [ended] = target.outages.as_slice() else { panic!("one outage") };
    assert_eq!(ended.end, Some(at(5)));
    assert_eq!(ended.changes, changes);
    assert_eq!(target.events_total, 4);
    assert_eq!(target.events.len(), 4);
}

#[test]
fn time_between_two_runs_is_nobodys() {
    let (_folder, path) = file();
    for begin in [0, 1_000] {
        let recorder = Recorder::open(&path, SECOND).unwrap();
        (begin..begin + 10).for_each(|second| tell_good(&recorder, at(second), 1_000));
        recorder.event(&state(at(begin), State::Unknown, State::Up, None));
        recorder.finish().unwrap();
    }
    let target = all(&path).targets.remove(0);
    let spells: Vec<_> = target.timeline.iter().map(|spell| (spell.from, spell.to, spell.state)).collect();
    let expected = [
        (at(0), at(10), Some(State::Up)),
        (at(10), at(1_000), None),
        (at(1_000), at(1_010), Some(State::Up)),
    ];
    assert_eq!(spells, expected);
    assert_eq!(divided(&target.availability), [20, 0, 0].map(Duration::from_secs));
    assert_eq!(target.rounds.missed, 0);
}

/// An outage that lasted when the first run ended, and another run that began months later.
#[test]
fn an_outage_whose_end_was_not_seen_lasts_as_long_as_it_was_watched() {
    const MONTHS: i64 = 150 * 86_400;
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    tell_good(&recorder, at(0), 1_000);
    recorder.event(&state(at(0), State::Unknown, State::Up, None));
    (1..10).for_each(|second| tell_bad(&recorder, at(second)));
    recorder.event(&state(at(1), State::Up, State::Down, None));
    recorder.finish().unwrap();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    (MONTHS..MONTHS + 100).for_each(|second| tell_good(&recorder, at(second), 1_000));
    recorder.event(&state(at(MONTHS), State::Unknown, State::Up, None));
    // It flaps without an outage that the file knows: none of this time is the old one's.
    recorder.event(&state(at(MONTHS + 10), State::Unknown, State::Flapping, None));
    recorder.finish().unwrap();

    let target = all(&path).targets.remove(0);
    let [open] = target.outages.as_slice() else { panic!("one outage") };
    assert_eq!((open.start, open.end, open.seen_until), (at(1), None, Some(at(10))));
    assert_eq!(divided(&target.availability), [101, 9, 0].map(Duration::from_secs));
    let day = Range { last: Some(SECOND * 86_400), ..Range::default() };
    let target = read(&path, &day).unwrap().targets.remove(0);
    assert_eq!((target.outages.len(), target.outages_total), (0, 0));
    let first = Range { to: Some(at(5)), ..Range::default() };
    assert_eq!(read(&path, &first).unwrap().targets.remove(0).outages_total, 1);
}

/// Down, taken off the list, put on it again: what comes then is no part of the outage that nobody saw end.
#[test]
fn a_target_that_is_put_on_the_list_again_has_outages_of_its_own() {
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    (0..5).for_each(|second| tell_bad(&recorder, at(second)));
    recorder.event(&state(at(0), State::Unknown, State::Down, None));
    // Still down when it is watched again, then up, and once more from the beginning.
    (10..15).for_each(|second| tell_bad(&recorder, at(second)));
    recorder.event(&state(at(12), State::Unknown, State::Down, None));
    (15..17).for_each(|second| tell_bad(&recorder, at(second)));
    tell_good(&recorder, at(20), 1_000);
    recorder.event(&state(at(20), State::Unknown, State::Up, None));
    (30..33).for_each(|second| tell_bad(&recorder, at(second)));
    recorder.event(&state(at(30), State::Up, State::Down, None));
    recorder.finish().unwrap();
    let outages = all(&path).targets.remove(0).outages;
    let seen: Vec<_> = outages.iter().map(|outage| (outage.start, outage.rounds_lost)).collect();
    assert_eq!(seen, [(at(0), 10), (at(12), 5), (at(30), 3)]);
    assert!(outages.iter().all(|outage| outage.end.is_none()));
}

/// Four targets in turn, over two runs that know them in another order: each has its own rounds, and one alone too.
#[test]
fn several_targets_are_told_apart() {
    let names = ["delta", "alpha", "charlie", "bravo"];
    let (_folder, path) = file();
    for (begin, names) in [(0, &names[..]), (1_000, &["bravo", "alpha"][..])] {
        let recorder = Recorder::open(&path, SECOND).unwrap();
        for second in begin..begin + 10 {
            for (place, name) in
                names.iter().enumerate().filter(|(place, _)| second % 10 > i64::try_from(*place).unwrap())
            {
                let total_us = 1_000 * (u32::try_from(place).unwrap() + 1);
                recorder.round(name, &good(at(second), total_us), &Health::Good);
            }
        }
        recorder.finish().unwrap();
    }
    let record = all(&path);
    let rounds: Vec<_> = record
        .targets
        .iter()
        .map(|target| {
            let total = &target.phases.last().unwrap().summary.raw;
            (target.target.as_str(), target.rounds.made, total.min_us, total.count)
        })
        .collect();
    let expected = [
        ("alpha", 8 + 8, Some(2_000), 16),
        ("bravo", 6 + 9, Some(1_000), 15),
        ("charlie", 7, Some(3_000), 7),
        ("delta", 9, Some(1_000), 9),
    ];
    assert_eq!(rounds, expected);
    for target in record.targets {
        let only = Range { targets: vec![target.target.clone()], ..Range::default() };
        let alone = read(&path, &only).unwrap().targets.remove(0);
        assert_eq!((alone.rounds, alone.phases), (target.rounds, target.phases));
    }
}

#[test]
fn rounds_that_the_schedule_left_out_are_counted() {
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    for second in [0, 1, 2, 6, 7] {
        let missed = if second == 6 { 3 } else { 0 };
        let round = Round { missed, ..good(at(second), if second == 2 { 3_500_000 } else { 1_000 }) };
        recorder.round(TARGET, &round, &Health::Good);
    }
    recorder.finish().unwrap();
    let target = all(&path).targets.remove(0);
    assert_eq!((target.rounds.made, target.rounds.missed), (5, 3));
    let total = &target.phases.last().unwrap().summary;
    // 3.5 s at one a second hid those that would have taken 2.5, 1.5 and 0.5 s less a little: HdrHistogram stops at one interval.
    assert_eq!((total.raw.count, total.corrected.count), (5, 7));
}

#[test]
fn a_file_with_nothing_in_it_says_so() {
    let (_folder, path) = file();
    Recorder::open(&path, SECOND).unwrap().finish().unwrap();
    assert_eq!(read(&path, &Range::default()).unwrap_err().to_string(), "nothing was recorded yet");
}
