//! The engine: so many targets in flight at a time, each probed once, and again where this machine was at fault.
//!
//! What it holds grows with how many targets are in flight, never with how many there are.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::adapt::Adapt;
use super::depth::Depth;
use super::gate::Gate;
use crate::evidence::Evidence;
use crate::probe::Plan;
use crate::probe::resolve::Setup;
use crate::target::{Host, Target};

// What this machine lacked.
pub mod trouble;

// How busy it is, and what slows it down.
mod load;

// Those that are to be tried again.
mod again;

// How many names are asked for at a time, and when the next one is.
mod names;

// How far apart they are asked for.
mod spacing;

// One target in flight.
mod one;

pub use load::{Load, Loaded};
pub use trouble::Lack;

use again::{Again, MOST_TRIES, Tried};
use names::{Names, Place};
use one::{Ended, Shared};
use trouble::lack;

/// Between two connections to one host, as within a probe.
pub const HOST_GAP: Duration = Duration::from_millis(5);

/// So many targets may wait beside those in flight, or as many as may be in flight if that is more: behind this many
/// names that wait for a resolver, addresses that come later are still probed at once.
const WAITING: usize = 1_024;

/// How a scan goes about it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is asked of each target.
    pub plan: Plan,
    /// How many targets may be in flight.
    pub concurrency: usize,
    /// How many connections may be made in a second, to all hosts together.
    pub rate: Option<NonZeroU32>,
    /// Between two connections to one address.
    pub host_gap: Duration,
}

/// A target and its place in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// Its place in the source, from 0.
    pub position: u64,
    /// Whom to probe.
    pub target: Target,
}

/// A target that was probed.
#[derive(Debug)]
pub struct Finished {
    /// Its place in the source, from 0.
    pub position: u64,
    /// What was seen.
    pub evidence: Evidence,
}

/// How many targets may be in flight where so many file descriptors may be open (none: no limit is known).
#[must_use]
pub fn concurrency_for(limit: Option<u64>, depth: Depth) -> usize {
    /// What the process needs beside its connections: files, the runtime, the resolver.
    const RESERVE: u64 = 64;
    // A connection, and the last one that is being taken leave of; or a host's share of a whole probe, the same.
    let (each, most) = match depth {
        Depth::Tcp | Depth::X224 | Depth::Tls | Depth::Nla => (2, 2_000),
        Depth::Full => (16, 250),
    };
    let room = limit.unwrap_or(u64::MAX).saturating_sub(RESERVE) / each;
    usize::try_from(room).unwrap_or(usize::MAX).clamp(1, most)
}

/// Probes everything that comes, until there is no more, or until `halt`: then what was connected to is probed to its
/// end, and nothing else begins. It ends as well when nobody takes what is finished.
pub async fn scan(
    work: mpsc::Receiver<Work>,
    finished: mpsc::Sender<Finished>,
    settings: Settings,
    load: Arc<Load>,
    halt: watch::Receiver<bool>,
) {
    let shared = Arc::new(Shared {
        gate: Gate::new(settings.rate, settings.host_gap),
        names: Names::new(settings.concurrency),
        setup: Setup::read(settings.plan.resolver).ok(),
        plan: settings.plan,
        load: Arc::clone(&load),
        halt: halt.clone(),
    });
    let engine = Engine {
        adapt: Adapt::new(settings.concurrency),
        most_waiting: settings.concurrency.max(WAITING),
        shared,
        again: Again::default(),
        unasked: VecDeque::new(),
        in_flight: JoinSet::new(),
        leaving: JoinSet::new(),
        retried: 0,
        slowed_by: None,
        load,
    };
    engine.run(work, finished, halt).await;
}

struct Engine {
    adapt: Adapt,
    most_waiting: usize,
    shared: Arc<Shared>,
    again: Again,
    /// Names that wait for a place at the resolver: not in flight yet.
    unasked: VecDeque<Tried>,
    in_flight: JoinSet<Ended>,
    leaving: JoinSet<()>,
    retried: u64,
    slowed_by: Option<Lack>,
    load: Arc<Load>,
}

impl Engine {
    async fn run(
        mut self,
        mut work: mpsc::Receiver<Work>,
        finished: mpsc::Sender<Finished>,
        mut halt: watch::Receiver<bool>,
    ) {
        let mut exhausted = false;
        loop {
            let halted = *halt.borrow_and_update();
            if halted {
                // Whoever feeds it need not wait for what is in flight.
                work.close();
            }
            let begins = !halted && self.has_room();
            let due = self.again.due();
            let nothing_waits = due.is_none() && self.unasked.is_empty();
            if self.in_flight.is_empty() && (halted || (exhausted && nothing_waits)) {
                break;
            }
            tokio::select! {
                Some(ended) = self.in_flight.join_next() => {
                    // A crash is caught within; a task that was aborted is none of this scan's.
                    if let Ok(ended) = ended && !self.ended(ended, &finished).await {
                        return;
                    }
                }
                Some(_) = self.leaving.join_next() => {}
                next = work.recv(), if begins && !exhausted && self.waiting() < self.most_waiting => match next {
                    Some(next) => self.admit(Tried::new(next)),
                    None => exhausted = true,
                },
                () = until(due), if begins && due.is_some() => {
                    if let Some(tried) = self.again.take(Instant::now()) {
                        self.admit(tried);
                    }
                }
                place = self.shared.names.place(), if begins && !self.unasked.is_empty() => {
                    if let Some(tried) = self.unasked.pop_front() {
                        self.begin(tried, place);
                    }
                }
                Ok(()) = halt.changed(), if !halted => {}
            }
            self.tell();
        }
        while self.leaving.join_next().await.is_some() {}
    }

    fn has_room(&self) -> bool {
        // Who takes leave has a descriptor too.
        self.in_flight.len().max(self.leaving.len()) < self.adapt.limit()
    }

    /// How many targets wait, and are held here.
    fn waiting(&self) -> usize {
        self.again.len().saturating_add(self.unasked.len())
    }

    /// An address begins at once, a name when there is a place at the resolver.
    fn admit(&mut self, tried: Tried) {
        match tried.work.target.host {
            Host::Address(_) => self.begin(tried, None),
            Host::Name(_) => self.unasked.push_back(tried),
        }
    }

    fn begin(&mut self, tried: Tried, place: Option<Place>) {
        self.in_flight.spawn(one::one(tried, place, Arc::clone(&self.shared)));
    }

    /// Hands on what was seen, or puts the target back. Returns whether anybody still listens.
    async fn ended(&mut self, ended: Ended, finished: &mpsc::Sender<Finished>) -> bool {
        let Ended { tried: Tried { work, tries }, began, told } = ended;
        let Some(told) = told else { return true };
        let (evidence, farewells) = *told;
        if !farewells.are_needless() {
            self.leaving.spawn(farewells.say());
        }
        let now = Instant::now();
        let lack = lack(&evidence);
        // What was resolved to be connected to was counted then.
        if matches!(work.target.host, Host::Name(_)) && evidence.routes.is_empty() {
            self.shared.names.answered(lack == Some(Lack::Resolver), began, now);
        }
        let tries = tries.saturating_add(1);
        match lack {
            None => self.adapt.went_well(now),
            Some(Lack::Resolver) => {}
            Some(Lack::Descriptors | Lack::Resources) => {
                // This one was in flight as well.
                let in_flight = self.in_flight.len().saturating_add(1);
                self.adapt.lacked(in_flight.max(self.leaving.len()), now);
            }
        }
        if let Some(lack) = lack {
            self.slowed_by = Some(lack);
            if tries < self.most_tries(lack, now) {
                self.retried = self.retried.saturating_add(1);
                self.again.put(Tried { work, tries }, now);
                return true;
            }
        }
        finished.send(Finished { position: work.position, evidence }).await.is_ok()
    }

    fn most_tries(&self, lack: Lack, now: Instant) -> u32 {
        match lack {
            Lack::Resolver => self.shared.names.most_tries(now),
            Lack::Descriptors | Lack::Resources => MOST_TRIES,
        }
    }

    fn tell(&mut self) {
        if !self.adapt.is_slowed() && !self.shared.names.is_slowed() {
            self.slowed_by = None;
        }
        self.load.set(Loaded {
            in_flight: self.in_flight.len(),
            limit: self.adapt.limit(),
            waiting: self.waiting(),
            retried: self.retried,
            slowed_by: self.slowed_by,
        });
    }
}

/// Sleeps until then; for ever without a time.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_leaves_room_for_everything_else() {
        let lean = |limit| concurrency_for(limit, Depth::X224);
        assert_eq!((lean(Some(256)), lean(Some(1_024)), lean(Some(1 << 20))), (96, 480, 2_000));
        assert_eq!((lean(Some(0)), lean(None)), (1, 2_000));
        assert_eq!(concurrency_for(Some(256), Depth::Full), 12);
        assert_eq!(concurrency_for(None, Depth::Full), 250);
    }
}
