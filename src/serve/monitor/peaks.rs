//! Counters that never go back: a few seconds may still be counted otherwise when a change of state is believed.

use std::collections::{HashMap, HashSet};

use crate::monitor::state::Availability;

/// The most that was ever shown of each target.
///
/// Rounds that hysteresis waits for count to the state before, until they are believed to be the beginning of the next:
/// then the time moves. Prometheus would take the step back for a restart, and count everything twice.
#[derive(Debug, Default)]
pub(super) struct Peaks {
    shown: HashMap<String, Availability>,
}

impl Peaks {
    /// What to show: what is known now, or what was shown before where that was more.
    pub(super) fn at_least(&mut self, target: &str, now: Availability) -> Availability {
        let shown = self.shown.entry(target.to_owned()).or_default();
        *shown = Availability {
            up_s: shown.up_s.max(now.up_s),
            down_s: shown.down_s.max(now.down_s),
            unknown_s: shown.unknown_s.max(now.unknown_s),
        };
        *shown
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
        let spent = |up_s, down_s| Availability { up_s, down_s, unknown_s: 0.0 };
        assert_eq!(peaks.at_least("a", spent(10.0, 0.0)), spent(10.0, 0.0));
        assert_eq!(peaks.at_least("a", spent(8.0, 3.0)), spent(10.0, 3.0));
        assert_eq!(peaks.at_least("a", spent(11.0, 3.0)), spent(11.0, 3.0));
        peaks.keep(["b"].into_iter());
        assert_eq!(peaks.at_least("a", spent(1.0, 0.0)), spent(1.0, 0.0));
    }
}
