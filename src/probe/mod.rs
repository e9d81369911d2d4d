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
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::watch;

pub use plan::Plan;

use crate::evidence::{Because, Evidence, Millis, Outcome, Resolution, Stage, Step};
use crate::target::{Host, Target};
use budget::Budget;
use pace::Pace;
use resolve::Setup;
use route::{Commission, Prober};

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

    /// Resolves when a connection to this address may be made; asked before each. The wait costs no stage's deadline,
    /// nor the probe's; the first one, before which nothing is under way but the name resolved, counts nowhere.
    fn turn(&self, address: SocketAddr) -> impl Future<Output = ()> + Send {
        let _ = address;
        std::future::ready(())
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

/// What a probe asks of its [`Watch`], whatever type that is.
trait Hooks: Sync {
    fn entered(&self, stage: Stage, address: Option<SocketAddr>);
    fn admits(&self, addresses: &[SocketAddr]) -> bool;
    fn turn(&self, address: SocketAddr) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

impl<W: Watch> Hooks for W {
    fn entered(&self, stage: Stage, address: Option<SocketAddr>) {
        Watch::entered(self, stage, address);
    }

    fn admits(&self, addresses: &[SocketAddr]) -> bool {
        Watch::admits(self, addresses)
    }

    fn turn(&self, address: SocketAddr) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(Watch::turn(self, address))
    }
}

/// Probes one target and returns everything that was seen.
///
/// Never fails: whatever goes wrong, on the network or on this machine, is part of the evidence. It ends within
/// `plan.timeouts.total`, or soon after `watch` stops it.
pub async fn probe(target: &Target, plan: &Plan, watch: &impl Watch) -> Evidence {
    let (evidence, farewells) = probe_and_stay(target, plan, None, watch).await;
    farewells.say().await;
    evidence
}

/// As [`probe`], but the connections of a lean plan are still to be taken leave of: beside the next target, because
/// it may take a second. Names are resolved with `setup`, which is read anew without one.
pub async fn probe_and_stay(
    target: &Target,
    plan: &Plan,
    setup: Option<&Setup>,
    watch: &impl Watch,
) -> (Evidence, Farewells) {
    let (halt, halted) = watch::channel(false);
    let budget = Budget::new(plan.timeouts.total, halted);
    let mut work = pin!(run(target, plan, setup, &budget, watch));
    tokio::select! {
        done = &mut work => return done,
        () = watch.stopped() => halt.send_replace(true),
    };
    // Every wait ends on the stop, so that this returns at once with what is known.
    work.await
}

/// Connections that have served.
#[derive(Default)]
#[must_use = "a connection that is dropped may be reset"]
pub struct Farewells(Mutex<Vec<talk::Farewell>>);

impl Farewells {
    /// Ends each as its protocol has it, and hears the peer out for a bounded time, so that no reset is sent.
    pub async fn say(self) {
        let all = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        join_all(all.into_iter().map(talk::Farewell::end_in_peace)).await;
    }

    /// Whether there is nobody to take leave of.
    #[must_use]
    pub fn are_needless(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Ends those there are so far, without waiting for the peers: more connections to the same host follow.
    async fn hurry(&self) {
        let all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        for farewell in all {
            farewell.end().await;
        }
    }

    fn put(&self, farewell: talk::Farewell) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(farewell);
    }
}

async fn run(
    target: &Target,
    plan: &Plan,
    setup: Option<&Setup>,
    budget: &Budget,
    hooks: &dyn Hooks,
) -> (Evidence, Farewells) {
    let farewells = Farewells::default();
    let started_at = Timestamp::now();
    if plan.depth >= Stage::Tls {
        trust::preload();
    }
    let resolve = resolve_step(target, plan, setup, budget, hooks).await;
    let mut routes = Vec::new();
    let addresses = addresses(target, plan, &resolve);
    if plan.depth > Stage::Resolve && hooks.admits(&addresses) {
        let pace = Pace::new(budget, hooks);
        let commission =
            Commission { target, plan, budget, pace: &pace, hooks, farewells: &farewells, started_at };
        routes = match addresses.as_slice() {
            // The usual case of a scan takes no allocation of its own.
            [address] if plan.lean => vec![Prober::new(commission, *address).run_lean().await],
            several if plan.lean => {
                let probers: Vec<_> = several.iter().map(|it| Prober::new(commission, *it)).collect();
                join_all(probers.iter().map(Prober::run_lean)).await
            }
            all => {
                let probers: Vec<_> = all.iter().map(|it| Prober::new(commission, *it)).collect();
                join_all(probers.iter().map(Prober::run)).await
            }
        };
    }
    let evidence = Evidence {
        target: target.clone(),
        started_at,
        elapsed_ms: Millis::from(budget.elapsed()),
        depth: plan.depth,
        interrupted: budget.spent(),
        resolve,
        routes,
        testimony: Vec::new(),
    };
    (evidence, farewells)
}

async fn resolve_step(
    target: &Target,
    plan: &Plan,
    setup: Option<&Setup>,
    budget: &Budget,
    hooks: &dyn Hooks,
) -> Step<Resolution> {
    if let Host::Address(_) = target.host {
        return Step::skipped(Because::AddressGiven);
    }
    hooks.entered(Stage::Resolve, None);
    // Larger than all that follows, and over before it.
    Box::pin(resolved(&target.host, plan, setup, budget)).await
}

/// The resolution as a step; skipped for a literal address.
async fn resolved(host: &Host, plan: &Plan, setup: Option<&Setup>, budget: &Budget) -> Step<Resolution> {
    if let Host::Address(_) = host {
        return Step::skipped(Because::AddressGiven);
    }
    let resolving = async {
        match resolve::resolve_with(host, plan, setup).await {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_in_flight_takes_little_room() {
        let target = Target::parse("192.0.2.7").unwrap();
        let plan = Plan { lean: true, ..Plan::default() };
        // A scan has thousands of them.
        let size = size_of_val(&probe_and_stay(&target, &plan, None, &Quiet));
        assert!(size <= 8 << 10, "{size} bytes");
    }
}
