//! The file -> one of its scans, a row after the other. Believes nothing it reads, and never holds a whole fleet.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::{File, census, packed, row::BETWEEN_VERSIONS};
use crate::fleet::scanned::Scanned;
use crate::fleet::survey::Survey;
use crate::monitor::history::{HistoryError, reading};
use crate::report::Report;

/// The worst first: what a reader looks for stands at the top, hosts with the same trouble together.
const WORST_FIRST: &str = "CASE result WHEN 'missed' THEN 0 WHEN 'undecided' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END,
    CASE verdict WHEN 'not_reachable' THEN 0 WHEN 'partly_reachable' THEN 1 WHEN 'undecided' THEN 2 ELSE 3 END,
    cause, scanned.position";

/// So many scans are named where one is not there.
const NAMED: usize = 20;

/// Which scan of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one that began last.
    Latest,
    /// The one of that number.
    Run(i64),
}

/// A scan of a file, as it was when it was opened, however much is written meanwhile.
#[derive(Debug)]
pub struct Scan {
    file: File,
    pub(super) about: About,
}

/// Which scan it is.
#[derive(Debug)]
pub(super) struct About {
    pub(super) run: i64,
    pub(super) source: String,
    pub(super) depth: String,
    pub(super) began_us: i64,
    pub(super) ended_us: Option<i64>,
}

/// A host's row; words are those of `rdprobe scan --format ndjson`. All of it may be a stranger's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its place in the source.
    pub position: u64,
    /// As the source has it.
    pub target: String,
    /// The verdict.
    pub verdict: String,
    /// The stage that failed.
    pub stage: Option<String>,
    /// The best cause.
    pub cause: Option<String>,
    /// How sure it is.
    pub standing: Option<String>,
    /// What the expectations came to.
    pub result: Option<String>,
    /// How long the connect took, in microseconds.
    pub connect_us: Option<u64>,
    /// What is said of NLA.
    pub nla: Option<String>,
    /// The TLS versions accepted.
    pub tls_versions: Option<Vec<String>>,
    /// When the certificate ends.
    pub certificate_end: Option<Timestamp>,
    /// The build.
    pub build: Option<String>,
    /// The machine's own name.
    pub computer: Option<String>,
    /// The expectations that it misses, between commas.
    pub missed: Option<String>,
}

/// What is kept of a host.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// What was told of it.
    pub scanned: Scanned,
    /// The whole report, where it was kept.
    pub report: Option<Report>,
}

impl Scan {
    /// Opens a scan of the file.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, is no record, is newer than this rdprobe, or holds no such scan.
    pub fn open(path: &Path, which: Which) -> Result<Self, HistoryError> {
        let file = reading(path)?;
        // One state of the file for everything that is read.
        file.execute_batch("BEGIN")?;
        let run = match which {
            Which::Run(run) => run,
            Which::Latest => file
                .query_row("SELECT max(run) FROM scans", (), |row| row.get::<_, Option<i64>>(0))?
                .ok_or(HistoryError::Unscanned)?,
        };
        let about = about(&file, run)?
            .ok_or_else(|| numbers(&file).map_or_else(|error| error, |known| no_scan(run, known)))?;
        Ok(Self { file, about })
    }

    /// The scan, counted.
    ///
    /// # Errors
    ///
    /// The file is damaged.
    pub fn survey(&self) -> Result<Survey, HistoryError> {
        census::survey(&self.file, &self.about)
    }

    /// Hands over each host's row, the worst first.
    ///
    /// # Errors
    ///
    /// The file is damaged, or `take` failed.
    pub fn each_host(&self, take: &mut dyn FnMut(Host) -> io::Result<()>) -> io::Result<()> {
        let sql = format!(
            "SELECT position, target, verdict, stage, cause, standing, result, connect_us, nla, tls_versions,
                 certificate_end_us, build, computer, missed FROM scanned WHERE run = ?1 ORDER BY {WORST_FIRST}"
        );
        self.each(&sql, &mut |row| take(host(row)?))
    }

    /// Hands over what is kept of each host, in the order of [`Self::each_host`].
    ///
    /// # Errors
    ///
    /// The file is damaged, or `take` failed.
    pub fn each_document(&self, take: &mut dyn FnMut(Stored) -> io::Result<()>) -> io::Result<()> {
        // Only places are sorted; a document is fetched when its place has come.
        let sql = format!("SELECT position FROM scanned WHERE run = ?1 ORDER BY {WORST_FIRST}");
        let document = "SELECT scanned, report FROM documents WHERE run = ?1 AND position = ?2";
        let mut document = self.file.prepare(document).map_err(|error| unreadable(error.into()))?;
        self.each(&sql, &mut |row| {
            let position: i64 = row.get(0).map_err(|error| unreadable(error.into()))?;
            let stored = document.query_one([self.about.run, position], |row| Ok(stored(row)));
            take(stored.map_err(|error| unreadable(error.into()))??)
        })
    }

    /// Hands over what was told of each host, in the order of the source.
    ///
    /// # Errors
    ///
    /// The file is damaged, or `take` failed.
    pub fn each_scanned(&self, take: &mut dyn FnMut(Scanned) -> io::Result<()>) -> io::Result<()> {
        let sql = "SELECT scanned FROM documents WHERE run = ?1 ORDER BY position";
        self.each(sql, &mut |row| {
            let bytes = row.get_ref(0).map_err(HistoryError::from).map_err(unreadable)?;
            let bytes = bytes.as_blob().map_err(rusqlite::Error::from).map_err(HistoryError::from);
            take(packed::unpack(bytes.map_err(unreadable)?).map_err(unreadable)?)
        })
    }

    fn each(&self, sql: &str, take: &mut dyn FnMut(&Row<'_>) -> io::Result<()>) -> io::Result<()> {
        let mut statement = self.file.prepare(sql).map_err(|error| unreadable(error.into()))?;
        let mut rows = statement.query([self.about.run]).map_err(|error| unreadable(error.into()))?;
        while let Some(row) = rows.next().map_err(|error| unreadable(error.into()))? {
            take(row)?;
        }
        Ok(())
    }
}

/// Whether there is a scan of that number.
pub(super) fn is_there(file: &Connection, run: i64) -> Result<bool, HistoryError> {
    Ok(about(file, run)?.is_some())
}

/// The numbers of the latest scans, for a person.
pub(super) fn numbers(file: &Connection) -> Result<String, HistoryError> {
    let sql = format!("SELECT run FROM scans ORDER BY run DESC LIMIT {NAMED}");
    let mut statement = file.prepare(&sql)?;
    let runs = statement.query_map((), |row| row.get::<_, i64>(0))?.collect::<Result<Vec<_>, _>>()?;
    if runs.is_empty() {
        return Ok("none".to_owned());
    }
    Ok(runs.iter().rev().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

fn about(file: &Connection, run: i64) -> Result<Option<About>, HistoryError> {
    let sql = "SELECT source, depth, began_us, ended_us FROM scans JOIN runs ON runs.id = run WHERE run = ?1";
    let about = file.query_row(sql, [run], |row| {
        Ok(About {
            run,
            source: row.get(0)?,
            depth: row.get(1)?,
            began_us: row.get(2)?,
            ended_us: row.get(3)?,
        })
    });
    Ok(about.optional()?)
}

fn no_scan(wanted: i64, known: String) -> HistoryError {
    HistoryError::NoScan { wanted, known }
}

fn host(row: &Row<'_>) -> io::Result<Host> {
    let read = || -> rusqlite::Result<Host> {
        let versions: Option<String> = row.get(9)?;
        let certificate_end_us: Option<i64> = row.get(10)?;
        Ok(Host {
            position: row.get::<_, i64>(0)?.cast_unsigned(),
            target: row.get(1)?,
            verdict: row.get(2)?,
            stage: row.get(3)?,
            cause: row.get(4)?,
            standing: row.get(5)?,
            result: row.get(6)?,
            connect_us: row.get::<_, Option<i64>>(7)?.and_then(|us| us.try_into().ok()),
            nla: row.get(8)?,
            tls_versions: versions.map(|all| {
                all.split(BETWEEN_VERSIONS).filter(|it| !it.is_empty()).map(str::to_owned).collect()
            }),
            certificate_end: certificate_end_us.and_then(|us| Timestamp::from_microsecond(us).ok()),
            build: row.get(11)?,
            computer: row.get(12)?,
            missed: row.get(13)?,
        })
    };
    read().map_err(|error| unreadable(error.into()))
}

fn stored(row: &Row<'_>) -> io::Result<Stored> {
    let read = || -> Result<Stored, HistoryError> {
        let scanned = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
        let report = row.get_ref(1)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
        Ok(Stored { scanned: packed::unpack(scanned)?, report: report.map(packed::unpack).transpose()? })
    };
    read().map_err(unreadable)
}

/// What a renderer can pass on: the text says what is wrong with the record.
fn unreadable(error: HistoryError) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
