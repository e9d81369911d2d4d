//! The rounds of one target: on its schedule, one connection at a time, each ended beside the next.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::deep::Deep;
use super::held;
use super::names::Names;
use super::post::Post;
use crate::evidence::{Resolution, Round, Step};
use crate::monitor::health::Health;
use crate::monitor::schedule::Schedule;
use crate::probe::round::{self, Turn};

/// Makes rounds until the post is halted; the first is due at the post's part of the interval.
pub(super) async fn run(post: Arc<Post>) {
    let began = Instant::now();
    let interval = post.common.settings.interval;
    let mut schedule = Schedule::new(interval, post.place.part_of(interval));
    let mut names = Names::new(&post.target().host);
    let mut deep = Deep::new(&post);
    // The held connection, and farewells, which end by themselves and soon.
    let mut beside = JoinSet::new();
    if let Some(hold) = &post.common.settings.hold {
        beside.spawn(held::run(Arc::clone(&post), hold.patience));
    }
    loop {
        let turn = schedule.next(began.elapsed());
        if turn.missed > 0 {
            post.slot.watched().missed(turn.missed);
        }
        let due = began + turn.due;
        tokio::select! {
            biased;
            () = post.halted() => break,
            () = tokio::time::sleep_until(due) => {}
        }
        let (round, farewell) = one(&post, &mut names, due).await;
        if !farewell.is_needless() {
            beside.spawn(farewell.say());
        }
        if post.is_halted() {
            // It was cut short: it says nothing of the target.
            break;
        }
        take(&post, &mut names, &round).await;
        deep.look(&post);
        while beside.try_join_next().is_some() {}
    }
    deep.end().await;
    while beside.join_next().await.is_some() {}
}

/// One round, with the name asked for again if it is time to.
async fn one(post: &Post, names: &mut Names, due: Instant) -> (Round, round::Farewell) {
    let began = Instant::now();
    let late = began.saturating_duration_since(due);
    let due = Timestamp::now();
    let due = due.checked_sub(SignedDuration::try_from(late).unwrap_or_default()).unwrap_or(due);
    let resolve = resolve(post, names).await;
    let address = names.address();
    post.use_address(address);
    let turn = Turn {
        target: post.target(),
        address,
        resolve,
        plan: &post.common.plan,
        manner: &post.manner(),
        due,
        late,
        began,
    };
    round::round(turn, post.halt.clone()).await
}

async fn resolve(post: &Post, names: &mut Names) -> Step<Resolution> {
    if !names.is_due(Instant::now()) {
        return names.unasked();
    }
    let plan = &post.common.plan;
    let step = round::resolve(&post.target().host, plan, post.halt.clone()).await;
    names.took(Instant::now(), &step, round::addresses(post.target(), plan, &step));
    step
}

/// What the round means, and who is told.
async fn take(post: &Post, names: &mut Names, round: &Round) {
    let own_side = post.common.control.own_side(round).await;
    let taken = post.slot.watched().round(round, own_side.as_deref());
    match taken.health {
        Health::Good | Health::Lesser(_) => {}
        Health::Bad(_) | Health::OwnSide(_) => names.failed(),
    }
    post.common.tell_round(&post.target().input, round, &taken.health);
    post.tell(&taken.events);
}
