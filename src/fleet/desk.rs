//! The desk: judges what was seen, hands it to everybody who writes, and notes what is written. On a thread of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::depth::Depth;
use super::engine::Finished;
use super::journal::{Extent, Journal, JournalError};
use super::scanned::Scanned;
use super::tally::Tally;
use crate::policy::{self, Policy};
use crate::report::Report;

/// So many are written together at most: what a sudden end makes to be done again.
const BATCH: usize = 128;

/// How long those that are seen one by one are gathered.
const A_MOMENT: Duration = Duration::from_millis(5);

/// Somewhere to write to.
pub trait Outlet: Send {
    /// Takes one target.
    ///
    /// # Errors
    /// If it cannot be written.
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError>;

    /// Writes what it was given so far. Returns what of the file is whole now, if it is one that may be cut.
    ///
    /// # Errors
    /// If it cannot be written.
    fn flush(&mut self) -> Result<Option<Extent>, OutletError>;

    /// Writes what stands at the end.
    ///
    /// # Errors
    /// If it cannot be written.
    fn finish(&mut self) -> Result<(), OutletError>;
}

/// Why something was not written, and what to try.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OutletError {
    /// What happened.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// Why a scan ended at its desk.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// An outlet does not write.
    #[error(transparent)]
    Outlet(#[from] OutletError),
    /// The journal does not.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// How what was seen is judged.
#[derive(Debug, Clone)]
pub struct Judging {
    /// How much was asked.
    pub depth: Depth,
    /// What is expected of each, if anything is.
    pub policy: Option<Policy>,
}

/// Takes what is finished until there is no more; blocks. A batch is written by every outlet before the journal says
/// that it is done.
///
/// `is_all` tells at the end whether everything that the source names is done.
///
/// # Errors
/// If something cannot be written. What the journal calls done is written all the same.
pub fn run(
    mut finished: mpsc::Receiver<Finished>,
    outlets: &mut [Box<dyn Outlet>],
    judging: &Judging,
    tally: &Arc<Mutex<Tally>>,
    mut journal: Option<&mut Journal>,
    is_all: impl FnOnce(&Tally) -> bool,
) -> Result<(), DeskError> {
    let mut batch = Vec::with_capacity(BATCH);
    let mut positions = Vec::with_capacity(BATCH);
    while finished.blocking_recv_many(&mut batch, BATCH) > 0 {
        gather(&mut finished, &mut batch);
        positions.clear();
        let before = lock(tally).counts().clone();
        let written = write(&mut batch, &mut positions, outlets, judging, tally);
        // What no file holds is not counted either.
        let files = written.inspect_err(|_| lock(tally).take_back(before))?;
        if let Some(journal) = journal.as_deref_mut() {
            let counts = lock(tally).counts().clone();
            journal.note(&positions, &files, &counts)?;
        }
    }
    // Also where nothing came: how long the files are is known to none but the outlets.
    let files = flush(outlets)?;
    outlets.iter_mut().try_for_each(|outlet| outlet.finish())?;
    let (is_all, counts) = {
        let tally = lock(tally);
        (is_all(&tally), tally.counts().clone())
    };
    if let Some(journal) = journal.filter(|_| is_all) {
        journal.finish(&files, &counts)?;
    }
    Ok(())
}

/// Judges, counts and writes a batch; leaves its places in `positions`.
fn write(
    batch: &mut Vec<Finished>,
    positions: &mut Vec<u64>,
    outlets: &mut [Box<dyn Outlet>],
    judging: &Judging,
    tally: &Mutex<Tally>,
) -> Result<Vec<Option<Extent>>, OutletError> {
    for Finished { position, evidence } in batch.drain(..) {
        positions.push(position);
        let report = Report::new(evidence);
        let scanned = judged(position, judging, &report);
        outlets.iter_mut().try_for_each(|outlet| outlet.take(&scanned, &report))?;
        lock(tally).count(&scanned, Instant::now());
    }
    flush(outlets)
}

/// Waits a moment for more, where few came: to be woken, to write and to commit costs more than to judge.
fn gather(finished: &mut mpsc::Receiver<Finished>, batch: &mut Vec<Finished>) {
    if batch.len() < BATCH {
        std::thread::sleep(A_MOMENT);
    }
    while batch.len() < BATCH
        && let Ok(one) = finished.try_recv()
    {
        batch.push(one);
    }
}

fn judged(position: u64, judging: &Judging, report: &Report) -> Scanned {
    let expectations = judging
        .policy
        .as_ref()
        .map(|policy| policy::judge(policy, &report.evidence, &report.diagnosis))
        .unwrap_or_default();
    Scanned::of(position, judging.depth, report, expectations)
}

fn flush(outlets: &mut [Box<dyn Outlet>]) -> Result<Vec<Option<Extent>>, OutletError> {
    outlets.iter_mut().map(|outlet| outlet.flush()).collect()
}

fn lock(tally: &Mutex<Tally>) -> std::sync::MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
