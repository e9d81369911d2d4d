//! Where `--format FORMAT[=FILE]` writes: one format on stdout, any number of files, each whole or not at all.
//!
//! Trouble with writing never hides what the checks came to: the exit code stays theirs, unless that was 0.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rdprobe::render::check::{CheckFormat, job_summary, nagios_exit, render};
use rdprobe::render::human::HumanStyle;
use rdprobe::report::check::{Check, exit_code};

use super::settings::UsageError;
use super::{Trouble, UNDECIDED, destination, output};

// One file, whole or not at all.
mod whole;

#[cfg(test)]
mod tests;

/// One `--format` of a check.
pub(super) type Destination = destination::Destination<CheckFormat>;

/// Reads `FORMAT` or `FORMAT=FILE`: a value parser for clap.
pub(super) fn destination(text: &str) -> Result<Destination, String> {
    destination::read(text, CheckFormat::from_word, &CheckFormat::ALL.map(CheckFormat::word))
}

/// Every place that a run writes to.
#[derive(Debug)]
pub(super) struct Sink {
    stdout: Option<CheckFormat>,
    files: Vec<(CheckFormat, PathBuf)>,
}

impl Sink {
    /// Nothing given: human on stdout. A file that cannot be written is refused now, not after a long wait.
    pub(super) fn new(destinations: Vec<Destination>) -> Result<Self, UsageError> {
        let mut sink = Self { stdout: None, files: Vec::new() };
        if destinations.is_empty() {
            sink.stdout = Some(CheckFormat::Human);
        }
        for destination in destinations {
            match destination.file {
                None => sink.take_stdout(destination.format)?,
                Some(file) => sink.take_file(destination.format, file)?,
            }
        }
        Ok(sink)
    }

    fn take_stdout(&mut self, format: CheckFormat) -> Result<(), UsageError> {
        if let Some(before) = self.stdout.replace(format) {
            return Err(two_on_stdout(before.word(), format.word()));
        }
        Ok(())
    }

    fn take_file(&mut self, format: CheckFormat, file: PathBuf) -> Result<(), UsageError> {
        try_file(format.word(), &file)?;
        self.files.push((format, file));
        Ok(())
    }

    /// Writes everything, says what could not be written, and returns the process's exit code.
    ///
    /// `unnamed` is how many entries of the sources name no target. Files first, so that a reader of stdout that has
    /// gone away costs none.
    pub(super) fn write(&self, checks: &[Check], unnamed: u64, style: &HumanStyle) -> u8 {
        let mut complete = true;
        for (format, file) in &self.files {
            let plain = HumanStyle::default();
            complete &= write_file(format.word(), file, |out| render(*format, checks, unnamed, &plain, out));
        }
        if let Some(format) = self.stdout
            && let Err(trouble) = output::write(|out| render(format, checks, unnamed, style, out))
        {
            complete = false;
            output::trouble(&trouble.to_string(), stdout_hint(&trouble));
        }
        if self.formats().any(|format| format == CheckFormat::Github) {
            complete &= append_job_summary(checks, unnamed);
        }
        match self.code(checks, unnamed) {
            0 if !complete || unnamed > 0 => UNDECIDED,
            code => code,
        }
    }

    /// Monitoring systems have codes of their own: they hold where stdout is theirs.
    fn code(&self, checks: &[Check], unnamed: u64) -> u8 {
        match self.stdout {
            Some(CheckFormat::Nagios) => nagios_exit(checks, unnamed),
            _ => exit_code(checks),
        }
    }

    fn formats(&self) -> impl Iterator<Item = CheckFormat> {
        self.stdout.into_iter().chain(self.files.iter().map(|(format, _)| *format))
    }
}

/// Whether a file could be written now; leaves nothing behind.
pub(super) fn try_out(file: &Path) -> io::Result<()> {
    whole::try_out(file)
}

/// Whether two paths are one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    whole::resolved(one) == whole::resolved(other)
}

pub(super) fn two_on_stdout(before: &str, word: &str) -> UsageError {
    UsageError {
        message: format!("two formats on standard output: {before} and {word}"),
        hint: Some(format!("write one of them to a file: --format {before}=FILE")),
    }
}

/// Whether a file can be written, before anything is done for it.
pub(super) fn try_file(what: &str, file: &Path) -> Result<(), UsageError> {
    try_out(file).map_err(|error| UsageError {
        message: cannot_write(what, file, &error),
        hint: Some(hint(&error).to_owned()),
    })
}

/// Writes a file whole or not at all, and says so if not.
pub(super) fn write_file(
    what: &str,
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> bool {
    is_written(what, file, whole_file(file, write))
}

/// Writes a file whole or not at all.
pub(super) fn whole_file(
    file: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    whole::write(file, write)
}

/// Whether a file was written; says so if not.
pub(super) fn is_written(what: &str, file: &Path, written: io::Result<()>) -> bool {
    told(written, |error| cannot_write(what, file, error))
}

/// Whether it went well; says so if not.
fn told(written: io::Result<()>, message: impl Fn(&io::Error) -> String) -> bool {
    match written {
        Ok(()) => true,
        Err(error) => {
            output::trouble(&message(&error), Some(hint(&error)));
            false
        }
    }
}

/// Within GitHub Actions: the job's summary, to which every step appends.
fn append_job_summary(checks: &[Check], unnamed: u64) -> bool {
    let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) else {
        return true;
    };
    let mut text = Vec::new();
    let written = job_summary(checks, unnamed, &mut text).and_then(|()| {
        let mut file = fs::OpenOptions::new().append(true).create(true).open(&file)?;
        // In one piece, so that no other step's lines stand between.
        file.write_all(&text)
    });
    let file = Path::new(&file);
    told(written, |error| format!("cannot append the job summary to {}: {}", file.display(), reason(error)))
}

pub(super) fn cannot_write(what: &str, file: &Path, error: &io::Error) -> String {
    format!("cannot write {what} to {}: {}", file.display(), reason(error))
}

/// Why, without the paths and numbers that libraries add.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "its folder is not there".to_owned(),
        io::ErrorKind::PermissionDenied => "no right to".to_owned(),
        io::ErrorKind::ReadOnlyFilesystem => "the file system is read-only".to_owned(),
        io::ErrorKind::StorageFull => "the disk is full".to_owned(),
        io::ErrorKind::QuotaExceeded => "the disk quota is used up".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::NotADirectory => "what should be its folder is a file".to_owned(),
        io::ErrorKind::BrokenPipe => "nobody reads it any more".to_owned(),
        _ => error.to_string(),
    }
}

pub(super) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "create the folder first, or is the path right?",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "a new file is made beside it and renamed: its folder must be writable"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or write elsewhere; nothing half was left behind"
        }
        io::ErrorKind::IsADirectory => "name a file in it",
        _ => "is the path right?",
    }
}

fn stdout_hint(trouble: &Trouble) -> Option<&'static str> {
    match trouble {
        Trouble::Output(error) => Some(hint(error)),
        Trouble::Usage(_) | Trouble::Start(_) | Trouble::Listen { .. } => None,
    }
}
