//! When rounds are due: an absolute schedule, on which a stalled round shifts nothing.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// One turn of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Which turn since the beginning, from 0.
    pub index: u64,
    /// When it is due, after the beginning.
    pub due: Duration,
    /// How many turns before it were slept through, since the turn that was given last.
    pub missed: u64,
}

/// Turn `n` is due `offset + n * interval` after the beginning, whatever became of the turns before it.
#[derive(Debug, Clone)]
pub struct Schedule {
    interval: Duration,
    offset: Duration,
    next: u64,
}

/// No interval is shorter: a round takes longer than that on any wire.
const SHORTEST: Duration = Duration::from_millis(1);

impl Schedule {
    /// A schedule whose first turn is due `offset` after the beginning. An interval below a millisecond is one.
    #[must_use]
    pub fn new(interval: Duration, offset: Duration) -> Self {
        Self { interval: interval.max(SHORTEST), offset, next: 0 }
    }

    /// The first turn that was not given yet and is due at `elapsed` or later. Turns whose time went by are missed:
    /// they are counted, and neither made up for nor moved.
    pub fn next(&mut self, elapsed: Duration) -> Turn {
        let waited = elapsed.saturating_sub(self.offset).as_nanos();
        let first_due = u64::try_from(waited.div_ceil(self.interval.as_nanos())).unwrap_or(u64::MAX);
        let index = first_due.max(self.next);
        let missed = index - self.next;
        self.next = index.saturating_add(1);
        Turn { index, due: self.due(index), missed }
    }

    fn due(&self, index: u64) -> Duration {
        let nanos = self.interval.as_nanos().saturating_mul(u128::from(index));
        self.offset.saturating_add(from_nanos(nanos))
    }
}

/// The offset of one target among `count`, below the interval: each has its own part of the interval and a fixed place
/// in it that looks like chance, so that the targets neither begin together nor march in step. An index past the count
/// begins again at the first part.
#[must_use]
pub fn spread(index: usize, count: usize, interval: Duration) -> Duration {
    let count = u128::try_from(count.max(1)).unwrap_or(u128::MAX);
    let index = u128::try_from(index).unwrap_or(0);
    let part = interval.as_nanos() / count;
    let seed = u64::try_from(index).unwrap_or(0);
    let within = part.saturating_mul(u128::from(scrambled(seed) >> 32)) >> 32;
    let begins = part.saturating_mul(index % count);
    from_nanos(begins.saturating_add(within))
}

/// By how much this machine's clock was set back between two rounds of one schedule, in whole microseconds; none if
/// the later one is later by the clock too.
pub(super) fn set_back(
    before: Timestamp,
    due: Timestamp,
    interval: Duration,
    missed: u64,
) -> Option<Duration> {
    if due > before {
        return None;
    }
    let turns = u32::try_from(missed).unwrap_or(u32::MAX).saturating_add(1);
    let back = before.duration_since(due).unsigned_abs().saturating_add(interval.saturating_mul(turns));
    Some(Duration::from_micros(u64::try_from(back.as_micros()).unwrap_or(u64::MAX)))
}

/// So much earlier, or as early as can be.
pub(super) fn earlier(at: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// The greatest duration for what none can hold.
pub(super) fn from_nanos(nanos: u128) -> Duration {
    const A_SECOND: u128 = 1_000_000_000;
    let rest = u32::try_from(nanos % A_SECOND).unwrap_or(0);
    u64::try_from(nanos / A_SECOND).map_or(Duration::MAX, |seconds| Duration::new(seconds, rest))
}

/// SplitMix64's output function (Steele, Lea and Flood 2014): neighbours become far apart.
const fn scrambled(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
