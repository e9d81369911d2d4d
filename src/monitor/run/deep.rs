//! Whole probes of one target: at the start, every so often, and when something changed.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::post::Post;
use crate::probe;
use crate::probe::round::Manner;
use crate::report::Report;

/// From the beginning of one deep probe of a target to the next, however often it changes.
const SPACING: Duration = Duration::from_secs(2);

/// When a target is probed in depth.
pub(super) struct Deep {
    began: Option<Instant>,
    /// How long after it the next one is due while nothing happens.
    next_after: Duration,
    running: Option<JoinHandle<()>>,
}

impl Deep {
    /// The first one is due at once.
    pub(super) fn new(post: &Post) -> Self {
        let every = post.common.settings.deep_every;
        // The second one comes sooner, each target's at a time of its own: from then on they are spread.
        Self { began: None, next_after: every / 2 + post.place.part_of(every / 2), running: None }
    }

    /// Begins one if it is time to and none is running. Rounds go on meanwhile.
    pub(super) fn look(&mut self, post: &Arc<Post>) {
        if self.running.as_ref().is_some_and(|running| !running.is_finished()) || !self.is_due(post) {
            return;
        }
        if self.began.replace(Instant::now()).is_some() {
            self.next_after = post.common.settings.deep_every;
        }
        self.running = Some(tokio::spawn(probe(Arc::clone(post))));
    }

    fn is_due(&self, post: &Post) -> bool {
        let Some(began) = self.began else { return true };
        let since = began.elapsed();
        since >= self.next_after || (since >= SPACING && post.slot.watched().wants_deep_probe())
    }

    /// Waits for the last one, which ends with the post.
    pub(super) async fn end(self) {
        if let Some(running) = self.running {
            // A crash in there was told by the runtime already.
            drop(running.await);
        }
    }
}

async fn probe(post: Arc<Post>) {
    let state = || {
        let watched = post.slot.watched();
        (watched.state(), watched.turns())
    };
    let place = tokio::select! {
        biased;
        () = post.halted() => return,
        place = post.common.deep_places.take(state, |turns| post.turned_since(turns)) => place,
    };
    let turns = post.slot.watched().turns();
    let mut evidence = probe::probe(post.target(), &post.common.settings.plan, &*post).await;
    if post.is_halted() {
        return;
    }
    let used = post.address();
    if let Some(route) =
        evidence.routes.iter().find(|route| Some(route.address) == used).or(evidence.routes.first())
    {
        post.learn_manner(Manner::learned(&post.common.settings.plan, route));
    }
    let answered = evidence.routes.iter().find(|route| route.connect.seen().is_some());
    let answered = answered.map(|route| route.address.ip());
    evidence.testimony = post.slot.watched().testimony(Timestamp::now());
    let report = Report::new(evidence);
    drop(place);
    let events = {
        let mut watched = post.slot.watched();
        // One that the state turned under saw some of each: it says nothing, and another one is wanted still.
        if watched.turns() == turns {
            let (target, state) = (post.target().input.escape_debug(), watched.state());
            tracing::debug!("{target} probed in depth while {state:?}");
            watched.probed(&report)
        } else {
            Vec::new()
        }
    };
    post.tell(&events);
    if let Some(address) = answered {
        post.common.control.get_to_know(address).await;
    }
}
