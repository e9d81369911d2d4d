//! The machine that decides the state, round by round.
//!
//! A round counts from when it was due to when the next one was. So many rounds of one kind in a row decide, and then
//! from the first of the row on. An own-side round counts neither way and breaks no row, and its time is unknown; so
//! many of them in a row, or as long a gap in which nobody watched, and nothing is known: every row begins anew, and what
//! was not decided before counts as unknown.
//!
//! Where this machine's clock is set back, what is known moves back with it: the schedule knows what time went by.

use jiff::Timestamp;
use std::time::Duration;

use super::account::{Account, Spent};
use super::flapping::Flapping;
use super::{Availability, State};
use crate::monitor::schedule::{self, from_nanos};
use crate::monitor::settings::Hysteresis;

/// What a round says, without the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Answered as usual.
    Good,
    /// Answered, slower or with less.
    Lesser,
    /// Not answered.
    Bad,
    /// This machine's own trouble.
    OwnSide,
}

/// One round for the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// When it was due.
    pub due: Timestamp,
    /// How long it kept the schedule busy. What is longer than a round can be was no work.
    pub busy: Duration,
    /// How many turns before it the schedule left out.
    pub missed: u64,
    /// What it says.
    pub kind: Kind,
}

/// The state turned, or the target went or came while it flaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    /// The state before.
    pub from: State,
    /// The state now; the same if it flaps on.
    pub to: State,
    /// Since when.
    pub since: Timestamp,
    /// Whether an outage began or ended with it.
    pub edge: Option<Edge>,
}

/// An outage begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// It begins.
    WentDown,
    /// It ends.
    CameBack,
}

/// What is decided of the target, whatever is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decided {
    Unknown,
    Up,
    Degraded,
    Down,
}

/// Rounds in a row, and when the first was due.
#[derive(Debug, Clone, Copy)]
struct Row {
    since: Timestamp,
    count: u32,
}

/// The round before.
#[derive(Debug, Clone, Copy)]
struct Last {
    due: Timestamp,
    busy: Duration,
    /// How its time counts; none while it waits for its row.
    spent: Option<Spent>,
}

/// The state of one target, from the rounds so far.
#[derive(Debug, Clone)]
pub struct Machine {
    interval: Duration,
    down_after: u32,
    up_after: u32,
    decided: Decided,
    /// An outage has begun and not ended; nothing known of a while does not end it.
    is_out: bool,
    bad: Option<Row>,
    answered: Option<Row>,
    good: Option<Row>,
    lesser: Option<Row>,
    own_side: Option<Row>,
    last: Option<Last>,
    account: Account,
    flapping: Flapping,
    shown: State,
    since: Timestamp,
}

impl Machine {
    /// Nothing is known yet. Rounds come at that interval.
    #[must_use]
    pub fn new(interval: Duration, hysteresis: &Hysteresis, began: Timestamp) -> Self {
        Self {
            interval,
            down_after: hysteresis.down_after.max(1),
            up_after: hysteresis.up_after.max(1),
            decided: Decided::Unknown,
            is_out: false,
            bad: None,
            answered: None,
            good: None,
            lesser: None,
            own_side: None,
            last: None,
            account: Account::default(),
            flapping: Flapping::new(hysteresis.flapping_after, hysteresis.flapping_within),
            shown: State::Unknown,
            since: began,
        }
    }

    /// The state that is shown.
    #[must_use]
    pub const fn state(&self) -> State {
        self.shown
    }

    /// Since when.
    #[must_use]
    pub const fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether an outage lasts, or a row of bad rounds that may become one.
    #[must_use]
    pub const fn in_trouble(&self) -> bool {
        self.is_out || self.bad.is_some() || self.own_side.is_some()
    }

    /// How the time until the last round was due divides.
    #[must_use]
    pub fn availability(&self) -> Availability {
        self.account.availability(self.spent())
    }

    /// A round came. What turned: nothing, one thing, or two, where the time before the round turned unknown.
    pub fn round(&mut self, seen: Seen) -> Vec<Turned> {
        if let Some(by) = self.set_back(&seen) {
            self.move_back(by);
        }
        let mut turned = Vec::new();
        if let Some(gap_began) = self.close(&seen) {
            turned.extend(self.lose_track(gap_began));
        }
        turned.extend(self.count(&seen));
        turned
    }

    /// By how much the clock was set back between the last round and this one.
    #[must_use]
    pub fn set_back(&self, seen: &Seen) -> Option<Duration> {
        schedule::set_back(self.last?.due, seen.due, self.interval, seen.missed)
    }

    fn move_back(&mut self, by: Duration) {
        let rows = [&mut self.bad, &mut self.answered, &mut self.good, &mut self.lesser, &mut self.own_side];
        for row in rows.into_iter().flatten() {
            row.since = schedule::earlier(row.since, by);
        }
        if let Some(last) = &mut self.last {
            last.due = schedule::earlier(last.due, by);
        }
        self.since = schedule::earlier(self.since, by);
        self.flapping.move_back(by);
    }

    /// Counts the time of the round before. Returns when nobody watched any more, if that was for long.
    fn close(&mut self, seen: &Seen) -> Option<Timestamp> {
        let last = self.last?;
        let interval = nanos(self.interval);
        let whole = (seen.due.as_nanosecond() - last.due.as_nanosecond()).max(0);
        // Turns that are missed because the round before was under way, or this one was waited for, were watched; those
        // beyond were slept through.
        let by_schedule = interval.saturating_mul(i128::from(seen.missed) + 1);
        let by_work = (nanos(last.busy) / interval + 2).saturating_mul(interval);
        let watched = whole.min(by_schedule).min(by_work);
        match last.spent {
            Some(spent) => self.account.add(spent, watched),
            None => self.account.wait(watched),
        }
        let gap = whole - watched;
        self.account.add(Spent::Unknown, gap);
        let long = gap >= interval.saturating_mul(i128::from(self.down_after));
        let began = || last.due.checked_add(from_nanos(u128::try_from(watched).unwrap_or(0)));
        if long { began().ok() } else { None }
    }

    fn count(&mut self, seen: &Seen) -> Option<Turned> {
        let due = seen.due;
        let spent = if seen.kind == Kind::OwnSide { Some(Spent::Unknown) } else { None };
        self.last = Some(Last { due, busy: seen.busy, spent });
        if seen.kind == Kind::OwnSide {
            let row = extend(&mut self.own_side, due);
            return if row.count >= self.down_after { self.lose_track(row.since) } else { None };
        }
        self.own_side = None;
        let turned = match seen.kind {
            Kind::Bad => self.bad(due),
            Kind::Good | Kind::Lesser | Kind::OwnSide => self.answer(due, seen.kind == Kind::Good),
        };
        self.show(due, turned)
    }

    /// Nothing is known since then; what turned.
    pub fn lose_track(&mut self, since: Timestamp) -> Option<Turned> {
        self.account.settle(Spent::Unknown);
        (self.bad, self.answered, self.good, self.lesser) = (None, None, None, None);
        self.decided = Decided::Unknown;
        self.turn(State::Unknown, since, None)
    }

    fn bad(&mut self, due: Timestamp) -> Option<(Timestamp, Option<Edge>)> {
        (self.good, self.lesser) = (None, None);
        self.break_row(|machine| machine.answered.take().is_some());
        let row = extend(&mut self.bad, due);
        if self.decided == Decided::Down {
            self.settled(Spent::Down);
            return None;
        }
        if row.count < self.down_after {
            return None;
        }
        self.settled(Spent::Down);
        self.decided = Decided::Down;
        let edge = (!self.is_out).then_some(Edge::WentDown);
        self.is_out = true;
        Some((row.since, edge))
    }

    fn answer(&mut self, due: Timestamp, good: bool) -> Option<(Timestamp, Option<Edge>)> {
        let quality =
            if good { (&mut self.good, &mut self.lesser) } else { (&mut self.lesser, &mut self.good) };
        *quality.1 = None;
        extend(quality.0, due);
        self.break_row(|machine| machine.bad.take().is_some());
        let row = extend(&mut self.answered, due);
        if matches!(self.decided, Decided::Up | Decided::Degraded) {
            self.settled(Spent::Up);
            return self.compare().map(|since| (since, None));
        }
        if row.count < self.up_after {
            return None;
        }
        self.settled(Spent::Up);
        let all_lesser = self.lesser.is_some_and(|lesser| lesser.count >= row.count);
        self.decided = if all_lesser { Decided::Degraded } else { Decided::Up };
        let edge = self.is_out.then_some(Edge::CameBack);
        self.is_out = false;
        Some((row.since, edge))
    }

    /// Between up and degraded.
    fn compare(&mut self) -> Option<Timestamp> {
        let (row, enough, to) = match self.decided {
            Decided::Up => (self.lesser, self.down_after, Decided::Degraded),
            Decided::Degraded => (self.good, self.up_after, Decided::Up),
            Decided::Unknown | Decided::Down => return None,
        };
        let row = row.filter(|row| row.count >= enough)?;
        self.decided = to;
        Some(row.since)
    }

    /// A row that another kind of round ends without a decision was what was decided before it.
    fn break_row(&mut self, take: fn(&mut Self) -> bool) {
        if take(self) {
            self.account.settle(self.spent());
        }
    }

    /// The row is decided, and the round at hand with it.
    fn settled(&mut self, spent: Spent) {
        self.account.settle(spent);
        if let Some(last) = &mut self.last {
            last.spent = Some(spent);
        }
    }

    const fn spent(&self) -> Spent {
        match self.decided {
            Decided::Unknown => Spent::Unknown,
            Decided::Up | Decided::Degraded => Spent::Up,
            Decided::Down => Spent::Down,
        }
    }

    /// What is shown of what was decided: too many changes hide it.
    fn show(&mut self, due: Timestamp, turned: Option<(Timestamp, Option<Edge>)>) -> Option<Turned> {
        let (since, edge) = turned.unwrap_or((due, None));
        if edge.is_some() {
            self.flapping.changed(since);
        }
        let flapping = self.flapping.is_on(due);
        let to = match self.decided {
            Decided::Unknown => State::Unknown,
            _ if flapping => State::Flapping,
            Decided::Up => State::Up,
            Decided::Degraded => State::Degraded,
            Decided::Down => State::Down,
        };
        self.turn(to, since, edge)
    }

    fn turn(&mut self, to: State, since: Timestamp, edge: Option<Edge>) -> Option<Turned> {
        let from = std::mem::replace(&mut self.shown, to);
        if from != to {
            self.since = since;
        }
        (from != to || edge.is_some()).then_some(Turned { from, to, since, edge })
    }
}

/// One more round in a row, or the first.
fn extend(row: &mut Option<Row>, due: Timestamp) -> Row {
    let longer =
        row.map_or(Row { since: due, count: 1 }, |row| Row { count: row.count.saturating_add(1), ..row });
    *row = Some(longer);
    longer
}

fn nanos(time: Duration) -> i128 {
    i128::try_from(time.as_nanos()).unwrap_or(i128::MAX).max(1)
}
