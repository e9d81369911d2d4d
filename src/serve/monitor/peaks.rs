//! Counters that never go back: a few seconds may still be counted otherwise when a change of state is believed.

use std::collections::{HashMap, HashSet};

use crate::monitor::state::Availability;

/// The most that was ever shown of each target.
///
/// Rounds that hysteresis waits for count to the state before, until they are believed to be the beginning of the next:
/// then the time moves. Prometheus would take the step back for a restart, and count everything twice.
#[derive(Debug, Default)]
pub(super) struct Peaks {
    shown: HashMap<String, Peak>,
}

#[derive(Debug, Default)]
struct Peak {
    rounds: u64,
    spent: Availability,
}

impl Peaks {
    /// What to show: what is known now, or what was shown before where that was more.
    ///
    /// Fewer rounds than before are those of another watch: the target was taken away and added again meanwhile.
    pub(super) fn at_least(&mut self, target: &str, rounds: u64, now: Availability) -> Availability {
        let peak = self.shown.entry(target.to_owned()).or_default();
        let before = if rounds < peak.rounds { Availability::default() } else { peak.spent };
        let spent = Availability {
            up_s: before.up_s.max(now.up_s),
            down_s: before.down_s.max(now.down_s),
            unknown_s: before.unknown_s.max(now.unknown_s),
        };
        *peak = Peak { rounds, spent };
        spent
    }

    /// Forgets the targets that are not watched any more.
    pub(super) fn keep<'t>(&mut self, targets: impl Iterator<Item = &'t str>) {
        let watched: HashSet<&str> = targets.collect();
        self.shown.retain(|target, _| watched.contains(target.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_that_moves_takes_nothing_back() {
        let mut peaks = Peaks::default();
        assert_eq!(peaks.at_least("a", 5, spent(10.0, 0.0)), spent(10.0, 0.0));
        assert_eq!(peaks.at_least("a", 5, spent(8.0, 3.0)), spent(10.0, 3.0));
        assert_eq!(peaks.at_least("a", 6, spent(11.0, 3.0)), spent(11.0, 3.0));
        peaks.keep(["b"].into_iter());
        assert_eq!(peaks.at_least("a", 7, spent(1.0, 0.0)), spent(1.0, 0.0));
    }

    #[test]
    fn a_target_that_was_taken_away_and_added_again_begins_anew() {
        let mut peaks = Peaks::default();
        peaks.at_least("a", 100, spent(100.0, 5.0));
        assert_eq!(peaks.at_least("a", 3, spent(3.0, 0.0)), spent(3.0, 0.0));
        assert_eq!(peaks.at_least("a", 4, spent(2.0, 2.0)), spent(3.0, 2.0));
    }

    fn spent(up_s: f64, down_s: f64) -> Availability {
        Availability { up_s, down_s, unknown_s: 0.0 }
    }
}
