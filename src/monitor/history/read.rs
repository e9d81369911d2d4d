//! The file -> a record. Reads while another process writes, never writes itself, and believes nothing it reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, params};
use serde::de::DeserializeOwned;

use super::{HistoryError, schema};
use crate::monitor::event::Event;
use crate::monitor::outage::Outage;
use crate::monitor::record::{Gap, RECORD_SCHEMA, Record, TargetRecord};

// When a target was watched, and in which state it was.
mod timeline;

// The rounds that are in no bucket yet.
mod loose;

// Rounds and buckets -> bands, phases, losses.
mod times;

use loose::LooseRounds;
use timeline::{Spans, Timeline};
use times::Times;

/// How long a writer's own work on the file may keep a reader waiting.
const BUSY: Duration = Duration::from_secs(5);

/// So many outages and events of a target are read, the latest: a year of an outage an hour.
const MOST: usize = 10_000;

/// Which part of a record to read; everything by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Range {
    /// From here; the beginning by default.
    pub from: Option<jiff::Timestamp>,
    /// Up to here; the end by default.
    pub to: Option<jiff::Timestamp>,
    /// Only so much before the end; counts if [`Self::from`] is not given.
    pub last: Option<Duration>,
    /// Only these targets, as they were written for the monitor; all of them if there is none.
    pub targets: Vec<String>,
}

/// The deep probe of the last change of state ends after the last round: so much later, in microseconds, at most.
const AFTER_LAST_US: i64 = 60_000_000;

/// From where to where, in microseconds since 1970: the second one is no part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from_us: i64,
    pub(super) to_us: i64,
}

/// What is read of every target.
struct Asked<'a> {
    connection: &'a Connection,
    stretch: Stretch,
    /// Events are read up to here.
    events_to_us: i64,
    gaps: &'a [Gap],
}

/// Reads a stretch of a record.
///
/// # Errors
///
/// The file cannot be opened, is no record or a newer one, is damaged, or holds nothing of what was asked for.
pub fn read(path: &Path, range: &Range) -> Result<Record, HistoryError> {
    let connection = open(path)?;
    // One state of the file for everything that is read, however much is written meanwhile.
    let snapshot = connection.unchecked_transaction()?;
    schema::check(&snapshot)?;
    let targets = targets(&snapshot, &range.targets)?;
    let last_rounds = timeline::last_rounds(&snapshot)?;
    let spans = targets
        .into_iter()
        .map(|(id, name)| Ok((id, name, Spans::read(&snapshot, id, &last_rounds)?)))
        .collect::<Result<Vec<_>, HistoryError>>()?;
    let (stretch, events_to_us) = stretch(range, spans.iter().filter_map(|(_, _, spans)| spans.extent()))?;
    let gaps = gaps(&snapshot, stretch)?;
    let asked = Asked { connection: &snapshot, stretch, events_to_us, gaps: &gaps };
    let ids: Vec<i64> = spans.iter().map(|(id, _, _)| *id).collect();
    let mut statement = LooseRounds::prepare(&snapshot)?;
    let mut loose = LooseRounds::query(&mut statement, &ids, stretch)?;
    let mut targets = spans
        .into_iter()
        .map(|(id, name, spans)| target(&asked, id, name, &spans, &mut loose))
        .collect::<Result<Vec<_>, _>>()?;
    targets.sort_by(|one, other| one.target.cmp(&other.target));
    Ok(Record {
        schema: RECORD_SCHEMA.to_owned(),
        by: concat!("rdprobe ", env!("CARGO_PKG_VERSION")).to_owned(),
        from: timestamp(stretch.from_us)?,
        to: timestamp(stretch.to_us)?,
        gaps,
        targets,
    })
}

/// Opens the file to read it.
pub(super) fn open(path: &Path) -> Result<Connection, HistoryError> {
    let metadata = fs::metadata(path).map_err(HistoryError::Open)?;
    if !metadata.is_file() {
        return Err(HistoryError::NotOurs("it is no file".to_owned()));
    }
    let connection = Connection::open_with_flags(path, flags())?;
    match ready(&connection) {
        Ok(()) => Ok(connection),
        // A folder that may only be read has no place for the index of a log; without a log none is needed.
        Err(HistoryError::Sqlite(error)) if cannot_open(&error) && !log(path).exists() => {
            let connection =
                Connection::open_with_flags(unchanging(path), flags() | OpenFlags::SQLITE_OPEN_URI)?;
            ready(&connection).map(|()| connection)
        }
        Err(error) => Err(error),
    }
}

fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn ready(connection: &Connection) -> Result<(), HistoryError> {
    connection.busy_timeout(BUSY)?;
    schema::distrust(connection)?;
    schema::check(connection)
}

fn cannot_open(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// `FILE.db-wal`.
fn log(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// The file as a URI that promises that nobody writes it.
fn unchanging(path: &Path) -> String {
    let escaped = path.as_os_str().as_encoded_bytes().iter().map(|byte| format!("%{byte:02x}"));
    format!("file:{}?immutable=1", escaped.collect::<String>())
}

/// Id and name of the targets asked for, by id.
fn targets(connection: &Connection, wanted: &[String]) -> Result<Vec<(i64, String)>, HistoryError> {
    let mut statement = connection.prepare("SELECT id, name FROM targets ORDER BY name")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut all: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
    if let Some(name) = wanted.iter().find(|name| !all.iter().any(|(_, there)| there == *name)) {
        let known: Vec<&str> = all.iter().take(20).map(|(_, name)| name.as_str()).collect();
        return Err(HistoryError::NoTarget { name: name.clone(), known: known.join(", ") });
    }
    all.sort_by_key(|(id, _)| *id);
    Ok(all.into_iter().filter(|(_, name)| wanted.is_empty() || wanted.contains(name)).collect())
}

/// What is asked for, less what was not recorded before and after, and up to when events belong to it.
fn stretch(range: &Range, extents: impl Iterator<Item = Stretch>) -> Result<(Stretch, i64), HistoryError> {
    let whole = extents
        .reduce(|one, other| Stretch {
            from_us: one.from_us.min(other.from_us),
            to_us: one.to_us.max(other.to_us),
        })
        .ok_or_else(|| HistoryError::Empty("yet".to_owned()))?;
    let to_us = range.to.map_or(whole.to_us, |to| to.as_microsecond().min(whole.to_us));
    let last =
        range.last.map(|last| to_us.saturating_sub(i64::try_from(last.as_micros()).unwrap_or(i64::MAX)));
    let from_us =
        range.from.map(jiff::Timestamp::as_microsecond).or(last).unwrap_or(whole.from_us).max(whole.from_us);
    if from_us < to_us {
        let after_us = if to_us == whole.to_us { AFTER_LAST_US } else { 0 };
        return Ok((Stretch { from_us, to_us }, to_us.saturating_add(after_us)));
    }
    let (first, end) = (timestamp(whole.from_us)?, timestamp(whole.to_us)?);
    Err(HistoryError::Empty(format!("then: the record goes from {first:.0} to {end:.0}")))
}

fn target(
    asked: &Asked<'_>,
    id: i64,
    target: String,
    spans: &Spans,
    loose: &mut LooseRounds<'_>,
) -> Result<TargetRecord, HistoryError> {
    let Asked { connection, stretch, events_to_us, gaps } = *asked;
    let (outages, outages_total) = outages(connection, id, spans, stretch)?;
    let timeline = Timeline::read(connection, id, spans, stretch, gaps)?;
    let availability = timeline.availability(&outages);
    let times = Times::read(connection, id, stretch, loose)?;
    let (events, events_total) = events(connection, id, Stretch { to_us: events_to_us, ..stretch })?;
    Ok(TargetRecord {
        target,
        availability,
        available: availability.ratio(),
        rounds: times.rounds(),
        losses: times.losses(),
        timeline: timeline.spells()?,
        outages,
        outages_total,
        events,
        events_total,
        phases: times.phases(),
        bands: times.bands()?,
    })
}

fn gaps(connection: &Connection, stretch: Stretch) -> Result<Vec<Gap>, HistoryError> {
    let sql = format!(
        "SELECT from_us, to_us, why, rounds, events FROM gaps WHERE to_us > ?1 AND from_us < ?2
         ORDER BY from_us LIMIT {MOST}"
    );
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(params![stretch.from_us, stretch.to_us])?;
    let mut gaps = Vec::new();
    while let Some(row) = rows.next()? {
        gaps.push(Gap {
            from: timestamp(row.get(0)?)?,
            to: timestamp(row.get(1)?)?,
            why: row.get(2)?,
            rounds: count(row.get(3)?),
            events: count(row.get(4)?),
        });
    }
    Ok(gaps)
}

/// The outages that touch the stretch, oldest first, and how many there are.
fn outages(
    connection: &Connection,
    target: i64,
    spans: &Spans,
    stretch: Stretch,
) -> Result<(Vec<Outage>, u64), HistoryError> {
    // The next outage bounds one whose end was not seen.
    let sql = "SELECT start_us, end_us, rounds_lost, first_symptom, last_symptom, cause, changes,
                   CASE WHEN end_us IS NULL THEN (SELECT min(later.start_us) FROM outages AS later
                       WHERE later.target = ?1 AND later.start_us > outages.start_us) END
               FROM outages WHERE target = ?1 AND start_us < ?3 AND (end_us IS NULL OR end_us > ?2)
               ORDER BY start_us DESC";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query(params![target, stretch.from_us, stretch.to_us])?;
    let (mut outages, mut total) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (start_us, end_us): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        let seen_until_us = match end_us {
            Some(_) => None,
            None => Some(spans.seen_until(start_us, row.get(7)?)),
        };
        if start_us < stretch.from_us && seen_until_us.is_some_and(|until_us| until_us <= stretch.from_us) {
            continue;
        }
        total += 1;
        if outages.len() >= MOST {
            continue;
        }
        let cause: Option<String> = row.get(5)?;
        outages.push(Outage {
            start: timestamp(start_us)?,
            end: end_us.map(timestamp).transpose()?,
            seen_until: seen_until_us.map(timestamp).transpose()?,
            rounds_lost: count(row.get(2)?),
            first_symptom: parsed(&row.get::<_, String>(3)?)?,
            last_symptom: parsed(&row.get::<_, String>(4)?)?,
            cause: cause.as_deref().map(parsed).transpose()?,
            changes: parsed(&row.get::<_, String>(6)?)?,
        });
    }
    outages.reverse();
    Ok((outages, total))
}

fn events(connection: &Connection, target: i64, stretch: Stretch) -> Result<(Vec<Event>, u64), HistoryError> {
    const WITHIN: &str = "target = ?1 AND at_us >= ?2 AND at_us < ?3";
    let among = params![target, stretch.from_us, stretch.to_us];
    let total =
        connection
            .query_row(&format!("SELECT count(*) FROM events WHERE {WITHIN}"), among, |row| row.get(0))?;
    let sql = format!("SELECT document FROM events WHERE {WITHIN} ORDER BY at_us DESC, id DESC LIMIT {MOST}");
    let mut statement = connection.prepare(&sql)?;
    let mut rows = statement.query(among)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next()? {
        events.push(parsed(&row.get::<_, String>(0)?)?);
    }
    events.reverse();
    Ok((events, count(total)))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, HistoryError> {
    serde_json::from_str(text)
        .map_err(|error| HistoryError::Damaged(format!("it breaks the format: {error}")))
}

/// A time of the file.
pub(super) fn timestamp(us: i64) -> Result<jiff::Timestamp, HistoryError> {
    jiff::Timestamp::from_microsecond(us).map_err(|_| HistoryError::Damaged(format!("{us} µs is no time")))
}

fn count(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
