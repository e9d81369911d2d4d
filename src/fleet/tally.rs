//! What a scan comes to so far: how many of each verdict and of each cause, how fast, how long still. Pure; the time is
//! passed in.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::scanned::Scanned;
use crate::diagnosis::Verdict;
use crate::policy::Outcome;
use crate::report::ExitStatus;

/// The time over which the rate is told, in seconds.
const WINDOW_S: u64 = 10;

/// What was counted since the scan began, ends and resumptions included.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// How many targets are done.
    pub done: u64,
    /// How many came to each verdict.
    pub verdicts: BTreeMap<Verdict, u64>,
    /// How many have this cause first.
    pub causes: BTreeMap<String, u64>,
    /// How many miss this expectation.
    pub missed: BTreeMap<String, u64>,
    /// How many are as they should be.
    pub good: u64,
    /// How many of these an expectation warns of.
    #[serde(default)]
    pub warned: u64,
    /// How many are not.
    pub bad: u64,
    /// Of how many that cannot be told.
    pub undecided: u64,
}

/// What a scan comes to so far.
#[derive(Debug, Clone)]
pub struct Tally {
    counts: Counts,
    before: u64,
    began: Instant,
    /// How many were done in each of the last seconds, by the second since the beginning.
    seconds: VecDeque<(u64, u64)>,
}

impl Tally {
    /// A scan that begins now, or goes on from these counts.
    #[must_use]
    pub fn new(counts: Counts, now: Instant) -> Self {
        Self { before: counts.done, counts, began: now, seconds: VecDeque::new() }
    }

    /// Counts one target.
    pub fn count(&mut self, scanned: &Scanned, now: Instant) {
        let counts = &mut self.counts;
        add(&mut counts.done);
        add(counts.verdicts.entry(scanned.verdict).or_default());
        if let Some(cause) = scanned.causes.first() {
            add(counts.causes.entry(cause.id.clone()).or_default());
        }
        for judged in scanned.expectations.iter().filter(|judged| judged.outcome == Outcome::Missed) {
            add(counts.missed.entry(judged.expectation.clone()).or_default());
        }
        add(match scanned.status() {
            ExitStatus::Good => &mut counts.good,
            ExitStatus::FailureFound => &mut counts.bad,
            ExitStatus::Undecided => &mut counts.undecided,
        });
        if scanned.is_warned() {
            add(&mut counts.warned);
        }
        self.tick(now);
    }

    /// Goes back to what was counted before: what came since is written nowhere.
    pub fn take_back(&mut self, before: Counts) {
        self.counts = before;
    }

    /// What was counted since the scan began.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }

    /// How many targets this run has done.
    #[must_use]
    pub const fn this_run(&self) -> u64 {
        self.counts.done.saturating_sub(self.before)
    }

    /// Targets a second, over the last seconds; over the whole run while that is shorter.
    #[must_use]
    pub fn rate(&self, now: Instant) -> f64 {
        let second = self.second(now);
        let since = second.saturating_sub(WINDOW_S);
        let done: u64 = self.seconds.iter().filter(|(at, _)| *at >= since).map(|(_, count)| count).sum();
        let begins = Duration::from_secs(since);
        let over = now.saturating_duration_since(self.began).saturating_sub(begins).as_secs_f64();
        if over > 0.0 { float(done) / over } else { 0.0 }
    }

    /// How long so many targets in all still take, at the rate of the last seconds; none while nothing moves, and none
    /// at the end, where all that are left are in flight: how long the slowest takes, no rate tells.
    #[must_use]
    pub fn time_left(&self, total: u64, in_flight: u64, now: Instant) -> Option<Duration> {
        let rate = self.rate(now);
        let left = total.saturating_sub(self.counts.done);
        if rate > 0.0 && left > in_flight {
            Duration::try_from_secs_f64(float(left) / rate).ok()
        } else {
            None
        }
    }

    fn tick(&mut self, now: Instant) {
        let second = self.second(now);
        match self.seconds.back_mut() {
            Some((at, count)) if *at == second => add(count),
            _ => self.seconds.push_back((second, 1)),
        }
        while self.seconds.front().is_some_and(|(at, _)| at.saturating_add(WINDOW_S) < second) {
            self.seconds.pop_front();
        }
    }

    fn second(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs()
    }
}

const fn add(count: &mut u64) {
    *count = count.saturating_add(1);
}

/// Exact below 2^53.
fn float(count: u64) -> f64 {
    const HALF: f64 = 4_294_967_296.0;
    let [high, low] =
        [count >> 32, count & u64::from(u32::MAX)].map(|half| u32::try_from(half).unwrap_or(u32::MAX));
    f64::from(high).mul_add(HALF, f64::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Millis;
    use crate::fleet::depth::Depth;

    fn scanned(verdict: Verdict, cause: Option<&str>) -> Scanned {
        let causes = cause.map(|id| crate::fleet::scanned::ScannedCause {
            id: id.to_owned(),
            standing: crate::diagnosis::Standing::Likely,
        });
        Scanned {
            schema: String::new(),
            position: 0,
            target: String::new(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            elapsed_ms: Millis::ZERO,
            depth: Depth::X224,
            verdict,
            summary: String::new(),
            failing_stage: None,
            causes: causes.into_iter().collect(),
            observations: Vec::new(),
            addresses: BTreeMap::new(),
            connect_ms: None,
            result: None,
            expectations: Vec::new(),
            report: None,
        }
    }

    #[test]
    fn verdicts_and_first_causes_are_counted() {
        let now = Instant::now();
        let mut tally = Tally::new(Counts { done: 5, good: 5, ..Counts::default() }, now);
        tally.count(&scanned(Verdict::Reachable, None), now);
        tally.count(&scanned(Verdict::NotReachable, Some("a")), now);
        tally.count(&scanned(Verdict::NotReachable, Some("a")), now);
        tally.count(&scanned(Verdict::Undecided, Some("b")), now);
        let counts = tally.counts();
        assert_eq!((counts.done, counts.good, counts.bad, counts.undecided), (9, 6, 2, 1));
        assert_eq!(counts.verdicts[&Verdict::NotReachable], 2);
        assert_eq!((counts.causes["a"], counts.causes["b"]), (2, 1));
        assert_eq!(tally.this_run(), 4);
        let warning = Scanned { result: Some(Outcome::Warning), ..scanned(Verdict::Reachable, None) };
        tally.count(&warning, now);
        // A machine that fails is no warning, whatever was expected of it.
        tally.count(&Scanned { verdict: Verdict::NotReachable, ..warning }, now);
        let counts = tally.counts();
        assert_eq!((counts.good, counts.warned, counts.bad), (7, 1, 3));
        let text = serde_json::to_string(counts).unwrap();
        assert_eq!(serde_json::from_str::<Counts>(&text).unwrap(), *counts);
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds_and_holds_no_more() {
        let began = Instant::now();
        let mut tally = Tally::new(Counts::default(), began);
        let one = scanned(Verdict::Reachable, None);
        assert!(tally.rate(began).abs() < 1e-9);
        // A hundred a second for a minute, then ten a second.
        for tick in 0..6_000_u64 {
            tally.count(&one, began + Duration::from_millis(tick * 10));
        }
        let minute = began + Duration::from_secs(60);
        assert!((tally.rate(minute) - 100.0).abs() < 1.0, "{}", tally.rate(minute));
        for tick in 0..300_u64 {
            tally.count(&one, minute + Duration::from_millis(tick * 100));
        }
        let later = minute + Duration::from_secs(30);
        assert!((tally.rate(later) - 10.0).abs() < 1.0, "{}", tally.rate(later));
        assert!(tally.seconds.len() <= 12);
        let left = tally.time_left(6_400, 20, later).unwrap();
        assert!((left.as_secs_f64() - 10.0).abs() < 1.0, "{left:?}");
        assert_eq!(tally.time_left(6_400, 20, later + Duration::from_secs(60)), None);
        assert_eq!(tally.time_left(6_320, 20, later), None, "the rest is in flight");
        // The addresses of an IPv6 network: ages.
        let left = tally.time_left(u64::MAX, 20, later).unwrap();
        assert!(left > Duration::from_secs(1 << 60), "{left:?}");
    }
}
