//! Turns of an absolute schedule: never shifted, never bunched, none lost without being counted.

use proptest::prelude::*;
use std::time::Duration;

use rdprobe::monitor::schedule::{Schedule, Turn, spread};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_stalled_round_shifts_nothing() {
    let mut schedule = Schedule::new(SECOND, Duration::from_millis(250));
    let at = |milliseconds| Duration::from_millis(milliseconds);
    assert_eq!(schedule.next(at(0)), Turn { index: 0, due: at(250), missed: 0 });
    assert_eq!(schedule.next(at(260)), Turn { index: 1, due: at(1250), missed: 0 });
    // The round of turn 1 stalls for 3 s.
    assert_eq!(schedule.next(at(4251)), Turn { index: 5, due: at(5250), missed: 3 });
    assert_eq!(schedule.next(at(5250)), Turn { index: 6, due: at(6250), missed: 0 });
}

#[test]
fn a_turn_that_is_due_now_is_not_missed() {
    let mut schedule = Schedule::new(SECOND, Duration::ZERO);
    assert_eq!(schedule.next(SECOND), Turn { index: 1, due: SECOND, missed: 1 });
}

#[test]
fn no_time_is_too_long() {
    let mut schedule = Schedule::new(Duration::ZERO, Duration::MAX);
    assert_eq!(schedule.next(Duration::MAX).due, Duration::MAX);
    let mut schedule = Schedule::new(Duration::ZERO, Duration::ZERO);
    schedule.next(Duration::MAX);
    assert!(schedule.next(Duration::MAX).due <= Duration::MAX);
}

proptest! {
    #[test]
    fn every_turn_is_where_it_belongs(
        interval in 1_u64..5_000,
        offset in 0_u64..5_000,
        busy in prop::collection::vec(0_u64..20_000, 1..200),
    ) {
        let interval = Duration::from_millis(interval);
        let offset = Duration::from_millis(offset);
        let mut schedule = Schedule::new(interval, offset);
        let mut now = Duration::ZERO;
        let mut turns = 0;
        let mut last: Option<Turn> = None;
        for busy in busy {
            let turn = schedule.next(now);
            prop_assert!(turn.due >= now);
            prop_assert_eq!(turn.due, offset + interval * u32::try_from(turn.index).unwrap());
            if let Some(last) = last {
                prop_assert_eq!(turn.index, last.index + 1 + turn.missed);
                prop_assert!(turn.due >= last.due + interval, "bunched");
            }
            // It is the first one that can still be met.
            prop_assert!(turn.missed == 0 || turn.due < now + interval);
            turns += 1 + turn.missed;
            prop_assert_eq!(turns, turn.index + 1, "a turn is neither given nor counted as missed");
            now = turn.due + Duration::from_millis(busy);
            last = Some(turn);
        }
    }

    #[test]
    fn targets_are_spread_over_the_interval(count in 1_usize..2_000, interval in 1_u64..60_000) {
        let interval = Duration::from_millis(interval);
        let offsets: Vec<Duration> = (0..count).map(|index| spread(index, count, interval)).collect();
        prop_assert!(offsets.iter().all(|offset| *offset < interval));
        let part = interval.as_nanos() / count as u128;
        for (index, offset) in offsets.iter().enumerate() {
            let begins = part * index as u128;
            prop_assert!((begins..begins + part).contains(&offset.as_nanos()), "{index} is in another's part");
        }
    }
}

#[test]
fn targets_do_not_march_in_step() {
    let offsets: Vec<Duration> = (0..100).map(|index| spread(index, 100, SECOND)).collect();
    let mut steps: Vec<Duration> = offsets.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect();
    steps.sort_unstable();
    steps.dedup();
    assert!(steps.len() > 90, "{} different steps of 99", steps.len());
    assert_eq!(offsets[7], spread(7, 100, SECOND), "the same every time");
    assert!(spread(usize::MAX, 3, SECOND) < SECOND);
}
