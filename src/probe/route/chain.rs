//! The first connection: negotiation, full handshake, challenge; and its retry with a lesser offer.

use std::time::Duration;

use super::rows::failed;
use super::{Company, First, NoLine, Opened, Prober};
use crate::evidence::{
    Answer, Because, Challenge, Connected, Failure, Handshake, MatrixRow, Millis, Outcome, Stage, Step,
};
use crate::probe::negotiate::Offer;
use crate::probe::pace::Unanswered;
use crate::probe::stream::Line;
use crate::probe::talk::{self, Farewell, Terms};
use crate::wire::codes::negotiation::{FailureCode, Protocol};

/// What the first connection saw, and its retries.
pub(super) struct Chain {
    pub(super) connect: Step<Connected>,
    pub(super) rows: Vec<MatrixRow>,
    pub(super) handshake: Step<Handshake>,
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) credssp: Step<Challenge>,
    /// When the challenge came, since the start of the probe.
    pub(super) challenged_at: Duration,
    offer: Offer,
}

impl Chain {
    fn new(connect: Step<Connected>, offer: Offer, because: Because) -> Self {
        Self {
            connect,
            rows: Vec::new(),
            handshake: Step::skipped(because),
            certificates: Vec::new(),
            credssp: Step::skipped(because),
            challenged_at: Duration::ZERO,
            offer,
        }
    }

    /// The offer that the server answered, if it answered one.
    pub(super) fn answered_offer(&self) -> Option<Offer> {
        self.rows.last().filter(|row| row.reply.seen().is_some()).map(|_| self.offer.clone())
    }

    /// An offer with fewer bits that may be answered where the usual one was not, going by the rows beside.
    pub(super) fn lesser_offer(&self, rows: &[Option<MatrixRow>]) -> Option<Offer> {
        if self.rows.is_empty() || self.answered_offer().is_some() {
            return None;
        }
        let reply = rows.first()?.as_ref()?.reply.seen()?;
        let protocols = match reply.answer {
            Answer::Response { selected_protocol: Protocol::SSL, .. } => 0x01,
            Answer::Failure { failure_code: FailureCode::HYBRID_REQUIRED } => 0x03,
            _ => return None,
        };
        Some(Offer { protocols, ..self.offer.clone() })
    }

    /// Asks again, alone, with another offer.
    pub(super) async fn retry(&mut self, prober: &Prober<'_>, offer: Offer) {
        prober.farewells.hurry().await;
        match prober.open(Company::Alone).await {
            Ok(Opened { line, connect_ms, unanswered, _place }) => {
                self.offer = offer;
                prober.talk(line, connect_ms, unanswered, self).await;
            }
            // What this machine lacked must not pass for the server's silence.
            Err(NoLine::Failed(failure @ Failure::Local { .. })) => {
                self.rows.push(offer.row(None, failed(failure)));
                self.offer = offer;
            }
            Err(NoLine::Again | NoLine::Skipped | NoLine::Failed(_)) => {}
        }
    }

    /// Why there is no certificate to read.
    pub(super) fn why_no_certificate(&self) -> Because {
        match self.handshake.outcome {
            Outcome::Skipped(because) => because,
            Outcome::Seen(_) | Outcome::Failed(_) => Because::EarlierStageFailed,
        }
    }

    /// Whether the server ended or ignored a request that carried a cookie: some want none.
    fn dislikes_cookie(&self) -> bool {
        self.offer.cookie.is_some()
            && self.rows.last().and_then(|row| row.reply.failure()).is_some_and(|failure| {
                matches!(
                    failure,
                    Failure::TimedOut { bytes_read: 0, .. }
                        | Failure::Closed { bytes_read: 0 }
                        | Failure::Reset { bytes_read: 0 }
                )
            })
    }
}

impl Prober<'_> {
    /// Connects, negotiates, and goes on as far as the server and the plan do.
    pub(super) async fn chain(&self, offer: Offer) -> Chain {
        let _place = self.pace.turn(self.address).await;
        self.hooks.entered(Stage::Connect, Some(self.address));
        self.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (connect, line) = talk::open(self.address, self.plan, self.budget).await;
        self.first.send_replace(first(&connect));
        let Some(line) = line else {
            return Chain::new(connect, offer, Because::EarlierStageFailed);
        };
        let unanswered = self.pace.connected();
        let connect_ms = connect.elapsed_ms;
        let mut chain = Chain::new(connect, offer, Because::NotAsked);
        if self.plan.depth < Stage::Negotiate {
            self.leave(Farewell::silent(line)).await;
            return chain;
        }
        self.talk(line, connect_ms, unanswered, &mut chain).await;
        if chain.dislikes_cookie() {
            let plain = Offer { cookie: None, ..chain.offer.clone() };
            // Rare, and as large as what came before.
            Box::pin(chain.retry(self, plain)).await;
        }
        chain
    }

    /// Everything after the connect. What is seen goes into the chain.
    async fn talk(&self, line: Line, connect_ms: Millis, unanswered: Unanswered<'_>, chain: &mut Chain) {
        let terms =
            Terms { offer: &chain.offer, host: &self.target.host, plan: self.plan, budget: self.budget };
        let entered = |stage| self.hooks.entered(stage, Some(self.address));
        let talk = talk::talk(line, &terms, entered, unanswered).await;
        chain.challenged_at = self.budget.elapsed();
        chain.rows.push(chain.offer.row(Some(connect_ms), talk.reply));
        chain.handshake = talk.handshake;
        chain.certificates = talk.certificates;
        chain.credssp = talk.credssp;
        if let Some(farewell) = talk.farewell {
            self.leave(farewell).await;
        }
    }

    /// A lean probe waits for nothing that is no answer.
    async fn leave(&self, farewell: Farewell) {
        if self.plan.lean { self.farewells.put(farewell) } else { farewell.end().await }
    }
}

/// What the control ports and the other connections must know of the first.
fn first(connect: &Step<Connected>) -> First {
    match &connect.outcome {
        Outcome::Seen(_) => First::Connected,
        Outcome::Failed(Failure::TimedOut { .. } | Failure::Unreachable { .. }) => First::Silent,
        Outcome::Failed(_) | Outcome::Skipped(_) => First::Ended,
    }
}
