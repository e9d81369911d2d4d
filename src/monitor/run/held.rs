//! The held connection of one target: one after the other, each as the ladder says, beside the rounds.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::post::Post;
use crate::monitor::hold::{Ending, HeldEnd, NextHold};
use crate::monitor::schedule;
use crate::probe::hold::{self, End, Ended, Held, Holding};

/// From the end of one held connection, or of the attempt at one, to the next.
const PAUSE: Duration = Duration::from_secs(1);

/// ... after an attempt that came to nothing: the rounds tell of the outage, this need not add to it.
const LONG_PAUSE: Duration = Duration::from_secs(5);

/// Holds connections until the post is halted.
pub(super) async fn run(post: Arc<Post>, patience: Duration) {
    while !post.is_halted() {
        let pause = match open(&post).await {
            Some(held) => {
                let Some(NextHold { keep_alive, for_at_most }) = post.slot.watched().next_hold() else {
                    return;
                };
                let holding = Holding { keep_alive, for_at_most, patience };
                let Some(end) = see_through(&post, held, &holding).await else { return };
                if end.ending != Ending::Survived {
                    // A server that goes down resets it before any round can fail: then it is the outage's.
                    post.judged_after(Instant::now()).await;
                }
                let events = post.slot.watched().held(&end);
                post.tell(&events);
                PAUSE
            }
            None => LONG_PAUSE,
        };
        tokio::select! {
            biased;
            () = post.halted() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Opens one where the rounds go; none if that fails.
async fn open(post: &Post) -> Option<Held> {
    let address = post.address()?;
    hold::open(address, &post.common.plan, &post.manner(), post.halt.clone()).await.ok()
}

/// Holds it to its end; none if the post is halted first.
async fn see_through(post: &Post, mut held: Held, holding: &Holding) -> Option<HeldEnd> {
    let ended = tokio::select! {
        biased;
        () = post.halted() => None,
        ended = held.hold(holding) => Some(ended),
    };
    if ended.is_none_or(|ended| ended.end == End::Survived) {
        held.leave().await;
    }
    ended.map(told)
}

fn told(ended: Ended) -> HeldEnd {
    let noticed = Timestamp::now();
    HeldEnd {
        // By the clock as it is now: it may have been set meanwhile.
        opened: schedule::earlier(noticed, ended.age),
        noticed,
        age_s: ended.age.as_secs_f64(),
        idle_s: ended.idle.as_secs_f64(),
        ending: match ended.end {
            End::Fin => Ending::Fin,
            End::Reset => Ending::Reset,
            End::Silence => Ending::Silence,
            End::Survived => Ending::Survived,
        },
    }
}
