//! What was told of a target -> the columns of its row: those of the address that showed most.

use std::net::SocketAddr;

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::evidence::{Millis, Route};
use crate::fleet::scanned::Scanned;
use crate::monitor::history::HistoryError;
use crate::policy::Outcome;
use crate::policy::baseline::Shown;
use crate::report::Report;

/// What stands between two TLS versions in their column.
pub(super) const BETWEEN_VERSIONS: char = ',';

/// What stands between two expectations in their column: none of them has a comma.
pub(super) const BETWEEN_EXPECTATIONS: &str = ", ";

/// A row of `scanned`, before it is one.
pub(super) struct Columns<'a> {
    scanned: &'a Scanned,
    shown: Option<(&'a SocketAddr, &'a Shown)>,
    route: Option<&'a Route>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(scanned: &'a Scanned, report: &'a Report) -> Self {
        // Of several that showed as much the first one counts.
        let shown = scanned.addresses.iter().rev().max_by_key(|(_, shown)| shown_facts(shown));
        let route = report.evidence.routes.iter().find(|route| Some(&route.address) == shown.map(|it| it.0));
        Self { scanned, shown, route }
    }

    pub(super) fn insert(
        &self,
        connection: &Connection,
        run: i64,
        position: i64,
    ) -> Result<(), HistoryError> {
        let scanned = self.scanned;
        let first = scanned.causes.first();
        let shown = self.shown.map(|(_, shown)| shown);
        let certificate = shown.and_then(|shown| shown.certificate.as_ref());
        let self_issued =
            self.route.and_then(|route| route.certificate.seen()).map(|certificate| certificate.self_issued);
        let clock = self.route.and_then(|route| route.clock.as_ref());
        connection
            .prepare_cached(
                "INSERT OR REPLACE INTO scanned VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                 ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
            )?
            .execute(params![
                run,
                position,
                scanned.target,
                scanned.started_at.as_microsecond(),
                micros(scanned.elapsed_ms),
                word(&scanned.verdict),
                scanned.failing_stage.map(crate::evidence::Stage::word),
                first.map(|cause| &cause.id),
                first.and_then(|cause| word(&cause.standing)),
                scanned.result.as_ref().and_then(word),
                self.shown.map(|(address, _)| address.to_string()),
                scanned.connect_ms.map(micros),
                shown.and_then(|shown| shown.nla.as_ref()).and_then(word),
                shown.and_then(|shown| shown.standard.as_ref()).and_then(word),
                shown.and_then(|shown| shown.tls_versions.as_ref()).map(|versions| joined(versions)),
                certificate.map(|certificate| certificate.not_after.as_microsecond()),
                certificate.map(|certificate| &certificate.issuer),
                self_issued,
                certificate.map(|certificate| &certificate.thumbprint_sha256),
                shown.and_then(|shown| shown.build.as_ref()),
                shown.and_then(|shown| shown.name.as_ref()),
                shown.and_then(|shown| shown.domain.as_ref()),
                clock.map(|clock| micros(clock.skew_ms)),
                missed(scanned),
            ])?;
        Ok(())
    }
}

/// The expectations that it misses; none where it misses none.
fn missed(scanned: &Scanned) -> Option<String> {
    let judged = scanned.expectations.iter().filter(|judged| judged.outcome == Outcome::Missed);
    let missed: Vec<&str> = judged.map(|judged| judged.expectation.as_str()).collect();
    (!missed.is_empty()).then(|| missed.join(BETWEEN_EXPECTATIONS))
}

/// How much an address showed.
fn shown_facts(shown: &Shown) -> usize {
    [
        shown.protocol.is_some(),
        shown.certificate.is_some(),
        shown.name.is_some(),
        shown.build.is_some(),
        shown.nla.is_some(),
        shown.tls_versions.is_some(),
    ]
    .into_iter()
    .filter(|is| *is)
    .count()
}

/// The word for a value, as it stands in JSON.
pub(super) fn word<T: Serialize>(value: &T) -> Option<String> {
    serde_json::to_value(value).ok()?.as_str().map(str::to_owned)
}

pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn joined(versions: &[String]) -> String {
    versions.join(&BETWEEN_VERSIONS.to_string())
}

/// Milliseconds in whole microseconds.
fn micros(time: Millis) -> i64 {
    let micros = (time.0 * 1e3).round().clamp(-9e15, 9e15);
    #[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let whole = micros as i64;
    whole
}
