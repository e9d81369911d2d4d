//! A file that grows while the scan runs: tried first, then begun or cut to where a scan before left it, then added to
//! by whole lines.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::cli::sink;

/// A file that can be written, and is still as it was.
#[derive(Debug)]
pub(super) struct Ready {
    path: PathBuf,
    /// Absent: it is not there yet.
    file: Option<File>,
    keep: u64,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    file: File,
    /// How much of it is whole; none for a pipe or a terminal.
    length: Option<u64>,
}

impl Ready {
    /// Sees whether a file can be written from its beginning, or on from `keep`. Changes nothing.
    ///
    /// # Errors
    /// If it cannot, or is shorter than `keep`.
    pub(super) fn try_out(path: &Path, keep: Option<u64>) -> io::Result<Self> {
        let keep = keep.unwrap_or(0);
        let file = match File::options().write(true).open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound && keep == 0 => {
                sink::try_out(path)?;
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(cut("it is not there any more, and the scan goes on with it"));
            }
            Err(error) => return Err(error),
        };
        if let Some(found) = file.as_ref().map(File::metadata).transpose()?
            && found.is_file()
            && found.len() < keep
        {
            return Err(cut("it is shorter than the scan left it, or another file"));
        }
        Ok(Self { path: path.to_path_buf(), file, keep })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Takes off what stands behind `keep`: it is of targets that will be asked again.
    ///
    /// # Errors
    /// If it cannot be written after all.
    pub(super) fn begin(self) -> io::Result<Growing> {
        let Self { path, file, keep } = self;
        let mut file = match file {
            Some(file) => file,
            None => File::options().write(true).create(true).truncate(false).open(&path)?,
        };
        let length = if file.metadata()?.is_file() { Some(keep) } else { None };
        if length.is_some() {
            cut_to(&mut file, keep)?;
        }
        Ok(Growing { path, file, length })
    }
}

impl Growing {
    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.length.is_none_or(|length| length == 0)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds whole lines, all of them or none; its length, if it has one.
    ///
    /// # Errors
    /// If they cannot be written: the disk is full, or gone.
    pub(super) fn add(&mut self, lines: &[u8]) -> io::Result<Option<u64>> {
        let written = self.file.write_all(lines);
        let Some(length) = self.length else { return written.map(|()| None) };
        if let Err(error) = written {
            // What was written of them ends within a line, which no reader takes; if the disk is gone, it stays.
            drop(cut_to(&mut self.file, length));
            return Err(error);
        }
        self.length = Some(length.saturating_add(u64::try_from(lines.len()).unwrap_or(u64::MAX)));
        Ok(self.length)
    }
}

fn cut_to(file: &mut File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length)).map(drop)
}

/// Less is there than there should be.
fn cut(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, why)
}

/// What to try where a file that grows cannot be written.
pub(super) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "free some space; with --resume FILE the same command then goes on where this one ended"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "name a file that you may write to"
        }
        io::ErrorKind::UnexpectedEof => "begin anew with another --resume FILE, or bring the file back",
        _ => sink::hint(error),
    }
}
