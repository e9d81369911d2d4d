//! A year of rounds with a hundred outages of known begin and end: exactly those come out.

use std::collections::BTreeMap;
use std::time::Duration;

use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::outage::Outage;

use super::made::{after, bad, good, secs, settings, watched};
use crate::fixture::{refused, timed_out};

/// Half a minute, so that a build without optimisation goes through the year in seconds too.
const INTERVAL: Duration = Duration::from_secs(30);

/// In rounds.
const A_DAY: u64 = 24 * 120;

const ROUNDS: u64 = 365 * A_DAY;

const OUTAGES: u64 = 100;

/// Each outage has its own part of the year.
const PART: u64 = ROUNDS / OUTAGES;

/// What the target does in a round that is not good.
#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    Refused,
    Silent,
    OwnSide,
}

/// What was made to happen, and what must come out of it.
#[derive(Default)]
struct Plan {
    trouble: BTreeMap<u64, Trouble>,
    outages: Vec<(u64, u64)>,
    down: u64,
    unknown: u64,
}

impl Plan {
    fn put(&mut self, from: u64, count: u64, trouble: Trouble) {
        self.trouble.extend((from..from + count).map(|round| (round, trouble)));
    }
}

/// A hundred outages of 3 to 1,500 rounds; and beside them what is none.
fn plan() -> Plan {
    let mut plan = Plan::default();
    for part in 0..OUTAGES {
        let chance = (part + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
        let from = part * PART + 500 + chance % 3_000;
        let length = 3 + (chance / 7) % 1_498;
        plan.put(from, length, Trouble::Refused);
        plan.put(from + length - 1, 1, Trouble::Silent);
        plan.outages.push((from, from + length));
        plan.down += length;
        // Our own side fails in the middle of some.
        if part % 5 == 0 && length > 5 {
            plan.put(from + 3, 1, Trouble::OwnSide);
            plan.down -= 1;
            plan.unknown += 1;
        }
        // Too short for an outage: one round, two, one and one.
        let short = from + length + 200;
        plan.put(short, 1, Trouble::Silent);
        plan.put(short + 50, 2, Trouble::Silent);
        plan.put(short + 100, 1, Trouble::Refused);
        plan.put(short + 102, 1, Trouble::Refused);
        // Our own side, for one round and for long.
        let own = 1 + (chance % 3) * 150;
        plan.put(short + 500, own, Trouble::OwnSide);
        plan.unknown += own;
    }
    plan
}

#[test]
fn a_year_with_a_hundred_outages_gives_exactly_those() {
    let plan = plan();
    let mut watched = watched(&settings(INTERVAL));
    let (fine, refusing, silent) =
        (good(after(secs(0))), bad(after(secs(0)), refused()), bad(after(secs(0)), timed_out()));
    let mut ended: Vec<Outage> = Vec::new();
    let mut began = 0;
    for index in 0..ROUNDS {
        let trouble = plan.trouble.get(&index).copied();
        let mut round = match trouble {
            None => fine.clone(),
            Some(Trouble::Refused) => refusing.clone(),
            Some(Trouble::Silent | Trouble::OwnSide) => silent.clone(),
        };
        round.due = after(INTERVAL * u32::try_from(index).unwrap());
        let own_side = (trouble == Some(Trouble::OwnSide)).then_some("the gateway does not answer");
        for Event { what, .. } in watched.round(&round, own_side).events {
            if let What::State { to, outage, .. } = what {
                began += u64::from(to == rdprobe::monitor::state::State::Down);
                ended.extend(outage);
            }
        }
        if index % A_DAY == 0 {
            watched.close_interval(round.due);
        }
    }

    let due = |round: u64| after(INTERVAL * u32::try_from(round).unwrap());
    let found: Vec<_> = ended.iter().map(|outage| (outage.start, outage.end)).collect();
    let made: Vec<_> = plan.outages.iter().map(|(from, to)| (due(*from), Some(due(*to)))).collect();
    assert_eq!(found, made);
    assert_eq!(began, OUTAGES);
    for (outage, (from, to)) in ended.iter().zip(&plan.outages) {
        let own = u64::from(plan.trouble[&(from + 3).min(to - 1)] == Trouble::OwnSide);
        assert_eq!(outage.rounds_lost, to - from - own);
        assert_eq!(outage.first_symptom.kind, "refused");
        assert_eq!(outage.last_symptom.kind, "timed_out");
    }

    let view = watched.view();
    assert_eq!((view.outages_total, view.outages.len()), (OUTAGES, 50));
    assert_eq!(view.outages[49], ended[99]);
    assert_eq!(view.rounds, ROUNDS);
    let seconds = |rounds: u64| (rounds * INTERVAL.as_secs()) as f64;
    assert_eq!(view.availability.down_s, seconds(plan.down));
    assert_eq!(view.availability.unknown_s, seconds(plan.unknown));
    let up = ROUNDS - 1 - plan.down - plan.unknown;
    assert_eq!(view.availability.up_s, seconds(up));
    let truly = up as f64 / (up + plan.down) as f64;
    let ratio = view.availability.ratio().unwrap();
    assert!((ratio - truly).abs() < 1e-6, "{ratio}, truly {truly}");
}
