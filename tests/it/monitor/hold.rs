//! Held connections against model servers and paths: what is learnt, what is named, what is never learnt.

use std::time::Duration;

use rdprobe::evidence::Testimony;
use rdprobe::monitor::hold::{Ending, HeldEnd, Ladder, NextHold};
use rdprobe::monitor::settings::Hold;

use super::made::{after, secs};

const MINUTE: Duration = Duration::from_secs(60);

/// A server and a path.
#[derive(Clone, Copy)]
struct Model {
    /// The server ends every connection at that age; given the number of the connection.
    limit: fn(u64) -> Option<Duration>,
    /// The path forgets connections that are idle for so long.
    idle: Option<Duration>,
    /// It resets them at that moment; or else nobody is told.
    tells: bool,
    /// Connection of that number is reset at that age by an outage.
    outage: Option<(u64, Duration)>,
}

const SOUND: Model = Model { limit: |_| None, idle: None, tells: false, outage: None };

impl Model {
    /// How a connection that is held like this ends, and at what age.
    fn hold(&self, number: u64, next: NextHold) -> (Duration, Ending) {
        let limit = (self.limit)(number).map(|age| (age, Ending::Fin));
        let idle = self.idle.filter(|idle| next.keep_alive.unwrap_or(next.for_at_most) >= *idle);
        // What nobody tells shows at the keep-alive that ends the idle time.
        let cut = idle
            .map(|idle| if self.tells { (idle, Ending::Reset) } else { (next.for_at_most, Ending::Silence) });
        let outage = self.outage.filter(|(which, _)| *which == number).map(|(_, age)| (age, Ending::Reset));
        let first = limit.into_iter().chain(cut).chain(outage).min_by_key(|(age, _)| *age);
        let own = (next.for_at_most, Ending::Survived);
        first
            .filter(|(age, _)| *age < next.for_at_most || cut.is_some_and(|cut| cut.0 == *age))
            .unwrap_or(own)
    }
}

/// So many connections, one after the other: the complaints, and what is found.
fn run(model: Model, ladder: &mut Ladder, connections: std::ops::Range<u64>) -> Vec<String> {
    let mut complaints = Vec::new();
    for number in connections {
        let next = ladder.next();
        let (age, ending) = model.hold(number, next);
        let opened = after(MINUTE * 600 * u32::try_from(number).unwrap());
        let idle_s = if next.keep_alive.is_none() { age.as_secs_f64() } else { 0.0 };
        let noticed = opened.checked_add(age).unwrap();
        complaints.extend(ladder.ended(&HeldEnd {
            opened,
            noticed,
            age_s: age.as_secs_f64(),
            idle_s,
            ending,
        }));
    }
    complaints
}

fn ladder() -> Ladder {
    Ladder::new(&Hold::default())
}

fn fact<'a>(found: &'a [Testimony], id: &str) -> Option<&'a str> {
    found.iter().find(|testimony| testimony.id == id).map(|testimony| testimony.fact.as_str())
}

#[test]
fn a_sound_server_and_a_sound_path_give_no_word() {
    let mut ladder = ladder();
    assert_eq!(run(SOUND, &mut ladder, 0..60), Vec::<String>::new());
    assert_eq!(ladder.findings(), []);
}

#[test]
fn every_idle_time_is_tried_once_and_then_the_connection_is_guarded() {
    let mut ladder = ladder();
    run(SOUND, &mut ladder, 0..1);
    for minutes in [1, 2, 4, 8] {
        assert_eq!(ladder.next(), NextHold { keep_alive: None, for_at_most: MINUTE * minutes });
        ladder.ended(&HeldEnd {
            opened: after(secs(0)),
            noticed: after(MINUTE * minutes),
            age_s: f64::from(minutes) * 60.0,
            idle_s: f64::from(minutes) * 60.0,
            ending: Ending::Survived,
        });
    }
    assert_eq!(ladder.next().keep_alive, Some(secs(15)));
}

#[test]
fn the_servers_own_limit_is_learnt_and_is_no_fault() {
    let mut ladder = ladder();
    let model = Model { limit: |_| Some(MINUTE), ..SOUND };
    assert_eq!(run(model, &mut ladder, 0..40), Vec::<String>::new());
    let found = ladder.findings();
    let limit = "a connection without a sign-in ends after 1 min, however it is kept alive";
    assert_eq!(fact(&found, "over-time.fixed-age"), Some(limit));
    let untested = fact(&found, "over-time.idle-untested").unwrap();
    assert!(untested.contains("1 min, 2 min, 4 min, 8 min cannot be tested"), "{untested}");
    assert_eq!(fact(&found, "over-time.idle-cut"), None);
    // Guarded to just below the limit.
    assert_eq!(ladder.next(), NextHold { keep_alive: Some(secs(15)), for_at_most: secs(54) });
}

#[test]
fn the_four_minutes_of_a_load_balancer_are_found() {
    for (tells, how, least, most) in
        [(false, "without a word", "2 min", "4 min"), (true, "by a reset", "2 min", "4 min")]
    {
        let mut ladder = ladder();
        let model = Model { idle: Some(MINUTE * 4), tells, ..SOUND };
        let complaints = run(model, &mut ladder, 0..12);
        let words = format!("an idle connection is cut {how} between {least} and {most} without a movement");
        assert_eq!(complaints, [words.as_str()]);
        assert_eq!(fact(&ladder.findings(), "over-time.idle-cut"), Some(words.as_str()));
        // Looked at again and again it stays, and is told once.
        assert_eq!(run(model, &mut ladder, 12..100), Vec::<String>::new());
        assert_eq!(fact(&ladder.findings(), "over-time.idle-cut"), Some(words.as_str()));
    }
}

#[test]
fn a_reset_tells_the_minute() {
    let mut ladder = ladder();
    let model = Model { idle: Some(MINUTE * 5), tells: true, ..SOUND };
    let words = "an idle connection is cut by a reset between 4 min and 5 min without a movement";
    assert_eq!(run(model, &mut ladder, 0..12), [words]);
}

#[test]
fn a_cut_below_the_servers_limit_is_found_and_the_rest_is_said_to_be_untested() {
    let mut ladder = ladder();
    let model = Model { limit: |_| Some(MINUTE * 5), idle: Some(secs(100)), ..SOUND };
    assert_eq!(run(model, &mut ladder, 0..20).len(), 1);
    let found = ladder.findings();
    assert!(fact(&found, "over-time.idle-cut").unwrap().contains("between 1 min and 2 min"));
    assert!(fact(&found, "over-time.fixed-age").unwrap().contains("after 5 min"));
    assert!(fact(&found, "over-time.idle-untested").unwrap().contains("for 8 min cannot"));
}

#[test]
fn an_idle_time_is_tried_only_if_it_is_asked_after_before_the_limit() {
    // Five seconds of patience, and two to ask: only the first one ends in time.
    let hold = Hold { idle_steps: vec![secs(23), secs(24), MINUTE], ..Hold::default() };
    assert_eq!(hold.patience, secs(5));
    let mut ladder = Ladder::new(&hold);
    let model = Model { limit: |_| Some(secs(30)), ..SOUND };
    run(model, &mut ladder, 0..3);
    assert_eq!(ladder.next(), NextHold { keep_alive: None, for_at_most: secs(23) });
    assert_eq!(run(model, &mut ladder, 3..40), Vec::<String>::new());
    assert!(fact(&ladder.findings(), "over-time.idle-untested").unwrap().contains("for 24 s, 1 min cannot"));
}

#[test]
fn a_cut_that_is_gone_is_forgotten() {
    let mut ladder = ladder();
    run(Model { idle: Some(MINUTE * 4), ..SOUND }, &mut ladder, 0..12);
    assert!(fact(&ladder.findings(), "over-time.idle-cut").is_some());
    run(SOUND, &mut ladder, 12..60);
    assert_eq!(fact(&ladder.findings(), "over-time.idle-cut"), None);
}

#[test]
fn a_limit_that_varies_is_said_to_vary() {
    let mut ladder = ladder();
    let varies = |number: u64| Some(secs(40 + number * 37 % 100 / 2 * 2));
    let complaints = run(Model { limit: varies, ..SOUND }, &mut ladder, 0..8);
    assert_eq!(complaints, Vec::<String>::new(), "too early to tell");
    let limit = ladder.findings().into_iter().find(|found| found.id == "over-time.fixed-age").unwrap();
    assert_eq!(
        limit.fact,
        "a connection without a sign-in ends after 40 s to 2 min 4 s, however it is kept alive"
    );
    assert_eq!(ladder.next().for_at_most, secs(36));
}

#[test]
fn an_outage_in_the_middle_of_learning_is_not_learnt() {
    for number in 0..4 {
        let mut ladder = ladder();
        let model = Model { limit: |_| Some(MINUTE), outage: Some((number, secs(23))), ..SOUND };
        run(model, &mut ladder, 0..6);
        let limit = ladder.findings().into_iter().find(|found| found.id == "over-time.fixed-age");
        assert!(limit.is_some_and(|limit| limit.fact.contains("after 1 min")), "outage in {number}");
    }
}

#[test]
fn an_end_before_the_limit_is_one_too_many() {
    let mut ladder = ladder();
    let model = Model { limit: |_| Some(MINUTE), outage: Some((10, secs(23))), ..SOUND };
    let complaints = run(model, &mut ladder, 0..16);
    let words = "a connection that was kept alive ended after 23 s by a reset; the server gives it 1 min";
    assert_eq!(complaints, [words]);
    assert!(fact(&ladder.findings(), "over-time.fixed-age").unwrap().contains("after 1 min"));
}

#[test]
fn a_limit_that_is_set_anew_is_learnt_anew() {
    let mut ladder = ladder();
    run(Model { limit: |_| Some(MINUTE), ..SOUND }, &mut ladder, 0..8);
    // Shorter: two ends are told, the third is the limit.
    let shorter = Model { limit: |_| Some(secs(30)), ..SOUND };
    assert_eq!(run(shorter, &mut ladder, 8..20).len(), 2);
    assert!(fact(&ladder.findings(), "over-time.fixed-age").unwrap().contains("after 30 s"));
    // Longer: seen when everything is looked at again.
    let longer = Model { limit: |_| Some(MINUTE * 3), ..SOUND };
    assert_eq!(run(longer, &mut ladder, 20..60), Vec::<String>::new());
    assert!(fact(&ladder.findings(), "over-time.fixed-age").unwrap().contains("after 3 min"));
}

#[test]
fn silence_on_a_connection_that_was_kept_alive_is_never_in_order() {
    let mut ladder = ladder();
    let model = Model { idle: Some(secs(10)), ..SOUND };
    let complaints = run(model, &mut ladder, 0..2);
    assert_eq!(complaints.len(), 2);
    assert!(complaints[0].contains("a keep-alive stayed unanswered"), "{}", complaints[0]);
}
