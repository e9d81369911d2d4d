//! Sockets: resolve, connect, negotiate, TLS, CredSSP; each stage with its deadline and its byte limit.
//!
//! A failed stage is evidence, never an error: [`probe`] always returns what it saw.

// What to do and how long to wait.
pub mod plan;

// The time that a probe has, and the user's stop.
mod budget;

// Random bytes from the system.
mod random;

// Name to addresses.
pub mod resolve;

// TCP, with what the kernel knows about it.
pub mod connect;

// What the kernel knows of a socket beyond its errors.
mod kernel;

// The pace of connections to one host.
mod pace;

// One connection: deadlines, counted bytes, limits.
mod stream;

// X.224, the negotiation, MCS Connect.
mod negotiate;

// The full handshake, and one version at a time.
mod tls;

// Would a client trust this chain?
mod trust;

// TSRequest and the NTLM challenge.
mod credssp;

// The server's clock against this machine's.
mod clock;

// Other ports of an address that stays silent.
mod control;

// One connection from the request to the challenge.
mod talk;

// All connections to one address, and what each is for.
mod route;

// One turn of the monitor: one connection, as deep as asked.
pub mod round;

// A connection held open until somebody ends it.
pub mod hold;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;

pub use plan::Plan;

use crate::evidence::{Because, Evidence, Millis, Outcome, Resolution, Stage, Step};
use crate::target::{Host, Target};
use budget::Budget;
use pace::Pace;
use route::Prober;

/// Who looks on while a probe runs, and may stop it.
pub trait Watch: Sync {
    /// A stage begins, at one address or (resolve) for the whole target.
    fn entered(&self, stage: Stage, address: Option<SocketAddr>) {
        let _ = (stage, address);
    }

    /// Whether these addresses, all that the target has in the families in use, may be connected to; asked once, after
    /// resolving. If not, nothing is connected to, and the evidence has no routes.
    fn admits(&self, addresses: &[SocketAddr]) -> bool {
        let _ = addresses;
        true
    }

    /// Resolves when the probe is to end with what is known.
    fn stopped(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Looks on in silence and never stops anything.
#[derive(Debug, Clone, Copy)]
pub struct Quiet;

impl Watch for Quiet {}

/// Probes one target and returns everything that was seen.
///
/// Never fails: whatever goes wrong, on the network or on this machine, is part of the evidence. It ends within
/// `plan.timeouts.total`, or soon after `watch` stops it.
pub async fn probe(target: &Target, plan: &Plan, watch: &impl Watch) -> Evidence {
    let (halt, halted) = watch::channel(false);
    let budget = Budget::new(plan.timeouts.total, halted);
    let entered = |stage, address| watch.entered(stage, address);
    let admits = |addresses: &[SocketAddr]| watch.admits(addresses);
    let mut work = pin!(run(target, plan, &budget, &entered, &admits));
    tokio::select! {
        evidence = &mut work => return evidence,
        () = watch.stopped() => halt.send_replace(true),
    };
    // Every wait ends on the stop, so that this returns at once with what is known.
    work.await
}

type Entered<'a> = &'a (dyn Fn(Stage, Option<SocketAddr>) + Sync);
type Admits<'a> = &'a (dyn Fn(&[SocketAddr]) -> bool + Sync);

async fn run(
    target: &Target,
    plan: &Plan,
    budget: &Budget,
    entered: Entered<'_>,
    admits: Admits<'_>,
) -> Evidence {
    let started_at = Timestamp::now();
    if plan.depth >= Stage::Tls {
        trust::preload();
    }
    let resolve = resolve_step(target, plan, budget, entered).await;
    let mut routes = Vec::new();
    let addresses = addresses(target, plan, &resolve);
    if plan.depth > Stage::Resolve && admits(&addresses) {
        let pace = Pace::new();
        let probers: Vec<Prober<'_>> = addresses
            .into_iter()
            .map(|address| Prober::new(target, plan, budget, &pace, entered, address, started_at))
            .collect();
        routes = join_all(probers.iter().map(Prober::run)).await;
    }
    Evidence {
        target: target.clone(),
        started_at,
        elapsed_ms: Millis::from(budget.elapsed()),
        depth: plan.depth,
        interrupted: budget.spent(),
        resolve,
        routes,
        testimony: Vec::new(),
    }
}

async fn resolve_step(
    target: &Target,
    plan: &Plan,
    budget: &Budget,
    entered: Entered<'_>,
) -> Step<Resolution> {
    if let Host::Name(_) = target.host {
        entered(Stage::Resolve, None);
    }
    resolved(&target.host, plan, budget).await
}

/// The resolution as a step; skipped for a literal address.
async fn resolved(host: &Host, plan: &Plan, budget: &Budget) -> Step<Resolution> {
    if let Host::Address(_) = host {
        return Step::skipped(Because::AddressGiven);
    }
    let resolving = async {
        match resolve::resolve(host, plan).await {
            Outcome::Seen(resolution) => Ok(resolution),
            Outcome::Failed(failure) => Err(failure),
            // `resolve` skips nothing but literal addresses, which do not come here.
            Outcome::Skipped(_) => Err(crate::evidence::Failure::NoAddress { cname_chain: Vec::new() }),
        }
    };
    budget.step(budget.unless_halted(resolving)).await
}

/// The addresses to try, each once.
fn addresses(target: &Target, plan: &Plan, resolve: &Step<Resolution>) -> Vec<SocketAddr> {
    match (&target.host, resolve.seen()) {
        (Host::Address(address), _) => vec![SocketAddr::new(*address, target.port)],
        (Host::Name(_), Some(resolution)) => resolution
            .addresses
            .iter()
            .map(|resolved| resolved.address)
            .filter(|address| plan.families.admits(*address))
            .map(|address| SocketAddr::new(address, target.port))
            .collect(),
        (Host::Name(_), None) => Vec::new(),
    }
}
