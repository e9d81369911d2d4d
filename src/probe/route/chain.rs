//! The first connection: negotiation, full handshake, challenge; and its retry with a lesser offer.

use std::time::Duration;

use super::{Company, First, Opened, Prober};
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{
    Answer, Because, Challenge, Connected, Failure, Handshake, MatrixRow, Millis, Outcome, Stage, Step,
};
use crate::probe::connect;
use crate::probe::credssp;
use crate::probe::negotiate::{self, Offer};
use crate::probe::pace::Unanswered;
use crate::probe::stream::Line;
use crate::probe::tls::handshake::Session;
use crate::wire::codes::negotiation::{FailureCode, Protocol};
use crate::wire::x224;

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
        if let Ok(Opened { line, connect_ms, unanswered, _place }) = prober.open(Company::Alone).await {
            self.offer = offer;
            prober.talk(line, connect_ms, unanswered, self).await;
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
        let _place = self.pace.turn().await;
        (self.entered)(Stage::Connect, Some(self.address));
        self.connections.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut stream = None;
        let deadline = self.budget.deadline(self.plan.timeouts.connect);
        let connecting = async {
            let connection = connect::connect(self.address, self.plan, deadline).await?;
            stream = Some(connection.stream);
            Ok(connection.facts)
        };
        let connect = self.budget.step(self.budget.unless_halted(connecting)).await;
        self.first.send_replace(first(&connect));
        let Some(stream) = stream else {
            return Chain::new(connect, offer, Because::EarlierStageFailed);
        };
        let unanswered = self.pace.connected();
        let line = Line::new(stream, self.budget.clone());
        let connect_ms = connect.elapsed_ms;
        let mut chain = Chain::new(connect, offer, Because::NotAsked);
        if self.plan.depth < Stage::Negotiate {
            line.end(&[]).await;
            return chain;
        }
        self.talk(line, connect_ms, unanswered, &mut chain).await;
        if chain.dislikes_cookie() {
            let plain = Offer { cookie: None, ..chain.offer.clone() };
            chain.retry(self, plain).await;
        }
        chain
    }

    /// Everything after the connect. What is seen goes into the chain.
    async fn talk(&self, mut line: Line, connect_ms: Millis, unanswered: Unanswered<'_>, chain: &mut Chain) {
        (self.entered)(Stage::Negotiate, Some(self.address));
        line.begin(self.plan.timeouts.negotiate);
        let reply = self.budget.step(negotiate::exchange(&mut line, &chain.offer)).await;
        drop(unanswered);
        let row = chain.offer.row(Some(connect_ms), reply);
        let next = next(&row);
        chain.rows.push(row);
        let selected = match next {
            Ok(selected) if self.plan.depth >= Stage::Tls => selected,
            Ok(_) => return line.end(&x224::disconnect_request()).await,
            Err(because) => {
                chain.handshake = Step::skipped(because);
                chain.credssp = Step::skipped(because);
                return line.end(&[]).await;
            }
        };
        (self.entered)(Stage::Tls, Some(self.address));
        line.begin(self.plan.timeouts.tls);
        let mut session = match Session::new(line, &self.target.host) {
            Ok(session) => session,
            Err(failure) => {
                chain.handshake.outcome = Outcome::Failed(failure);
                return;
            }
        };
        self.secure(&mut session, selected, chain).await;
        session.end().await;
    }

    /// The handshake and, where the server selected it, CredSSP.
    async fn secure(&self, session: &mut Session, selected: Protocol, chain: &mut Chain) {
        let handshake = async {
            let agreed = session.handshake().await?;
            chain.certificates = agreed.chain;
            Ok(agreed.facts)
        };
        chain.handshake = self.budget.step(handshake).await;
        chain.credssp = if chain.handshake.seen().is_none() {
            Step::skipped(Because::EarlierStageFailed)
        } else if selected != Protocol::HYBRID && selected != Protocol::HYBRID_EX {
            Step::skipped(Because::ProtocolHasNone)
        } else if self.plan.depth < Stage::Credssp {
            Step::skipped(Because::NotAsked)
        } else {
            (self.entered)(Stage::Credssp, Some(self.address));
            session.line().begin(self.plan.timeouts.credssp);
            self.budget.step(credssp::challenge(session)).await
        };
        chain.challenged_at = self.budget.elapsed();
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

/// The protocol to go on with over TLS, or why there is nothing to go on with.
fn next(row: &MatrixRow) -> Result<Protocol, Because> {
    match (row.verdict, row.reply.seen().map(|reply| &reply.answer)) {
        (RowVerdict::Offered, Some(Answer::Response { selected_protocol, .. })) => Ok(*selected_protocol),
        (RowVerdict::Refused, _) => Err(Because::ServerRefused),
        (RowVerdict::Downgraded | RowVerdict::NoNegotiation, _) => Err(Because::ProtocolHasNone),
        _ => Err(Because::EarlierStageFailed),
    }
}
