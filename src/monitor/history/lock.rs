//! One writer a file: an operating system's lock on `FILE.db.lock`, which ends with the process however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::HistoryError;

/// The right to write a record, until it is dropped.
#[derive(Debug)]
pub(super) struct WriterLock {
    _file: File,
}

impl WriterLock {
    /// Takes the right to write `path`, or says who has it. The lock file stays: taking it away would let two in.
    pub(super) fn take(path: &Path) -> Result<Self, HistoryError> {
        let beside = beside(path);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&beside)
            .map_err(HistoryError::Open)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(HistoryError::Taken { process: process(&beside) }),
            Err(TryLockError::Error(error)) => return Err(HistoryError::Open(error)),
        }
        // Who writes is told for people only: a full disk may lose it, and the lock holds all the same.
        drop(file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())));
        Ok(Self { _file: file })
    }
}

/// `FILE.db.lock`. Links are followed first, so that one file has one lock whatever it is called.
fn beside(path: &Path) -> PathBuf {
    let mut name = fs::canonicalize(path).unwrap_or_else(|_| to_be(path)).into_os_string();
    name.push(".lock");
    name.into()
}

/// No system follows more links than this one after the other.
const MOST_LINKS: usize = 40;

/// Where a file that is not there yet will be made: links may lead to it all the same.
fn to_be(path: &Path) -> PathBuf {
    let folder = |path: &Path| path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut path = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let Ok(leads_to) = fs::read_link(&path) else { break };
        path = folder(&path).join(leads_to);
    }
    let folder = folder(&path);
    let here = if folder.as_os_str().is_empty() { Path::new(".") } else { &folder };
    match (fs::canonicalize(here), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        (Err(_), _) | (_, None) => path,
    }
}

fn process(path: &Path) -> Option<u32> {
    let mut text = String::new();
    File::open(path).ok()?.take(20).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
