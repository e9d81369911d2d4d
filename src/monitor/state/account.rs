//! How the watched time divides, in whole nanoseconds.

use super::Availability;

/// How time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spent {
    Up,
    Down,
    Unknown,
}

/// Time by how it was spent, in nanoseconds; what a row of rounds has not decided yet waits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Account {
    up: i128,
    down: i128,
    unknown: i128,
    waiting: i128,
}

impl Account {
    pub(super) fn add(&mut self, spent: Spent, nanos: i128) {
        match spent {
            Spent::Up => self.up += nanos,
            Spent::Down => self.down += nanos,
            Spent::Unknown => self.unknown += nanos,
        }
    }

    pub(super) fn wait(&mut self, nanos: i128) {
        self.waiting += nanos;
    }

    /// What waited is decided.
    pub(super) fn settle(&mut self, spent: Spent) {
        let waiting = std::mem::take(&mut self.waiting);
        self.add(spent, waiting);
    }

    /// The times so far, what still waits among them as if nothing came of it.
    pub(super) fn availability(&self, undecided: Spent) -> Availability {
        let mut settled = *self;
        settled.settle(undecided);
        Availability {
            up_s: seconds(settled.up),
            down_s: seconds(settled.down),
            unknown_s: seconds(settled.unknown),
        }
    }
}

/// Whole seconds and the rest apart, so that a year loses nothing.
fn seconds(nanos: i128) -> f64 {
    let whole = u64::try_from(nanos / 1_000_000_000).unwrap_or(0);
    let rest = u32::try_from(nanos % 1_000_000_000).unwrap_or(0);
    std::time::Duration::new(whole, rest).as_secs_f64()
}
