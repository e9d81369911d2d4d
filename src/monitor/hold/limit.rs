//! The server's own limit, from the ages at which connections end.

use std::collections::VecDeque;
use std::time::Duration;

/// What is known of how long a connection without a logon may live, kept alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing yet.
    Nothing,
    /// It lives longer than anybody waited.
    NoLimit,
    /// It ends at that age, again and again.
    At(Duration),
    /// It ends at an age between these two, never twice the same.
    Between(Duration, Duration),
}

/// Learns the limit from ends that nothing else explains.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    known: Known,
    ages: VecDeque<Duration>,
}

/// So many ends are looked at for ages that agree.
const LOOKED_AT: usize = 4;

/// So many of them must agree: the first, and its age repeated twice.
const AGREE: usize = 3;

/// After so many ends that do not agree the limit is one that varies.
const VARIES_AFTER: usize = 8;

impl Limit {
    pub(super) const fn new() -> Self {
        Self { known: Known::Nothing, ages: VecDeque::new() }
    }

    pub(super) const fn known(&self) -> Known {
        self.known
    }

    /// Any connection of that age is safe from the limit; `None`: of any age that was waited for.
    pub(super) fn safe(&self) -> Option<Duration> {
        self.least().map(nine_tenths)
    }

    /// The age below which the server has ended none; `None`: no limit is known.
    pub(super) fn least(&self) -> Option<Duration> {
        match self.known {
            Known::Nothing | Known::NoLimit => None,
            Known::At(age) | Known::Between(age, _) => Some(age),
        }
    }

    /// A connection lived for that long and was closed from here.
    pub(super) fn survived(&mut self, age: Duration) {
        if self.known == Known::Nothing {
            self.known = Known::NoLimit;
        } else if self.outlived(age) || matches!(self.known, Known::Between(_, most) if age > most) {
            *self = Self::new();
        }
    }

    /// Whether a connection of that age disproves the limit that was learnt.
    fn outlived(&self, age: Duration) -> bool {
        match self.known {
            Known::At(limit) => age > limit.saturating_add(limit / 10),
            Known::Nothing | Known::NoLimit | Known::Between(..) => false,
        }
    }

    /// A connection that was kept alive was ended at that age. Whether that may be the limit.
    pub(super) fn ended(&mut self, age: Duration) -> bool {
        if self.outlived(age) {
            *self = Self::new();
        } else if self.safe().is_some_and(|safe| age >= safe) {
            self.widen(age);
            return true;
        }
        if self.ages.len() == VARIES_AFTER {
            self.ages.pop_front();
        }
        self.ages.push_back(age);
        if let Some(limit) = self.agreed(age) {
            *self = Self { known: Known::At(limit), ages: VecDeque::new() };
            return true;
        }
        if self.known == Known::Nothing && self.ages.len() == VARIES_AFTER {
            self.known = match (self.ages.iter().min(), self.ages.iter().max()) {
                (Some(least), Some(most)) => Known::Between(*least, *most),
                _ => Known::Nothing,
            };
        }
        matches!(self.known, Known::Nothing | Known::Between(..))
    }

    /// A limit that varies may be longer than it was so far.
    fn widen(&mut self, age: Duration) {
        if let Known::Between(_, most) = &mut self.known {
            *most = age.max(*most);
        }
    }

    /// The least of the last ages that agree with this one within a tenth, if they are enough.
    fn agreed(&self, age: Duration) -> Option<Duration> {
        let close = |other: &&Duration| other.abs_diff(age) <= (**other).max(age) / 10;
        let agreeing: Vec<&Duration> = self.ages.iter().rev().take(LOOKED_AT).filter(close).collect();
        if agreeing.len() >= AGREE { agreeing.into_iter().min().copied() } else { None }
    }
}

fn nine_tenths(time: Duration) -> Duration {
    time.saturating_sub(time / 10)
}
