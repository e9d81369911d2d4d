//! The rounds of one target: on its schedule, one connection at a time, each ended beside the next.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::deep::Deep;
use super::held;
use super::names::Names;
use super::post::Post;
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Failure, Resolution, Round, Step};
use crate::monitor::health::Health;
use crate::monitor::schedule::Schedule;
use crate::probe::round::{self, Turn};

/// How long a resolver may take while an address is still known.
const RESOLVE_AGAIN: Duration = Duration::from_secs(1);

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
        let due = began + turn.due;
        tokio::select! {
            biased;
            () = post.halted() => break,
            () = tokio::time::sleep_until(due) => {}
        }
        let round_began = Instant::now();
        let (round, farewell) = one(&post, &mut names, due, turn.missed).await;
        if !farewell.is_needless() {
            beside.spawn(farewell.say());
        }
        if post.is_halted() {
            // It was cut short: it says nothing of the target.
            break;
        }
        take(&post, &mut names, &round).await;
        post.judged(round_began);
        deep.look(&post);
        while beside.try_join_next().is_some() {}
    }
    deep.end().await;
    while beside.join_next().await.is_some() {}
}

/// One round, with the name asked for again if it is time to.
async fn one(post: &Post, names: &mut Names, due: Instant, missed: u64) -> (Round, round::Farewell) {
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
        missed,
        late,
        began,
    };
    round::round(turn, post.halt.clone()).await
}

async fn resolve(post: &Post, names: &mut Names) -> Step<Resolution> {
    if !names.is_due(Instant::now()) {
        return names.unasked();
    }
    let mut plan = post.common.plan.clone();
    if names.address().is_some() {
        // With an address still known, a resolver that is silent must not keep the round.
        plan.timeouts.resolve = plan.timeouts.resolve.min(RESOLVE_AGAIN);
    }
    let step = round::resolve(&post.target().host, &plan, post.halt.clone()).await;
    names.took(Instant::now(), &step, round::addresses(post.target(), &plan, &step));
    step
}

/// What the round means, and who is told.
async fn take(post: &Post, names: &mut Names, round: &Round) {
    post.common.control.heard(round);
    let asked = Instant::now();
    let own_side = tokio::select! {
        biased;
        () = post.halted() => None,
        own_side = post.common.control.own_side(round) => own_side,
    };
    let taken = {
        let mut watched = post.slot.watched();
        watched.judged_late(asked.elapsed());
        watched.round(round, own_side.as_deref())
    };
    match taken.health {
        Health::Good | Health::Lesser(_) => {}
        Health::Bad(_) | Health::OwnSide(_) => names.failed(had_no_way(round)),
    }
    post.common.tell_round(&post.target().input, round, &taken.health);
    post.tell(&taken.events);
}

/// Whether this machine itself had no way to the address.
fn had_no_way(round: &Round) -> bool {
    matches!(
        round.connect.failure(),
        Some(Failure::Local { what: LocalTrouble::NoRoute | LocalTrouble::SourceNotHere, .. })
    )
}
