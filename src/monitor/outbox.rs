//! Events on their way to somebody who takes his time: a bounded queue, of which the oldest is dropped first, and the
//! thread that carries them.

use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::event::Event;
use super::listen::Listener;

/// Carries the events of an outbox, one after the other, on a thread of its own. A [`Listener`] that never waits.
#[derive(Debug)]
pub struct Courier {
    outbox: Arc<Outbox>,
    ended: Mutex<Receiver<()>>,
}

impl Courier {
    /// Starts the thread, which hands each event to `carry`, with the outbox that it came out of.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(
        thread: &str,
        outbox: Outbox,
        mut carry: impl FnMut(&Outbox, &str) + Send + 'static,
    ) -> io::Result<Self> {
        let outbox = Arc::new(outbox);
        let (tell, ended) = mpsc::channel::<()>();
        let events = Arc::clone(&outbox);
        std::thread::Builder::new().name(thread.to_owned()).spawn(move || {
            while let Some(event) = events.next() {
                carry(&events, &event);
            }
            // Without a receiver the monitor is gone, and nobody waits.
            let _ = tell.send(());
        })?;
        Ok(Self { outbox, ended: Mutex::new(ended) })
    }

    /// Waits, for no longer than `patience`, until every event is carried; whether that was in time.
    pub fn finish(&self, patience: Duration) -> bool {
        self.outbox.close();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        !matches!(ended.recv_timeout(patience), Err(mpsc::RecvTimeoutError::Timeout))
    }

    /// How many events were dropped because it was too slow.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.outbox.dropped()
    }
}

impl Listener for Courier {
    fn event(&self, event: &Event) {
        self.outbox.put(event);
    }
}

/// Events as JSON, one after another. Who puts one in never waits.
#[derive(Debug)]
pub struct Outbox {
    /// For whom, in warnings.
    whom: String,
    /// So many may wait.
    most: usize,
    inside: Mutex<Inside>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Inside {
    events: VecDeque<String>,
    dropped: u64,
    closed: bool,
}

impl Outbox {
    /// An empty one for `whom`, in which at most `most` events wait.
    #[must_use]
    pub fn new(whom: impl Into<String>, most: usize) -> Self {
        Self { whom: whom.into(), most, inside: Mutex::default(), changed: Condvar::new() }
    }

    /// Puts an event in; where too many wait, the oldest is dropped and counted.
    pub fn put(&self, event: &Event) {
        let text = match serde_json::to_string(event) {
            Ok(text) => text,
            Err(error) => {
                tracing::error!("an event cannot be written as JSON: {error}; this is a bug in rdprobe");
                return;
            }
        };
        let mut inside = self.inside();
        if inside.events.len() >= self.most {
            inside.events.pop_front();
            inside.dropped = inside.dropped.saturating_add(1);
            tracing::warn!("{} is too slow: {} events were dropped", self.whom, inside.dropped);
        }
        inside.events.push_back(text);
        drop(inside);
        self.changed.notify_all();
    }

    /// Waits for the next event; none once the outbox is closed and empty.
    pub fn next(&self) -> Option<String> {
        let waiting = self
            .changed
            .wait_while(self.inside(), |inside| inside.events.is_empty() && !inside.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let mut inside = waiting;
        inside.events.pop_front()
    }

    /// Waits for so long, or until the outbox is closed: whether it is.
    pub fn closed_within(&self, time: Duration) -> bool {
        let waited = self.changed.wait_timeout_while(self.inside(), time, |inside| !inside.closed);
        waited.unwrap_or_else(PoisonError::into_inner).0.closed
    }

    /// Lets nobody wait any more: what is inside may still be taken out.
    pub fn close(&self) {
        self.inside().closed = true;
        self.changed.notify_all();
    }

    /// How many events were dropped.
    pub fn dropped(&self) -> u64 {
        self.inside().dropped
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::event::What;
    use crate::monitor::state::State;

    fn event(target: &str) -> Event {
        let what = What::Diagnosed { state: State::Down, summary: String::new(), cause: None };
        Event::new(jiff::Timestamp::UNIX_EPOCH, target, what)
    }

    #[test]
    fn the_oldest_is_dropped_and_counted() {
        let outbox = Outbox::new("the test", 2);
        for target in ["a", "b", "c"] {
            outbox.put(&event(target));
        }
        outbox.close();
        let left: Vec<String> = std::iter::from_fn(|| outbox.next()).collect();
        assert_eq!(left, ["b", "c"].map(|target| serde_json::to_string(&event(target)).unwrap()));
        assert_eq!(outbox.dropped(), 1);
        assert!(outbox.closed_within(Duration::from_secs(3600)), "nobody waits for a closed one");
    }

    #[test]
    fn who_waits_is_woken() {
        let outbox = std::sync::Arc::new(Outbox::new("the test", 2));
        let waits = std::thread::spawn({
            let outbox = std::sync::Arc::clone(&outbox);
            move || outbox.next()
        });
        outbox.put(&event("a"));
        assert!(waits.join().unwrap().unwrap().contains("\"target\":\"a\""));
    }
}
