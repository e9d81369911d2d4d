//! What the path does to idle connections, step by step.

use std::time::Duration;

use super::{Ending, HeldEnd};
use crate::monitor::span::span;

/// An idle connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut {
    /// It lived this long without a movement.
    pub(super) lived: Duration,
    /// After this long it was dead.
    pub(super) dead: Duration,
    pub(super) ending: Ending,
}

/// The steps of idle time, ascending, and how far they were climbed.
#[derive(Debug, Clone)]
pub(super) struct Steps {
    steps: Vec<Duration>,
    next: usize,
    died_once: bool,
    lived: Duration,
    cut: Option<Cut>,
    /// What the climb before this one found, until this one is done.
    found: Option<Cut>,
}

impl Steps {
    /// A connection that is kept alive that often lives.
    pub(super) fn new(steps: &[Duration], kept_alive: Duration) -> Self {
        let mut steps: Vec<Duration> = steps.iter().copied().filter(|step| *step > kept_alive).collect();
        steps.sort_unstable();
        steps.dedup();
        Self { steps, next: 0, died_once: false, lived: kept_alive, cut: None, found: None }
    }

    /// The next idle time to try, of those that the server's limit allows; none: all were tried.
    pub(super) fn next(&self, most: Option<Duration>) -> Option<Duration> {
        let step = self.steps.get(self.next).copied()?;
        let tried = self.cut.is_some() || most.is_some_and(|most| step > most);
        (!tried).then_some(step)
    }

    /// The idle times that the server's limit does not allow.
    pub(super) fn untestable(&self, most: Option<Duration>) -> Vec<Duration> {
        let beyond = |step: &&Duration| most.is_some_and(|most| **step > most);
        self.steps.iter().filter(beyond).copied().collect()
    }

    /// Climbs again from the first step.
    pub(super) fn again(&mut self, kept_alive: Duration) {
        self.found = self.cut;
        *self = Self { found: self.found, ..Self::new(&self.steps, kept_alive) };
    }

    /// What is known: of this climb, or while it has not come so far of the one before it.
    pub(super) fn cut(&self, most: Option<Duration>) -> Option<Cut> {
        self.cut.or(self.found.filter(|_| self.next(most).is_some()))
    }

    /// The connection that was left idle for the next step has ended. Returns the cut, when it is proved: one death may
    /// be an accident, two at the same step are none.
    pub(super) fn ended(&mut self, held: &HeldEnd) -> Option<String> {
        let step = self.steps.get(self.next).copied()?;
        if held.ending == Ending::Survived {
            (self.next, self.died_once, self.lived) = (self.next + 1, false, step);
            return None;
        }
        if !std::mem::replace(&mut self.died_once, true) {
            return None;
        }
        let cut = Cut { lived: self.lived, dead: held.age().min(step).max(self.lived), ending: held.ending };
        let news = self.found.is_none_or(|found| found.lived != cut.lived);
        self.cut = Some(cut);
        news.then(|| cut.words())
    }
}

impl Cut {
    /// The cut in one clause.
    pub(super) fn words(&self) -> String {
        let Self { lived, dead, ending } = self;
        let how = match ending {
            Ending::Reset => "by a reset",
            Ending::Fin => "by an orderly close",
            Ending::Silence | Ending::Survived => "without a word",
        };
        format!(
            "an idle connection is cut {how} between {} and {} without a movement",
            span(*lived),
            span(*dead)
        )
    }
}
