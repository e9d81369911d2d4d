//! Flapping: many changes between up and down within a short time.

use jiff::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

use crate::monitor::schedule::earlier;

/// Counts changes in a window of time.
#[derive(Debug, Clone)]
pub(super) struct Flapping {
    after: usize,
    within: Duration,
    changes: VecDeque<Timestamp>,
    on: bool,
}

/// More changes than that need not be remembered to know that there are many.
const REMEMBERED: usize = 1000;

impl Flapping {
    /// Flapping after so many changes in that time; never, if `after` is 0.
    pub(super) fn new(after: u32, within: Duration) -> Self {
        let after = usize::try_from(after).unwrap_or(REMEMBERED).min(REMEMBERED);
        Self { after, within, changes: VecDeque::new(), on: false }
    }

    pub(super) fn changed(&mut self, at: Timestamp) {
        if self.changes.len() >= self.after.max(1) {
            self.changes.pop_front();
        }
        self.changes.push_back(at);
    }

    /// The clock was set back.
    pub(super) fn move_back(&mut self, by: Duration) {
        for change in &mut self.changes {
            *change = earlier(*change, by);
        }
    }

    /// Whether it flaps: from enough changes on, until there are less than half as many in the window.
    pub(super) fn is_on(&mut self, now: Timestamp) -> bool {
        let begins = now.checked_sub(self.within).unwrap_or(Timestamp::MIN);
        while self.changes.front().is_some_and(|change| *change < begins) {
            self.changes.pop_front();
        }
        let enough = if self.on { self.after.div_ceil(2) } else { self.after };
        self.on = self.after > 0 && self.changes.len() >= enough;
        self.on
    }
}
