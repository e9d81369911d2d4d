//! The outages of one target, as they come and go: the last ones whole, all of them counted.

use jiff::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

use super::{Cause, Outage};
use crate::monitor::health::Symptom;
use crate::monitor::schedule::earlier;
use crate::policy::Change;

/// So many outages are kept whole.
const KEPT: usize = 50;

/// No more differences than that are kept of one return.
const CHANGES: usize = 50;

/// More failed rounds than that are not kept while they are no outage yet.
const ROW: usize = 10_000;

/// The outages of one target.
#[derive(Debug, Clone, Default)]
pub struct Outages {
    kept: VecDeque<Outage>,
    total: u64,
    /// Failed rounds that are no outage yet, by when they were due.
    row: Vec<(Timestamp, Symptom)>,
    /// The last outage has ended, and nobody looked yet at what came back.
    came_back: bool,
}

impl Outages {
    /// A round failed.
    pub fn bad(&mut self, due: Timestamp, symptom: &Symptom) {
        if let Some(outage) = self.lasting_mut() {
            outage.rounds_lost += 1;
            outage.last_symptom = symptom.clone();
        } else if self.row.len() < ROW {
            self.row.push((due, symptom.clone()));
        }
    }

    /// A round that was due then was answered, or nothing is known of the time before it: the failed rounds before it are
    /// no outage.
    pub fn row_ended(&mut self, before: Timestamp) {
        self.row.retain(|(due, _)| *due >= before);
    }

    /// The clock was set back: what lasts is moved with it.
    pub fn move_back(&mut self, by: Duration) {
        for (due, _) in &mut self.row {
            *due = earlier(*due, by);
        }
        if let Some(outage) = self.lasting_mut() {
            outage.start = earlier(outage.start, by);
        }
    }

    /// The failed rounds in a row are an outage, since the first of them.
    pub fn began(&mut self, start: Timestamp) {
        let mut row = std::mem::take(&mut self.row);
        row.retain(|(due, _)| *due >= start);
        let (Some((_, first)), Some((_, last))) = (row.first(), row.last()) else { return };
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.total += 1;
        self.came_back = false;
        self.kept.push_back(Outage {
            start,
            end: None,
            seen_until: None,
            rounds_lost: u64::try_from(row.len()).unwrap_or(u64::MAX),
            first_symptom: first.clone(),
            last_symptom: last.clone(),
            cause: None,
            changes: Vec::new(),
        });
    }

    /// The outage that lasts has ended: a copy of it.
    pub fn ended(&mut self, end: Timestamp) -> Option<Outage> {
        let outage = self.lasting_mut()?;
        outage.end = Some(end);
        let ended = outage.clone();
        self.came_back = true;
        Some(ended)
    }

    /// What a deep probe in it found; a surer cause stands against a later one that is less sure.
    pub fn explained(&mut self, cause: &Cause) {
        if let Some(outage) = self.lasting_mut()
            && outage.cause.as_ref().is_none_or(|known| cause.standing <= known.standing)
        {
            outage.cause = Some(cause.clone());
        }
    }

    /// What the first look after a return found different.
    pub fn returned_with(&mut self, changes: &[Change]) {
        if std::mem::take(&mut self.came_back)
            && let Some(outage) = self.kept.back_mut()
        {
            let room = CHANGES.saturating_sub(outage.changes.len());
            outage.changes.extend(changes.iter().take(room).cloned());
        }
    }

    /// The one that lasts.
    #[must_use]
    pub fn lasting(&self) -> Option<&Outage> {
        self.kept.back().filter(|outage| outage.end.is_none())
    }

    fn lasting_mut(&mut self) -> Option<&mut Outage> {
        self.kept.back_mut().filter(|outage| outage.end.is_none())
    }

    /// The last ones, oldest first.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Outage> + ExactSizeIterator + Clone {
        self.kept.iter()
    }

    /// How many there were altogether.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }
}
