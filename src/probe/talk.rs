//! One connection from the Connection Request to the NTLM challenge, as far as the server and the plan go.

use std::net::SocketAddr;

use super::budget::Budget;
use super::connect;
use super::credssp;
use super::negotiate::{self, Offer};
use super::plan::Plan;
use super::stream::Line;
use super::tls::handshake::Session;
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{
    Answer, Because, Challenge, Connected, Failure, Handshake, Outcome, Reply, Stage, Step,
};
use crate::target::Host;
use crate::wire::codes::negotiation::Protocol;
use crate::wire::x224;

/// What a talk goes by.
pub(super) struct Terms<'a> {
    /// What to offer.
    pub(super) offer: &'a Offer,
    /// The name for SNI.
    pub(super) host: &'a Host,
    /// How deep to go and how long to wait.
    pub(super) plan: &'a Plan,
    /// The time that there is.
    pub(super) budget: &'a Budget,
}

/// What one connection gave.
pub(super) struct Talk {
    pub(super) reply: Step<Reply>,
    pub(super) handshake: Step<Handshake>,
    /// The server's certificates as DER, leaf first.
    pub(super) certificates: Vec<Vec<u8>>,
    pub(super) credssp: Step<Challenge>,
    /// The connection, still open, to take leave of.
    pub(super) farewell: Option<Farewell>,
}

/// A connection that has served, and its last words: an X.224 Disconnect Request, a close_notify or nothing.
pub(super) struct Farewell {
    line: Line,
    last_words: Vec<u8>,
}

impl Farewell {
    /// A connection that nothing was said on.
    pub(super) const fn silent(line: Line) -> Self {
        Self { line, last_words: Vec::new() }
    }

    /// Says them and closes, without waiting for the peer.
    pub(super) async fn end(self) {
        self.line.end(&self.last_words).await;
    }

    /// Says them, and hears the peer out for a bounded time, so that closing resets nothing.
    pub(super) async fn end_in_peace(self) {
        self.line.end_in_peace(&self.last_words).await;
    }
}

/// Connects once, within the plan's time.
pub(super) async fn open(
    address: SocketAddr,
    plan: &Plan,
    budget: &Budget,
) -> (Step<Connected>, Option<Line>) {
    let mut line = None;
    let deadline = budget.deadline(plan.timeouts.connect);
    let connecting = async {
        let connection = connect::connect(address, plan, deadline).await?;
        line = Some(Line::new(connection.stream, budget.clone()));
        Ok::<_, Failure>(connection.facts)
    };
    let step = budget.step(budget.unless_halted(connecting)).await;
    (step, line)
}

/// Asks, and goes on as far as the server and the plan do. `entered` is told of each stage, `answered` is dropped
/// with the server's first answer.
pub(super) async fn talk<T>(mut line: Line, terms: &Terms<'_>, entered: impl Fn(Stage), answered: T) -> Talk {
    let Terms { offer, plan, budget, .. } = terms;
    entered(Stage::Negotiate);
    line.begin(plan.timeouts.negotiate);
    let reply = budget.step(negotiate::exchange(&mut line, offer)).await;
    let reply = budget.as_it_came(reply, line.arrived());
    drop(answered);
    let verdict = negotiate::verdict(offer.protocols, &reply.outcome);
    let next = next(verdict, &reply);
    let mut talk = Talk {
        reply,
        handshake: Step::skipped(next.err().unwrap_or(Because::NotAsked)),
        certificates: Vec::new(),
        credssp: Step::skipped(next.err().unwrap_or(Because::NotAsked)),
        farewell: None,
    };
    let selected = match next {
        Ok(selected) if plan.depth >= Stage::Tls => selected,
        Ok(_) | Err(_) => {
            let last_words = last_words(&talk.reply);
            talk.farewell = Some(Farewell { line, last_words });
            return talk;
        }
    };
    // Larger than all that came before; who asks for no TLS has no room to keep for it.
    Box::pin(secure(line, selected, terms, &entered, &mut talk)).await;
    talk
}

/// The handshake and, where the server selected it, CredSSP.
async fn secure(
    mut line: Line,
    selected: Protocol,
    terms: &Terms<'_>,
    entered: &impl Fn(Stage),
    talk: &mut Talk,
) {
    entered(Stage::Tls);
    line.begin(terms.plan.timeouts.tls);
    let mut session = match Session::new(line, terms.host) {
        Ok(session) => session,
        Err(failure) => {
            talk.handshake.outcome = Outcome::Failed(failure);
            return;
        }
    };
    let handshake = async {
        let agreed = session.handshake().await?;
        talk.certificates = agreed.chain;
        Ok(agreed.facts)
    };
    let handshake = terms.budget.step(handshake).await;
    talk.handshake = terms.budget.as_it_came(handshake, session.line().arrived());
    talk.credssp = if talk.handshake.seen().is_none() {
        Step::skipped(Because::EarlierStageFailed)
    } else if selected != Protocol::HYBRID && selected != Protocol::HYBRID_EX {
        Step::skipped(Because::ProtocolHasNone)
    } else if terms.plan.depth < Stage::Credssp {
        Step::skipped(Because::NotAsked)
    } else {
        entered(Stage::Credssp);
        session.line().begin(terms.plan.timeouts.credssp);
        let challenge = terms.budget.step(credssp::challenge(&mut session)).await;
        terms.budget.as_it_came(challenge, session.line().arrived())
    };
    let (line, last_words) = session.into_last_words();
    talk.farewell = Some(Farewell { line, last_words });
}

/// The protocol to go on with over TLS, or why there is nothing to go on with.
fn next(verdict: RowVerdict, reply: &Step<Reply>) -> Result<Protocol, Because> {
    match (verdict, reply.seen().map(|reply| &reply.answer)) {
        (RowVerdict::Offered, Some(Answer::Response { selected_protocol, .. })) => Ok(*selected_protocol),
        (RowVerdict::Refused, _) => Err(Because::ServerRefused),
        (RowVerdict::Downgraded | RowVerdict::NoNegotiation, _) => Err(Because::ProtocolHasNone),
        _ => Err(Because::EarlierStageFailed),
    }
}

/// How to end a connection that only negotiated: by an X.224 Disconnect Request, if the server still listens.
pub(super) fn last_words(reply: &Step<Reply>) -> Vec<u8> {
    match reply.seen().map(|reply| &reply.answer) {
        Some(Answer::Response { .. } | Answer::None) => x224::disconnect_request(),
        Some(Answer::Failure { .. }) | None => Vec::new(),
    }
}
