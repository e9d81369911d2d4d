//! `rdprobe report`: what a monitor or a scan recorded, as a page, text or JSON.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rdprobe::monitor::history::{self, HistoryError, Range};
use rdprobe::monitor::record::Record;
use rdprobe::render::escape::escape;
use rdprobe::render::record as render;

use super::args::{ReportArgs, ReportFormat};
use super::settings::UsageError;
use super::{Trouble, output, sink};

// A scan of the file.
mod fleet;

/// What to do with a damaged file.
const RECOVER: &str = "sqlite3 FILE.db .recover may save what is left of it";

/// Reads the record and writes what is asked for.
pub(super) fn run(args: &ReportArgs) -> Result<ExitCode, Trouble> {
    let destination = destination(args);
    if let Some(file) = &destination {
        if fs::canonicalize(file)
            .is_ok_and(|file| fs::canonicalize(&args.file).is_ok_and(|record| record == file))
        {
            return Err(Trouble::Usage(UsageError {
                message: format!("the report would take the place of the record: {}", file.display()),
                hint: Some("name another file with --output".to_owned()),
            }));
        }
        sink::try_file("report", file)?;
    }
    let kinds = history::kinds(&args.file).map_err(|error| wrong(&args.file, &error))?;
    if args.scan.is_some() || (!kinds.monitored && kinds.scans > 0) {
        return fleet::run(args, destination.as_deref());
    }
    let range = Range { from: args.from, to: args.to, last: args.last, targets: args.targets.clone() };
    let record = history::read(&args.file, &range).map_err(|error| wrong(&args.file, &error))?;
    if kinds.scans > 0 {
        output::say("this is what the monitor recorded; the file holds scans too: --scan shows the latest");
    }
    write(args, destination.as_deref(), |out| show(&record, args.format, out))
}

/// Writes to where it is asked for.
fn write(
    args: &ReportArgs,
    destination: Option<&Path>,
    show: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<ExitCode, Trouble> {
    // What the record holds is read while the report is written: its damage is not the destination's.
    let mut damaged = None;
    let show = |out: &mut dyn Write| {
        show(out).inspect_err(|error| {
            if error.kind() == io::ErrorKind::InvalidData {
                damaged = Some(error.to_string());
            }
        })
    };
    match destination {
        None => {
            let written = output::write(show);
            if let Some(what) = damaged {
                return Err(Trouble::Usage(unreadable(&args.file, &what)));
            }
            written?;
        }
        Some(file) => {
            let written = sink::whole_file(file, show);
            if let Some(what) = damaged {
                return Err(Trouble::Usage(unreadable(&args.file, &what)));
            }
            if !sink::is_written("report", file, written) {
                return Ok(ExitCode::from(super::UNDECIDED));
            }
            output::say(&format!("wrote {}", file.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Where to; standard output where there is none. A page is nothing to look at on a terminal.
fn destination(args: &ReportArgs) -> Option<PathBuf> {
    match &args.output {
        Some(file) if file == Path::new("-") => None,
        Some(file) => Some(file.clone()),
        None if args.format == ReportFormat::Html && io::stdout().is_terminal() => {
            Some(args.file.with_extension("html"))
        }
        None => None,
    }
}

fn show(record: &Record, format: ReportFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ReportFormat::Html => render::html(record, out),
        ReportFormat::Json => render::json(record, out),
        ReportFormat::Text => render::text(record, out),
    }
}

fn wrong(file: &Path, error: &HistoryError) -> UsageError {
    let hint = match error {
        HistoryError::NotOurs(_) => {
            "a record is what rdprobe monitor --record FILE.db or rdprobe scan --record FILE.db writes"
        }
        HistoryError::Newer { .. } => "read it with the rdprobe that wrote it, or a newer one",
        HistoryError::Unscanned => "rdprobe scan --record FILE.db records one",
        HistoryError::Empty(_) => "leave --from, --to and --last out to see everything",
        HistoryError::NoScan { .. } => "leave the number out to see the latest",
        HistoryError::NoTarget { .. } => "give the target as it was given to the monitor",
        HistoryError::Damaged(_) => RECOVER,
        HistoryError::Open(_)
        | HistoryError::Taken { .. }
        | HistoryError::Sqlite(_)
        | HistoryError::Unfinished => "is it there, and may you read it?",
    };
    told(file, &error.to_string(), hint)
}

/// A record that turned out to be damaged on the way.
fn unreadable(file: &Path, what: &str) -> UsageError {
    told(file, what, RECOVER)
}

/// What is wrong with the file; its own words are among that, and stay in one line.
fn told(file: &Path, what: &str, hint: &str) -> UsageError {
    UsageError { message: format!("{}: {}", file.display(), escape(what)), hint: Some(hint.to_owned()) }
}
