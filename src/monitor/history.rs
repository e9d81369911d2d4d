//! The record: one SQLite file, written while the monitor runs and read by anybody at any time.
//!
//! ```text
//!  monitor --> inbox (bounded, never waits) --> writer thread: one transaction a second --> FILE.db
//!                                                     |  rounds -> minutes -> quarter-hours -> hours
//!                                                 outages, states, events: for ever
//! ```
//!
//! `docs/record.md` describes every table. A killed process or a power cut costs at most the last second: WAL with
//! `synchronous=FULL`. A full disk stops the recording, not the monitoring, and what was lost is written down as a gap.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use super::event::Event;
use super::health::Health;
use super::listen::Listener;
use crate::evidence::Round;

// The tables, their version, and how an older file becomes a newer one.
mod schema;

// One writer a file.
mod lock;

// A round as it is kept.
mod sample;

// What waits to be written: bounded, and nobody who fills it waits.
mod inbox;

// Samples and events -> rows: which outage a round belongs to.
mod rows;

// Rows -> the file, one transaction at a time.
mod store;

// The rounds of a stretch of time, counted, with a histogram a phase.
mod bucket;

// Rounds -> minutes -> quarter-hours -> hours.
mod roll_up;

// Histograms as bytes, and as numbers.
mod histogram;

// The writer's thread: once a second, and again after trouble.
mod writer;

// The file -> a record.
mod read;

// The same file for scans: the lock, the connection, which kinds of run it holds.
mod open;

pub use open::{Kinds, kinds};
pub(crate) use open::{Writing, reading};
pub use read::{Range, read};

use inbox::Inbox;
use lock::WriterLock;
use sample::Sample;
use store::Store;

/// How long the writer may take to write what waits, when the monitor ends: a disk may be slow. Who has less time, as
/// somebody who was told to end, waits beside.
const FINISH: Duration = Duration::from_secs(60);

/// Why a record cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The file cannot be opened, made or locked.
    #[error("cannot open the record: {0}")]
    Open(std::io::Error),
    /// Another process writes it.
    #[error("another rdprobe{} is recording to this file", process.as_ref().map(|id| format!(" (process {id})")).unwrap_or_default())]
    Taken {
        /// Its process id, where it could be read.
        process: Option<u32>,
    },
    /// It is a file of something else.
    #[error("this is no record of rdprobe: {0}")]
    NotOurs(String),
    /// It was written by a newer rdprobe.
    #[error("this record has version {found} and this rdprobe knows versions up to {known}")]
    Newer {
        /// The file's version.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// Nothing was recorded in the stretch asked for.
    #[error("nothing was recorded {0}")]
    Empty(String),
    /// There is no scan in it.
    #[error("no scan was recorded to this file")]
    Unscanned,
    /// No scan has that number.
    #[error("no scan {wanted} is in the record; there are: {known}")]
    NoScan {
        /// The number asked for.
        wanted: i64,
        /// The numbers that are there.
        known: String,
    },
    /// No target has that name.
    #[error("no target {name:?} is in the record; there are: {known}")]
    NoTarget {
        /// The name asked for.
        name: String,
        /// The names that are there.
        known: String,
    },
    /// Something in it cannot be as it is.
    #[error("the record is damaged: {0}")]
    Damaged(String),
    /// SQLite could not do it.
    #[error("{0}")]
    Sqlite(rusqlite::Error),
    /// The writer did not end in time: what the last second brought may be missing.
    #[error("the record could not be completed within {} s", FINISH.as_secs())]
    Unfinished,
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => Self::Damaged(error.to_string()),
            _ => Self::Sqlite(error),
        }
    }
}

/// How the recording goes, for a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    /// What the monitor tells is in the file a second later.
    Recording,
    /// Nothing can be written at present; it is tried again every few seconds.
    Stopped {
        /// Since when.
        since: jiff::Timestamp,
        /// Why, in one clause.
        why: String,
    },
}

/// Writes the record. A [`Listener`]: it takes what it is told and returns at once.
#[derive(Debug)]
pub struct Recorder {
    inbox: Arc<Inbox>,
    status: Arc<Mutex<Status>>,
    ended: Mutex<Option<mpsc::Receiver<Result<(), HistoryError>>>>,
}

impl Recorder {
    /// Opens the file, or makes it; `interval` is the time from one round to the next.
    ///
    /// # Errors
    ///
    /// It cannot be opened, is no record, is newer than this rdprobe, or another process records to it.
    pub fn open(path: &Path, interval: Duration) -> Result<Self, HistoryError> {
        open::look_at(path)?;
        let lock = WriterLock::take(path)?;
        let store = Store::open(path, interval)?;
        let inbox = Arc::new(Inbox::new(interval));
        let status = Arc::new(Mutex::new(Status::Recording));
        let (tell, ended) = mpsc::channel();
        let writer = writer::Writer::new(store, Arc::clone(&inbox), Arc::clone(&status));
        thread::Builder::new()
            .name("record".to_owned())
            .spawn(move || {
                let end = writer.run();
                drop(lock);
                // Nobody waits for it any more: the monitor is gone.
                drop(tell.send(end));
            })
            .map_err(HistoryError::Open)?;
        Ok(Self { inbox, status, ended: Mutex::new(Some(ended)) })
    }

    /// How the recording goes.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what was told so far was written, or could not be.
    pub fn flush(&self) {
        self.inbox.flush();
    }

    /// Writes what waits and closes the file; a second call does nothing. Takes a minute at most.
    ///
    /// # Errors
    ///
    /// What waited could not be written, or not in time.
    pub fn finish(&self) -> Result<(), HistoryError> {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(ended) = ended else { return Ok(()) };
        self.inbox.close();
        ended.recv_timeout(FINISH).unwrap_or(Err(HistoryError::Unfinished))
    }
}

impl Listener for Recorder {
    fn round(&self, target: &str, round: &Round, health: &Health) {
        self.inbox.round(target, round.due, round.missed, Sample::of(round, health));
    }

    fn event(&self, event: &Event) {
        self.inbox.event(event.clone());
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if let Err(error) = self.finish() {
            tracing::warn!("{error}");
        }
    }
}
