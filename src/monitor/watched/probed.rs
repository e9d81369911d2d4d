//! What deep probes mean: why the outage that lasts, and what is different after it.

use jiff::Timestamp;

use super::Watched;
use crate::diagnosis::Verdict;
use crate::evidence::Stage;
use crate::monitor::event::{Event, What};
use crate::monitor::outage::Cause;
use crate::monitor::state::State;
use crate::report::Report;

impl Watched {
    /// A deep probe was made: why the outage that lasts, what is different, what the server shows.
    /// Not to be told of one that began before the state turned: it saw some of each.
    pub fn probed(&mut self, report: &Report) -> Vec<Event> {
        let evidence = &report.evidence;
        self.known.saw(evidence);
        let asked_for = std::mem::take(&mut self.wants_deep_probe);
        let at =
            evidence.started_at.saturating_add(evidence.elapsed_ms.duration()).unwrap_or(evidence.started_at);
        self.wants_deep_probe = self.partly.probed(report, at);
        let mut events = Vec::new();
        let (summary, cause) = self.explained(report);
        if let Some(cause) = &cause
            && !got_through(report)
        {
            self.outages.explained(cause);
        }
        if asked_for && matches!(self.machine.state(), State::Down | State::Degraded | State::Flapping) {
            events.push(self.event(at, What::Diagnosed { state: self.machine.state(), summary, cause }));
        }
        if !self.machine.in_trouble() {
            events.extend(self.changed(report, at));
        }
        events
    }

    /// The clause and the best cause of a report; those of the outage's beginning, if that tells more than silence.
    fn explained(&self, report: &Report) -> (String, Option<Cause>) {
        let diagnosis = &report.diagnosis;
        let silent = diagnosis.failing_stage == Some(Stage::Connect);
        match self.hung.diagnosis(&self.target).filter(|_| silent) {
            Some(beginning) => {
                let summary = format!("{}; by now: {}", beginning.summary, diagnosis.summary);
                (summary, Cause::of(&beginning))
            }
            None => (diagnosis.summary.clone(), Cause::of(diagnosis)),
        }
    }

    /// What is different from the last good report.
    fn changed(&mut self, report: &Report, at: Timestamp) -> Vec<Event> {
        let Some(changes) = self.known.probed(report) else { return Vec::new() };
        self.outages.returned_with(&changes);
        if changes.is_empty() {
            return Vec::new();
        }
        let mut events = vec![self.event(at, What::Changed { changes })];
        events.extend(self.new_patterns(at));
        events
    }
}

/// Whether a deep probe got through, or could not tell.
const fn got_through(report: &Report) -> bool {
    match report.diagnosis.verdict {
        Verdict::NotReachable | Verdict::PartlyReachable => false,
        Verdict::Reachable | Verdict::StagePassed | Verdict::Undecided => true,
    }
}
