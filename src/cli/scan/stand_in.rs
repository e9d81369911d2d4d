//! Stand-ins of the fleet's engine, desk and tally until they are there.

use std::collections::BTreeMap;
use std::sync::Mutex;

use rdprobe::diagnosis::Verdict;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::engine::Finished;
use rdprobe::fleet::scanned::Scanned;
use rdprobe::policy::{self, Policy};
use rdprobe::report::Report;
use tokio::sync::mpsc;

#[derive(Debug, Default, Clone)]
pub(super) struct Tally {
    pub(super) done: u64,
    pub(super) verdicts: BTreeMap<String, (Option<Verdict>, u64)>,
    pub(super) causes: BTreeMap<String, u64>,
    pub(super) missed: BTreeMap<String, u64>,
    pub(super) good: u64,
    pub(super) bad: u64,
    pub(super) undecided: u64,
    pub(super) bad_lines: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct OutletError {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

pub(super) trait Outlet: Send {
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError>;
    fn flush(&mut self) -> Result<Option<u64>, OutletError>;
    fn finish(&mut self) -> Result<(), OutletError>;
}

pub(super) fn desk(
    mut finished: mpsc::Receiver<Finished>,
    outlets: &mut [Box<dyn Outlet>],
    depth: Depth,
    policy: Option<&Policy>,
    tally: &Mutex<Tally>,
) -> Result<(), OutletError> {
    let mut batch = Vec::new();
    while let Some(one) = finished.blocking_recv() {
        batch.push(one);
        while batch.len() < 100
            && let Ok(one) = finished.try_recv()
        {
            batch.push(one);
        }
        for Finished { position, evidence } in batch.drain(..) {
            let report = Report::new(evidence);
            let judged = policy
                .map(|policy| policy::judge(policy, &report.evidence, &report.diagnosis))
                .unwrap_or_default();
            let scanned = Scanned::of(position, depth, &report, judged);
            for outlet in outlets.iter_mut() {
                outlet.take(&scanned, &report)?;
            }
            tally.lock().unwrap_or_else(std::sync::PoisonError::into_inner).add(&scanned);
        }
        for outlet in outlets.iter_mut() {
            outlet.flush()?;
        }
    }
    outlets.iter_mut().try_for_each(|outlet| outlet.finish())
}

impl Tally {
    fn add(&mut self, scanned: &Scanned) {
        self.done += 1;
        let entry = self.verdicts.entry(format!("{:?}", scanned.verdict)).or_default();
        entry.0 = Some(scanned.verdict);
        entry.1 += 1;
        if let Some(cause) = scanned.causes.first() {
            *self.causes.entry(cause.id.clone()).or_default() += 1;
        }
        for judged in &scanned.expectations {
            if judged.outcome == rdprobe::policy::Outcome::Missed {
                *self.missed.entry(judged.expectation.clone()).or_default() += 1;
            }
        }
        match scanned.status() {
            rdprobe::report::ExitStatus::Good => self.good += 1,
            rdprobe::report::ExitStatus::FailureFound => self.bad += 1,
            rdprobe::report::ExitStatus::Undecided => self.undecided += 1,
        }
    }
}
