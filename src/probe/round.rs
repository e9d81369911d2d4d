//! One turn of the monitor: one connection to one address, as deep as asked, ended in order.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::time::Instant;

use super::budget::Budget;
use super::negotiate::Offer;
use super::plan::Plan;
use super::talk::{self, Talk, Terms};
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{Because, HexBytes, MatrixRow, Millis, Resolution, Round, Route, Stage, Step};
use crate::target::{Host, Target};

/// What one round goes by.
#[derive(Debug)]
pub struct Turn<'a> {
    /// Whom to ask.
    pub target: &'a Target,
    /// Where; none if the name gave no address.
    pub address: Option<SocketAddr>,
    /// What this round did about the name.
    pub resolve: Step<Resolution>,
    /// How deep to go, and how long to wait.
    pub plan: &'a Plan,
    /// How to ask.
    pub manner: &'a Manner,
    /// When it was due.
    pub due: Timestamp,
    /// How many turns before it the schedule left out.
    pub missed: u64,
    /// How much later it began.
    pub late: Duration,
    /// When it began, the resolution included.
    pub began: Instant,
}

/// How a server wants to be asked: what its answers to a whole probe have shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manner(Offer);

impl Manner {
    /// As mstsc asks: TLS, CredSSP and early user authorization, with the plan's cookie.
    #[must_use]
    pub fn usual(plan: &Plan) -> Self {
        Self(Offer {
            protocols: 0x0B,
            restricted_admin: false,
            cookie: plan.cookie.clone(),
            correlation_id: plan.correlation_id,
        })
    }

    /// The request itself.
    pub(super) const fn offer(&self) -> &Offer {
        &self.0
    }

    /// The usual way unless the server answered only another one: some drop a request that carries a cookie, some
    /// one with bits that they do not know.
    #[must_use]
    pub fn learned(plan: &Plan, route: &Route) -> Self {
        let usual = Self::usual(plan);
        let answered = |row: &&MatrixRow| {
            row.verdict == RowVerdict::Offered && row.requested_protocols != 0 && !row.restricted_admin
        };
        let first_answered = route.negotiate.first().is_none_or(|row| row.reply.seen().is_some());
        match route.negotiate.iter().find(answered) {
            Some(row) if !first_answered => {
                Self(Offer { protocols: row.requested_protocols, cookie: row.cookie.clone(), ..usual.0 })
            }
            _ => usual,
        }
    }
}

/// A connection that has served its round. To be taken leave of beside the next one: it takes up to a second.
#[must_use = "a connection that is dropped may be reset"]
pub struct Farewell(Option<talk::Farewell>);

impl Farewell {
    /// Ends the connection with an X.224 Disconnect Request, a close_notify or nothing, then FIN, and hears the peer
    /// out, so that no reset is sent.
    pub async fn say(self) {
        if let Some(farewell) = self.0 {
            farewell.end_in_peace().await;
        }
    }

    /// Whether there is nobody to take leave of.
    #[must_use]
    pub const fn is_needless(&self) -> bool {
        self.0.is_none()
    }
}

/// Resolves the name of a host; skipped for a literal address. `halt` ends it.
pub async fn resolve(host: &Host, plan: &Plan, halt: watch::Receiver<bool>) -> Step<Resolution> {
    let budget = Budget::new(plan.timeouts.total, halt);
    super::resolved(host, plan, None, &budget).await
}

/// The addresses of a target: the literal one, or those of the resolution that the plan admits, in their order.
#[must_use]
pub fn addresses(target: &Target, plan: &Plan, resolve: &Step<Resolution>) -> Vec<SocketAddr> {
    super::addresses(target, plan, resolve)
}

/// Makes one round. It ends within the plan's total time, or with `halt`, and never fails: a failed stage is what
/// the round saw.
pub async fn round(turn: Turn<'_>, halt: watch::Receiver<bool>) -> (Round, Farewell) {
    let budget = Budget::begun(turn.began, turn.plan.timeouts.total, halt);
    let mut round = empty(&turn);
    let farewell = match turn.address {
        Some(address) => connected(&turn, address, &budget, &mut round).await,
        None => None,
    };
    round.elapsed_ms = Millis::from(budget.elapsed());
    round.resolve = turn.resolve;
    (round, Farewell(farewell))
}

/// The connect and what follows it.
async fn connected(
    turn: &Turn<'_>,
    address: SocketAddr,
    budget: &Budget,
    round: &mut Round,
) -> Option<talk::Farewell> {
    let (connect, line) = talk::open(address, turn.plan, budget).await;
    round.connect = connect;
    let line = line?;
    if turn.plan.depth < Stage::Negotiate {
        round.negotiate = Step::skipped(Because::NotAsked);
        round.handshake = Step::skipped(Because::NotAsked);
        round.credssp = Step::skipped(Because::NotAsked);
        return Some(talk::Farewell::silent(line));
    }
    let terms = Terms { offer: &turn.manner.0, host: &turn.target.host, plan: turn.plan, budget };
    let Talk { reply, handshake, certificates, credssp, farewell, .. } =
        talk::talk(line, &terms, |_| {}, ()).await;
    round.negotiate = reply;
    round.handshake = handshake;
    round.certificate_sha256 = certificates.first().map(|leaf| sha256(leaf));
    round.credssp = credssp;
    farewell
}

/// A round in which nothing has happened yet.
fn empty(turn: &Turn<'_>) -> Round {
    Round {
        due: turn.due,
        missed: turn.missed,
        late_ms: Millis::from(turn.late),
        elapsed_ms: Millis::ZERO,
        depth: turn.plan.depth,
        address: turn.address,
        resolve: Step::skipped(Because::NotAsked),
        connect: Step::skipped(Because::EarlierStageFailed),
        negotiate: Step::skipped(Because::EarlierStageFailed),
        handshake: Step::skipped(Because::EarlierStageFailed),
        certificate_sha256: None,
        credssp: Step::skipped(Because::EarlierStageFailed),
    }
}

fn sha256(leaf: &[u8]) -> HexBytes {
    HexBytes(ring::digest::digest(&ring::digest::SHA256, leaf).as_ref().to_vec())
}
