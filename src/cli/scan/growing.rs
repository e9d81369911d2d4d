//! A file that grows while the scan runs: tried first, then begun or cut to where a scan before left it, then added to
//! by whole lines.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use rdprobe::fleet::journal::{Extent, Measured};

use crate::cli::sink;

/// A file that can be written, and is still as it was.
#[derive(Debug)]
pub(super) struct Ready {
    path: PathBuf,
    /// Absent: it is not there yet.
    file: Option<File>,
    /// What of it stays.
    keep: Measured,
}

/// A file that is being written.
#[derive(Debug)]
pub(super) struct Growing {
    path: PathBuf,
    file: File,
    /// What of it is whole; none for a pipe or a terminal.
    whole: Option<Measured>,
}

impl Ready {
    /// Sees whether a file can be written from its beginning, or on from what a scan before left of it. Changes
    /// nothing.
    ///
    /// # Errors
    /// If it cannot, or does not begin with what the scan left.
    pub(super) fn try_out(path: &Path, left: Option<&Extent>) -> io::Result<Self> {
        let left = left.filter(|left| left.bytes > 0);
        let file = match File::options().write(true).open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound && left.is_none() => {
                sink::try_out(path)?;
                None
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(cut("it is not there any more, and the scan goes on with it"));
            }
            Err(error) => return Err(error),
        };
        let keep = match left {
            Some(left) => kept(path, left)?,
            None => Measured::default(),
        };
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
        let whole = file.metadata()?.is_file().then_some(keep);
        if let Some(keep) = &whole {
            cut_to(&mut file, keep.bytes())?;
        }
        Ok(Growing { path, file, whole })
    }
}

impl Growing {
    /// Whether nothing stands in it.
    pub(super) fn is_empty(&self) -> bool {
        self.whole.as_ref().is_none_or(|whole| whole.bytes() == 0)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds whole lines, all of them or none; what of it is whole then, if it is a file.
    ///
    /// # Errors
    /// If they cannot be written: the disk is full, or gone.
    pub(super) fn add(&mut self, lines: &[u8]) -> io::Result<Option<Extent>> {
        let written = self.file.write_all(lines);
        let Some(whole) = &mut self.whole else { return written.map(|()| None) };
        if let Err(error) = written {
            // What was written of them ends within a line, which no reader takes; if the disk is gone, it stays.
            drop(cut_to(&mut self.file, whole.bytes()));
            return Err(error);
        }
        whole.add(lines);
        Ok(Some(whole.extent()))
    }
}

fn cut_to(file: &mut File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    file.seek(SeekFrom::Start(length)).map(drop)
}

/// What a scan left of its file, if it still stands there: another scan may have written to it since, and a file that
/// is turned over has its name only.
fn kept(path: &Path, left: &Extent) -> io::Result<Measured> {
    let kept = Measured::read(File::open(path)?, left.bytes)?;
    if kept.bytes() < left.bytes {
        return Err(cut("it is shorter than the scan left it, or another file"));
    }
    if kept.extent() != *left {
        return Err(cut("what the scan left in it is not there any more"));
    }
    Ok(kept)
}

/// What should be there is not.
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
