//! All connections to one address: which there are, what each is for, and how their answers become one route.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::{SemaphorePermit, watch};

use super::budget::Budget;
use super::connect;
use super::control::{self, First};
use super::negotiate::Offer;
use super::pace::{Pace, Unanswered};
use super::plan::Plan;
use super::stream::Line;
use super::{Farewells, Hooks, clock, trust};
use crate::evidence::certificate::{self, Source};
use crate::evidence::{
    Because, Certificate, ClockSkew, Failure, MatrixRow, Millis, Outcome, Route, Stage, Step,
};
use crate::target::{Host, Target};

// The first connection: negotiation, handshake, challenge.
mod chain;

// The connections beside it: one question each.
mod rows;

// The first connection alone, and the others only where it leaves something open.
mod lean;

use chain::Chain;
use rows::{RdpRow, VersionRow};

/// A connection beside the first whose SYN is not answered within this time is given up and made again alone:
/// the kernel sends a lost SYN again after one second, and what a crowd loses proves nothing.
const CROWD_PATIENCE: Duration = Duration::from_millis(900);

/// What all addresses of a target share.
#[derive(Clone, Copy)]
pub(super) struct Commission<'a> {
    pub(super) target: &'a Target,
    pub(super) plan: &'a Plan,
    pub(super) budget: &'a Budget,
    pub(super) pace: &'a Pace<'a>,
    pub(super) hooks: &'a dyn Hooks,
    pub(super) farewells: &'a Farewells,
    pub(super) started_at: Timestamp,
}

/// Everything that probing one address needs.
pub(super) struct Prober<'a> {
    commission: Commission<'a>,
    address: SocketAddr,
    first: watch::Sender<First>,
    connections: AtomicU32,
}

/// What the connections beside the first gave; none: to be made again, alone.
struct Beside {
    rows: Vec<Option<MatrixRow>>,
    rdp: Option<RdpRow>,
    versions: Vec<Option<VersionRow>>,
}

/// Why a connection beside the first gave no line.
enum NoLine {
    /// The SYN was not answered in the crowd: to be repeated alone.
    Again,
    /// There is nothing to ask: the first connection failed.
    Skipped,
    /// It failed on its own.
    Failed(Failure),
}

/// A connected line, its connect time, and its place in the pace.
struct Opened<'a> {
    line: Line,
    connect_ms: Millis,
    /// To be dropped with the server's first answer.
    unanswered: Unanswered<'a>,
    _place: Option<SemaphorePermit<'a>>,
}

/// Whether other connections are in flight.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Company {
    Crowd,
    Alone,
}

impl<'a> std::ops::Deref for Prober<'a> {
    type Target = Commission<'a>;

    fn deref(&self) -> &Commission<'a> {
        &self.commission
    }
}

impl<'a> Prober<'a> {
    /// Prepares to probe one address.
    pub(super) fn new(commission: Commission<'a>, address: SocketAddr) -> Self {
        let (first, _) = watch::channel(First::Pending);
        Self { commission, address, first, connections: AtomicU32::new(0) }
    }

    /// Probes the address: all connections side by side, then, alone, those that the crowd left undecided.
    pub(super) async fn run(&self) -> Route {
        let usual = self.usual_offer();
        // In the order of their turns: those with the most round trips first, so that the last ones to start are not
        // the last ones to end.
        let (mut chain, control_ports, mut beside) = tokio::join!(
            self.chain(usual.clone()),
            control::probe(self.address, self.plan, self.budget, self.pace, self.first.subscribe()),
            self.beside(&usual),
        );
        if chain.connect.seen().is_none() && rows::any_connected(&beside.rows, &beside.versions) {
            // Lost in the crowd: what the others reached, this one reaches alone.
            chain = self.chain(usual).await;
        }
        if chain.connect.seen().is_some() {
            self.repeat_alone(&mut chain, &mut beside).await;
        }
        self.assemble(chain, control_ports, beside)
    }

    /// All connections beside the first.
    async fn beside(&self, usual: &Offer) -> Beside {
        let (rdp, versions, rows) = tokio::join!(
            self.rdp_row(Company::Crowd),
            join_all(self.versions().iter().map(|version| self.version_row(*version, usual, Company::Crowd))),
            join_all(self.matrix_offers().into_iter().map(|offer| self.matrix_row(offer, Company::Crowd))),
        );
        Beside { rows, rdp, versions }
    }

    /// What the first connection and the version rows offer: TLS, CredSSP and early user authorization, as mstsc does.
    fn usual_offer(&self) -> Offer {
        self.offer(0x0B)
    }

    fn offer(&self, protocols: u32) -> Offer {
        Offer {
            protocols,
            restricted_admin: false,
            cookie: self.plan.cookie.clone(),
            correlation_id: self.plan.correlation_id,
        }
    }

    /// The rows beside the first that only negotiate.
    fn matrix_offers(&self) -> Vec<Offer> {
        if self.plan.depth < Stage::Negotiate {
            return Vec::new();
        }
        let mut offers = vec![self.offer(0x01)];
        if self.plan.full {
            offers.extend([0x02, 0x04, 0x10].map(|protocols| self.offer(protocols)));
            offers.push(Offer { restricted_admin: true, ..self.usual_offer() });
        }
        offers
    }

    /// Opens a connection beside the first.
    async fn open(&self, company: Company) -> Result<Opened<'a>, NoLine> {
        let mut first = self.first.subscribe();
        let mut hopeless = first.clone();
        let hopeless = hopeless.wait_for(|first| matches!(first, First::Silent | First::Ended));
        let place = tokio::select! {
            biased;
            Ok(_) = hopeless => return Err(NoLine::Skipped),
            place = self.pace.turn(self.address) => place,
        };
        let limit = match company {
            Company::Crowd => CROWD_PATIENCE.min(self.plan.timeouts.connect),
            Company::Alone => self.plan.timeouts.connect,
        };
        if self.budget.spent() {
            return Err(NoLine::Skipped);
        }
        self.connections.fetch_add(1, Ordering::Relaxed);
        let start = self.budget.elapsed();
        let connecting = connect::connect(self.address, self.plan, self.budget.deadline(limit));
        let connected = tokio::select! {
            biased;
            Ok(_) = first.wait_for(|first| matches!(first, First::Silent | First::Ended)) => {
                return Err(NoLine::Skipped);
            }
            connected = self.budget.unless_halted(connecting) => connected,
        };
        match connected {
            Ok(connection) => Ok(Opened {
                line: Line::new(connection.stream, self.budget.clone()),
                connect_ms: Millis::from(self.budget.elapsed().saturating_sub(start)),
                unanswered: self.pace.connected(),
                _place: place,
            }),
            Err(Failure::TimedOut { .. }) if company == Company::Crowd => Err(NoLine::Again),
            Err(failure) => Err(NoLine::Failed(failure)),
        }
    }

    /// The second pass, one connection at a time.
    async fn repeat_alone(&self, chain: &mut Chain, beside: &mut Beside) {
        let Beside { rows, rdp, versions } = beside;
        for (row, offer) in rows.iter_mut().zip(self.matrix_offers()) {
            if row.is_none() {
                *row = self.matrix_row(offer, Company::Alone).await;
            }
        }
        if rdp.is_none() {
            *rdp = self.rdp_row(Company::Alone).await;
        }
        if let Some(lesser) = chain.lesser_offer(rows) {
            chain.retry(self, lesser).await;
        }
        let unusual = chain.answered_offer().filter(|offer| *offer != self.usual_offer());
        let offer = unusual.clone().unwrap_or_else(|| self.usual_offer());
        for (row, version) in versions.iter_mut().zip(self.versions()) {
            let undecided = row.as_ref().is_none_or(|row| unusual.is_some() && !row.negotiated);
            if undecided {
                *row = self.version_row(*version, &offer, Company::Alone).await;
            }
        }
    }

    fn assemble(
        &self,
        chain: Chain,
        control_ports: Vec<crate::evidence::ControlPort>,
        beside: Beside,
    ) -> Route {
        let Beside { rows, rdp, versions } = beside;
        let connected = chain.connect.seen().is_some();
        let certificate = self.certificate(&chain, &versions);
        let clock = self.clock(&chain, &versions);
        let (rdp_row, standard_security) = match rdp {
            Some(rdp) => (rdp.row, rdp.security),
            None => (None, Step::skipped(Because::EarlierStageFailed)),
        };
        let mut beside = rows.into_iter().flatten().filter(|row| row.reply.ran());
        let mut negotiate = chain.rows;
        negotiate.extend(beside.next());
        negotiate.extend(rdp_row);
        negotiate.extend(beside);
        Route {
            address: self.address,
            scope: super::resolve::scope(self.address.ip()),
            connect: chain.connect,
            control_ports,
            negotiate,
            standard_security,
            handshake: chain.handshake,
            tls_versions: if connected {
                versions.into_iter().flatten().map(|row| row.attempt).collect()
            } else {
                Vec::new()
            },
            certificate,
            credssp: chain.credssp,
            clock,
            connections: self.connections.load(Ordering::Relaxed),
        }
    }

    /// The leaf certificate: from the handshake or, if that failed, from the newest clear flight that has one.
    fn certificate(&self, chain: &Chain, versions: &[Option<VersionRow>]) -> Step<Certificate> {
        let clear = versions.iter().rev().flatten().map(|row| (Source::ClearFlight, &row.certificates));
        let shown = std::iter::once((Source::Handshake, &chain.certificates)).chain(clear);
        let Some((source, certificates)) =
            shown.into_iter().find(|(_, certificates)| !certificates.is_empty())
        else {
            return Step::skipped(chain.why_no_certificate());
        };
        let Some(leaf) = certificates.first() else { return Step::skipped(Because::EarlierStageFailed) };
        let start_ms = Millis::from(self.budget.elapsed());
        let trust = trust::check(certificates, u64::try_from(self.started_at.as_second()).unwrap_or(0));
        let outcome = match certificate::read(leaf, &self.target.host, self.started_at, source, trust) {
            Ok(certificate) => Outcome::Seen(certificate),
            Err(error) => Outcome::Failed(super::stream::malformed(&error, leaf)),
        };
        let elapsed = self.budget.elapsed();
        Step { start_ms, elapsed_ms: Millis((Millis::from(elapsed).0 - start_ms.0).max(0.0)), outcome }
    }

    /// The server's clock: the NTLM timestamp if there is one, else Schannel's ServerHello.random.
    fn clock(&self, chain: &Chain, versions: &[Option<VersionRow>]) -> Option<ClockSkew> {
        let connected = chain.connect.seen()?;
        let rtt = connected.rtt_ms.unwrap_or(chain.connect.elapsed_ms);
        let rtt = Duration::try_from_secs_f64(rtt.0 / 1e3).unwrap_or_default();
        let ntlm = chain.credssp.seen().and_then(|challenge| challenge.system_time);
        if let Some(server) = ntlm {
            return clock::from_ntlm(server, self.at(chain.challenged_at), rtt);
        }
        versions
            .iter()
            .flatten()
            .find_map(|row| clock::from_flight(row.attempt.step.seen()?, self.at(row.received_at), rtt))
    }

    /// This machine's clock so long after the probe began.
    fn at(&self, elapsed: Duration) -> Timestamp {
        self.started_at
            .saturating_add(jiff::SignedDuration::try_from(elapsed).unwrap_or_default())
            .unwrap_or(self.started_at)
    }

    /// The name for SNI: mstsc sends one only for names.
    fn server_name(&self) -> Option<&str> {
        match &self.target.host {
            Host::Name(name) => Some(name.trim_end_matches('.')),
            Host::Address(_) => None,
        }
    }
}
