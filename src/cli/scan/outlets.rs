//! Where `scan` writes: one format on stdout, any number of files that grow a line a target.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rdprobe::fleet::desk::{Outlet, OutletError};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::render::scan::table::{self, TableStyle};
use rdprobe::render::scan::{self, ScanFormat, csv};
use rdprobe::report::Report;

use super::Shared;
use super::kept::Kept;
use super::progress::Progress;
use super::recorded::Recorded;
use crate::cli::args::ScanArgs;
use crate::cli::output::Output;
use crate::cli::settings::UsageError;
use crate::cli::{destination, output, sink};

/// One `--format` of a scan.
pub(in crate::cli) type Destination = destination::Destination<ScanFormat>;

/// Reads `FORMAT` or `FORMAT=FILE`: a value parser for clap.
pub(in crate::cli) fn destination(text: &str) -> Result<Destination, String> {
    destination::read(text, ScanFormat::from_word, &ScanFormat::ALL.map(ScanFormat::word))
}

/// As the user wrote it.
impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            None => f.write_str(self.format.word()),
            Some(file) => write!(f, "{}={}", self.format.word(), file.display()),
        }
    }
}

/// What every line is written with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    /// How the table looks on stdout.
    pub(super) table: TableStyle,
    /// Whether a line of JSON holds the whole report.
    pub(super) reports: bool,
}

/// Opens every place that the arguments name, each where a scan before left it; without any the table is on stdout.
///
/// # Errors
/// If two formats go to one place, or a file cannot be written.
pub(super) fn open(
    args: &ScanArgs,
    shared: &Shared,
    kept: &Kept,
) -> Result<Vec<Box<dyn Outlet>>, UsageError> {
    let told = &args.told;
    no_place_twice(&told.format)?;
    let columns = io::stdout().is_terminal().then(output::width);
    let color = Output::new(told.color).has_color();
    let table = TableStyle { columns, color, verbosity: told.verbose, show: told.show.into() };
    let style = Style { table, reports: told.reports };
    let on_stdout =
        |format| Box::new(Lines::on_stdout(format, style, shared.progress.clone(), Arc::clone(&shared.gone)));
    let mut outlets: Vec<Box<dyn Outlet>> = Vec::new();
    for (place, Destination { format, file }) in told.format.iter().enumerate() {
        outlets.push(match file {
            None => on_stdout(*format),
            Some(file) => Box::new(Lines::in_file(*format, style, file, kept.length(place))?),
        });
    }
    // Of a scan that is done there is nothing to record, and in the record nothing to go on with.
    if let Some(path) = told.record.as_deref().filter(|_| !kept.is_finished()) {
        outlets.push(Box::new(Recorded::open(path, args, kept, shared)?));
    }
    // Last, so that it does not move the places of the others.
    if told.format.is_empty() {
        outlets.push(on_stdout(ScanFormat::Table));
    }
    Ok(outlets)
}

/// Two formats in one place would be none.
fn no_place_twice(destinations: &[Destination]) -> Result<(), UsageError> {
    for (place, Destination { format, file }) in destinations.iter().enumerate() {
        let before = destinations.iter().take(place).find(|before| match (&before.file, file) {
            (None, None) => true,
            (Some(before), Some(file)) => sink::is_same(before, file),
            (None, Some(_)) | (Some(_), None) => false,
        });
        let Some(before) = before else { continue };
        return Err(match file {
            None => sink::two_on_stdout(before.format.word(), format.word()),
            Some(file) => sink::file_twice(file),
        });
    }
    Ok(())
}

/// Lines of one format on their way to one place.
#[derive(Debug)]
pub(super) struct Lines {
    format: ScanFormat,
    style: Style,
    /// Whole lines that are not written yet.
    pending: Vec<u8>,
    place: Place,
}

/// Where lines go.
#[derive(Debug)]
enum Place {
    Stdout {
        progress: Progress,
        /// Whether nobody reads any more.
        gone: Arc<AtomicBool>,
    },
    File {
        file: File,
        path: PathBuf,
    },
}

impl Lines {
    /// On stdout, beside the progress. `gone` becomes true when nobody reads any more.
    pub(super) fn on_stdout(
        format: ScanFormat,
        style: Style,
        progress: Progress,
        gone: Arc<AtomicBool>,
    ) -> Self {
        let place = Place::Stdout { progress, gone };
        Self { format, style, pending: heading(format, style.table), place }
    }

    /// In a file, from its beginning, or after the length that a scan before left: what stands behind that is of
    /// targets that will be asked again.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn in_file(
        format: ScanFormat,
        style: Style,
        path: &Path,
        keep: Option<u64>,
    ) -> Result<Self, UsageError> {
        let file = open_file(path, keep).map_err(|error| UsageError {
            message: sink::cannot_write(format.word(), path, &error),
            hint: Some(hint(&error).to_owned()),
        })?;
        let table = TableStyle { columns: None, color: false, ..style.table };
        let begins = keep.is_none_or(|length| length == 0);
        Ok(Self {
            format,
            style: Style { table, ..style },
            pending: if begins { heading(format, table) } else { Vec::new() },
            place: Place::File { file, path: path.to_path_buf() },
        })
    }

    fn add(&mut self, scanned: &Scanned, report: &Report) -> io::Result<()> {
        let pending = &mut self.pending;
        match self.format {
            ScanFormat::Table => table::row(scanned, report, self.style.table, pending),
            ScanFormat::Csv => csv::row(scanned, report, pending),
            ScanFormat::Ndjson => scan::ndjson(scanned, self.style.reports.then_some(report), pending),
        }
    }

    /// Writes what is pending; the length of the file, if it is one.
    fn write(&mut self) -> io::Result<Option<u64>> {
        let pending = std::mem::take(&mut self.pending);
        match &mut self.place {
            Place::Stdout { .. } if pending.is_empty() => Ok(None),
            Place::Stdout { progress, .. } => progress.suspend(|| output::write_all(&pending)).map(|()| None),
            Place::File { file, .. } => {
                file.write_all(&pending)?;
                Ok(if file.metadata()?.is_file() { Some(file.stream_position()?) } else { None })
            }
        }
    }
}

impl Outlet for Lines {
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError> {
        // Memory takes everything.
        self.add(scanned, report).map_err(|error| self.trouble(&error))
    }

    fn flush(&mut self) -> Result<Option<u64>, OutletError> {
        self.write().map_err(|error| self.trouble(&error))
    }

    fn finish(&mut self) -> Result<(), OutletError> {
        self.flush().map(drop)
    }
}

impl Lines {
    fn trouble(&self, error: &io::Error) -> OutletError {
        match &self.place {
            Place::Stdout { gone, .. } => {
                gone.store(error.kind() == io::ErrorKind::BrokenPipe, Ordering::Relaxed);
                OutletError { message: format!("cannot write to standard output: {error}"), hint: None }
            }
            Place::File { path, .. } => OutletError {
                message: sink::cannot_write(self.format.word(), path, error),
                hint: Some(hint(error).to_owned()),
            },
        }
    }
}

/// What stands above the lines of a format.
fn heading(format: ScanFormat, style: TableStyle) -> Vec<u8> {
    let mut text = Vec::new();
    // Memory takes everything.
    drop(match format {
        ScanFormat::Table => table::heading(style, &mut text),
        ScanFormat::Csv => csv::heading(&mut text),
        ScanFormat::Ndjson => Ok(()),
    });
    text
}

/// Opens a file to write on from `keep`, or from its beginning.
fn open_file(path: &Path, keep: Option<u64>) -> io::Result<File> {
    // What stands behind `keep` is cut off, not all of it.
    let mut file = File::options().write(true).create(true).truncate(false).open(path)?;
    // A pipe or a terminal has no length.
    let found = file.metadata()?;
    if found.is_file() {
        let keep = keep.unwrap_or(0);
        if found.len() < keep {
            return Err(io::Error::other("it is shorter than the scan left it, or another file"));
        }
        file.set_len(keep)?;
        file.seek(SeekFrom::Start(keep))?;
    }
    Ok(file)
}

/// What to try where a file that grows cannot be written.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space; with --resume FILE the same command then goes on where this one ended"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a file that you may write to"
        }
        _ => sink::hint(error),
    }
}
