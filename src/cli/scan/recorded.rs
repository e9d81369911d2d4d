//! `--record FILE.db`: the scan in the monitor's file, where `rdprobe report` finds it.

use std::path::{Path, PathBuf};

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::desk::{Outlet, OutletError};
use rdprobe::fleet::record::{ScanRecord, Settings};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::monitor::history::HistoryError;
use rdprobe::report::Report;

use super::Shared;
use super::kept::Kept;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;

/// The scan in its file.
pub(super) struct Recorded {
    /// Absent once it has ended.
    record: Option<ScanRecord>,
    path: PathBuf,
    shared: Shared,
}

impl Recorded {
    /// Begins a scan in the file, or goes on with the one that did not end.
    ///
    /// # Errors
    /// If the file cannot be used.
    pub(super) fn open(
        path: &Path,
        args: &ScanArgs,
        kept: &Kept,
        shared: &Shared,
    ) -> Result<Self, UsageError> {
        let settings = Settings {
            source: args.sources.join(" "),
            depth: Depth::from(args.depth),
            reports: keeps_reports(args),
        };
        let record = begin(path, &settings, kept.goes_on()).map_err(|error| UsageError {
            message: format!("cannot record to {}: {error}", path.display()),
            hint: Some("is the path right, and the file one of rdprobe's?".to_owned()),
        })?;
        Ok(Self { record: Some(record), path: path.to_path_buf(), shared: shared.clone() })
    }

    fn told<T>(&self, result: Result<T, HistoryError>) -> Result<T, OutletError> {
        result.map_err(|error| OutletError {
            message: format!("cannot record to {}: {error}", self.path.display()),
            hint: Some("is the disk full, or the file in use?".to_owned()),
        })
    }
}

/// Whether a host's row unfolds to its whole report: there is little to tell of a port or a negotiation.
fn keeps_reports(args: &ScanArgs) -> bool {
    args.told.reports || matches!(Depth::from(args.depth), Depth::Tls | Depth::Nla | Depth::Full)
}

fn begin(path: &Path, settings: &Settings, goes_on: bool) -> Result<ScanRecord, HistoryError> {
    let before = if goes_on { ScanRecord::unfinished(path, settings)? } else { None };
    match before {
        Some(run) => ScanRecord::resume(path, run, settings.reports),
        None => ScanRecord::begin(path, settings),
    }
}

impl Outlet for Recorded {
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError> {
        let taken = self.record.as_mut().map_or(Ok(()), |record| record.take(scanned, report));
        self.told(taken)
    }

    fn flush(&mut self) -> Result<Option<u64>, OutletError> {
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
