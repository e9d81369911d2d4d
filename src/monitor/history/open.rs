//! The same file for scans: one lock for all who write, one distrust for all who read.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::lock::WriterLock;
use super::{HistoryError, read, schema, store};

/// An open file that nobody else writes, as long as this lives.
#[derive(Debug)]
pub(crate) struct Writing {
    pub(crate) connection: Connection,
    _lock: WriterLock,
}

impl Writing {
    /// Opens the file, makes it, or brings it to the newest version.
    pub(crate) fn open(path: &Path) -> Result<Self, HistoryError> {
        look_at(path)?;
        let lock = WriterLock::take(path)?;
        Ok(Self { connection: store::connect(path)?, _lock: lock })
    }

    /// Leaves one file without a log beside it.
    pub(crate) fn close(self) -> Result<(), HistoryError> {
        self.connection.close().map_err(|(_, error)| HistoryError::Sqlite(error))
    }
}

/// Whether a file may be written as a record, before anything is put beside it: it is none yet, or one of ours.
pub(super) fn look_at(path: &Path) -> Result<(), HistoryError> {
    match fs::metadata(path) {
        Ok(it) if !it.is_file() || it.len() > 0 => read::open(path).map(drop),
        // What else is wrong with it is told by whoever makes it.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Opens the file to read scans; an error if it is too old to hold one.
pub(crate) fn reading(path: &Path) -> Result<Connection, HistoryError> {
    let connection = read::open(path)?;
    if schema::has_scans(&connection)? { Ok(connection) } else { Err(HistoryError::Unscanned) }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// Whether a monitor recorded to it.
    pub monitored: bool,
    /// How many scans it holds.
    pub scans: u64,
}

/// What the file holds.
///
/// # Errors
///
/// It cannot be opened, is no record, or is a newer one.
pub fn kinds(path: &Path) -> Result<Kinds, HistoryError> {
    let connection = read::open(path)?;
    let count = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, u32>(0));
    let scans = if schema::has_scans(&connection)? { count("SELECT count(*) FROM scans")? } else { 0 };
    let monitored = count("SELECT EXISTS (SELECT 1 FROM runs WHERE kind = 'monitor')")? > 0;
    Ok(Kinds { monitored, scans: scans.into() })
}
