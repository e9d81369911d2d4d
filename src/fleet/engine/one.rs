//! One target in flight: its turns at the gate and at the resolver, its probe, and when it gives up without a word.
//!
//! A halt is for those that have not begun: whoever still waits for the turn of its first connection gives up, whoever
//! was connected to is probed to the end, within the probe's own deadlines and what `--rate` holds back.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use super::again::Tried;
use super::load::Load;
use super::names::{Names, Place};
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Evidence, Failure, Millis, Outcome, Step};
use crate::fleet::gate::{Gate, Turn};
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
    pub(super) load: Arc<Load>,
    pub(super) halt: watch::Receiver<bool>,
}

impl Shared {
    /// Waits for the turn of a target's first connection. Returns false if the scan is halted before: the target is
    /// not begun then.
    async fn first_turn(&self, address: IpAddr) -> bool {
        let _waits = self.load.first_turn();
        tokio::select! {
            biased;
            () = self.gate.turn(address, Turn::First) => true,
            () = self.halted() => false,
        }
    }

    async fn halted(&self) {
        let mut halt = self.halt.clone();
        if halt.wait_for(|halted| *halted).await.is_err() {
            // Nobody is left who could halt it.
            std::future::pending::<()>().await;
        }
    }
}

/// A target that is in flight no more.
pub(super) struct Ended {
    pub(super) tried: Tried,
    /// Since when: its name was asked for then.
    pub(super) began: Instant,
    /// Absent: the scan was halted before it was its turn to connect.
    pub(super) told: Option<Box<(Evidence, Farewells)>>,
}

/// Probes one target, unless the scan is halted while it waits for its first turn.
/// A name has its place among those who ask the resolver, until it is resolved.
pub(super) async fn one(tried: Tried, place: Option<Place>, shared: Arc<Shared>) -> Ended {
    let (target, began) = (&tried.work.target, Instant::now());
    // A literal address waits before its probe begins, so that its clock does not run meanwhile.
    let has_begun = match target.host {
        Host::Address(address) if !shared.first_turn(address).await => {
            return Ended { tried, began, told: None };
        }
        Host::Address(_) => true,
        Host::Name(_) => false,
    };
    let turns = Turns {
        shared: &shared,
        began,
        is_ahead: AtomicBool::new(has_begun),
        has_begun: AtomicBool::new(has_begun),
        place: Mutex::new(place),
        given_up: Notify::new(),
        gave_up: AtomicBool::new(false),
    };
    let probe = probe::probe_and_stay(target, &shared.plan, shared.setup.as_ref(), &turns);
    let told = match AssertUnwindSafe(probe).catch_unwind().await {
        Ok(told) => Some(told).filter(|_| !turns.gave_up.load(Ordering::Relaxed)),
        Err(_) => Some((crashed(target, &shared.plan), Farewells::default())),
    };
    drop(turns);
    Ended { told: told.map(Box::new), tried, began }
}

/// The turns of one target.
struct Turns<'a> {
    shared: &'a Shared,
    began: Instant,
    /// Whether the turn of the next connection was waited for already.
    is_ahead: AtomicBool,
    /// Whether it had its first turn.
    has_begun: AtomicBool,
    /// Its place among those who ask the resolver.
    place: Mutex<Option<Place>>,
    given_up: Notify,
    gave_up: AtomicBool,
}

impl Turns<'_> {
    /// The target was not asked what it was to be asked, and nothing is told of it.
    async fn give_up(&self) {
        self.gave_up.store(true, Ordering::Relaxed);
        self.given_up.notify_one();
        std::future::pending::<()>().await;
    }
}

impl Watch for Turns<'_> {
    fn admits(&self, addresses: &[SocketAddr]) -> bool {
        // The name is resolved: the next one may be. What fails is told at once, and what does not neither waits.
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner).take();
        if place.is_some() && !addresses.is_empty() {
            self.shared.names.answered(false, self.began, Instant::now());
        }
        true
    }

    async fn turn(&self, address: SocketAddr) {
        if self.is_ahead.swap(false, Ordering::Relaxed) {
            return;
        }
        if self.has_begun.load(Ordering::Relaxed) {
            // What was seen of it by now is not to be lost: no halt ends this wait.
            self.shared.gate.turn(address.ip(), Turn::Further).await;
        } else if self.shared.first_turn(address.ip()).await {
            self.has_begun.store(true, Ordering::Relaxed);
        } else {
            self.give_up().await;
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
