//! The driver: one task a target on the one schedule, deep probes beside, and everybody told of what happens.
//!
//! ```text
//!  orders --> run --> rounds (a task a target) --> Watched --> listeners
//!                      |  deep (few at a time) ----^
//!                      |  held (one a target)   ----^
//! ```

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, MissedTickBehavior};

use super::board::{Board, Slot};
use super::listen::Listener;
use super::pattern;
use super::settings::Settings;
use super::view::TargetView;
use crate::target::Target;

// What all targets share: settings, listeners, the control check, the places of deep probes.
mod common;

// How many deep probes run at a time.
mod places;

// One target: the place where its rounds, deep probes and held connection meet.
mod post;

// The addresses of a target: when to ask again, and which one to use.
mod names;

// The rounds of one target.
mod rounds;

// The held connection of one target.
mod held;

// Whole probes, at the start, every so often and when something changed.
mod deep;

use common::Common;
use post::{Place, Post};

/// What a running monitor is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// End within two seconds.
    Stop,
    /// Watch these targets from now on; those that stay keep their history.
    Targets(Vec<Target>),
}

/// From a crash of a target's rounds to their new beginning.
const AFTER_A_CRASH: Duration = Duration::from_secs(5);

/// How long the ends of connections are waited for at the stop; what is not done by then is cut off.
const STOP_PATIENCE: Duration = Duration::from_millis(1_500);

/// How many connections watching so many targets has at a time, at most: for each the round and the farewell of the one
/// before it, and the eight of a deep probe.
#[must_use]
pub const fn connections(targets: usize) -> usize {
    let deep = if targets < places::DOWN { targets } else { places::DOWN };
    targets.saturating_mul(2).saturating_add(deep.saturating_mul(8))
}

/// Watches the targets of a board until [`Order::Stop`] comes, or nobody is left to send one.
///
/// Every listener is told of every round, of every interval of [`Settings::summary_every`] and of every event; the
/// last interval ends with the monitor. Needs a Tokio runtime with network and time.
pub async fn run(
    board: Arc<Board>,
    settings: Settings,
    listeners: Vec<Arc<dyn Listener>>,
    mut orders: mpsc::Receiver<Order>,
) {
    let common = Arc::new(Common::new(settings, listeners));
    let mut crew = Crew::default();
    crew.follow(&board, &common);
    let every = common.settings.summary_every.max(Duration::from_millis(100));
    let mut summaries = tokio::time::interval_at(Instant::now() + every, every);
    summaries.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Targets(targets)) => {
                    board.replace(targets);
                    close_intervals(&crew.follow(&board, &common), &common).await;
                }
                Some(Order::Stop) | None => break,
            },
            _ = summaries.tick() => {
                let slots = board.slots();
                close_intervals(&slots, &common).await;
                compare(&slots, &common).await;
            }
        }
    }
    crew.leave().await;
    close_intervals(&board.slots(), &common).await;
}

/// Ends an interval of each target. Rounds go on between one target and the next.
async fn close_intervals(slots: &[Arc<Slot>], common: &Common) {
    for slot in slots {
        let interval = slot.watched().close_interval(Timestamp::now());
        for listener in &common.listeners {
            listener.interval(&slot.target.input, &interval);
        }
        tokio::task::yield_now().await;
    }
}

/// Looks at each target that was out often beside the other targets of the same machine.
async fn compare(slots: &[Arc<Slot>], common: &Common) {
    for slot in slots {
        let Some(name) = slot.watched().troubled_server().map(str::to_owned) else { continue };
        let is_same = |other: &&Arc<Slot>| {
            let same = other.watched().server_name().is_some_and(|its| its.eq_ignore_ascii_case(&name));
            same && other.target != slot.target
        };
        let others: Vec<TargetView> =
            slots.iter().filter(is_same).map(|other| other.watched().view()).collect();
        let own = slot.watched().view();
        let now = Timestamp::now();
        let events = slot.watched().compared(pattern::across(&own, &others, now), now);
        common.tell(&events);
        tokio::task::yield_now().await;
    }
}

/// Makes rounds until the post is halted. A crash must not leave the target as it was last seen for ever: it is unknown,
/// and its rounds begin anew.
async fn keep_at_it(post: Arc<Post>) {
    loop {
        // It ends what it holds if this is cut off.
        let mut rounds = JoinSet::new();
        rounds.spawn(rounds::run(Arc::clone(&post)));
        let Some(Err(crash)) = rounds.join_next().await else { return };
        tracing::error!(
            target = post.target().input,
            "the rounds of a target crashed and begin anew: {crash}"
        );
        let lost = post.slot.watched().lost_track(Timestamp::now());
        post.tell(&lost);
        tokio::select! {
            biased;
            () = post.halted() => return,
            () = tokio::time::sleep(AFTER_A_CRASH) => {}
        }
    }
}

/// The targets at work.
#[derive(Default)]
struct Crew {
    at_work: HashMap<Target, AtWork>,
}

struct AtWork {
    slot: Arc<Slot>,
    halt: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Crew {
    /// Begins with the targets that are new on the board and ends those that are gone; returns the latter.
    fn follow(&mut self, board: &Board, common: &Arc<Common>) -> Vec<Arc<Slot>> {
        let slots = board.slots();
        let mut before = std::mem::take(&mut self.at_work);
        for (index, slot) in slots.iter().enumerate() {
            let at_work = before.remove(&slot.target).unwrap_or_else(|| {
                let (halt, halted) = watch::channel(false);
                let place = Place { index, of: slots.len() };
                let post = Post::new(Arc::clone(slot), Arc::clone(common), halted, place);
                let task = tokio::spawn(keep_at_it(post));
                AtWork { slot: Arc::clone(slot), halt, task }
            });
            self.at_work.insert(slot.target.clone(), at_work);
        }
        for gone in before.values() {
            gone.halt.send_replace(true);
        }
        before.into_values().map(|gone| gone.slot).collect()
    }

    /// Ends all, each connection in order if its peer lets it.
    async fn leave(self) {
        for at_work in self.at_work.values() {
            at_work.halt.send_replace(true);
        }
        let deadline = Instant::now() + STOP_PATIENCE;
        for at_work in self.at_work.into_values() {
            let mut task = at_work.task;
            if tokio::time::timeout_at(deadline, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}
