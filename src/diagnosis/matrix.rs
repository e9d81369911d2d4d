//! The negotiation matrix read as a whole: what a client ends up with. Never from one offer alone.

use crate::evidence::negotiate::Answer;
use crate::evidence::{MatrixRow, Route};
use crate::wire::codes::negotiation::{FailureCode, Protocol};

const SSL: u32 = Protocol::SSL.0;
const HYBRID_BITS: u32 = Protocol::HYBRID.0 | Protocol::HYBRID_EX.0;

/// What a client that offers everything ends up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The server selected this protocol.
    Selected(Protocol),
    /// The server answers without negotiating; whether it takes standard RDP security, only MCS can tell.
    NoNegotiation,
}

/// The first row's selection; where that row has none, what a client falls back to: TLS before standard RDP security.
pub(crate) fn choice(route: &Route) -> Option<Choice> {
    let first = route.negotiate.first().and_then(choice_of);
    let over_tls = || route.negotiate.iter().filter_map(choice_of).find(|choice| is_over_tls(*choice));
    first.or_else(over_tls).or_else(|| route.negotiate.iter().find_map(choice_of))
}

/// What one row selects. A selection outside the request is none: no client goes on from it.
pub(crate) fn choice_of(row: &MatrixRow) -> Option<Choice> {
    match answer(row)? {
        Answer::Response { selected_protocol, .. } if is_within(row, *selected_protocol) => {
            Some(Choice::Selected(*selected_protocol))
        }
        Answer::Response { .. } | Answer::Failure { .. } => None,
        Answer::None => Some(Choice::NoNegotiation),
    }
}

/// Whether the choice leads to a TLS handshake.
pub(super) fn is_over_tls(choice: Choice) -> bool {
    matches!(choice, Choice::Selected(protocol) if protocol != Protocol::RDP)
}

/// Whether the choice leads to CredSSP.
pub(super) fn is_hybrid(choice: Choice) -> bool {
    matches!(choice, Choice::Selected(protocol) if protocol.0 & HYBRID_BITS != 0)
}

/// Standard RDP security is always within: xrdp, asked for TLS, selects 0.
fn is_within(row: &MatrixRow, selected: Protocol) -> bool {
    selected == Protocol::RDP || row.requested_protocols & selected.0 == selected.0
}

pub(super) fn answer(row: &MatrixRow) -> Option<&Answer> {
    row.reply.seen().map(|reply| &reply.answer)
}

pub(super) fn selected(row: &MatrixRow) -> Option<Protocol> {
    match answer(row)? {
        Answer::Response { selected_protocol, .. } => Some(*selected_protocol),
        Answer::Failure { .. } | Answer::None => None,
    }
}

pub(super) fn refusal(row: &MatrixRow) -> Option<FailureCode> {
    match answer(row)? {
        Answer::Failure { failure_code } => Some(*failure_code),
        Answer::Response { .. } | Answer::None => None,
    }
}

/// Whether the row offers TLS, alone or among others.
pub(super) const fn offers_tls(row: &MatrixRow) -> bool {
    row.requested_protocols & SSL != 0
}

/// Whether the row offers NLA.
pub(super) const fn offers_nla(row: &MatrixRow) -> bool {
    row.requested_protocols & HYBRID_BITS != 0
}

/// Whether the row asks for TLS and nothing else, in the plain way.
pub(super) const fn asks_tls_only(row: &MatrixRow) -> bool {
    row.requested_protocols == SSL && !row.restricted_admin
}

/// Whether the row asks for standard RDP security.
pub(super) const fn asks_standard(row: &MatrixRow) -> bool {
    row.requested_protocols == Protocol::RDP.0
}

/// Whether some row of the route selects a protocol over TLS.
pub(super) fn selects_over_tls(route: &Route) -> bool {
    route.negotiate.iter().filter_map(choice_of).any(is_over_tls)
}
