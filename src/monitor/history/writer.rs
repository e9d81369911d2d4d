//! The writer's thread: once a second what waits goes into the file; after trouble it is tried again and again.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::inbox::{Dropped, Inbox, MOST_EVENTS, MOST_ROUNDS, Taken};
use super::rows::{Row, Rows};
use super::store::Store;
use super::{HistoryError, Status};

/// From one transaction to the next: the rest of the second is for the disk.
const PERIOD: Duration = Duration::from_millis(800);

/// From one attempt to the next after trouble.
const RETRY: Duration = Duration::from_secs(5);

/// From one attempt to roll up to the next after it failed: nothing is lost meanwhile, the file only grows.
const ROLL_UP_RETRY: Duration = Duration::from_secs(3_600);

/// What waits for the disk, and why.
#[derive(Debug)]
pub(super) struct Writer {
    store: Store,
    inbox: Arc<Inbox>,
    status: Arc<Mutex<Status>>,
    rows: Rows,
    pending: VecDeque<Row>,
    dropped: Dropped,
    /// The trouble that lasts, and when to try again.
    trouble: Option<(String, Instant)>,
    /// When to try to roll up again: it failed, which keeps nothing from being written.
    roll_up_again: Option<Instant>,
}

impl Writer {
    pub(super) fn new(store: Store, inbox: Arc<Inbox>, status: Arc<Mutex<Status>>) -> Self {
        let (rows, pending, dropped) = (Rows::default(), VecDeque::new(), Dropped::default());
        Self { store, inbox, status, rows, pending, dropped, trouble: None, roll_up_again: None }
    }

    /// Writes until the monitor has ended and everything is in the file, or cannot be.
    pub(super) fn run(mut self) -> Result<(), HistoryError> {
        let mut last = false;
        let mut next = Instant::now() + PERIOD;
        while !last {
            let mut taken = self.inbox.take(next.saturating_duration_since(Instant::now()));
            next = Instant::now() + PERIOD;
            last = taken.last;
            let is_time = last || self.trouble.as_ref().is_none_or(|(_, again)| Instant::now() >= *again);
            let is_ready = is_time && self.is_ready();
            self.keep(&mut taken);
            if is_ready {
                self.write();
            }
            self.inbox.done(&taken);
            if !last {
                self.roll_up(next);
            }
        }
        self.inbox.over();
        match self.trouble {
            Some((why, _)) => Err(HistoryError::Damaged(format!("what waited could not be written: {why}"))),
            None => self.store.close(),
        }
    }

    /// Turns what was told into rows; where too many wait, the oldest rounds are lost first.
    fn keep(&mut self, taken: &mut Taken) {
        self.dropped.merge(taken.dropped);
        for told in taken.told.drain(..) {
            self.pending.extend(self.rows.of(told));
        }
        if self.pending.len() > MOST_ROUNDS + MOST_EVENTS {
            // A tenth at once, so that not every second goes through all of them.
            let mut left = MOST_ROUNDS / 10;
            let dropped = &mut self.dropped;
            self.pending.retain(|row| {
                let lost = left > 0 && drop_row(row, dropped);
                left -= usize::from(lost);
                !lost
            });
        }
        while self.pending.len() > MOST_ROUNDS + 2 * MOST_EVENTS {
            if let Some(Row::Event(event)) = self.pending.pop_front() {
                self.dropped.event(event.at.as_microsecond());
            }
        }
    }

    /// Whether the file is there to be written; after trouble, or if it was moved or deleted, it is opened anew.
    fn is_ready(&mut self) -> bool {
        if self.trouble.is_none() {
            if self.store.is_in_place() {
                return true;
            }
            self.failed("the file was moved or deleted".to_owned());
        }
        match self.store.reopen() {
            Ok(is_another) => {
                if is_another {
                    tracing::warn!("a new record is begun: the one before it is no longer in its place");
                    self.rows.begin_anew();
                }
                true
            }
            Err(error) => {
                self.failed(error.to_string());
                false
            }
        }
    }

    fn write(&mut self) {
        let why = self.trouble.as_ref().map_or("this machine could not keep up", |(why, _)| why.as_str());
        let gap = (self.dropped != Dropped::default()).then_some((&self.dropped, why));
        match self.store.write(self.pending.iter(), gap) {
            Ok(()) => {
                self.pending.clear();
                self.dropped = Dropped::default();
                self.went_well();
            }
            Err(error) => self.failed(error.to_string()),
        }
    }

    /// Rolls up what has aged, until the next transaction is due or the monitor ends.
    fn roll_up(&mut self, until: Instant) {
        while self.trouble.is_none()
            && self.roll_up_again.is_none_or(|again| Instant::now() >= again)
            && Instant::now() < until
            && !self.inbox.is_closed()
        {
            match self.store.roll_up() {
                Ok(more) => {
                    if self.roll_up_again.take().is_some() {
                        tracing::warn!("the record is rolled up again");
                    }
                    if !more {
                        return;
                    }
                }
                Err(error) => self.roll_up_failed(&error),
            }
        }
    }

    /// One warning, however often it fails.
    fn roll_up_failed(&mut self, error: &HistoryError) {
        if self.roll_up_again.is_none() {
            tracing::warn!("the record cannot be rolled up and grows, it is written all the same: {error}");
        }
        self.roll_up_again = Some(Instant::now() + ROLL_UP_RETRY);
    }

    fn went_well(&mut self) {
        if self.trouble.take().is_some() {
            tracing::warn!("the record is written again");
            *self.status.lock().unwrap_or_else(PoisonError::into_inner) = Status::Recording;
        }
    }

    /// One warning, however often it fails.
    fn failed(&mut self, why: String) {
        if self.trouble.is_none() {
            tracing::warn!("the record cannot be written, monitoring goes on: {why}");
            let stopped = Status::Stopped { since: jiff::Timestamp::now(), why: why.clone() };
            *self.status.lock().unwrap_or_else(PoisonError::into_inner) = stopped;
        }
        let again = Instant::now() + RETRY;
        self.trouble = Some((why, again));
    }
}

/// Whether the row is a round's, which is then counted as lost.
fn drop_row(row: &Row, dropped: &mut Dropped) -> bool {
    match row {
        Row::Round { sample, .. } => {
            dropped.round(sample.due_us);
            true
        }
        Row::Lasts { .. } => true,
        Row::Watch { .. }
        | Row::SetBack { .. }
        | Row::State { .. }
        | Row::Outage { .. }
        | Row::Cause { .. }
        | Row::Changes { .. }
        | Row::Event(_) => false,
    }
}
