//! Which connection to hold next, and what the ends of the ones before it say.
//!
//! First the server's own limit: connections are kept alive until the server ends them. Then idle times, below that
//! limit. Then guard: kept alive to just below the limit, where every end is one too many. Once in a while the limit and
//! the idle times are looked at again.

use std::time::Duration;

use super::idle::Steps;
use super::limit::{Known, Limit};
use super::{Ending, HeldEnd};
use crate::evidence::{Testimony, Witness};
use crate::monitor::settings::Hold;
use crate::monitor::span::span;
use crate::probe::hold::asked_for;

/// How to hold the next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextHold {
    /// How often to keep it alive. None: leave it idle to the end of its time, and then see by a keep-alive whether it
    /// still lives.
    pub keep_alive: Option<Duration>,
    /// How long to hold it.
    pub for_at_most: Duration,
}

/// What the connection is held for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Limit,
    Idle,
    Guard,
}

/// Decides how connections are held, one after the other.
#[derive(Debug, Clone)]
pub struct Ladder {
    hold: Hold,
    limit: Limit,
    idle: Steps,
    held_for: For,
    guards: u32,
}

/// After so many guarded connections everything is looked at again.
const LOOK_AGAIN: u32 = 16;

impl Ladder {
    /// Nothing is known yet.
    #[must_use]
    pub fn new(hold: &Hold) -> Self {
        Self {
            idle: Steps::new(&hold.idle_steps, hold.keep_alive),
            hold: hold.clone(),
            limit: Limit::new(),
            held_for: For::Limit,
            guards: 0,
        }
    }

    /// How to hold the next connection.
    #[expect(
        clippy::should_implement_trait,
        reason = "it never ends, and each answer hangs on the end before it"
    )]
    pub fn next(&mut self) -> NextHold {
        let kept_alive = |for_at_most| NextHold { keep_alive: Some(self.hold.keep_alive), for_at_most };
        if self.limit.known() == Known::Nothing {
            self.held_for = For::Limit;
            return kept_alive(self.longest());
        }
        if let Some(step) = self.idle.next(self.longest_idle()) {
            self.held_for = For::Idle;
            return NextHold { keep_alive: None, for_at_most: step };
        }
        if self.guards < LOOK_AGAIN {
            self.held_for = For::Guard;
            // No longer than was shown to be safe: a limit beyond that is nobody's outage.
            return kept_alive(self.limit.safe().unwrap_or_else(|| self.longest()));
        }
        self.guards = 0;
        self.idle.again(self.hold.keep_alive);
        self.held_for = For::Limit;
        kept_alive(self.longest())
    }

    /// Longer than the longest idle time and the limit that is known.
    fn longest(&self) -> Duration {
        let idle = self.hold.idle_steps.iter().max().copied().unwrap_or_default();
        let limit = match self.limit.known() {
            Known::Nothing | Known::NoLimit => Duration::ZERO,
            Known::At(age) | Known::Between(_, age) => age,
        };
        let longest = idle.max(limit).max(self.hold.keep_alive);
        longest + longest / 4
    }

    /// The longest idle time of which path and server can be told apart: the question after it is answered before the
    /// server's own limit.
    fn longest_idle(&self) -> Option<Duration> {
        let answered = |least: Duration| least.saturating_sub(asked_for(self.hold.patience));
        self.limit.safe().zip(self.limit.least()).map(|(safe, least)| safe.min(answered(least)))
    }

    /// The connection that was held has ended. Why it should not have, in one clause; none if that is in order, or if
    /// it is too early to tell.
    pub fn ended(&mut self, held: &HeldEnd) -> Option<String> {
        if self.held_for == For::Idle {
            return self.idle.ended(held);
        }
        if self.held_for == For::Guard {
            self.guards = self.guards.saturating_add(1);
        }
        let age = held.age();
        let in_order = match held.ending {
            Ending::Survived => {
                self.limit.survived(age);
                true
            }
            Ending::Fin | Ending::Reset => self.limit.ended(age),
            Ending::Silence => false,
        };
        (!in_order).then(|| self.too_early(held))
    }

    fn too_early(&self, held: &HeldEnd) -> String {
        let end = format!(
            "a connection that was kept alive ended after {} {}",
            span(held.age()),
            held.ending.words()
        );
        match self.limit.known() {
            Known::At(limit) | Known::Between(limit, _) => {
                format!("{end}; the server gives it {}", span(limit))
            }
            Known::Nothing | Known::NoLimit => end,
        }
    }

    /// What the held connections say of server and path.
    #[must_use]
    pub fn findings(&self) -> Vec<Testimony> {
        let most = self.longest_idle();
        let cut = self.idle.cut(most).map(|cut| told("over-time.idle-cut", cut.words()));
        let limit = self.limit_words().map(|fact| told("over-time.fixed-age", fact));
        let untestable: Vec<String> = self.idle.untestable(most).into_iter().map(span).collect();
        let untested = (!untestable.is_empty()).then(|| {
            let fact = format!(
                "whether the path cuts connections idle for {} cannot be tested: the server ends them first",
                untestable.join(", ")
            );
            told("over-time.idle-untested", fact)
        });
        cut.into_iter().chain(limit).chain(untested).collect()
    }

    fn limit_words(&self) -> Option<String> {
        let ends = match self.limit.known() {
            Known::Nothing | Known::NoLimit => return None,
            Known::At(limit) => format!("after {}", span(limit)),
            Known::Between(least, most) => format!("after {} to {}", span(least), span(most)),
        };
        Some(format!("a connection without a sign-in ends {ends}, however it is kept alive"))
    }
}

fn told(id: &str, fact: String) -> Testimony {
    Testimony { witness: Witness::Monitor, id: id.to_owned(), fact }
}
