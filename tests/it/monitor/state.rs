//! The state machine: by example, and against a naive model that sees every round at once.

use jiff::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

use rdprobe::monitor::settings::Hysteresis;
use rdprobe::monitor::state::{Edge, Kind, Machine, Seen, State, Turned};

use super::made::{after, began, secs};

const SECOND: Duration = Duration::from_secs(1);

fn machine() -> Machine {
    Machine::new(SECOND, &Hysteresis { flapping_after: 0, ..Hysteresis::default() }, began())
}

fn seen(second: u64, kind: Kind) -> Seen {
    Seen { due: after(secs(second)), busy: Duration::from_millis(5), missed: 0, kind }
}

/// One letter a round, one round a second: `.` good, `l` lesser, `x` bad, `o` own side.
fn kinds(letters: &str) -> Vec<Kind> {
    let kind = |letter| match letter {
        '.' => Kind::Good,
        'l' => Kind::Lesser,
        'x' => Kind::Bad,
        'o' => Kind::OwnSide,
        other => panic!("no round is written {other}"),
    };
    letters.chars().map(kind).collect()
}

/// What turned, as `second of since: from > to`.
fn turns(machine: &mut Machine, letters: &str) -> Vec<String> {
    let rounds = kinds(letters).into_iter().zip(0..);
    let turned = rounds.flat_map(|(kind, second)| machine.round(seen(second, kind)));
    turned
        .map(|Turned { from, to, since, edge }| {
            let second = since.duration_since(began()).as_secs();
            let edge = match edge {
                Some(Edge::WentDown) => " (down)",
                Some(Edge::CameBack) => " (back)",
                None => "",
            };
            format!("{second}: {} > {}{edge}", from.word(), to.word())
        })
        .collect()
}

/// Up, down and unknown, in seconds.
fn times(machine: &Machine) -> (f64, f64, f64) {
    let spent = machine.availability();
    (spent.up_s, spent.down_s, spent.unknown_s)
}

#[test]
fn down_is_from_the_first_bad_round_to_the_first_good_one() {
    let mut machine = machine();
    let turned = turns(&mut machine, ".....xxxx..x..");
    assert_eq!(turned, ["0: unknown > up", "5: up > down (down)", "9: down > up (back)"]);
    assert_eq!(times(&machine), (9.0, 4.0, 0.0));
}

#[test]
fn single_losses_are_no_outage() {
    let mut machine = machine();
    assert_eq!(turns(&mut machine, "..x...xx...x.x.x."), ["0: unknown > up"]);
    assert_eq!(times(&machine), (16.0, 0.0, 0.0));
}

#[test]
fn one_good_round_in_an_outage_is_no_return() {
    let mut machine = machine();
    assert_eq!(
        turns(&mut machine, "..xxx.x.xxx.."),
        ["0: unknown > up", "2: up > down (down)", "11: down > up (back)"]
    );
    assert_eq!(times(&machine), (3.0, 9.0, 0.0));
}

#[test]
fn degraded_and_back() {
    let mut machine = machine();
    let turned = turns(&mut machine, "..l.ll.lll.l..xxxllll..");
    assert_eq!(
        turned,
        [
            "0: unknown > up",
            "7: up > degraded",
            "12: degraded > up",
            "14: up > down (down)",
            "17: down > degraded (back)",
            "21: degraded > up"
        ]
    );
}

#[test]
fn our_own_side_says_nothing_of_the_target() {
    let mut machine = machine();
    // Its time is unknown; it breaks no row, of either kind.
    let turned = turns(&mut machine, "..xox.xoxx.o.");
    assert_eq!(turned, ["0: unknown > up", "6: up > down (down)", "10: down > up (back)"]);
    assert_eq!(times(&machine), (6.0, 3.0, 3.0));
}

#[test]
fn where_our_own_side_fails_for_long_nothing_is_known() {
    let mut machine = machine();
    // The bad round before is as likely our own: it counts as unknown too.
    let turned = turns(&mut machine, "...xooooo.x...");
    assert_eq!(turned, ["0: unknown > up", "4: up > unknown", "11: unknown > up"]);
    assert_eq!(times(&machine), (5.0, 0.0, 8.0));
}

#[test]
fn an_outage_goes_on_behind_our_own() {
    let mut machine = machine();
    let turned = turns(&mut machine, "..xxxoooxxxx..");
    assert_eq!(
        turned,
        [
            "0: unknown > up",
            "2: up > down (down)",
            "5: down > unknown",
            "8: unknown > down",
            "12: down > up (back)"
        ]
    );
    assert_eq!(times(&machine), (3.0, 7.0, 3.0));
}

#[test]
fn time_that_nobody_watched_is_unknown() {
    let mut machine = machine();
    turns(&mut machine, "...");
    // Asleep for eight hours: no turn is missed, the clock has jumped.
    let turned = machine.round(seen(8 * 3600, Kind::Good));
    assert_eq!(turned.len(), 1);
    assert_eq!((turned[0].to, turned[0].since), (State::Unknown, after(secs(3))));
    assert_eq!(machine.round(seen(8 * 3600 + 1, Kind::Good))[0].to, State::Up);
    assert_eq!(times(&machine), (4.0, 0.0, f64::from(8 * 3600 - 3)));
}

#[test]
fn a_stall_was_watched_and_a_stop_was_not() {
    let stalled = Seen { busy: secs(5), ..seen(2, Kind::Bad) };
    let mut machine = machine();
    turns(&mut machine, "..");
    machine.round(stalled);
    assert_eq!(machine.round(Seen { missed: 5, ..seen(8, Kind::Good) }), []);
    assert_eq!(times(&machine), (8.0, 0.0, 0.0));
    // Stopped between two rounds for a minute: turns were missed, and no round was under way.
    let turned = machine.round(Seen { missed: 59, ..seen(68, Kind::Good) });
    assert_eq!(turned[0].to, State::Unknown);
    assert_eq!(times(&machine), (10.0, 0.0, 58.0));
}

#[test]
fn a_clock_that_is_set_back_takes_nothing_away() {
    let mut machine = machine();
    turns(&mut machine, ".....");
    assert_eq!(machine.round(seen(1, Kind::Good)), []);
    machine.round(seen(2, Kind::Good));
    // The schedule knows what time went by.
    assert_eq!(times(&machine), (6.0, 0.0, 0.0));
}

#[test]
fn flapping_hides_the_changes_and_counts_them() {
    let hysteresis = Hysteresis { flapping_after: 4, flapping_within: secs(60), ..Hysteresis::default() };
    let mut machine = Machine::new(SECOND, &hysteresis, began());
    let once = "....xxxx";
    let turned = turns(&mut machine, &format!("{}{}", once.repeat(6), ".".repeat(100)));
    assert_eq!(
        turned[..4],
        ["0: unknown > up", "4: up > down (down)", "8: down > up (back)", "12: up > down (down)"]
    );
    assert_eq!(turned[4], "16: down > flapping (back)");
    let downs = turned.iter().filter(|turn| turn.ends_with("(down)")).count();
    let backs = turned.iter().filter(|turn| turn.ends_with("(back)")).count();
    assert_eq!((downs, backs), (6, 6));
    assert!(turned.last().is_some_and(|turn| turn.ends_with("flapping > up")), "{turned:?}");
    assert_eq!(machine.availability().down_s, 24.0);
}

/// A model that sees all rounds at once.
#[derive(Debug, Default, PartialEq)]
struct Naive {
    outages: Vec<(Timestamp, Option<Timestamp>)>,
    up_s: f64,
    down_s: f64,
    unknown_s: f64,
}

/// Runs of equal rounds between blackouts; what is shorter than it must be is what was before it.
fn naive(rounds: &[(u64, Kind)], down_after: usize, up_after: usize) -> Naive {
    let mut label = vec!['?'; rounds.len()];
    let is_own = |index: usize| rounds[index].1 == Kind::OwnSide;
    let mut begin = 0;
    let mut out = false;
    let mut model = Naive::default();
    while begin < rounds.len() {
        // A part ends before as many own-side rounds in a row as make a blackout.
        let blackout = |at: usize| at + down_after <= rounds.len() && (at..at + down_after).all(is_own);
        let end = (begin..rounds.len()).find(|at| blackout(*at)).unwrap_or(rounds.len());
        let known: Vec<usize> = (begin..end).filter(|index| !is_own(*index)).collect();
        let runs: Vec<&[usize]> = known
            .chunk_by(|one, next| (rounds[*one].1 == Kind::Bad) == (rounds[*next].1 == Kind::Bad))
            .collect();
        let mut before = '?';
        for (place, run) in runs.iter().enumerate() {
            let bad = rounds[run[0]].1 == Kind::Bad;
            let enough = run.len() >= if bad { down_after } else { up_after };
            if enough {
                before = if bad { 'x' } else { '.' };
            }
            let cut_off = place + 1 == runs.len() && end < rounds.len();
            for index in *run {
                label[*index] = if cut_off && !enough && before != letter(bad) { '?' } else { before };
            }
            let since = after(secs(rounds[run[0]].0));
            if enough && bad && !out {
                out = true;
                model.outages.push((since, None));
            } else if enough && !bad && out {
                out = false;
                model.outages.last_mut().unwrap().1 = Some(since);
            }
        }
        begin = (end..rounds.len()).find(|index| !is_own(*index)).unwrap_or(rounds.len());
    }
    for (index, pair) in rounds.windows(2).enumerate() {
        let time = (pair[1].0 - pair[0].0) as f64;
        match label[index] {
            '.' => model.up_s += time,
            'x' => model.down_s += time,
            _ => model.unknown_s += time,
        }
    }
    model
}

fn letter(bad: bool) -> char {
    if bad { 'x' } else { '.' }
}

fn any_kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        6 => Just(Kind::Good),
        1 => Just(Kind::Lesser),
        4 => Just(Kind::Bad),
        2 => Just(Kind::OwnSide),
    ]
}

/// Rows of rounds, some long.
fn any_rounds() -> impl Strategy<Value = Vec<Kind>> {
    let row = (any_kind(), 1_usize..8).prop_map(|(kind, count)| vec![kind; count]);
    prop::collection::vec(row, 1..40).prop_map(|rows| rows.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn it_says_what_the_naive_model_says(
        kinds in any_rounds(),
        missed in prop::collection::vec(0_u64..3, 320),
        down_after in 1_u32..5,
        up_after in 1_u32..4,
    ) {
        let hysteresis = Hysteresis { down_after, up_after, flapping_after: 0, ..Hysteresis::default() };
        let mut machine = Machine::new(SECOND, &hysteresis, began());
        let mut outages: Vec<(Timestamp, Option<Timestamp>)> = Vec::new();
        let mut rounds = Vec::new();
        let mut second = 0;
        let mut shown = State::Unknown;
        for (kind, missed) in kinds.into_iter().zip(missed) {
            second += missed + 1;
            rounds.push((second, kind));
            // The turns that were left out were those that the round before took.
            let busy = Duration::from_millis(900) * 3;
            for turned in machine.round(Seen { due: after(secs(second)), busy, missed, kind }) {
                prop_assert_eq!(turned.from, shown);
                shown = turned.to;
                match turned.edge {
                    Some(Edge::WentDown) => outages.push((turned.since, None)),
                    Some(Edge::CameBack) => outages.last_mut().unwrap().1 = Some(turned.since),
                    None => {}
                }
            }
            prop_assert_eq!(machine.state(), shown);
        }
        let spent = machine.availability();
        let found = Naive { outages, up_s: spent.up_s, down_s: spent.down_s, unknown_s: spent.unknown_s };
        prop_assert_eq!(found, naive(&rounds, down_after as usize, up_after as usize));
    }
}
