//! What waits to be written: bounded, and nobody who fills it waits.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::sample::Sample;
use crate::monitor::event::Event;
use crate::monitor::schedule;

/// So many rounds may wait, here and after a failed transaction: a day of one target at one second.
pub(super) const MOST_ROUNDS: usize = 100_000;

/// So many events may wait.
pub(super) const MOST_EVENTS: usize = 10_000;

/// Ten intervals and this between two rounds: nobody watched meanwhile (a target taken off the list, a machine asleep).
/// No round stalls for so long.
const PAUSE: Duration = Duration::from_secs(120);

/// Something that the monitor told, in the order in which it told it.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// The clock was set back by so much before the round that comes next.
    SetBack(Arc<str>, Duration),
    Round(Arc<str>, Sample),
    Event(Box<Event>),
}

/// What was told and is not kept any more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    /// From when to when, in microseconds since 1970.
    pub(super) span_us: Option<(i64, i64)>,
    pub(super) rounds: u64,
    pub(super) events: u64,
}

impl Dropped {
    /// Counts what another counted.
    pub(super) fn merge(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.events += other.events;
        if let Some((from, to)) = other.span_us {
            self.stretch(from);
            self.stretch(to);
        }
    }

    /// Counts a round.
    pub(super) fn round(&mut self, at_us: i64) {
        self.rounds += 1;
        self.stretch(at_us);
    }

    /// Counts an event.
    pub(super) fn event(&mut self, at_us: i64) {
        self.events += 1;
        self.stretch(at_us);
    }

    fn stretch(&mut self, at_us: i64) {
        let (from, to) = self.span_us.unwrap_or((at_us, at_us));
        self.span_us = Some((from.min(at_us), to.max(at_us)));
    }
}

/// What the writer takes at once.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) told: VecDeque<Told>,
    pub(super) dropped: Dropped,
    /// Whether the monitor has ended: nothing comes after this.
    pub(super) last: bool,
    /// Which flush it answers once it is written.
    flush: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    told: VecDeque<Told>,
    rounds: usize,
    dropped: Dropped,
    /// When the last round of each target was due.
    seen: HashMap<Arc<str>, Timestamp>,
    closed: bool,
    flush_asked: u64,
    flush_done: u64,
}

/// Between the monitor and the writer.
#[derive(Debug)]
pub(super) struct Inbox {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    interval: Duration,
}

impl Inbox {
    pub(super) fn new(interval: Duration) -> Self {
        Self { waiting: Mutex::default(), changed: Condvar::new(), interval }
    }

    /// Takes a round that was due then, behind so many that the schedule left out; counts it as dropped if too many wait.
    pub(super) fn round(&self, target: &str, due: Timestamp, missed: u64, mut sample: Sample) {
        let mut waiting = self.lock();
        let known = waiting.seen.get_key_value(target).map(|(name, due)| (Arc::clone(name), *due));
        let name = match known {
            Some((name, before)) => {
                let set_back = schedule::set_back(before, due, self.interval, missed);
                if let Some(by) = set_back {
                    waiting.told.push_back(Told::SetBack(Arc::clone(&name), by));
                }
                let pause = self.interval.saturating_mul(10).saturating_add(PAUSE);
                let paused = due.duration_since(before)
                    > SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
                sample.anew = paused || set_back.is_some();
                if paused {
                    sample.missed = 0;
                }
                name
            }
            None => {
                sample.anew = true;
                Arc::from(target)
            }
        };
        waiting.seen.insert(Arc::clone(&name), due);
        if waiting.rounds >= MOST_ROUNDS {
            waiting.dropped.round(sample.due_us);
            return;
        }
        waiting.rounds += 1;
        waiting.told.push_back(Told::Round(name, sample));
    }

    /// Takes an event.
    pub(super) fn event(&self, event: Event) {
        let mut waiting = self.lock();
        if waiting.told.len() - waiting.rounds >= MOST_EVENTS {
            waiting.dropped.event(event.at.as_microsecond());
            return;
        }
        waiting.told.push_back(Told::Event(Box::new(event)));
    }

    /// Waits until what was told before was written, or could not be.
    pub(super) fn flush(&self) {
        let mut waiting = self.lock();
        waiting.flush_asked += 1;
        let mine = waiting.flush_asked;
        self.changed.notify_all();
        let undone = |waiting: &mut Waiting| waiting.flush_done < mine;
        drop(self.changed.wait_while(waiting, undone).unwrap_or_else(PoisonError::into_inner));
    }

    /// Nothing comes any more.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Whether nothing comes any more.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Waits for the time given, shorter if somebody flushes or closes, and takes everything.
    pub(super) fn take(&self, at_most: Duration) -> Taken {
        let quiet = |waiting: &mut Waiting| !waiting.closed && waiting.flush_asked == waiting.flush_done;
        let (mut waiting, _) = self
            .changed
            .wait_timeout_while(self.lock(), at_most, quiet)
            .unwrap_or_else(PoisonError::into_inner);
        waiting.rounds = 0;
        Taken {
            told: std::mem::take(&mut waiting.told),
            dropped: std::mem::take(&mut waiting.dropped),
            last: waiting.closed,
            flush: waiting.flush_asked,
        }
    }

    /// What was taken was written, or could not be.
    pub(super) fn done(&self, taken: &Taken) {
        self.lock().flush_done = taken.flush;
        self.changed.notify_all();
    }

    /// The writer ends: nobody may wait for it any more.
    pub(super) fn over(&self) {
        self.lock().flush_done = u64::MAX;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
