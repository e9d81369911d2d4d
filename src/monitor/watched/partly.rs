//! A name of which whole probes find some addresses dead: the rounds, which use one that answers, cannot see it.

use jiff::Timestamp;

use crate::diagnosis::Verdict;
use crate::monitor::health::Health;
use crate::report::Report;

/// What whole probes found, until one finds all well again.
#[derive(Debug, Clone, Default)]
pub(super) struct Partly {
    why: Option<String>,
    /// A second probe found it too: the first may have met a moment.
    is_sure: bool,
}

impl Partly {
    /// A whole probe was made; whether another one is wanted to be sure.
    pub(super) fn probed(&mut self, report: &Report, at: Timestamp) -> bool {
        match report.diagnosis.verdict {
            Verdict::PartlyReachable => {
                self.is_sure = self.why.is_some();
                let summary = &report.diagnosis.summary;
                let found = || format!("{summary}, as a whole probe found at {}", at.strftime("%F %T UTC"));
                self.why.get_or_insert_with(found);
                !self.is_sure
            }
            Verdict::Reachable | Verdict::StagePassed => {
                *self = Self::default();
                false
            }
            // Of a name that is down altogether the rounds tell.
            Verdict::NotReachable | Verdict::Undecided => false,
        }
    }

    /// What a round says of the name, and not only of the address that it used.
    pub(super) fn judge(&self, health: Health) -> Health {
        match (&self.why, health) {
            (Some(why), Health::Good) if self.is_sure => Health::Lesser(why.clone()),
            (_, health) => health,
        }
    }
}
