//! What a view may show of a target.

use super::Watched;
use crate::monitor::latency::PhaseSummary;
use crate::monitor::view::TargetView;

impl Watched {
    /// Everything that a view may show.
    #[must_use]
    pub fn view(&self) -> TargetView {
        self.shown(self.latency.summaries())
    }

    /// The same for a view of many targets: the numbers since the beginning, which cost most, only until the first
    /// summary interval has ended.
    #[must_use]
    pub fn glance(&self) -> TargetView {
        self.shown(if self.latest.is_empty() { self.latency.summaries() } else { Vec::new() })
    }

    fn shown(&self, overall: Vec<PhaseSummary>) -> TargetView {
        TargetView {
            target: self.target.input.clone(),
            address: self.address,
            state: self.machine.state(),
            since: self.machine.since(),
            why: self.why.clone(),
            cause: self.outages.lasting().and_then(|outage| outage.cause.clone()),
            rounds: self.rounds,
            lost: self.lost,
            own_side: self.own_side,
            missed: self.missed,
            availability: self.machine.availability(),
            recent_us: self.recent.iter().copied().collect(),
            latest: self.latest.clone(),
            overall,
            outages: self.outages.iter().cloned().collect(),
            outages_total: self.outages.total(),
            server: self.known.server().clone(),
            held: self.held.clone(),
            patterns: self.patterns.iter().map(|pattern| pattern.fact.clone()).collect(),
        }
    }
}
