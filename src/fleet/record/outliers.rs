//! Hosts that differ from their fleet, or share what should be one machine's own.

use rusqlite::params;

use super::File;
use super::census::{count, nla};
use crate::fleet::survey::{Connects, Example, Outlier, OutlierKind};
use crate::monitor::history::HistoryError;

/// Below so many hosts that showed a value nobody is the odd one out.
const LEAST_FLEET: u64 = 10;

/// So many outliers of a kind, and hosts of an outlier, are shown.
const SHOWN: usize = 10;

/// Beyond this Kerberos refuses by default ([RFC 4120] 5.2.7.2 leaves the number to policy, Windows has five minutes).
const CLOCK_US: i64 = 5 * 60 * 1_000_000;

/// A connect is slow if it took so many times the median and so many microseconds more.
const SLOW_TIMES: u64 = 10;
const SLOW_US: u64 = 50_000;

/// The columns that a whole probe of every host fills.
const OF_ALL: [(OutlierKind, &str); 2] =
    [(OutlierKind::StandardRdp, "standard"), (OutlierKind::TlsVersions, "tls_versions")];

/// The other columns of which most hosts of a fleet have one value.
const ALIKE: [(OutlierKind, &str); 4] = [
    (OutlierKind::Build, "build"),
    (OutlierKind::Domain, "domain"),
    // A machine that made its certificate is the issuer itself: all of them differ.
    (OutlierKind::Issuer, "CASE self_issued WHEN 0 THEN issuer END"),
    (
        OutlierKind::SelfIssued,
        "CASE self_issued WHEN 1 THEN 'self-issued' WHEN 0 THEN 'issued by another' END",
    ),
];

/// Every kind of outlier, in the order of [`OutlierKind`]; `asks_all` is whether every host was asked for everything.
pub(super) fn all(
    file: &File,
    run: i64,
    asks_all: bool,
    connect: Option<&Connects>,
) -> Result<Vec<Outlier>, HistoryError> {
    let mut outliers = Vec::new();
    let of_all = if asks_all { &OF_ALL[..] } else { &[] };
    for (kind, value) in [(OutlierKind::Nla, nla(asks_all))].iter().chain(of_all).chain(&ALIKE) {
        outliers.extend(rare(file, run, *kind, value)?);
    }
    // The name tells machines apart where there is one, else the address.
    let machine = "coalesce(computer || '.' || coalesce(domain, ''), address)";
    outliers.extend(shared(file, run, OutlierKind::SameCertificate, "thumbprint", machine)?);
    let named = "CASE WHEN computer <> '' THEN computer END";
    outliers.extend(shared(file, run, OutlierKind::SameComputer, named, "address")?);
    outliers.extend(extreme(file, run, OutlierKind::Clock, "abs(skew_us)", "skew_us", CLOCK_US)?);
    if let Some(connect) = connect {
        let slow = connect.p50_us.saturating_mul(SLOW_TIMES).max(connect.p50_us.saturating_add(SLOW_US));
        let slow = i64::try_from(slow).unwrap_or(i64::MAX);
        outliers.extend(extreme(file, run, OutlierKind::SlowConnect, "connect_us", "connect_us", slow)?);
    }
    Ok(outliers)
}

/// Values that at most one host in fifty has, where at least half of the hosts have one and the same.
fn rare(file: &File, run: i64, kind: OutlierKind, value: &str) -> Result<Vec<Outlier>, HistoryError> {
    let known = format!("FROM scanned WHERE run = ?1 AND {value} IS NOT NULL");
    let all: i64 = file.query_row(&format!("SELECT count(*) {known}"), [run], |row| row.get(0))?;
    if count(all) < LEAST_FLEET {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT {value}, count(*) {known} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 1");
    let (usual, most): (String, i64) = file.query_row(&sql, [run], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if most.saturating_mul(2) < all {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT {value}, count(*) {known} GROUP BY 1 HAVING count(*) <= max(1, ?2 / 50) AND {value} <> ?3
         ORDER BY 2, 1 LIMIT {SHOWN}"
    );
    let mut statement = file.prepare(&sql)?;
    let mut rows = statement.query(params![run, all, usual])?;
    let mut outliers = Vec::new();
    while let Some(row) = rows.next()? {
        let usual = Some(usual.clone());
        outliers.push(Outlier { usual, ..of_value(file, run, kind, value, row)? });
    }
    Ok(outliers)
}

/// Values that belong to one machine, and that several show.
fn shared(
    file: &File,
    run: i64,
    kind: OutlierKind,
    value: &str,
    apart: &str,
) -> Result<Vec<Outlier>, HistoryError> {
    let sql = format!(
        "SELECT {value}, count(*) FROM scanned WHERE run = ?1 AND {value} IS NOT NULL
         GROUP BY 1 HAVING count(DISTINCT {apart}) > 1 ORDER BY 2 DESC, 1 LIMIT {SHOWN}"
    );
    let mut statement = file.prepare(&sql)?;
    let mut rows = statement.query([run])?;
    let mut outliers = Vec::new();
    while let Some(row) = rows.next()? {
        outliers.push(of_value(file, run, kind, value, row)?);
    }
    Ok(outliers)
}

/// What a row of a value and how many hosts have it stands for.
fn of_value(
    file: &File,
    run: i64,
    kind: OutlierKind,
    value: &str,
    row: &rusqlite::Row<'_>,
) -> Result<Outlier, HistoryError> {
    let (has, hosts): (String, i64) = (row.get(0)?, row.get(1)?);
    let examples = examples(file, run, value, &has)?;
    Ok(Outlier { kind, examples, value: has, usual: None, hosts: count(hosts) })
}

/// The hosts whose number is beyond a limit, the furthest first, as one outlier.
fn extreme(
    file: &File,
    run: i64,
    kind: OutlierKind,
    size: &str,
    shown: &str,
    beyond: i64,
) -> Result<Option<Outlier>, HistoryError> {
    let those = format!("FROM scanned WHERE run = ?1 AND {size} > ?2");
    let hosts: i64 =
        file.query_row(&format!("SELECT count(*) {those}"), params![run, beyond], |row| row.get(0))?;
    if hosts == 0 {
        return Ok(None);
    }
    let sql =
        format!("SELECT position, target, {shown} {those} ORDER BY {size} DESC, position LIMIT {SHOWN}");
    let mut statement = file.prepare(&sql)?;
    let examples = statement.query_map(params![run, beyond], |row| {
        Ok(Example {
            position: count(row.get(0)?),
            target: row.get(1)?,
            value: Some(row.get::<_, i64>(2)?.to_string()),
        })
    })?;
    let examples = examples.collect::<Result<_, _>>()?;
    Ok(Some(Outlier { kind, value: beyond.to_string(), usual: None, hosts: count(hosts), examples }))
}

fn examples(file: &File, run: i64, column: &str, has: &str) -> Result<Vec<Example>, HistoryError> {
    let sql = format!(
        "SELECT position, target FROM scanned WHERE run = ?1 AND {column} = ?2 ORDER BY position LIMIT {SHOWN}"
    );
    let mut statement = file.prepare_cached(&sql)?;
    let rows = statement.query_map(params![run, has], |row| {
        Ok(Example { position: count(row.get(0)?), target: row.get(1)?, value: None })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
