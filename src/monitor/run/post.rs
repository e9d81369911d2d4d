//! One target at work: what its rounds, its deep probes and its held connection share.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::common::Common;
use crate::monitor::board::Slot;
use crate::monitor::event::Event;
use crate::monitor::schedule;
use crate::probe::Watch;
use crate::probe::round::Manner;
use crate::target::Target;

/// Which of how many targets this one is, so that they do not march in step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) index: usize,
    pub(super) of: usize,
}

impl Place {
    /// This target's own part of a time.
    pub(super) fn part_of(self, whole: Duration) -> Duration {
        schedule::spread(self.index, self.of, whole)
    }
}

/// A target's post.
pub(super) struct Post {
    pub(super) slot: Arc<Slot>,
    pub(super) common: Arc<Common>,
    pub(super) halt: watch::Receiver<bool>,
    pub(super) place: Place,
    /// When the last round that was judged began.
    judged: watch::Sender<Option<Instant>>,
    known: Mutex<Known>,
}

/// What one learns for the others.
struct Known {
    manner: Arc<Manner>,
    address: Option<SocketAddr>,
}

impl Post {
    pub(super) fn new(
        slot: Arc<Slot>,
        common: Arc<Common>,
        halt: watch::Receiver<bool>,
        place: Place,
    ) -> Arc<Self> {
        let known = Mutex::new(Known { manner: Arc::new(common.usual.clone()), address: None });
        Arc::new(Self { slot, common, halt, place, judged: watch::Sender::new(None), known })
    }

    pub(super) fn target(&self) -> &Target {
        &self.slot.target
    }

    /// A round that began then was judged.
    pub(super) fn judged(&self, began: Instant) {
        self.judged.send_replace(Some(began));
    }

    /// Waits until a round that began after `moment` was judged, or the target is to be left alone.
    pub(super) async fn judged_after(&self, moment: Instant) {
        let mut judged = self.judged.subscribe();
        tokio::select! {
            biased;
            () = self.halted() => {}
            _ = judged.wait_for(|began| began.is_some_and(|began| began > moment)) => {}
        }
    }

    /// Waits until the state is another one than at that turn.
    pub(super) async fn turned_since(&self, turns: u64) {
        let mut judged = self.judged.subscribe();
        while self.slot.watched().turns() == turns && judged.changed().await.is_ok() {}
    }

    /// Resolves when the target is to be left alone.
    pub(super) async fn halted(&self) {
        let mut halt = self.halt.clone();
        // A sender that is gone has nobody left to watch for: that ends it too.
        drop(halt.wait_for(|halt| *halt).await);
    }

    pub(super) fn is_halted(&self) -> bool {
        *self.halt.borrow()
    }

    /// Tells everybody what happened.
    pub(super) fn tell(&self, events: &[Event]) {
        self.common.tell(events);
    }

    /// How the target wants to be asked.
    pub(super) fn manner(&self) -> Arc<Manner> {
        Arc::clone(&self.known().manner)
    }

    /// Asks it in another way from now on.
    pub(super) fn learn_manner(&self, manner: Manner) {
        let mut known = self.known();
        if *known.manner != manner {
            known.manner = Arc::new(manner);
        }
    }

    /// The address of the last round.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.known().address
    }

    pub(super) fn use_address(&self, address: Option<SocketAddr>) {
        self.known().address = address;
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Post {
    fn stopped(&self) -> impl Future<Output = ()> + Send {
        self.halted()
    }
}
