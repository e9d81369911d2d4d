//! What a log tells of a wait: each change of stage once, and that nothing changes every few minutes.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::tz::TimeZone;
use rdprobe::render::escape::escape;
use rdprobe::report::check::{Turn, Wait};

/// A log that says nothing for so long looks dead.
const SIGN_OF_LIFE_MS: f64 = 5.0 * 60e3;

/// More changes than these in [`SIGN_OF_LIFE_MS`] are counted instead of told.
const MOST_CHANGES: usize = 10;

/// One target's lines.
#[derive(Debug)]
pub(super) struct Talk {
    /// The target, where there are several.
    whose: String,
    /// How many turns were told or counted.
    known: usize,
    /// How many of them were only counted since the last line.
    untold: usize,
    /// When the last changes were told.
    told_at_ms: VecDeque<f64>,
    /// When the last line of any kind was written.
    last_line_ms: f64,
}

impl Talk {
    pub(super) fn new(target: &str, many: usize) -> Self {
        let whose = if many > 1 { format!("{}: ", escape(target)) } else { String::new() };
        Self { whose, known: 0, untold: 0, told_at_ms: VecDeque::new(), last_line_ms: 0.0 }
    }

    /// The line that this state of the wait is worth.
    pub(super) fn line(&mut self, wait: &Wait) -> Option<String> {
        let turn = wait.turns.last()?;
        let now = wait.waited_ms.0;
        let change = if wait.turns.len() > self.known { self.change(wait, turn) } else { None };
        let line = change.or_else(|| self.sign_of_life(wait, turn))?;
        self.last_line_ms = now;
        Some(line)
    }

    fn change(&mut self, wait: &Wait, turn: &Turn) -> Option<String> {
        let now = wait.waited_ms.0;
        self.known = wait.turns.len();
        self.told_at_ms.retain(|told| now - told < SIGN_OF_LIFE_MS);
        if self.told_at_ms.len() >= MOST_CHANGES {
            self.untold = self.untold.saturating_add(1);
            return None;
        }
        self.told_at_ms.push_back(now);
        self.untold = 0;
        let before = wait.turns.iter().rev().nth(1).map(|before| format!("{} -> ", before.stage));
        let what = format!("{}{}: {}", before.unwrap_or_default(), turn.stage, turn.summary);
        Some(self.stamped(wait, turn.at, &what))
    }

    fn sign_of_life(&mut self, wait: &Wait, turn: &Turn) -> Option<String> {
        if wait.waited_ms.0 - self.last_line_ms < SIGN_OF_LIFE_MS {
            return None;
        }
        let what = match std::mem::take(&mut self.untold) {
            0 => format!("still {} after {} probes", turn.stage, wait.probes),
            untold => format!("{untold} more changes, now {}", turn.stage),
        };
        let since = Duration::try_from_secs_f64((wait.waited_ms.0 - turn.after_ms.0) / 1e3);
        let now = turn.at.checked_add(since.unwrap_or_default()).unwrap_or(turn.at);
        Some(self.stamped(wait, now, &what))
    }

    /// `12:04:31 +0:47  what`, by this machine's clock and time zone.
    fn stamped(&self, wait: &Wait, at: jiff::Timestamp, what: &str) -> String {
        let clock = at.to_zoned(TimeZone::system()).strftime("%H:%M:%S");
        format!("{clock} +{}  {}{}", minutes(wait.waited_ms.0), self.whose, escape(what))
    }
}

/// `0:47`, `12:05`, `1:02:03`.
fn minutes(ms: f64) -> String {
    let seconds = Duration::try_from_secs_f64(ms / 1e3).unwrap_or_default().as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdprobe::evidence::Millis;

    fn probed(wait: &mut Wait, at_ms: f64, stage: &str) {
        wait.probes += 1;
        wait.waited_ms = Millis(at_ms);
        if wait.turns.last().is_none_or(|turn| turn.stage != stage) {
            let (at, summary) = (jiff::Timestamp::UNIX_EPOCH, "why".to_owned());
            wait.turns.push(Turn { at, after_ms: wait.waited_ms, stage: stage.to_owned(), summary });
        }
    }

    #[test]
    fn a_change_is_told_once_and_silence_every_five_minutes() {
        let (mut talk, mut wait) = (Talk::new("vm", 1), Wait::begun(1));
        let mut lines = Vec::new();
        for probe in 0..360_u32 {
            let stage = if probe < 5 { "silent" } else { "refused" };
            probed(&mut wait, f64::from(probe) * 10e3, stage);
            lines.extend(talk.line(&wait));
        }
        let after_clock: Vec<&str> = lines.iter().map(|line| &line[9..]).collect();
        assert_eq!(after_clock[0], "+0:00  silent: why");
        assert_eq!(after_clock[1], "+0:50  silent -> refused: why");
        assert_eq!(after_clock[2], "+5:50  still refused after 36 probes");
        // An hour: two changes and a line every five minutes.
        assert_eq!(lines.len(), 13, "{lines:#?}");
    }

    #[test]
    fn a_flapping_server_floods_no_log() {
        let (mut talk, mut wait) = (Talk::new("vm", 2), Wait::begun(1));
        let mut lines = Vec::new();
        for probe in 0..360_u32 {
            probed(&mut wait, f64::from(probe) * 10e3, if probe % 2 == 0 { "silent" } else { "refused" });
            lines.extend(talk.line(&wait));
        }
        assert!(lines.len() <= 12 * (MOST_CHANGES + 1), "{}", lines.len());
        assert!(lines[0].contains("vm: silent"), "{}", lines[0]);
    }

    #[test]
    fn what_a_server_says_cannot_steer_the_terminal() {
        let (mut talk, mut wait) = (Talk::new("vm", 1), Wait::begun(1));
        probed(&mut wait, 0.0, "not yet name=\u{1b}[2J");
        assert!(!talk.line(&wait).unwrap().contains('\u{1b}'));
    }

    #[test]
    fn times_are_minutes_and_seconds() {
        assert_eq!([47e3, 725e3, 3723e3].map(minutes), ["0:47", "12:05", "1:02:03"]);
    }
}
