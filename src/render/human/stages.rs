//! The stage table: what was tried, in the order of the flow; one line an address where there are several.

use std::io;

use super::layout::{Cell, Page, Paint};
use super::server::older_than_library;
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::resolve::{ResolvedAddress, Scope, Source};
use crate::evidence::{
    Answer, Challenge, Connected, Evidence, Failure, Handshake, MatrixRow, Millis, Outcome, Resolution,
    Route, Stage, StandardSecurity, Step,
};
use crate::render::words::{
    because_text, coded, failure_text, ms, record_of, record_word, scope_word, source_word, stage_word,
    standard_certificate_text,
};
use crate::report::Report;

/// How many addresses one screen shows.
const ADDRESSES_SHOWN: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    Failed,
    /// Something answered, though not all that was asked.
    Partly,
    Skipped,
}

struct Row {
    status: Status,
    label: &'static str,
    detail: String,
    elapsed: Option<Millis>,
}

/// Writes the table: every stage of one route, or one line for each of several.
pub(super) fn table(report: &Report, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let evidence = &report.evidence;
    let failing = report.diagnosis.failing_stage;
    write(&resolve_row(evidence), page)?;
    match evidence.routes.as_slice() {
        [] => without_routes(evidence, page),
        [route] => write_all(&rows(route, failing), page),
        routes => several(routes, failing, verbose, page),
    }
}

fn without_routes(evidence: &Evidence, page: &mut Page<'_>) -> io::Result<()> {
    let rows: Vec<Row> = Stage::ALL
        .iter()
        .skip(1)
        .map(|stage| {
            let asked = *stage <= evidence.depth;
            let detail = if asked { "not tried: there is no address" } else { "not asked for" };
            Row::new(Status::Skipped, stage_word(*stage), detail.to_owned(), None)
        })
        .collect();
    write_all(&rows, page)
}

/// Writes the rows; stages that were left out for the same reason share one.
fn write_all(rows: &[Row], page: &mut Page<'_>) -> io::Result<()> {
    let same = |one: &Row, other: &Row| {
        one.status == Status::Skipped && other.status == Status::Skipped && one.detail == other.detail
    };
    for group in rows.chunk_by(same) {
        match group {
            [first, _, ..] => {
                let labels: Vec<&str> = group.iter().map(|row| row.label).collect();
                let lead = [
                    Cell { text: "", columns: 2, paint: Paint::Plain },
                    Cell { text: "-", columns: 8, paint: Paint::Dim },
                ];
                page.row(&lead, &format!("{}  {}", labels.join(", "), first.detail), "")?;
            }
            few => few.iter().try_for_each(|row| write(row, page))?,
        }
    }
    Ok(())
}

fn write(row: &Row, page: &mut Page<'_>) -> io::Result<()> {
    let (paint, word) = match row.status {
        Status::Ok => (Paint::Good, "ok"),
        Status::Failed => (Paint::Bad, "FAILED"),
        Status::Partly => (Paint::Doubt, "partly"),
        Status::Skipped => (Paint::Dim, "-"),
    };
    let lead = [
        Cell { text: "", columns: 2, paint: Paint::Plain },
        Cell { text: word, columns: 8, paint },
        Cell {
            text: row.label,
            columns: 11,
            paint: if row.status == Status::Failed { paint } else { Paint::Plain },
        },
    ];
    page.row(&lead, &row.detail, &row.elapsed.map(ms).unwrap_or_default())
}

/// One line an address: failing ones first, each with the stage that failed or the last that went well.
fn several(routes: &[Route], failing: Option<Stage>, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let mut lines: Vec<Row> = routes.iter().map(|route| one_line(route, failing)).collect();
    lines.sort_by_key(|row| row.status == Status::Ok);
    let shown = if verbose || lines.len() <= ADDRESSES_SHOWN { lines.len() } else { ADDRESSES_SHOWN };
    let (shown, rest) = lines.split_at(shown);
    shown.iter().try_for_each(|row| write(row, page))?;
    if !rest.is_empty() {
        let fate = match rest.iter().filter(|row| row.status != Status::Ok).count() {
            0 => "all ok".to_owned(),
            others => format!("{others} of them not ok"),
        };
        page.text(10, Paint::Plain, &format!("and {} more addresses, {fate}: -v shows them", rest.len()))?;
    }
    Ok(())
}

/// The stage that failed, or the last that went well.
fn one_line(route: &Route, failing: Option<Stage>) -> Row {
    let rows = rows(route, failing);
    let told = rows
        .iter()
        .find(|row| row.status == Status::Failed)
        .or_else(|| rows.iter().rfind(|row| row.status != Status::Skipped))
        .or_else(|| rows.first());
    let (status, label) = told.map_or((Status::Skipped, ""), |row| (row.status, row.label));
    match (told, route.connect.seen()) {
        (Some(row), _) if status != Status::Ok => {
            Row::new(status, label, format!("{}: {}", route.address.ip(), row.detail), row.elapsed)
        }
        (_, Some(connected)) => Row::new(status, label, connected_text(route, connected), None),
        (_, None) => Row::new(status, label, route.address.to_string(), None),
    }
}

/// The stages of one route after resolving. `failing` is where the diagnosis says that it failed.
fn rows(route: &Route, failing: Option<Stage>) -> Vec<Row> {
    let row = main_row(route, failing);
    let failed = failed_stage(route, row);
    let mut rows = vec![connect_row(route), negotiate_row(route, row)];
    if route.standard_security.ran() && !route.handshake.ran() {
        rows.push(mcs_row(route, failed));
    }
    rows.push(tls_row(route, failed));
    rows.push(nla_row(route, failed));
    rows
}

/// The first stage of a route that failed.
fn failed_stage(route: &Route, row: Option<&MatrixRow>) -> Option<Stage> {
    if route.connect.failure().is_some() {
        Some(Stage::Connect)
    } else if !row.is_none_or(answered) {
        Some(Stage::Negotiate)
    } else if route.handshake.failure().is_some() {
        Some(Stage::Tls)
    } else {
        None
    }
}

fn answered(row: &MatrixRow) -> bool {
    row.reply.seen().is_some_and(|reply| !matches!(reply.answer, Answer::Failure { .. }))
}

/// The request to show: the first that did not go well where the negotiation is what failed,
/// else the first that was answered, else the first that was refused, else the first.
fn main_row(route: &Route, failing: Option<Stage>) -> Option<&MatrixRow> {
    let rows = || route.negotiate.iter();
    let trouble = rows().find(|row| failing == Some(Stage::Negotiate) && !answered(row));
    trouble
        .or_else(|| rows().find(|row| answered(row)))
        .or_else(|| rows().find(|row| row.reply.seen().is_some()))
        .or_else(|| rows().next())
}

impl Row {
    fn new(status: Status, label: &'static str, detail: String, elapsed: Option<Millis>) -> Self {
        Self { status, label, detail, elapsed }
    }

    fn of<T>(
        step: &Step<T>,
        label: &'static str,
        text: impl Fn(&T) -> String,
        failed: Option<Stage>,
    ) -> Self {
        match &step.outcome {
            Outcome::Seen(value) => Self::new(Status::Ok, label, text(value), Some(step.elapsed_ms)),
            Outcome::Failed(failure) => {
                let status = if *failure == Failure::Interrupted { Status::Skipped } else { Status::Failed };
                Self::new(status, label, failure_text(failure), Some(step.elapsed_ms))
            }
            Outcome::Skipped(because) => {
                Self::new(Status::Skipped, label, because_text(*because, failed), None)
            }
        }
    }
}

fn resolve_row(evidence: &Evidence) -> Row {
    let mut row = Row::of(&evidence.resolve, stage_word(Stage::Resolve), resolution_text, None);
    if evidence.resolve.seen().is_some_and(|resolution| resolution.source == Source::Literal) {
        row.elapsed = None;
    }
    row
}

fn resolution_text(resolution: &Resolution) -> String {
    let addresses: Vec<String> =
        resolution.addresses.iter().map(|address| address_text(address, resolution.source)).collect();
    let answered = resolution.families.iter().filter_map(|family| family.step.seen());
    let answered = usize::try_from(answered.fold(0, |sum: u32, count| sum.saturating_add(*count)));
    let addresses = match addresses.len() {
        ..=4 => addresses.join(", "),
        kept if answered.is_ok_and(|answered| answered > kept) => {
            format!("{kept} of {} addresses", answered.unwrap_or(kept))
        }
        kept => format!("{kept} addresses"),
    };
    let families = resolution.families.iter().filter_map(|family| match family.step.failure() {
        None | Some(Failure::NoAddress { .. }) => None,
        Some(failure) => Some(format!("{} record: {}", record_word(family.record), failure_text(failure))),
    });
    std::iter::once(addresses).chain(families).collect::<Vec<_>>().join("; ")
}

fn address_text(address: &ResolvedAddress, source: Source) -> String {
    let mut notes = match source {
        Source::Dns => vec![record_word(record_of(address.address)).to_owned()],
        Source::HostsFile | Source::Literal => vec![source_word(source).to_owned()],
    };
    notes.extend(address.ttl_s.map(|ttl| format!("ttl {ttl} s")));
    if address.scope != Scope::Public {
        notes.push(scope_word(address.scope).to_owned());
    }
    format!("{} ({})", address.address, notes.join(", "))
}

fn connect_row(route: &Route) -> Row {
    Row::of(&route.connect, stage_word(Stage::Connect), |connected| connected_text(route, connected), None)
}

fn connected_text(route: &Route, connected: &Connected) -> String {
    let mut parts = vec![route.address.to_string()];
    parts.extend(connected.rtt_ms.map(|rtt| format!("round trip {}", ms(rtt))));
    match connected.syn_retransmits {
        None | Some(0) => {}
        Some(1) => parts.push("SYN sent again once".to_owned()),
        Some(times) => parts.push(format!("SYN sent again {times} times")),
    }
    parts.join(", ")
}

fn negotiate_row(route: &Route, row: Option<&MatrixRow>) -> Row {
    let label = stage_word(Stage::Negotiate);
    let Some(row) = row else {
        let because = match &route.connect.outcome {
            Outcome::Seen(_) => "not asked for".to_owned(),
            Outcome::Failed(_) => {
                because_text(crate::evidence::Because::EarlierStageFailed, Some(Stage::Connect))
            }
            Outcome::Skipped(because) => because_text(*because, None),
        };
        return Row::new(Status::Skipped, label, because, None);
    };
    let failed = route.connect.failure().map(|_| Stage::Connect);
    let mut shown =
        Row::of(&row.reply, label, |reply| answer_text(&reply.answer, row.verdict, false), failed);
    match row.verdict {
        RowVerdict::Refused => shown.status = Status::Failed,
        RowVerdict::OutsideRequest => shown.status = Status::Partly,
        RowVerdict::Offered | RowVerdict::Downgraded | RowVerdict::NoNegotiation | RowVerdict::Unknown => {}
    }
    if let Some(first) = route.negotiate.first().filter(|first| !std::ptr::eq(*first, row)) {
        let asked = if row.cookie.is_none() && first.cookie.is_some() {
            "without the cookie"
        } else {
            "to a second request"
        };
        shown.detail = format!("{}; only {asked}, the first got: {}", shown.detail, first_answer(first));
    }
    shown
}

fn mcs_row(route: &Route, failed: Option<Stage>) -> Row {
    let mut shown = Row::of(&route.standard_security, "mcs", standard_text, failed);
    if route.standard_security.seen().is_some_and(|standard| standard.mcs_result != 0) {
        shown.status = Status::Failed;
    }
    shown
}

fn first_answer(row: &MatrixRow) -> String {
    match &row.reply.outcome {
        Outcome::Seen(reply) => answer_text(&reply.answer, row.verdict, false),
        Outcome::Failed(failure) => failure_text(failure),
        Outcome::Skipped(because) => because_text(*because, None),
    }
}

/// What the server said to one request; `meaning`: with the meaning of what it selected.
pub(super) fn answer_text(answer: &Answer, verdict: RowVerdict, meaning: bool) -> String {
    match answer {
        Answer::Response { selected_protocol, .. } => {
            let selected = match selected_protocol.meaning().filter(|_| meaning) {
                Some(meaning) => format!("server selected {selected_protocol}: {meaning}"),
                None => format!("server selected {selected_protocol}"),
            };
            match verdict {
                RowVerdict::Downgraded => format!("{selected}, instead of what was asked for"),
                RowVerdict::OutsideRequest => format!("{selected}, which was not asked for"),
                _ => selected,
            }
        }
        Answer::Failure { failure_code: code } => {
            coded("refused: ", code.name(), code.0.into(), code.meaning())
        }
        Answer::None => "server does not negotiate: standard RDP security assumed".to_owned(),
    }
}

fn tls_row(route: &Route, failed: Option<Stage>) -> Row {
    let mut row = Row::of(&route.handshake, stage_word(Stage::Tls), handshake_text, failed);
    if older_than_library(route) {
        row.status = Status::Partly;
        "the server is older than the TLS library here; TLS and Cert below are from its clear flight"
            .clone_into(&mut row.detail);
    } else if route.certificate.failure().is_some() {
        row.status = Status::Failed;
        row.detail.push_str("; the certificate cannot be read");
    }
    row
}

fn nla_row(route: &Route, failed: Option<Stage>) -> Row {
    let text = |_: &Challenge| "NTLM challenge received, no logon attempted".to_owned();
    let mut row = Row::of(&route.credssp, stage_word(Stage::Credssp), text, failed);
    if older_than_library(route) && !route.credssp.ran() {
        "not tried: the TLS library here cannot finish this TLS".clone_into(&mut row.detail);
    }
    row
}

/// Version and suite of a finished handshake.
pub(super) fn handshake_text(handshake: &Handshake) -> String {
    format!("{}, {}", handshake.version, handshake.cipher_suite)
}

/// What MCS Connect told.
pub(super) fn standard_text(standard: &StandardSecurity) -> String {
    let mut parts = Vec::new();
    if standard.mcs_result != 0 {
        parts.push(format!("refused by MCS with result {}", standard.mcs_result));
    }
    parts.extend(standard.encryption_method.map(|method| format!("encryption {method}")));
    parts.extend(standard.encryption_level.map(|level| format!("level {level}")));
    parts.extend(standard.certificate.map(|kind| standard_certificate_text(kind).to_owned()));
    if parts.is_empty() { "MCS answered, without security data".to_owned() } else { parts.join(", ") }
}
