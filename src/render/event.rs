//! An event in words: one logical line, for a terminal at three in the morning and for a log that is searched later.
//!
//! ```text
//! 02:14:07  myvm  DOWN since 02:14:05: connect timed out after 5.0 s
//! 02:14:09  myvm  likely cause: a network security group blocks RDP (rdprobe explain nsg-blocks-rdp)
//! 02:31:40  myvm  UP again after 17 min 35 s; certificate changed from 1A2B... to 3C4D...
//! ```

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::escape::escape;
use super::human::{columns_of, wrap};
use super::measure::{between, cut, left};
use super::words::{self, span};
use crate::diagnosis::Standing;
use crate::monitor::event::{Event, What};
use crate::monitor::hold::{Ending, HeldEnd};
use crate::monitor::outage::{Cause, Outage};
use crate::monitor::state::State;
use crate::policy::Change;

/// A thumbprint of 40 digits is told by its first ones.
const VALUE_COLUMNS: usize = 40;

/// How events are written as lines.
#[derive(Debug, Clone)]
pub struct EventStyle {
    /// Whose clock the lines show.
    pub zone: TimeZone,
    /// Whether each line has its date and its offset from UTC: for a log that somebody reads another day.
    pub dated: bool,
    /// The columns of the target, so that what happened stands in one column.
    pub target_columns: usize,
}

/// What an event comes to, so that it can stand out where colours are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Something is well again.
    Good,
    /// Something is broken.
    Bad,
    /// Something is in doubt or was only found out.
    Note,
}

/// The event as one line, without its end. Text of a stranger is escaped.
#[must_use]
pub fn line(event: &Event, style: &EventStyle) -> String {
    let target = left(&escape(&event.target), style.target_columns.max(columns_of(&escape(&event.target))));
    format!("{}  {target}  {}", stamp(event.at, style), what(event, &style.zone))
}

/// The same on lines of a terminal: what has no room goes on below the target.
#[must_use]
pub fn wrapped(event: &Event, style: &EventStyle, width: usize) -> Vec<String> {
    let stamp = stamp(event.at, style);
    let indent = columns_of(&stamp).saturating_add(2);
    let text = format!("{}  {}", escape(&event.target), what(event, &style.zone));
    let lines = wrap(&text, width.saturating_sub(indent).max(20)).into_iter().enumerate();
    let lead = |number| if number == 0 { stamp.as_str() } else { "" };
    lines.map(|(number, line)| format!("{}{line}", left(lead(number), indent))).collect()
}

/// The moment as this style shows it.
#[must_use]
pub fn stamp(at: Timestamp, style: &EventStyle) -> String {
    let zoned = at.to_zoned(style.zone.clone());
    let pattern = if style.dated { "%Y-%m-%d %H:%M:%S%:z" } else { "%H:%M:%S" };
    zoned.strftime(pattern).to_string()
}

/// How much the event weighs.
#[must_use]
pub const fn weight(event: &Event) -> Weight {
    match &event.what {
        What::State { to: State::Up, .. } => Weight::Good,
        What::State { to: State::Down | State::Flapping, .. } | What::HeldLost { .. } => Weight::Bad,
        What::State { to: State::Unknown | State::Degraded, .. }
        | What::Diagnosed { .. }
        | What::Changed { .. }
        | What::Pattern { .. } => Weight::Note,
    }
}

/// What happened, without when and to whom.
#[must_use]
pub fn what(event: &Event, zone: &TimeZone) -> String {
    match &event.what {
        What::State { to, since, why, outage, .. } => {
            state_text(*to, (event.at, *since), why, outage.as_ref(), zone)
        }
        What::Diagnosed { state, summary, cause } => diagnosed_text(*state, summary, cause.as_ref()),
        What::Changed { changes } => format!("changed: {}", changes_text(changes)),
        What::HeldLost { held, why } => format!("held connection lost: {}: {}", held_text(held), escape(why)),
        What::Pattern { fact, cause, .. } => {
            let cause = cause.as_ref().map(|cause| format!(": {}", cause_text(cause))).unwrap_or_default();
            format!("pattern: {}{cause}", escape(fact))
        }
    }
}

/// `DOWN since 02:14:05: why`, `UP again after 17 min 35 s: why; what changed`.
fn state_text(
    to: State,
    (at, since): (Timestamp, Timestamp),
    why: &str,
    outage: Option<&Outage>,
    zone: &TimeZone,
) -> String {
    let again = outage.and_then(outage_length).map(|length| format!(" again after {}", span(length)));
    let told = match again {
        Some(again) => again,
        None if to == State::Up => String::new(),
        None => format!(" since {}", clock(since, at, zone)),
    };
    let changed = outage.map(|outage| changes_text(&outage.changes)).filter(|text| !text.is_empty());
    let changed = changed.map(|text| format!("; changed: {text}")).unwrap_or_default();
    format!("{}{told}: {}{changed}", to.word().to_uppercase(), escape(why))
}

/// The time of day, and the day too if it is another one than that of `now`.
fn clock(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let pattern = if at.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.strftime(pattern).to_string()
}

fn diagnosed_text(state: State, summary: &str, cause: Option<&Cause>) -> String {
    match (cause, state) {
        (Some(cause), _) => cause_text(cause),
        (None, State::Up) => format!("probed: {}", escape(summary)),
        (None, State::Unknown | State::Degraded | State::Down | State::Flapping) => {
            format!("no documented cause explains it: {}", escape(summary))
        }
    }
}

/// A cause, how sure it is, and what to run next.
#[must_use]
pub fn cause_text(cause: &Cause) -> String {
    let sure = match cause.standing {
        Standing::Confirmed => "cause",
        Standing::Likely => "likely cause",
        Standing::Possible => "possible cause",
    };
    let twins = match cause.twins {
        0 => String::new(),
        1 => ", 1 other looks the same".to_owned(),
        many => format!(", {many} others look the same"),
    };
    let next =
        cause.next_check.as_deref().map(|next| format!("; next: {}", escape(next))).unwrap_or_default();
    format!("{sure}: {} (rdprobe explain {}{twins}){next}", escape(&cause.title), escape(&cause.id))
}

/// What is different, each change in a few words.
#[must_use]
pub fn changes_text(changes: &[Change]) -> String {
    changes.iter().map(change_text).collect::<Vec<_>>().join("; ")
}

fn change_text(change: &Change) -> String {
    let value = |value: &Option<String>| {
        value.as_deref().map_or_else(|| "nothing".to_owned(), |it| cut(&escape(it), VALUE_COLUMNS))
    };
    format!("{} from {} to {}", escape(&change.what), value(&change.before), value(&change.after))
}

/// How a held connection ended, and how old it was.
#[must_use]
pub fn held_text(held: &HeldEnd) -> String {
    let how = match held.ending {
        Ending::Fin => "closed by the server",
        Ending::Reset => "reset",
        Ending::Silence => "gone silent",
        Ending::Survived => "still alive",
    };
    let seconds = |s: f64| std::time::Duration::try_from_secs_f64(s).unwrap_or_default();
    let idle = seconds(held.idle_s);
    let idle = if idle.is_zero() { "kept alive".to_owned() } else { format!("idle for {}", span(idle)) };
    format!("{how} after {} ({idle})", span(seconds(held.age_s)))
}

/// How long an outage was; none while it lasts.
#[must_use]
pub fn outage_length(outage: &Outage) -> Option<std::time::Duration> {
    outage.end.map(|end| between(outage.start, end))
}

/// An outage in one clause: when, how long, how it began, why.
#[must_use]
pub fn outage_text(outage: &Outage, now: Timestamp, zone: &TimeZone) -> String {
    let length = match outage_length(outage) {
        Some(length) => format!("for {}", span(length)),
        None => format!("for {} and still", span(between(outage.start, now))),
    };
    let symptom = &outage.first_symptom;
    let seen = format!("{}: {}", words::stage_word(symptom.stage), escape(&symptom.text));
    let why = match &outage.cause {
        Some(Cause { standing: Standing::Possible, title, id, .. }) => {
            format!(": {seen}; possibly: {} ({})", escape(title), escape(id))
        }
        Some(Cause { standing: Standing::Likely, title, id, .. }) => {
            format!(", likely: {} ({})", escape(title), escape(id))
        }
        Some(Cause { standing: Standing::Confirmed, title, id, .. }) => {
            format!(": {} ({})", escape(title), escape(id))
        }
        None => format!(": {seen}"),
    };
    format!("{} {length}{why}", clock(outage.start, now, zone))
}
