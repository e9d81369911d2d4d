//! Which security a server offers, from the matrix as a whole: never from one offer when another contradicts it.

use super::{Nla, Posture, StandardRdp, Tls, matrix};
use crate::evidence::negotiate::Answer;
use crate::evidence::{Outcome, Route};
use crate::wire::codes::negotiation::{FailureCode, Protocol};

/// What the matrix and MCS Connect say of one address.
#[must_use]
pub fn posture(route: &Route) -> Posture {
    let tls = tls(route);
    Posture {
        address: route.address,
        nla: nla(route),
        tls,
        standard_rdp: standard(route, tls),
        negotiates: negotiates(route),
    }
}

/// A request for TLS alone (or for less) refused with HYBRID_REQUIRED_BY_SERVER says *required*,
/// unless the other of the two was taken all the same. RDSTLS and Entra ID authenticate as well, and say nothing here.
fn nla(route: &Route) -> Nla {
    let rows = &route.negotiate;
    let mut without = rows.iter().filter(|row| matrix::asks_tls_only(row) || matrix::asks_standard(row));
    let demanded = without.clone().any(|row| matrix::refusal(row) == Some(FailureCode::HYBRID_REQUIRED));
    let asked_without = without.clone().any(|row| row.reply.ran());
    let taken_without = without.any(|row| matrix::choice_of(row).is_some());
    if demanded && !taken_without {
        return Nla::Required;
    }
    if rows.iter().any(|row| matrix::offers_nla(row) && matrix::choice_of(row).is_some_and(matrix::is_hybrid))
    {
        return if asked_without { Nla::Offered } else { Nla::Selected };
    }
    let turned_down = rows.iter().filter(|row| matrix::offers_nla(row)).any(|row| {
        matrix::selected(row).is_some()
            || matches!(matrix::refusal(row), Some(FailureCode::SSL_REQUIRED | FailureCode::SSL_NOT_ALLOWED))
    });
    if turned_down { Nla::NotOffered } else { Nla::Unknown }
}

fn tls(route: &Route) -> Tls {
    let rows = &route.negotiate;
    if matrix::selects_over_tls(route) {
        return Tls::Offered;
    }
    let refused_with = |code| rows.iter().any(|row| matrix::refusal(row) == Some(code));
    if refused_with(FailureCode::SSL_CERT_NOT_ON_SERVER) {
        return Tls::Broken;
    }
    let turned_down = rows.iter().filter(|row| matrix::offers_tls(row)).any(|row| {
        matrix::selected(row) == Some(Protocol::RDP)
            || matrix::refusal(row) == Some(FailureCode::SSL_NOT_ALLOWED)
    });
    // Without negotiation a bare confirm says nothing until MCS has spoken.
    if turned_down || (negotiates(route) == Some(false) && mcs(route) == Some(true)) {
        return Tls::NotOffered;
    }
    // The codes that demand TLS or NLA say that TLS is there, though nothing selected it.
    let demanded =
        [FailureCode::SSL_REQUIRED, FailureCode::HYBRID_REQUIRED, FailureCode::SSL_WITH_USER_AUTH_REQUIRED];
    if demanded.into_iter().any(refused_with) { Tls::Offered } else { Tls::Unknown }
}

fn standard(route: &Route, tls: Tls) -> StandardRdp {
    let rows = &route.negotiate;
    let selected = rows.iter().any(|row| matrix::selected(row) == Some(Protocol::RDP));
    let bare = rows.iter().any(|row| matches!(matrix::answer(row), Some(Answer::None)));
    if selected || bare {
        return match mcs(route) {
            Some(false) => StandardRdp::Unknown,
            None if !selected => StandardRdp::Unknown,
            Some(true) | None if tls == Tls::NotOffered => StandardRdp::Only,
            Some(true) | None => StandardRdp::Allowed,
        };
    }
    let refused = rows.iter().filter(|row| matrix::asks_standard(row)).any(|row| {
        matches!(
            matrix::refusal(row),
            Some(
                FailureCode::SSL_REQUIRED
                    | FailureCode::SSL_CERT_NOT_ON_SERVER
                    | FailureCode::HYBRID_REQUIRED
                    | FailureCode::SSL_WITH_USER_AUTH_REQUIRED
            )
        )
    });
    if refused { StandardRdp::Refused } else { StandardRdp::Unknown }
}

/// Whether MCS Connect was accepted; null if nobody asked.
pub(super) fn mcs(route: &Route) -> Option<bool> {
    match &route.standard_security.outcome {
        Outcome::Seen(security) => Some(security.mcs_result == 0),
        Outcome::Failed(_) => Some(false),
        Outcome::Skipped(_) => None,
    }
}

fn negotiates(route: &Route) -> Option<bool> {
    let mut answers = route.negotiate.iter().filter_map(matrix::answer).peekable();
    answers.peek()?;
    Some(answers.any(|answer| !matches!(answer, Answer::None)))
}
