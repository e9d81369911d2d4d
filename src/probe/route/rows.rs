//! The connections beside the first: one question each.

use std::time::Duration;

use super::{Company, NoLine, Opened, Prober};
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{
    Answer, Because, Failure, MatrixRow, Millis, Outcome, Reply, ServerFlight, Stage, StandardSecurity, Step,
    VersionAttempt,
};
use crate::probe::negotiate::{self, Offer};
use crate::probe::talk::last_words;
use crate::probe::tls::version;
use crate::wire::codes::negotiation::Protocol;
use crate::wire::codes::tls::TlsVersion;
use crate::wire::tls::server_flight::Flight;

/// The question whether standard RDP security is allowed, and how strong it is.
pub(super) struct RdpRow {
    pub(super) row: Option<MatrixRow>,
    pub(super) security: Step<StandardSecurity>,
}

/// The question whether the server takes one TLS version.
pub(super) struct VersionRow {
    pub(super) attempt: VersionAttempt,
    pub(super) certificates: Vec<Vec<u8>>,
    /// Whether the server answered the Connection Request, so that TLS could be tried at all.
    pub(super) negotiated: bool,
    /// When the flight came, since the start of the probe.
    pub(super) received_at: Duration,
}

/// Whether any connection beside the first came about.
pub(super) fn any_connected(rows: &[Option<MatrixRow>], versions: &[Option<VersionRow>]) -> bool {
    rows.iter().flatten().any(|row| row.connect_ms.is_some())
        || versions.iter().flatten().any(|row| row.negotiated)
}

impl Prober<'_> {
    /// One request that only negotiates. `None`: to be repeated alone.
    pub(super) async fn matrix_row(&self, offer: Offer, company: Company) -> Option<MatrixRow> {
        let Opened { mut line, connect_ms, unanswered, _place } = match self.open(company).await {
            Ok(opened) => opened,
            Err(no_line) => return Some(offer.row(None, without_line(no_line)?)),
        };
        line.begin(self.plan.timeouts.negotiate);
        let reply = self.budget.step(negotiate::exchange(&mut line, &offer)).await;
        let reply = self.budget.as_it_came(reply, line.arrived());
        drop(unanswered);
        line.end(&last_words(&reply)).await;
        Some(offer.row(Some(connect_ms), reply))
    }

    /// Asks for standard RDP security alone and, where the server selects it, for its strength.
    pub(super) async fn rdp_row(&self, company: Company) -> Option<RdpRow> {
        if self.plan.depth < Stage::Negotiate {
            return Some(RdpRow { row: None, security: Step::skipped(Because::NotAsked) });
        }
        let offer = self.offer(0);
        let Opened { mut line, connect_ms, unanswered, _place } = match self.open(company).await {
            Ok(opened) => opened,
            Err(no_line) => {
                let row = offer.row(None, without_line(no_line)?);
                let row = row.reply.ran().then_some(row);
                return Some(RdpRow { row, security: Step::skipped(Because::EarlierStageFailed) });
            }
        };
        line.begin(self.plan.timeouts.negotiate);
        let reply = self.budget.step(negotiate::exchange(&mut line, &offer)).await;
        let reply = self.budget.as_it_came(reply, line.arrived());
        drop(unanswered);
        let row = offer.row(Some(connect_ms), reply);
        let security = match row.verdict {
            RowVerdict::Offered | RowVerdict::NoNegotiation => {
                line.begin(self.plan.timeouts.negotiate);
                self.budget.step(negotiate::standard_security(&mut line)).await
            }
            RowVerdict::Refused => Step::skipped(Because::ServerRefused),
            RowVerdict::Downgraded | RowVerdict::OutsideRequest | RowVerdict::Unknown => {
                Step::skipped(Because::EarlierStageFailed)
            }
        };
        // The end of an MCS connection is an MCS matter; without a channel the transport's end is all there is.
        line.end(&last_words(&row.reply)).await;
        Some(RdpRow { row: Some(row), security })
    }

    /// The versions to try.
    pub(super) fn versions(&self) -> &'static [TlsVersion] {
        if self.plan.depth < Stage::Tls { &[] } else { &version::VERSIONS }
    }

    /// Negotiates, then offers exactly one TLS version. `None`: to be repeated alone.
    pub(super) async fn version_row(
        &self,
        offered: TlsVersion,
        offer: &Offer,
        company: Company,
    ) -> Option<VersionRow> {
        let Opened { mut line, connect_ms, unanswered, _place } = match self.open(company).await {
            Ok(opened) => opened,
            Err(NoLine::Again) => return None,
            // What this machine lacked is told as such: it says nothing of the version.
            Err(NoLine::Failed(failure @ Failure::Local { .. })) => {
                return Some(VersionRow::without_flight(offered, None, failed(failure), false));
            }
            Err(NoLine::Skipped | NoLine::Failed(_)) => {
                let step = Step::skipped(Because::EarlierStageFailed);
                return Some(VersionRow::without_flight(offered, None, step, false));
            }
        };
        line.begin(self.plan.timeouts.negotiate);
        let reply = self.budget.step(negotiate::exchange(&mut line, offer)).await;
        drop(unanswered);
        let row = offer.row(None, reply);
        if let Err(step) = over_tls(&row) {
            line.end(&last_words(&row.reply)).await;
            let negotiated = row.reply.seen().is_some();
            return Some(VersionRow::without_flight(offered, Some(connect_ms), step, negotiated));
        }
        line.begin(self.plan.timeouts.tls);
        let mut flight = None;
        let attempt = async {
            let seen = version::attempt(&mut line, offered, self.server_name()).await?;
            let facts = facts(&seen);
            flight = Some(seen);
            Ok(facts)
        };
        let step = self.budget.step(attempt).await;
        let step = self.budget.as_it_came(step, line.arrived());
        let received_at = self.budget.elapsed();
        line.end(&version::CLOSE_NOTIFY).await;
        Some(VersionRow {
            attempt: VersionAttempt { offered, connect_ms: Some(connect_ms), step },
            certificates: flight.map(|flight| flight.certificates).unwrap_or_default(),
            negotiated: true,
            received_at,
        })
    }
}

impl VersionRow {
    fn without_flight(
        offered: TlsVersion,
        connect_ms: Option<Millis>,
        step: Step<ServerFlight>,
        negotiated: bool,
    ) -> Self {
        Self {
            attempt: VersionAttempt { offered, connect_ms, step },
            certificates: Vec::new(),
            negotiated,
            received_at: Duration::ZERO,
        }
    }
}

/// The step that a connection without a line leaves; `None` if it is to be made again.
fn without_line<T>(no_line: NoLine) -> Option<Step<T>> {
    match no_line {
        NoLine::Again => None,
        NoLine::Skipped => Some(Step::skipped(Because::EarlierStageFailed)),
        NoLine::Failed(failure) => Some(failed(failure)),
    }
}

/// The step of a connection that did not come about.
pub(super) const fn failed<T>(failure: Failure) -> Step<T> {
    Step { start_ms: Millis::ZERO, elapsed_ms: Millis::ZERO, outcome: Outcome::Failed(failure) }
}

/// Whether the answer leads to TLS; if not, the step that the TLS attempt becomes. No hello is sent then.
fn over_tls(row: &MatrixRow) -> Result<(), Step<ServerFlight>> {
    let skipped = |because| Err(Step::skipped(because));
    match (&row.reply.outcome, row.verdict) {
        (
            Outcome::Seen(Reply { answer: Answer::Response { selected_protocol, .. }, .. }),
            RowVerdict::Offered,
        ) if *selected_protocol != Protocol::RDP => Ok(()),
        (Outcome::Seen(Reply { answer: Answer::Failure { .. }, .. }), _) => skipped(Because::ServerRefused),
        (Outcome::Seen(_), RowVerdict::OutsideRequest) => skipped(Because::EarlierStageFailed),
        (Outcome::Seen(_), _) => skipped(Because::ProtocolHasNone),
        (Outcome::Failed(_) | Outcome::Skipped(_), _) => skipped(Because::EarlierStageFailed),
    }
}

fn facts(flight: &Flight) -> ServerFlight {
    ServerFlight {
        version: flight.version,
        cipher_suite: flight.cipher_suite,
        random_time_s: flight.random_time(),
        looks_like_schannel: flight.looks_like_schannel(),
        certificates: flight.certificates.len(),
    }
}
