//! A thread of its own for what may block, such as a pipe or a full disk: the monitor hands a piece over and goes on.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The way to the thread.
#[derive(Debug)]
pub(super) struct Aside<T> {
    sender: Mutex<Option<SyncSender<T>>>,
    done: Mutex<Receiver<()>>,
    lost: AtomicU64,
}

impl<T: Send + 'static> Aside<T> {
    /// Starts the thread, which takes the pieces in order; at most `waiting` wait for it.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(super) fn start(
        name: &str,
        waiting: usize,
        mut take: impl FnMut(T) + Send + 'static,
    ) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(waiting);
        let (ends, done) = channel::<()>();
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            pieces.into_iter().for_each(&mut take);
            // Nobody waits: then nobody needs to know.
            _ = ends.send(());
        })?;
        Ok(Self { sender: Mutex::new(Some(sender)), done: Mutex::new(done), lost: AtomicU64::new(0) })
    }

    /// Hands a piece over. Where too many wait it is lost and counted.
    pub(super) fn send(&self, piece: T) {
        let sender = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = sender.as_ref().is_some_and(|sender| sender.try_send(piece).is_ok());
        if !sent {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything is taken, though not for ever; returns how many pieces were lost.
    pub(super) fn finish(&self, patience: Duration) -> u64 {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).take();
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        // A thread that hangs in a pipe that nobody reads ends with the process.
        _ = done.recv_timeout(patience);
        self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn pieces_are_taken_in_order_and_all_before_the_end() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        let aside = Aside::start("test", 100, move |piece| into.lock().unwrap().push(piece)).unwrap();
        (0..50).for_each(|piece| aside.send(piece));
        assert_eq!(aside.finish(Duration::from_secs(60)), 0);
        assert_eq!(*taken.lock().unwrap(), (0..50).collect::<Vec<_>>());
    }

    #[test]
    fn who_blocks_loses_pieces_and_holds_nobody_up() {
        let (release, blocked) = channel::<()>();
        let aside = Aside::start("test", 2, move |_: u32| _ = blocked.recv()).unwrap();
        (0..50).for_each(|piece| aside.send(piece));
        assert!(aside.finish(Duration::from_millis(1)) >= 47);
        drop(release);
    }
}
