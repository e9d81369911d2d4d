//! Samples and events -> rows: which outage a round belongs to, its cause, and what was different after it. Pure.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::inbox::Told;
use super::sample::{Said, Sample};
use crate::monitor::event::{Event, What};
use crate::monitor::health::Symptom;
use crate::monitor::outage::{Cause, Outage};
use crate::monitor::state::State;
use crate::policy::Change;

/// A change that is told so soon after an outage was what the deep probe at its end found.
const ON_RETURN_US: i64 = 120_000_000;

/// So many bad rounds are remembered: as many as it may take until a target is down.
const BEFORE: usize = 1_000;

/// ... and so many while an outage lasts, for one that begins anew.
const WITHIN: usize = 100;

/// Something to write. `start_us` names an outage of the target.
#[derive(Debug, Clone)]
pub(super) enum Row {
    /// From here on the target is watched; `state` is what it was when it was last watched by this run.
    Watch { target: Arc<str>, from_us: i64, state: State },
    /// The clock was set back: the state that holds and the outage that lasts began so much earlier by it, as `from -> to`.
    SetBack { target: Arc<str>, since_us: (i64, i64), start_us: Option<(i64, i64)> },
    /// One round.
    Round { target: Arc<str>, sample: Sample },
    /// From here on it is in this state.
    State { target: Arc<str>, since_us: i64, state: State, why: String },
    /// An outage, as far as it is known.
    Outage { target: Arc<str>, outage: Box<Outage> },
    /// An outage goes on.
    Lasts { target: Arc<str>, start_us: i64, rounds_lost: u64, last: Symptom },
    /// Its cause was found.
    Cause { target: Arc<str>, start_us: i64, cause: Cause },
    /// What was different after it was found.
    Changes { target: Arc<str>, start_us: i64, changes: Vec<Change> },
    /// Something happened.
    Event(Box<Event>),
}

/// What is known of each target so far.
#[derive(Debug, Default)]
pub(super) struct Rows {
    targets: HashMap<Arc<str>, Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The state, and since when it is in it.
    state: Option<(State, i64)>,
    /// The bad rounds since the last good one, the latest: when each was due, and its symptom.
    bad: VecDeque<(i64, Symptom)>,
    lasting: Option<Lasting>,
    /// Begin and end of the last outage that ended, until what changed is known.
    ended: Option<(i64, i64)>,
    /// The file knows nothing of it.
    is_new: bool,
}

/// The outage that lasts.
#[derive(Debug)]
struct Lasting {
    start_us: i64,
    rounds_lost: u64,
}

impl Rows {
    /// Another file was begun: what holds is to be said in it too.
    pub(super) fn begin_anew(&mut self) {
        for known in self.targets.values_mut() {
            known.is_new = true;
        }
    }

    /// What to write for something that was told.
    pub(super) fn of(&mut self, told: Told) -> Vec<Row> {
        match told {
            Told::SetBack(target, by) => self.set_back(&target, by),
            Told::Round(target, sample) => self.round(target, sample),
            Told::Event(event) => self.event(*event),
        }
    }

    fn set_back(&mut self, target: &Arc<str>, by: Duration) -> Vec<Row> {
        self.targets.get_mut(target).and_then(|known| known.set_back(target, by)).into_iter().collect()
    }

    fn round(&mut self, target: Arc<str>, sample: Sample) -> Vec<Row> {
        let known = self.targets.entry(Arc::clone(&target)).or_default();
        let mut rows = Vec::with_capacity(2);
        if std::mem::take(&mut known.is_new) || sample.anew {
            let (state, _) = *known.state.get_or_insert((State::Unknown, sample.due_us));
            rows.push(Row::Watch { target: Arc::clone(&target), from_us: sample.due_us, state });
        }
        match &sample.said {
            Said::Good | Said::Lesser => known.bad.clear(),
            Said::OwnSide => {}
            Said::Bad(symptom) => rows.extend(known.bad(&target, sample.due_us, symptom)),
        }
        rows.push(Row::Round { target, sample });
        rows
    }

    fn event(&mut self, event: Event) -> Vec<Row> {
        let target: Arc<str> = Arc::from(event.target.as_str());
        let known = self.targets.entry(Arc::clone(&target)).or_default();
        let at_us = event.at.as_microsecond();
        let mut rows = match &event.what {
            What::State { from, to, since, why, outage } => {
                let since_us = since.as_microsecond();
                if known.state.replace((*to, since_us)).is_some_and(|(before, _)| before != *from) {
                    // It was taken off the list while it was down, and put on it again: what comes now is another outage.
                    known.lasting = None;
                }
                let mut rows =
                    outage.as_ref().map_or_else(Vec::new, |outage| known.ended(&target, *since, outage));
                // While it flaps its state stays the same: each coming tells of an outage, so that this is a going.
                let flaps_down = *to == State::Flapping && *from != State::Unknown && outage.is_none();
                // Nothing known of a while does not end the outage around it.
                if (*to == State::Down || flaps_down) && known.lasting.is_none() {
                    rows.extend(known.begun(&target, *since));
                }
                rows.push(Row::State { target, since_us, state: *to, why: why.clone() });
                rows
            }
            What::Diagnosed { cause: Some(cause), .. } => known.cause(target, cause),
            What::Changed { changes } => known.changes(target, at_us, changes),
            What::Diagnosed { cause: None, .. } | What::HeldLost { .. } | What::Pattern { .. } => Vec::new(),
        };
        rows.push(Row::Event(Box::new(event)));
        rows
    }
}

impl Known {
    /// The clock was set back: what lasts is moved with it.
    fn set_back(&mut self, target: &Arc<str>, by: Duration) -> Option<Row> {
        let by_us = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        let moved = |at_us: &mut i64| {
            let before = *at_us;
            *at_us = before.saturating_sub(by_us);
            (before, *at_us)
        };
        for (due_us, _) in &mut self.bad {
            moved(due_us);
        }
        let start_us = self.lasting.as_mut().map(|lasting| moved(&mut lasting.start_us));
        let (_, since_us) = self.state.as_mut()?;
        Some(Row::SetBack { target: Arc::clone(target), since_us: moved(since_us), start_us })
    }

    /// A bad round: a row if it is one of an outage that lasts.
    fn bad(&mut self, target: &Arc<str>, due_us: i64, symptom: &Symptom) -> Option<Row> {
        let room = if self.lasting.is_some() { WITHIN } else { BEFORE };
        while self.bad.len() >= room {
            self.bad.pop_front();
        }
        self.bad.push_back((due_us, symptom.clone()));
        let lasting = self.lasting.as_mut()?;
        lasting.rounds_lost += 1;
        Some(Row::Lasts {
            target: Arc::clone(target),
            start_us: lasting.start_us,
            rounds_lost: lasting.rounds_lost,
            last: symptom.clone(),
        })
    }

    /// The outage that a change of state ends, as it was.
    fn ended(&mut self, target: &Arc<str>, since: jiff::Timestamp, outage: &Outage) -> Vec<Row> {
        let end_us = outage.end.unwrap_or(since).as_microsecond();
        self.ended = outage.changes.is_empty().then_some((outage.start.as_microsecond(), end_us));
        self.lasting = None;
        self.bad.clear();
        vec![Row::Outage { target: Arc::clone(target), outage: Box::new(outage.clone()) }]
    }

    /// An outage that begins; no row where no bad round was seen, which its end will make good.
    fn begun(&mut self, target: &Arc<str>, start: jiff::Timestamp) -> Option<Row> {
        let start_us = start.as_microsecond();
        self.bad.retain(|(due_us, _)| *due_us >= start_us);
        let rounds_lost = u64::try_from(self.bad.len()).unwrap_or(u64::MAX);
        self.lasting = Some(Lasting { start_us, rounds_lost });
        self.ended = None;
        let ((_, first), (_, last)) = self.bad.front().zip(self.bad.back())?;
        let outage = Outage {
            start,
            end: None,
            seen_until: None,
            rounds_lost,
            first_symptom: first.clone(),
            last_symptom: last.clone(),
            cause: None,
            changes: Vec::new(),
        };
        Some(Row::Outage { target: Arc::clone(target), outage: Box::new(outage) })
    }

    fn cause(&self, target: Arc<str>, cause: &Cause) -> Vec<Row> {
        self.lasting
            .as_ref()
            .map(|lasting| Row::Cause { target, start_us: lasting.start_us, cause: cause.clone() })
            .into_iter()
            .collect()
    }

    fn changes(&mut self, target: Arc<str>, at_us: i64, changes: &[Change]) -> Vec<Row> {
        match self.ended.take() {
            Some((start_us, end_us)) if at_us.saturating_sub(end_us) <= ON_RETURN_US => {
                vec![Row::Changes { target, start_us, changes: changes.to_vec() }]
            }
            _ => Vec::new(),
        }
    }
}
