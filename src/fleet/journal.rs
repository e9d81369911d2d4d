//! The journal of a scan: what is done and what each file was then, so that a scan goes on where it ended, also
//! after kill -9.
//!
//! A file of lines of JSON: what the scan is, then a line a batch. It is only added to, so that a sudden end spoils the
//! last line at most; from time to time it is written anew beside and put in its place. One process has it at a time.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::tally::Counts;

// A file in the place of another one.
mod anew;

// Which places of the source are done.
mod done;

// What of an output file is whole.
mod extent;

// The mark that a source leaves.
mod trail;

// The lines, and how they are read.
pub mod line;

// The source once more.
mod replay;

pub use done::Done;
pub use extent::{Extent, Measured};
pub use line::{Header, Unreadable};
pub use replay::{OtherSource, Replay};
pub use trail::Trail;

use line::{Batch, Written};

/// Longer than this, it is written anew.
const COMPACT_AT: u64 = 1 << 20;

/// A longer file is none that rdprobe wrote: it would have been written anew long before.
const LONGEST: u64 = 64 << 20;

/// A journal that this process has.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    header: Header,
    done: Done,
    trail: Arc<Mutex<Trail>>,
    /// The scan's number in its record.
    run: Option<i64>,
    /// How long the file is.
    length: u64,
    /// How long it was when it was last written anew.
    compact: u64,
    /// Whether its last line says that nothing is left to do.
    finished: bool,
}

/// Where a scan ended.
#[derive(Debug)]
pub struct Resumed {
    /// What is done, and the source from its beginning.
    pub replay: Replay,
    /// What each outlet's file is to be cut to; none for one that is no file. Empty: nothing was written yet.
    pub files: Vec<Option<Extent>>,
    /// What it came to.
    pub counts: Counts,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// The scan's number in its record, if it is recorded.
    pub run: Option<i64>,
}

/// Why there is no journal, or no more.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system's word.
    #[error("cannot {doing} the journal {}: {error}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it did not work.
        error: io::Error,
    },
    /// There is one of that name.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// Another process has it.
    #[error("another rdprobe is writing {}", .0.display())]
    Taken(PathBuf),
    /// It is something else.
    #[error("{}: {unreadable}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        unreadable: Unreadable,
    },
    /// It is of another scan.
    #[error("{} is of another scan: {difference}", .path.display())]
    OtherScan {
        /// The file.
        path: PathBuf,
        /// In what they differ.
        difference: String,
    },
}

impl Journal {
    /// Begins a journal in a new file, and gives what its source goes through.
    ///
    /// # Errors
    /// If the file is there already, or cannot be written.
    pub fn create(path: &Path, header: Header) -> Result<(Self, Replay), JournalError> {
        let file =
            File::options().create_new(true).read(true).write(true).open(path).map_err(
                |error| match error.kind() {
                    io::ErrorKind::AlreadyExists => JournalError::Exists(path.to_path_buf()),
                    _ => trouble("begin", path)(error),
                },
            )?;
        lock(&file, path)?;
        let mut journal = Self::of(path, file, header);
        journal.begin()?;
        let replay = Replay::new(Done::default(), Trail::default(), Arc::clone(&journal.trail));
        Ok((journal, replay))
    }

    /// Goes on with a journal.
    ///
    /// # Errors
    /// If it is of another scan, another process has it, or it cannot be read or written.
    pub fn resume(path: &Path, header: Header) -> Result<(Self, Resumed), JournalError> {
        let mut file =
            File::options().read(true).write(true).open(path).map_err(trouble("go on with", path))?;
        lock(&file, path)?;
        if !is_still(&file, path) {
            return Err(JournalError::Taken(path.to_path_buf()));
        }
        let mut bytes = Vec::new();
        (&mut file).take(LONGEST).read_to_end(&mut bytes).map_err(trouble("read", path))?;
        let unreadable = |unreadable| JournalError::Unreadable { path: path.to_path_buf(), unreadable };
        let written = line::read(&bytes).map_err(unreadable)?;
        let mut journal = Self::of(path, file, header);
        let Some(written) = written else {
            journal.begin()?;
            let replay = Replay::new(Done::default(), Trail::default(), Arc::clone(&journal.trail));
            return Ok((journal, Resumed::nothing(replay)));
        };
        let Written { header: its, done, trail, files, counts, finished, run, length } = written;
        if let Some(difference) = its.difference(&journal.header) {
            return Err(JournalError::OtherScan { path: path.to_path_buf(), difference });
        }
        journal.cut(u64::try_from(length).unwrap_or(u64::MAX)).map_err(trouble("go on with", path))?;
        // What cannot be taken away is in nobody's way.
        drop(anew::tidy(&journal.path));
        journal.finished = finished;
        journal.done = done.clone();
        journal.run = run;
        journal.trail.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&trail);
        let replay = Replay::new(done, trail, Arc::clone(&journal.trail));
        Ok((journal, Resumed { replay, files, counts, finished, run }))
    }

    /// Which targets are done.
    #[must_use]
    pub const fn done(&self) -> &Done {
        &self.done
    }

    /// Notes the scan's number in its record, before anything is done: whoever goes on with this journal goes on with
    /// that scan and with no other one of the same sources.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn recorded_as(&mut self, run: i64) -> Result<(), JournalError> {
        self.run = Some(run);
        self.append(Vec::new(), &[], &Counts::default(), false)
    }

    /// Notes that these are done, and what the outlets' files are with them in.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(
        &mut self,
        positions: &[u64],
        files: &[Option<Extent>],
        counts: &Counts,
    ) -> Result<(), JournalError> {
        let mut news = Done::default();
        for position in positions {
            news.add(*position);
            self.done.add(*position);
        }
        self.finished = false;
        self.append(news.ranges().collect(), files, counts, false)?;
        if self.length >= COMPACT_AT.max(self.compact.saturating_mul(2)) {
            // No room for a second file, or no descriptor for one: the first one is as good, only longer.
            self.compact = self.length;
            drop(self.write_anew(files, counts));
        }
        Ok(())
    }

    /// Notes that nothing is left to do, unless it says so already.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn finish(&mut self, files: &[Option<Extent>], counts: &Counts) -> Result<(), JournalError> {
        if self.finished {
            return Ok(());
        }
        self.append(Vec::new(), files, counts, true)?;
        self.finished = true;
        self.file.sync_all().map_err(trouble("write", &self.path))
    }

    fn of(path: &Path, file: File, header: Header) -> Self {
        Self {
            path: path.to_path_buf(),
            file,
            header,
            done: Done::default(),
            trail: Arc::default(),
            run: None,
            length: 0,
            compact: 0,
            finished: false,
        }
    }

    fn begin(&mut self) -> Result<(), JournalError> {
        self.cut(0).map_err(trouble("begin", &self.path))?;
        let line = line::line(&self.header);
        self.write(&line)
    }

    /// Goes on behind so many bytes.
    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.file.set_len(length)?;
        self.file.seek(SeekFrom::Start(length))?;
        self.length = length;
        Ok(())
    }

    fn append(
        &mut self,
        done: Vec<done::Range>,
        files: &[Option<Extent>],
        counts: &Counts,
        finished: bool,
    ) -> Result<(), JournalError> {
        let batch = Batch {
            done,
            trail: self.trail(),
            files: files.to_vec(),
            counts: counts.clone(),
            finished,
            run: self.run,
        };
        self.write(&line::line(&batch))
    }

    fn trail(&self) -> Trail {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Writes a line; if that fails, what of it is there does not count.
    fn write(&mut self, line: &[u8]) -> Result<(), JournalError> {
        self.file.write_all(line).map_err(trouble("write", &self.path))?;
        self.length = self.length.saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Two lines that say the same as all of them, in a new file that takes the place of the old one.
    fn write_anew(&mut self, files: &[Option<Extent>], counts: &Counts) -> io::Result<()> {
        let batch = Batch {
            done: self.done.ranges().collect(),
            trail: self.trail(),
            files: files.to_vec(),
            counts: counts.clone(),
            finished: false,
            run: self.run,
        };
        let mut text = line::line(&self.header);
        text.extend(line::line(&batch));
        self.file = anew::put_in_place(&self.path, &self.file, &text)?;
        self.length = u64::try_from(text.len()).unwrap_or(u64::MAX);
        self.compact = self.length;
        Ok(())
    }
}

impl Resumed {
    /// A scan of which nothing is done.
    #[must_use]
    pub fn nothing(replay: Replay) -> Self {
        Self { replay, files: Vec::new(), counts: Counts::default(), finished: false, run: None }
    }
}

fn trouble(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> JournalError + use<> {
    let path = path.to_path_buf();
    move |error| JournalError::Io { doing, path, error }
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::Taken(path.to_path_buf()),
        TryLockError::Error(error) => trouble("lock", path)(error),
    })
}

/// Whether the name still leads to the file that was locked: who had it may have put another one in its place.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let key = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(locked), Ok(named)) => key(locked) == key(named),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// Windows locks the file against readers too, so that the old one was not read.
#[cfg(not(unix))]
const fn is_still(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests;
