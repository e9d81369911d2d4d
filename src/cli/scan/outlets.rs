//! Where `scan` writes: one format on stdout, any number of files that grow a line a target.

use std::fmt;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rdprobe::fleet::desk::{Outlet, OutletError};
use rdprobe::fleet::journal::Extent;
use rdprobe::fleet::scanned::Scanned;
use rdprobe::render::scan::table::{self, TableStyle};
use rdprobe::render::scan::{self, ScanFormat, csv};
use rdprobe::report::Report;

use super::Shared;
use super::growing::{Growing, Ready, hint};
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
/// Nothing that is there already is changed before everything has proved to be writable.
///
/// # Errors
/// If a file or the record cannot be written.
pub(super) fn open(
    args: &ScanArgs,
    shared: &Shared,
    kept: &mut Kept,
) -> Result<Vec<Box<dyn Outlet>>, UsageError> {
    let told = &args.told;
    let ready = ready(&told.format, kept)?;
    let record = match &told.record {
        Some(path) => Some(Recorded::open(path, args, kept, shared)?),
        None => None,
    };
    let columns = io::stdout().is_terminal().then(output::columns);
    let color = Output::new(told.color).has_color();
    let table = TableStyle { columns, color, verbosity: told.verbose, show: told.show.into() };
    let style = Style { table, reports: told.reports };
    let on_stdout =
        |format| Box::new(Lines::on_stdout(format, style, shared.progress.clone(), Arc::clone(&shared.gone)));
    let mut outlets: Vec<Box<dyn Outlet>> = Vec::new();
    for (Destination { format, .. }, ready) in told.format.iter().zip(ready) {
        outlets.push(match ready {
            None => on_stdout(*format),
            Some(ready) => Box::new(Lines::in_file(*format, style, ready)?),
        });
    }
    if let Some(record) = record {
        outlets.push(Box::new(record));
    }
    // Last, so that it does not move the places of the others.
    if told.format.is_empty() {
        outlets.push(on_stdout(ScanFormat::Table));
    }
    Ok(outlets)
}

/// The files of the formats, tried; nothing for a format on stdout.
fn ready(formats: &[Destination], kept: &Kept) -> Result<Vec<Option<Ready>>, UsageError> {
    let mut ready = Vec::with_capacity(formats.len());
    for (place, Destination { format, file }) in formats.iter().enumerate() {
        ready.push(match file {
            None => None,
            Some(path) => Some(
                Ready::try_out(path, kept.left(place)).map_err(|error| unwritable(*format, path, &error))?,
            ),
        });
    }
    Ok(ready)
}

fn unwritable(format: ScanFormat, path: &Path, error: &io::Error) -> UsageError {
    UsageError { message: sink::cannot_write(format.word(), path, error), hint: Some(hint(error).to_owned()) }
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
    File(Box<Growing>),
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

    /// In a file.
    ///
    /// # Errors
    /// If it cannot be written.
    fn in_file(format: ScanFormat, style: Style, ready: Ready) -> Result<Self, UsageError> {
        let path = ready.path().to_path_buf();
        let file = ready.begin().map_err(|error| unwritable(format, &path, &error))?;
        let table = TableStyle { columns: None, color: false, ..style.table };
        Ok(Self {
            format,
            style: Style { table, ..style },
            pending: if file.is_empty() { heading(format, table) } else { Vec::new() },
            place: Place::File(Box::new(file)),
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

    /// Writes what is pending; what of the file is whole then, if it is one.
    fn write(&mut self) -> io::Result<Option<Extent>> {
        let pending = std::mem::take(&mut self.pending);
        match &mut self.place {
            Place::Stdout { .. } if pending.is_empty() => Ok(None),
            Place::Stdout { progress, .. } => progress.suspend(|| output::write_all(&pending)).map(|()| None),
            Place::File(file) => file.add(&pending),
        }
    }
}

impl Outlet for Lines {
    fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), OutletError> {
        // Memory takes everything.
        self.add(scanned, report).map_err(|error| self.trouble(&error))
    }

    fn flush(&mut self) -> Result<Option<Extent>, OutletError> {
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
            Place::File(file) => {
                let UsageError { message, hint } = unwritable(self.format, file.path(), error);
                OutletError { message, hint }
            }
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
