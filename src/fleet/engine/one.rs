//! One target in flight: its turns at the gate and at the resolver, its probe, and when it gives up without a word.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use super::again::Tried;
use super::names::{Names, Place};
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Evidence, Failure, Millis, Outcome, Step};
use crate::fleet::gate::Gate;
use crate::probe::resolve::Setup;
use crate::probe::{self, Farewells, Plan, Watch};
use crate::target::{Host, Target};

/// What all targets share.
pub(super) struct Shared {
    pub(super) plan: Plan,
    /// How names are resolved; none, where this machine could not read it at the beginning: each probe tries.
    pub(super) setup: Option<Setup>,
    pub(super) gate: Gate,
    pub(super) names: Names,
    pub(super) halt: watch::Receiver<bool>,
}

/// A target that is in flight no more.
pub(super) struct Ended {
    pub(super) tried: Tried,
    /// Absent: the scan was halted before it was its turn to connect.
    pub(super) told: Option<Box<(Evidence, Farewells)>>,
}

/// Probes one target, unless the scan is halted while it waits for its turn.
/// A name has its place among those who ask the resolver, until it is resolved.
pub(super) async fn one(tried: Tried, place: Option<Place>, shared: Arc<Shared>) -> Ended {
    let turns = Turns {
        shared: &shared,
        first_is_taken: AtomicBool::new(false),
        place: Mutex::new(place),
        given_up: Notify::new(),
        gave_up: AtomicBool::new(false),
    };
    let target = &tried.work.target;
    // A literal address waits before its probe begins, so that its clock does not run meanwhile.
    if let Host::Address(address) = target.host {
        tokio::select! {
            biased;
            () = shared.gate.turn(address) => turns.first_is_taken.store(true, Ordering::Relaxed),
            () = turns.halted() => return Ended { tried, told: None },
        }
    }
    let probe = probe::probe_and_stay(target, &shared.plan, shared.setup.as_ref(), &turns);
    let told = match AssertUnwindSafe(probe).catch_unwind().await {
        Ok(told) => Some(told).filter(|_| !turns.gave_up.load(Ordering::Relaxed)),
        Err(_) => Some((crashed(target, &shared.plan), Farewells::default())),
    };
    drop(turns);
    Ended { told: told.map(Box::new), tried }
}

/// The turns of one target.
struct Turns<'a> {
    shared: &'a Shared,
    /// Whether the turn of the first connection was waited for already.
    first_is_taken: AtomicBool,
    /// Its place among those who ask the resolver.
    place: Mutex<Option<Place>>,
    given_up: Notify,
    gave_up: AtomicBool,
}

impl Turns<'_> {
    async fn halted(&self) {
        let mut halt = self.shared.halt.clone();
        if halt.wait_for(|halted| *halted).await.is_err() {
            // Nobody is left who could halt it.
            std::future::pending::<()>().await;
        }
    }

    /// Halted while it waits for a turn: the target was not asked what it was to be asked, and nothing is told of it.
    async fn give_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
        self.given_up.notify_one();
        std::future::pending::<()>().await;
    }
}

impl Watch for Turns<'_> {
    fn admits(&self, _: &[SocketAddr]) -> bool {
        // The name is resolved: the next one may be.
        drop(self.place.lock().unwrap_or_else(PoisonError::into_inner).take());
        true
    }

    async fn turn(&self, address: SocketAddr) {
        if self.first_is_taken.swap(false, Ordering::Relaxed) {
            return;
        }
        tokio::select! {
            biased;
            () = self.shared.gate.turn(address.ip()) => {}
            () = self.halted() => self.give_up().await,
        }
    }

    async fn stopped(&self) {
        self.given_up.notified().await;
    }
}

/// What is told of a target whose probe crashed: a bug here, and nothing about the host.
fn crashed(target: &Target, plan: &Plan) -> Evidence {
    let failure = Failure::Local {
        what: LocalTrouble::Other,
        errno: None,
        detail: "bug: the probe of this target crashed".to_owned(),
    };
    Evidence {
        target: target.clone(),
        started_at: Timestamp::now(),
        elapsed_ms: Millis::ZERO,
        depth: plan.depth,
        interrupted: false,
        resolve: Step { start_ms: Millis::ZERO, elapsed_ms: Millis::ZERO, outcome: Outcome::Failed(failure) },
        routes: Vec::new(),
        testimony: Vec::new(),
    }
}
