//! A clock that is set, a monitor that stands still, an own side that fails: the monitor and its record say the same.

use std::time::Duration;

use jiff::SignedDuration;
use rdprobe::evidence::{Millis, Round};
use rdprobe::monitor::history::{Range, Recorder, read};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::outage::Outage;
use rdprobe::monitor::record::TargetRecord;
use rdprobe::monitor::settings::{Hysteresis, Settings};
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;
use rdprobe::monitor::watched::Watched;

use super::made::{after, bad, good, secs, settings, watched};
use crate::fixture::{NAME, timed_out};

/// A target watched and recorded, a round a second.
struct Play {
    watched: Watched,
    recorder: Recorder,
    folder: tempfile::TempDir,
    /// By a clock that nobody sets.
    second: u64,
    /// How far this machine's clock is ahead of that.
    ahead: i64,
}

impl Play {
    fn new(settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::open(&folder.path().join("record.db"), settings.interval).unwrap();
        Self { watched: watched(settings), recorder, folder, second: 0, ahead: 0 }
    }

    fn tell(&mut self, round: &Round, own_side: Option<&str>) {
        let taken = self.watched.round(round, own_side);
        self.recorder.round(NAME, round, &taken.health);
        taken.events.iter().for_each(|event| self.recorder.event(event));
    }

    /// One letter a round: `.` good, `x` bad, `o` own side.
    fn rounds(&mut self, letters: &str) {
        for letter in letters.chars() {
            let due = after(secs(self.second)) + SignedDuration::from_secs(self.ahead);
            match letter {
                '.' => self.tell(&good(due), None),
                'x' => self.tell(&bad(due, timed_out()), None),
                'o' => self.tell(&bad(due, timed_out()), Some("the gateway does not answer")),
                other => panic!("no round is written {other}"),
            }
            self.second += 1;
        }
    }

    /// What the monitor and what its record say.
    fn end(self) -> (TargetView, TargetRecord) {
        self.recorder.finish().unwrap();
        let mut record = read(&self.folder.path().join("record.db"), &Range::default()).unwrap();
        (self.watched.view(), record.targets.remove(0))
    }
}

fn every_second() -> Settings {
    settings(secs(1))
}

/// The last round's time is the record's alone.
fn agree(view: &TargetView, record: &TargetRecord) {
    let (seen, kept) = (view.availability, record.availability);
    assert_eq!([seen.up_s + 1.0, seen.down_s, seen.unknown_s], [kept.up_s, kept.down_s, kept.unknown_s]);
    let bounds = |outages: &[Outage]| -> Vec<_> {
        outages.iter().map(|outage| (outage.start, outage.end, outage.rounds_lost)).collect()
    };
    assert_eq!(bounds(&view.outages), bounds(&record.outages));
    assert_eq!(view.missed, record.rounds.missed);
    assert_eq!(record.timeline.last().unwrap().state, Some(view.state));
    assert_eq!(view.rounds, record.rounds.made);
}

fn lasted(outage: &Outage) -> Duration {
    outage.end.expect("it ended").duration_since(outage.start).unsigned_abs()
}

#[test]
fn an_outage_in_which_the_clock_is_set_back_ends() {
    // Less than the outage, about as much, and far more: a machine that began with a clock hours ahead.
    for by in [5, 25, 40_000] {
        let mut play = Play::new(&every_second());
        play.ahead = by;
        play.rounds(&format!("{}{}", ".".repeat(40), "x".repeat(20)));
        play.ahead = 0;
        play.rounds(&"x".repeat(10));
        assert_eq!(play.watched.view().since, after(secs(40)), "set back by {by} s");
        play.rounds(&".".repeat(100));
        let (view, record) = play.end();
        assert_eq!((view.state, view.outages_total), (State::Up, 1));
        assert_eq!(view.availability.down_s, 30.0);
        assert_eq!(record.outages.iter().map(lasted).collect::<Vec<_>>(), [secs(30)], "set back by {by} s");
        let end = record.timeline.last().unwrap();
        assert_eq!(end.state, Some(State::Up));
        let last_round = if by == 40_000 { after(secs(40_060)) } else { after(secs(170)) };
        assert_eq!(end.to, last_round, "set back by {by} s");
        assert_eq!((record.rounds.made, record.rounds.missed), (170, 0));
        assert_eq!(record.availability.unknown_s, 0.0);
    }
}

#[test]
fn a_clock_that_is_set_back_while_all_is_well_turns_nothing() {
    let mut play = Play::new(&every_second());
    play.rounds(&".".repeat(50));
    play.ahead = -20;
    play.rounds(&".".repeat(50));
    play.rounds("xxxx......");
    let (view, record) = play.end();
    assert_eq!(view.availability.unknown_s, 0.0);
    assert_eq!(view.outages.iter().map(lasted).collect::<Vec<_>>(), [secs(4)]);
    assert_eq!(record.outages.len(), 1);
    assert_eq!(record.timeline.last().unwrap().state, Some(State::Up));
    assert_eq!(record.rounds.made, 110);
}

#[test]
fn time_in_which_the_monitor_stood_still_is_unknown() {
    let mut play = Play::new(&every_second());
    play.rounds("..........");
    // Stopped for half a minute before it began, and late: one round does not answer for all of it.
    let late = Round { late_ms: Millis(30_000.0), ..good(after(secs(10))) };
    play.tell(&late, None);
    let next = Round { missed: 30, ..good(after(secs(41))) };
    play.tell(&next, None);
    play.second = 42;
    play.rounds("..........");
    // Stopped while it was under way, which no round is for so long.
    let long = Round { elapsed_ms: Millis(90_000.0), ..good(after(secs(52))) };
    play.tell(&long, None);
    play.tell(&Round { missed: 90, ..good(after(secs(143))) }, None);
    play.second = 144;
    play.rounds("..");
    let (view, record) = play.end();
    agree(&view, &record);
    let unknown = view.availability.unknown_s;
    assert!((28.0 + 70.0..=31.0 + 90.0).contains(&unknown), "{unknown}");
    assert_eq!((view.state, view.outages_total, view.missed), (State::Up, 0, 120));
}

#[test]
fn a_busy_machine_that_is_a_little_late_has_watched() {
    let mut play = Play::new(&settings(Duration::from_millis(200)));
    let at = |millis: u64| after(Duration::from_millis(millis));
    (0..10).for_each(|round| play.tell(&good(at(round * 200)), None));
    play.tell(&Round { late_ms: Millis(950.0), ..good(at(2_000)) }, None);
    play.tell(&Round { missed: 4, ..good(at(3_000)) }, None);
    assert_eq!(play.watched.view().availability.unknown_s, 0.0);
}

#[test]
fn an_outage_around_our_own_is_one_in_the_record_too() {
    let mut play = Play::new(&every_second());
    play.rounds(&format!("....{}{}{}....", "x".repeat(10), "o".repeat(6), "x".repeat(10)));
    let (view, record) = play.end();
    agree(&view, &record);
    assert_eq!(record.outages.iter().map(lasted).collect::<Vec<_>>(), [secs(26)]);
}

#[test]
fn a_clock_that_is_set_forward_in_an_outage_leaves_it_one_and_misses_no_round() {
    let mut play = Play::new(&every_second());
    play.rounds("....xxxxx");
    play.ahead = 60;
    play.rounds("xxxxx.....");
    assert_eq!(play.watched.view().missed, 0);
    let (view, record) = play.end();
    agree(&view, &record);
    assert_eq!(record.outages.iter().map(lasted).collect::<Vec<_>>(), [secs(70)]);
    assert_eq!(view.availability.unknown_s, 60.0);
}

#[test]
fn what_the_first_round_after_a_gap_lost_belongs_to_the_outage_that_it_begins() {
    let hysteresis = Hysteresis { down_after: 1, ..Hysteresis::default() };
    let mut play = Play::new(&Settings { hysteresis, ..every_second() });
    play.rounds("....");
    play.second = 60;
    play.rounds("xxx...");
    let (view, record) = play.end();
    agree(&view, &record);
    assert_eq!((view.outages_total, view.outages[0].rounds_lost), (1, 3));
}

#[test]
fn an_outage_of_many_rounds_before_it_was_one_keeps_them_all() {
    let hysteresis = Hysteresis { down_after: 150, ..Hysteresis::default() };
    let mut play = Play::new(&Settings { hysteresis, ..every_second() });
    play.rounds(&format!("....{}", "x".repeat(241)));
    let (_, record) = play.end();
    assert_eq!(record.outages[0].rounds_lost, 241);
}
