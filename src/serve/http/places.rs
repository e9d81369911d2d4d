//! Who is served at present, and who makes room when all places are taken: whoever has been idle for longest.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};

/// While nobody is idle: how soon it is looked again.
const LOOK: Duration = Duration::from_millis(100);

/// The places.
pub(super) struct Places {
    free: Arc<Semaphore>,
    talks: Mutex<Vec<Weak<Talk>>>,
}

/// A connection's place, until it is dropped.
pub(super) struct Place {
    pub(super) talk: Arc<Talk>,
    _permit: OwnedSemaphorePermit,
}

/// What is known of a connection.
pub(super) struct Talk {
    /// Since when nothing is answered on it; none while something is, and once it is to make room.
    idle_since: Mutex<Option<Instant>>,
    make_room: Notify,
}

impl Places {
    /// So many, all free.
    pub(super) fn new(count: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), talks: Mutex::default() }
    }

    /// A place. If none is free, the connection that has been idle for longest makes room, as soon as one is.
    pub(super) async fn take(&self) -> Option<Place> {
        let permit = loop {
            let free = Arc::clone(&self.free);
            if let Ok(permit) = Arc::clone(&free).try_acquire_owned() {
                break permit;
            }
            self.make_room();
            if let Ok(permit) = timeout(LOOK, free.acquire_owned()).await {
                break permit.ok()?;
            }
        };
        let talk = Arc::new(Talk { idle_since: Mutex::new(Some(Instant::now())), make_room: Notify::new() });
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        talks.retain(|talk| talk.strong_count() > 0);
        talks.push(Arc::downgrade(&talk));
        Some(Place { talk, _permit: permit })
    }

    fn make_room(&self) {
        let talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = talks.iter().filter_map(Weak::upgrade);
        let idle = idle.filter_map(|talk| talk.idle().map(|since| (since, talk)));
        if let Some((_, idlest)) = idle.min_by_key(|(since, _)| *since) {
            idlest.idle_since().take();
            idlest.make_room.notify_one();
        }
    }
}

impl Talk {
    /// Something is answered on it as long as this lives.
    pub(super) fn answers(self: &Arc<Self>) -> Answering {
        self.idle_since().take();
        Answering(Arc::clone(self))
    }

    /// Resolves when it is to make room.
    pub(super) async fn is_to_make_room(&self) {
        self.make_room.notified().await;
    }

    fn idle(&self) -> Option<Instant> {
        *self.idle_since()
    }

    fn idle_since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.idle_since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Something is answered on a connection.
pub(super) struct Answering(Arc<Talk>);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.idle_since().replace(Instant::now());
    }
}

/// An answer's body, under way until it is dropped.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) _answering: Answering,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
