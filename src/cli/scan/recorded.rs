//! `--record FILE.db`: the scan in the monitor's file, where `rdprobe report` finds it.

use std::path::{Path, PathBuf};

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::desk::{Outlet, OutletError};
use rdprobe::fleet::journal::Extent;
use rdprobe::fleet::record::{ScanRecord, Settings};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::monitor::history::{self, HistoryError};
use rdprobe::report::Report;

use super::Shared;
use super::kept::Kept;
use crate::cli::args::ScanArgs;
use crate::cli::recording;
use crate::cli::settings::UsageError;

/// The scan in its file.
pub(super) struct Recorded {
    /// Absent once it has ended, and until there is more for one that had ended.
    record: Option<ScanRecord>,
    /// A scan that had ended: it is only touched if its sources name more now.
    ended: Option<i64>,
    path: PathBuf,
    reports: bool,
    shared: Shared,
}

impl Recorded {
    /// Begins a scan in the file, or goes on with the one that the journal names.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub(super) fn open(
        path: &Path,
        args: &ScanArgs,
        kept: &mut Kept,
        shared: &Shared,
    ) -> Result<Self, UsageError> {
        let settings = Settings {
            source: args.sources.join(" "),
            depth: Depth::from(args.depth),
            reports: keeps_reports(args),
        };
        let (run, has_ended) = (kept.run(), kept.is_finished());
        let mut recorded = Self {
            record: None,
            ended: run.filter(|_| has_ended),
            path: path.to_path_buf(),
            reports: settings.reports,
            shared: shared.clone(),
        };
        if recorded.ended.is_none() {
            let record = begin(path, &settings, run).map_err(|error| UsageError {
                message: format!("cannot record to {}: {error}", path.display()),
                hint: Some(recording::hint(&error).to_owned()),
            })?;
            if run.is_none() {
                kept.recorded_as(record.run())?;
            }
            recorded.record = Some(record);
        }
        Ok(recorded)
    }

    fn told<T>(&self, result: Result<T, HistoryError>) -> Result<T, OutletError> {
        result.map_err(|error| OutletError {
            message: format!("cannot record to {}: {error}", self.path.display()),
            hint: Some(recording::hint(&error).to_owned()),
        })
    }
}

/// Whether a host's row unfolds to its whole report: there is little to tell of a port or a negotiation.
fn keeps_reports(args: &ScanArgs) -> bool {
    args.told.reports || matches!(Depth::from(args.depth), Depth::Tls | Depth::Nla | Depth::Full)
}

fn begin(path: &Path, settings: &Settings, run: Option<i64>) -> Result<ScanRecord, HistoryError> {
    match run {
        Some(run) => {
            // Read first: it may be gone, and to write it would make it anew.
            history::kinds(path)?;
            ScanRecord::resume(path, run, settings.reports)
        }
        None => ScanRecord::begin(path, settings),
    }
}

impl Outlet for Recorded {
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError> {
        if let Some(run) = self.ended.take() {
            let record = ScanRecord::resume(&self.path, run, self.reports);
            self.record = Some(self.told(record)?);
        }
        let taken = self.record.as_mut().map_or(Ok(()), |record| record.take(scanned, report));
        self.told(taken)
    }

    fn flush(&mut self) -> Result<Option<Extent>, OutletError> {
        let flushed = self.record.as_mut().map_or(Ok(()), ScanRecord::flush);
        // Its rows replace each other: nothing has to be cut off.
        self.told(flushed).map(|()| None)
    }

    fn finish(&mut self) -> Result<(), OutletError> {
        let done = self.shared.tally().counts().done;
        let is_all = self.shared.fed.is_all(done);
        // A reader, and whoever goes on with it, tell a part of a fleet by that it has not ended.
        let end = if is_all { ScanRecord::finish } else { ScanRecord::leave };
        let ended = self.record.take().map_or(Ok(()), end);
        self.told(ended)
    }
}
