//! Times, lengths and clauses of a record, the same in the page and in the text. What came from a peer is escaped here.

use std::time::Duration;

use jiff::Timestamp;

use crate::evidence::Millis;
use crate::monitor::event::{Event, What};
use crate::monitor::health::Symptom;
use crate::monitor::hold::Ending;
use crate::monitor::latency::Phase;
use crate::monitor::outage::{Cause, Outage};
use crate::monitor::record::{Loss, TargetRecord};
use crate::monitor::state::State;
use crate::policy::Change;
use crate::render::escape::escape;
use crate::render::words::{ms, stage_word};

/// Date and time of day, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A length of time in its two largest units.
pub(super) fn length(seconds: f64) -> String {
    let Ok(whole) = Duration::try_from_secs_f64(seconds) else { return "0 s".to_owned() };
    let (high, low) = match whole.as_secs() {
        0..60 => {
            return if whole.subsec_millis() == 0 {
                format!("{} s", whole.as_secs())
            } else {
                format!("{seconds:.1} s")
            };
        }
        s @ 60..3_600 => ((s / 60, "min"), (s % 60, "s")),
        s @ 3_600..86_400 => ((s / 3_600, "h"), (s % 3_600 / 60, "min")),
        s => ((s / 86_400, "d"), (s % 86_400 / 3_600, "h")),
    };
    if low.0 == 0 {
        format!("{} {}", high.0, high.1)
    } else {
        format!("{} {} {} {}", high.0, high.1, low.0, low.1)
    }
}

/// From one time to another, in seconds.
pub(super) fn between(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64()
}

/// A time of the network.
pub(super) fn time(us: Option<u64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| ms(Millis::from(Duration::from_micros(us))))
}

/// A mean time of the network.
pub(super) fn mean(us: Option<f64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| ms(Millis(us / 1e3)))
}

/// A part of one: never rounded up, so that "100 %" means that nothing is missing.
pub(super) fn percent(part: Option<f64>) -> String {
    match part {
        None => "not known".to_owned(),
        Some(part) if part >= 1.0 => "100 %".to_owned(),
        Some(part) => format!("{:.4} %", (part * 1e6).floor() / 1e4),
    }
}

/// How many rounds were lost, of those that say something of the target.
pub(super) fn lost(target: &TargetRecord) -> String {
    let rounds = &target.rounds;
    let known = rounds.made.saturating_sub(rounds.own_side);
    if known == 0 {
        return "–".to_owned();
    }
    let part = float(rounds.bad) / float(known) * 100.0;
    match rounds.bad {
        0 => "none".to_owned(),
        bad => format!("{bad} ({part:.3} %)"),
    }
}

/// What is timed, for a reader.
pub(super) const fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Resolve => "name resolution",
        Phase::Connect => "TCP connect",
        Phase::KernelRtt => "kernel's round trip",
        Phase::X224 => "RDP negotiation",
        Phase::Tls => "TLS handshake",
        Phase::Credssp => "NLA challenge",
        Phase::Total => "whole round",
    }
}

/// How an outage showed: the first symptom, and the last one if that is another.
pub(super) fn symptoms(outage: &Outage) -> String {
    let (first, last) = (symptom(&outage.first_symptom), symptom(&outage.last_symptom));
    if first == last { first } else { format!("{first}; at the end: {last}") }
}

fn symptom(symptom: &Symptom) -> String {
    format!("{}: {}", stage_word(symptom.stage), escape(&symptom.text))
}

/// How long an outage lasted, as far as that was seen.
pub(super) fn outage_length(outage: &Outage, end: Timestamp) -> String {
    match outage.end {
        Some(end) => length(between(outage.start, end)),
        None => {
            let seen_until = outage.seen_until.unwrap_or(end).max(outage.start);
            format!("{}, its end was not seen", length(between(outage.start, seen_until)))
        }
    }
}

/// How sure a cause is.
pub(super) fn standing(cause: &Cause) -> String {
    let standing = serde_json::to_value(cause.standing).ok();
    let word = standing.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned();
    match cause.twins {
        0 => word,
        1 => format!("{word}, one other cause looks the same"),
        twins => format!("{word}, {twins} other causes look the same"),
    }
}

/// What was different.
pub(super) fn change(change: &Change) -> String {
    let side = |side: &Option<String>| side.as_deref().map_or_else(|| "none".to_owned(), escape);
    format!("{}: {} → {}", escape(&change.what), side(&change.before), side(&change.after))
}

/// Several differences.
pub(super) fn changes(changes: &[Change]) -> String {
    changes.iter().map(change).collect::<Vec<_>>().join("; ")
}

/// How rounds failed.
pub(super) fn loss(loss: &Loss) -> String {
    format!("{}: {}", stage_word(loss.stage), escape(&loss.kind).replace('_', " "))
}

/// What kind of event it is.
pub(super) const fn event_kind(event: &Event) -> &'static str {
    match event.what {
        What::State { .. } => "state",
        What::Diagnosed { .. } => "diagnosed",
        What::Changed { .. } => "changed",
        What::HeldLost { .. } => "held connection",
        What::Pattern { .. } => "pattern",
    }
}

/// An event in one clause.
pub(super) fn event(event: &Event) -> String {
    match &event.what {
        What::State { from, to, since, why, outage } => {
            let after = outage.as_ref().map(|outage| format!(" after {}", outage_length(outage, *since)));
            let turn =
                if from == to { to.word().to_owned() } else { format!("{} → {}", from.word(), to.word()) };
            format!("{turn}{}: {}", after.unwrap_or_default(), escape(why))
        }
        What::Diagnosed { summary, cause, .. } => match cause {
            Some(cause) => format!("{} ({}): {}", escape(&cause.title), standing(cause), escape(summary)),
            None => escape(summary),
        },
        What::Changed { changes: all } => changes(all),
        What::HeldLost { held, why } => {
            format!("{} after {}: {}", ending(held.ending), length(held.age_s), escape(why))
        }
        What::Pattern { fact, cause, .. } => match cause {
            Some(cause) => format!("{}: {}", escape(&cause.title), escape(fact)),
            None => escape(fact),
        },
    }
}

const fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::Fin => "closed by the other side",
        Ending::Reset => "reset",
        Ending::Silence => "gone silent",
        Ending::Survived => "survived",
    }
}

/// The states that a legend explains, the best first, and time without one.
pub(super) const STATES: [(Option<State>, &str, &str); 6] = [
    (Some(State::Up), "up", "up"),
    (Some(State::Degraded), "degraded", "degraded: slower or with less than usual"),
    (Some(State::Flapping), "flapping", "flapping: up and down again and again"),
    (Some(State::Down), "down", "down"),
    (Some(State::Unknown), "unknown", "unknown: not decided, or this machine's own trouble"),
    (None, "unwatched", "not watched"),
];

/// A count among measures.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "beyond 2^53 the last digits of a share do not matter"
)]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_never_rounded_up() {
        assert_eq!(percent(Some(1.0)), "100 %");
        assert_eq!(percent(Some(0.999_999_99)), "99.9999 %");
        assert_eq!(percent(Some(0.5)), "50.0000 %");
        assert_eq!(percent(None), "not known");
    }

    #[test]
    fn lengths_have_two_units_at_most() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (1.5, "1.5 s"),
            (59.0, "59 s"),
            (60.0, "1 min"),
            (61.0, "1 min 1 s"),
            (3_700.0, "1 h 1 min"),
            (90_000.0, "1 d 1 h"),
        ] {
            assert_eq!(length(seconds), text);
        }
    }
}
