//! x224.*, mcs.*: the negotiation matrix and standard RDP security.

use super::{Notes, bytes, duration, silence};
use crate::diagnosis::matrix;
use crate::evidence::negotiate::Answer;
use crate::evidence::{Failure, HexBytes, MatrixRow, Outcome, Reply, Route, StandardSecurity};
use crate::wire::codes::negotiation::{FailureCode, Protocol};

pub(super) fn observe(route: &Route, notes: &mut Notes) {
    let answered = matrix::choice(route).is_some();
    for (index, row) in route.negotiate.iter().enumerate() {
        match &row.reply.outcome {
            Outcome::Seen(reply) => seen(route, row, reply, (index == 0, answered), notes),
            Outcome::Failed(failure) => failed(row, failure, answered, notes),
            Outcome::Skipped(_) => {}
        }
    }
    match &route.standard_security.outcome {
        Outcome::Seen(security) => standard(security, notes),
        Outcome::Failed(failure) => standard_failed(failure, notes),
        Outcome::Skipped(_) => {}
    }
}

fn seen(route: &Route, row: &MatrixRow, reply: &Reply, (first, answered): (bool, bool), notes: &mut Notes) {
    if first {
        notes
            .add(format!("x224.src-ref.{:04x}", reply.src_ref), format!("SRC-REF is {:#06x}", reply.src_ref));
    }
    let asked = asked(row);
    match &reply.answer {
        Answer::Response { selected_protocol, flags, .. } => {
            let fact = format!("asked for {asked}, the server selected {selected_protocol}");
            if matrix::choice_of(row).is_none() {
                let id = if answered { "x224.row-odd" } else { "x224.contradiction" };
                notes.add(id, fact);
                return;
            }
            let downgraded = row.requested_protocols != 0 && *selected_protocol == Protocol::RDP;
            // Where another offer leads to TLS, this one was only too small.
            if downgraded && !matrix::selects_over_tls(route) {
                notes.add("x224.downgraded", fact.clone());
            }
            notes.add(format!("x224.sel.{}", selected_protocol.0), fact);
            notes.add(
                format!("x224.flags.{flags:02x}"),
                format!("the flag byte of the answer is {flags:#04x}"),
            );
        }
        Answer::Failure { failure_code } => refused(route, row, *failure_code, notes),
        Answer::None => {
            notes.add(
                "x224.legacy-cc",
                format!("asked for {asked}, the server confirmed without negotiating"),
            );
        }
    }
}

/// A refusal counts for the whole server only where no other row contradicts it.
fn refused(route: &Route, row: &MatrixRow, code: FailureCode, notes: &mut Notes) {
    let fact = format!("asked for {}, the server refused: {code}", asked(row));
    let demands_what_is_offered = match code {
        FailureCode::SSL_REQUIRED => matrix::offers_tls(row) && matrix::offers_nla(row),
        FailureCode::HYBRID_REQUIRED => matrix::offers_tls(row) && matrix::offers_nla(row),
        _ => false,
    };
    let over_tls = matrix::selects_over_tls(route);
    if demands_what_is_offered && !over_tls {
        notes.add("x224.contradiction", fact);
        return;
    }
    let rare = !(matrix::asks_standard(row) || matrix::offers_tls(row)) || row.restricted_admin;
    let contradicted =
        over_tls && matches!(code, FailureCode::SSL_NOT_ALLOWED | FailureCode::SSL_CERT_NOT_ON_SERVER);
    if rare || contradicted || demands_what_is_offered {
        notes.add("x224.row-refused", fact);
    } else {
        notes.add(format!("x224.negfail.{}", code.0), fact);
    }
}

fn failed(row: &MatrixRow, failure: &Failure, answered: bool, notes: &mut Notes) {
    let asked = asked(row);
    if notes.add_own_side(&format!("asking for {asked}"), failure) {
        return;
    }
    let (id, what) = match failure {
        // The connection of the row itself did not come about: that is the connect stage's to tell.
        _ if row.connect_ms.is_none() && notes.has("tcp.flap") => return,
        Failure::TimedOut { after_ms, bytes_read } => ("x224.silent", silence(*after_ms, *bytes_read)),
        Failure::Reset { bytes_read } => {
            ("x224.reset", format!("the server reset after {}", bytes(*bytes_read)))
        }
        Failure::Closed { bytes_read } => {
            ("x224.eof", format!("the server closed after {}", bytes(*bytes_read)))
        }
        Failure::NotRdp { looks_like, bytes } => (
            "x224.not-rdp",
            format!("{} answers, its first bytes are {}", looks_like.word(), beginning(bytes)),
        ),
        Failure::Disconnected { bytes, .. } => ("x224.disconnect", format!("the server ended MCS: {bytes}")),
        Failure::Malformed { detail, .. } => ("x224.malformed", detail.clone()),
        Failure::TooMuch { limit_bytes } => ("x224.malformed", format!("more than {}", bytes(*limit_bytes))),
        // Nothing else belongs to this stage; that it is here at all is worth a line.
        _ => ("x224.malformed", "the answer was of no use".to_owned()),
    };
    let id = if answered { "x224.row-failed" } else { id };
    notes.add(id, format!("asked for {asked}: {what}"));
}

fn standard(security: &StandardSecurity, notes: &mut Notes) {
    if security.mcs_result != 0 {
        notes.add("mcs.refused", format!("MCS Connect Response with result {}", security.mcs_result));
        return;
    }
    notes.add("mcs.ok", "MCS Connect Response with result 0");
    if let Some(method) = security.encryption_method {
        notes.add(format!("mcs.method.{:x}", method.0), format!("encryption method {method}"));
    }
    if let Some(level) = security.encryption_level {
        notes.add(format!("mcs.level.{}", level.0), format!("encryption level {level}"));
    }
}

fn standard_failed(failure: &Failure, notes: &mut Notes) {
    if notes.add_own_side("asking for standard RDP security", failure) {
        return;
    }
    let fact = match failure {
        Failure::Disconnected { bytes, .. } => {
            format!("MCS Connect Initial answered by a disconnect: {bytes}")
        }
        Failure::TimedOut { after_ms, .. } => {
            format!("MCS Connect Initial unanswered for {}", duration(*after_ms))
        }
        Failure::Reset { .. } => "MCS Connect Initial answered by a reset".to_owned(),
        Failure::Closed { .. } => "MCS Connect Initial answered by a close".to_owned(),
        Failure::Malformed { detail, .. } => format!("MCS Connect Initial: {detail}"),
        _ => "MCS Connect Initial got no useful answer".to_owned(),
    };
    notes.add("mcs.failed", fact);
}

/// The protocols that a row asks for, by name, with what else sets the row apart.
fn asked(row: &MatrixRow) -> String {
    let names: Vec<String> = row.requested.iter().map(ToString::to_string).collect();
    let names = if names.is_empty() { format!("{:#x}", row.requested_protocols) } else { names.join(" + ") };
    if row.restricted_admin { format!("{names} in restricted admin mode") } else { names }
}

/// The first bytes in hex: enough to know them again; the evidence has more.
fn beginning(bytes: &HexBytes) -> String {
    const SHOWN: usize = 16;
    let shown = HexBytes(bytes.0.iter().take(SHOWN).copied().collect());
    if bytes.0.len() > SHOWN { format!("{shown}...") } else { shown.to_string() }
}
