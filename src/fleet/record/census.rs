//! A scan, counted: SQLite counts, so that no more than the counts is ever held.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::params;

use super::read::About;
use super::row::{BETWEEN_EXPECTATIONS, BETWEEN_VERSIONS};
use super::{File, outliers};
use crate::diagnosis::catalogue;
use crate::evidence::Stage;
use crate::fleet::depth::Depth;
use crate::fleet::survey::{
    BuildCount, CauseCount, Certificates, Connects, Count, FLEET_SCHEMA, Posture, Support, Survey, WEEKS,
    Week,
};
use crate::monitor::history::HistoryError;
use crate::wire::codes::windows::{self, Lifecycle};

/// So many different values of a column are counted, the most frequent: a stranger's file may have any number.
const MOST: usize = 500;

const WEEK_US: i64 = 7 * 86_400 * 1_000_000;

/// Counts a scan.
pub(super) fn survey(file: &File, about: &About) -> Result<Survey, HistoryError> {
    let run = about.run;
    let (targets, latest_us): (i64, Option<i64>) =
        file.query_row("SELECT count(*), max(at_us) FROM scanned WHERE run = ?1", [run], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let latest = timestamp(latest_us.unwrap_or(about.began_us))?;
    let connect = connects(file, run)?;
    let asks_all = Depth::of_word(&about.depth).is_none_or(Depth::asks_all);
    Ok(Survey {
        schema: FLEET_SCHEMA.to_owned(),
        by: concat!("rdprobe ", env!("CARGO_PKG_VERSION")).to_owned(),
        scan: run,
        source: about.source.clone(),
        depth: about.depth.clone(),
        began: timestamp(about.began_us)?,
        latest,
        ended: about.ended_us.map(timestamp).transpose()?,
        targets: count(targets),
        verdicts: counts(file, run, "verdict")?,
        results: counts(file, run, "result")?,
        missed: missed(file, run)?,
        causes: causes(file, run)?,
        stages: stages(file, run)?,
        certificates: certificates(file, run, latest)?,
        tls_versions: if asks_all { tls_versions(file, run)? } else { Posture::default() },
        nla: posture(file, run, nla(asks_all))?,
        standard_rdp: if asks_all { posture(file, run, "standard")? } else { Posture::default() },
        builds: builds(file, run, latest)?,
        outliers: outliers::all(file, run, asks_all, connect.as_ref())?,
        connect,
    })
}

/// How many rows have which value of a column, the most frequent first.
fn counts(file: &File, run: i64, column: &str) -> Result<Vec<Count>, HistoryError> {
    let sql = format!(
        "SELECT {column}, count(*) FROM scanned WHERE run = ?1 AND {column} IS NOT NULL
         GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"
    );
    let mut statement = file.prepare(&sql)?;
    let rows =
        statement.query_map([run], |row| Ok(Count { value: row.get(0)?, hosts: count(row.get(1)?) }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn posture(file: &File, run: i64, column: &str) -> Result<Posture, HistoryError> {
    let counts = counts(file, run, column)?;
    Ok(Posture { known: counts.iter().map(|it| it.hosts).sum(), counts })
}

/// What is said of NLA. Where not every host is asked whether it is required, who told is one of those who selected it.
pub(super) const fn nla(asks_all: bool) -> &'static str {
    if asks_all { "nla" } else { "CASE WHEN nla IN ('required', 'offered') THEN 'selected' ELSE nla END" }
}

fn causes(file: &File, run: i64) -> Result<Vec<CauseCount>, HistoryError> {
    let sql = format!(
        "SELECT cause, count(*), sum(standing = 'confirmed'), sum(standing = 'likely') FROM scanned
         WHERE run = ?1 AND cause IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST}"
    );
    let mut statement = file.prepare(&sql)?;
    let rows = statement.query_map([run], |row| {
        let id: String = row.get(0)?;
        Ok(CauseCount {
            title: catalogue::all().iter().find(|cause| cause.id == id).map(|cause| cause.title.clone()),
            id,
            hosts: count(row.get(1)?),
            confirmed: count(row.get::<_, Option<i64>>(2)?.unwrap_or(0)),
            likely: count(row.get::<_, Option<i64>>(3)?.unwrap_or(0)),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn stages(file: &File, run: i64) -> Result<Vec<Count>, HistoryError> {
    let mut stages = counts(file, run, "stage")?;
    let place = |word: &str| Stage::ALL.iter().position(|stage| stage.word() == word).unwrap_or(usize::MAX);
    stages.sort_by_key(|it| place(&it.value));
    Ok(stages)
}

/// Each expectation of every list of those missed, the most frequent first.
fn missed(file: &File, run: i64) -> Result<Vec<Count>, HistoryError> {
    let lists = counts(file, run, "missed")?;
    let mut missed: BTreeMap<&str, u64> = BTreeMap::new();
    for list in &lists {
        for expectation in list.value.split(BETWEEN_EXPECTATIONS) {
            *missed.entry(expectation).or_default() += list.hosts;
        }
    }
    let mut missed: Vec<Count> =
        missed.into_iter().map(|(value, hosts)| Count { value: value.to_owned(), hosts }).collect();
    missed.sort_by_key(|it| Reverse(it.hosts));
    Ok(missed)
}

/// Each version of every list of versions.
fn tls_versions(file: &File, run: i64) -> Result<Posture, HistoryError> {
    let lists = posture(file, run, "tls_versions")?;
    let mut versions: BTreeMap<&str, u64> = BTreeMap::new();
    for list in &lists.counts {
        for version in list.value.split(BETWEEN_VERSIONS).filter(|version| !version.is_empty()) {
            *versions.entry(version).or_default() += list.hosts;
        }
    }
    let counts = versions.into_iter().map(|(version, hosts)| Count { value: version.to_owned(), hosts });
    Ok(Posture { known: lists.known, counts: counts.collect() })
}

fn certificates(file: &File, run: i64, now: Timestamp) -> Result<Certificates, HistoryError> {
    let now_us = now.as_microsecond();
    let mut weeks: Vec<Week> = Vec::with_capacity(WEEKS);
    for week in (0..).take(WEEKS) {
        weeks.push(Week { from: timestamp(now_us.saturating_add(WEEK_US.saturating_mul(week)))?, hosts: 0 });
    }
    let mut certificates = Certificates { weeks, ..Certificates::default() };
    // Whole weeks from now; -1 for what is over, so many as are shown for what is later.
    let sql = "SELECT CASE WHEN certificate_end_us IS NULL THEN NULL WHEN certificate_end_us < ?2 THEN -1
                   ELSE min((certificate_end_us - ?2) / ?3, ?4) END, count(*)
               FROM scanned WHERE run = ?1 GROUP BY 1";
    let mut statement = file.prepare(sql)?;
    let mut rows =
        statement.query(params![run, now_us, WEEK_US, i64::try_from(WEEKS).unwrap_or(i64::MAX)])?;
    while let Some(row) = rows.next()? {
        let hosts = count(row.get(1)?);
        let Some(week) = row.get::<_, Option<i64>>(0)? else {
            certificates.unseen = hosts;
            continue;
        };
        match usize::try_from(week) {
            Err(_) => certificates.expired = hosts,
            Ok(week) => match certificates.weeks.get_mut(week) {
                Some(week) => week.hosts = hosts,
                None => certificates.later = hosts,
            },
        }
    }
    Ok(certificates)
}

fn builds(file: &File, run: i64, now: Timestamp) -> Result<Vec<BuildCount>, HistoryError> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut builds: Vec<(Vec<u32>, BuildCount)> = counts(file, run, "build")?
        .into_iter()
        .map(|it| {
            let numbers: Vec<u32> = it.value.split('.').map_while(|part| part.parse().ok()).collect();
            let number = numbers.last().and_then(|build| u16::try_from(*build).ok());
            let products = number.map_or(&[][..], windows::lifecycle);
            let count = BuildCount {
                product: number.and_then(windows::product).map(str::to_owned),
                support: support(products, today),
                until: products.iter().map(ToString::to_string).collect(),
                build: it.value,
                hosts: it.hosts,
            };
            (numbers, count)
        })
        .collect();
    builds.sort_by(|one, other| other.0.cmp(&one.0));
    Ok(builds.into_iter().map(|(_, count)| count).collect())
}

fn support(products: &[Lifecycle], today: jiff::civil::Date) -> Support {
    let mended = products.iter().filter(|product| product.until() >= today).count();
    match (products.len(), mended) {
        (0, _) => Support::Unknown,
        (all, mended) if all == mended => Support::Supported,
        (_, 0) if products.iter().any(|it| it.paid_until().is_some_and(|until| until >= today)) => {
            Support::PaidOnly
        }
        (_, 0) => Support::Ended,
        _ => Support::SomeEditions,
    }
}

fn connects(file: &File, run: i64) -> Result<Option<Connects>, HistoryError> {
    const ANSWERED: &str = "run = ?1 AND connect_us IS NOT NULL";
    let all: i64 =
        file.query_row(&format!("SELECT count(*) FROM scanned WHERE {ANSWERED}"), [run], |row| row.get(0))?;
    if all == 0 {
        return Ok(None);
    }
    let sql = format!("SELECT connect_us FROM scanned WHERE {ANSWERED} ORDER BY 1 LIMIT 1 OFFSET ?2");
    let at = |place: i64| file.query_row(&sql, params![run, place.clamp(0, all - 1)], |row| row.get(0));
    Ok(Some(Connects {
        hosts: count(all),
        p50_us: count(at(all / 2)?),
        p99_us: count(at(all.saturating_mul(99) / 100)?),
        max_us: count(at(all - 1)?),
    }))
}

/// A time of the file.
fn timestamp(us: i64) -> Result<Timestamp, HistoryError> {
    Timestamp::from_microsecond(us).map_err(|_| HistoryError::Damaged(format!("{us} µs is no time")))
}

/// A number of the file that cannot be negative, unless somebody made it so.
pub(super) fn count(kept: i64) -> u64 {
    u64::try_from(kept).unwrap_or(0)
}
