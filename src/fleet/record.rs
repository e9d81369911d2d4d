//! A scan in the monitor's file: one row a target, by its place in the source, so that a resumed scan repeats nothing.
//!
//! ```text
//! desk --> ScanRecord: take, take, take, flush = one transaction --> FILE.db --> Scan --> survey, hosts, documents
//! ```
//!
//! `docs/record.md` describes the tables. What a transaction did not bring into the file was not journalled either:
//! whoever resumes the scan writes it again.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::depth::Depth;
use super::scanned::Scanned;
use crate::monitor::history::{HistoryError, Writing};
use crate::report::Report;

// What was told of a target -> the columns of its row.
mod row;

// Documents -> few bytes, and back.
mod packed;

// The file -> one of its scans, a row after the other.
mod read;

// A scan, counted.
mod census;

// Hosts that differ from their fleet.
mod outliers;

pub use read::{Host, Scan, Stored, Which};

use packed::Packer;
use row::Columns;

/// How long another program's work on the file may keep the scan waiting.
const BUSY: Duration = Duration::from_secs(5);

/// What a scan is recorded as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What is scanned, as the user said it.
    pub source: String,
    /// How much is asked of every target.
    pub depth: Depth,
    /// Whether every target's whole report is kept, which is most of the file.
    pub reports: bool,
}

/// Writes a scan. What [`take`](Self::take) was given is in the file after [`flush`](Self::flush), all of it or nothing.
#[derive(Debug)]
pub struct ScanRecord {
    writing: Writing,
    run: i64,
    reports: bool,
    packer: Packer,
}

impl ScanRecord {
    /// Opens the file, or makes it, and begins a scan in it.
    ///
    /// # Errors
    ///
    /// It cannot be opened, is no record, is newer than this rdprobe, or another process records to it.
    pub fn begin(path: &Path, settings: &Settings) -> Result<Self, HistoryError> {
        let record = Self::open(path, settings.reports)?;
        let connection = &record.writing.connection;
        let transaction = connection.unchecked_transaction()?;
        transaction.execute(
            "INSERT INTO runs (kind, version, interval_us) VALUES ('scan', ?1, 0)",
            [env!("CARGO_PKG_VERSION")],
        )?;
        let run = transaction.last_insert_rowid();
        transaction.execute(
            "INSERT INTO scans (run, source, depth, began_us) VALUES (?1, ?2, ?3, ?4)",
            params![run, settings.source, row::word(&settings.depth), now_us()],
        )?;
        transaction.commit()?;
        Ok(Self { run, ..record })
    }

    /// Opens the file to go on with one of its scans.
    ///
    /// # Errors
    ///
    /// As [`Self::begin`], or there is no such scan in it.
    pub fn resume(path: &Path, run: i64, reports: bool) -> Result<Self, HistoryError> {
        let record = Self::open(path, reports)?;
        let connection = &record.writing.connection;
        if !read::is_there(connection, run)? {
            return Err(HistoryError::NoScan { wanted: run, known: read::numbers(connection)? });
        }
        connection.execute("UPDATE runs SET ended_us = NULL WHERE id = ?1", [run])?;
        Ok(Self { run, ..record })
    }

    /// The scan's number in the file: for the journal, and for `rdprobe report --scan`.
    #[must_use]
    pub const fn run(&self) -> i64 {
        self.run
    }

    /// Takes what is told of a target. A target that was taken before is replaced.
    ///
    /// # Errors
    ///
    /// It cannot be written: nothing of what was taken since the last [`Self::flush`] will be in the file.
    pub fn take(&mut self, scanned: &Scanned, report: &Report) -> Result<(), HistoryError> {
        let connection = &self.writing.connection;
        if connection.is_autocommit() {
            connection.execute_batch("BEGIN IMMEDIATE")?;
        }
        let document = match scanned.report {
            None => self.packer.pack(scanned)?,
            // The report has a column of its own.
            Some(_) => self.packer.pack(&Scanned { report: None, ..scanned.clone() })?,
        };
        let report_bytes = if self.reports { Some(self.packer.pack(report)?) } else { None };
        let position = row::signed(scanned.position);
        Columns::of(scanned, report).insert(connection, self.run, position)?;
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO documents (run, position, scanned, report) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![self.run, position, document, report_bytes])?;
        Ok(())
    }

    /// Brings what was taken into the file.
    ///
    /// # Errors
    ///
    /// It cannot be written: the disk is full, or gone. Then nothing of it is in the file.
    pub fn flush(&mut self) -> Result<(), HistoryError> {
        let connection = &self.writing.connection;
        if !connection.is_autocommit() {
            connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// Writes what was taken, notes that the scan has ended, and closes the file: one file without a log beside it.
    ///
    /// # Errors
    ///
    /// As [`Self::flush`].
    pub fn finish(mut self) -> Result<(), HistoryError> {
        self.flush()?;
        let ended = params![now_us(), self.run];
        self.writing.connection.execute("UPDATE runs SET ended_us = ?1 WHERE id = ?2", ended)?;
        self.writing.close()
    }

    /// Writes what was taken and closes the file, as that of a scan that has not ended: there is more to be done.
    ///
    /// # Errors
    ///
    /// As [`Self::flush`].
    pub fn leave(mut self) -> Result<(), HistoryError> {
        self.flush()?;
        self.writing.close()
    }

    fn open(path: &Path, reports: bool) -> Result<Self, HistoryError> {
        let writing = Writing::open(path)?;
        writing.connection.busy_timeout(BUSY)?;
        Ok(Self { writing, run: 0, reports, packer: Packer::default() })
    }
}

fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}

/// The connection of a [`Scan`], for its own queries.
type File = Connection;
