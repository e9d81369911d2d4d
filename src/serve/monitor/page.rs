//! A page on its way to its reader: written on a thread of its own, sent in pieces, never waited for for ever.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};

use crate::serve::exposition::Encoder;

/// A piece is about so long, in bytes.
const PIECE: usize = 256 * 1024;

/// A reader has to take the whole page within this time.
const TAKEN_WITHIN: Duration = Duration::from_secs(60);

/// The reader is gone, or too slow.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gone;

/// A page that is being written.
pub(super) struct Page {
    pub(super) encoder: Encoder,
    /// Pieces; the last one says that the page is whole.
    pieces: mpsc::Sender<Option<Bytes>>,
    runtime: Handle,
    end: Instant,
}

impl Page {
    /// Hands on what is written so far.
    pub(super) fn send(&mut self) -> Result<(), Gone> {
        let piece = self.encoder.take();
        if piece.is_empty() { Ok(()) } else { self.hand_on(Some(piece.into())) }
    }

    /// The same, if it is worth the while.
    pub(super) fn send_if_long(&mut self) -> Result<(), Gone> {
        if self.encoder.ready() >= PIECE { self.send() } else { Ok(()) }
    }

    fn hand_on(&self, piece: Option<Bytes>) -> Result<(), Gone> {
        let sent = self.runtime.block_on(timeout_at(self.end, self.pieces.send(piece)));
        match sent {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

/// The body of a page that `write` writes.
pub(super) fn on_its_own_thread(
    encoder: Encoder,
    write: impl FnOnce(&mut Page) -> Result<(), Gone> + Send + 'static,
) -> Body {
    let (pieces, taken) = mpsc::channel(2);
    let runtime = Handle::current();
    let end = Instant::now() + TAKEN_WITHIN;
    tokio::task::spawn_blocking(move || {
        let mut page = Page { encoder, pieces, runtime, end };
        if write(&mut page).is_ok() {
            let rest = page.encoder.finish();
            // Nobody is left to tell if the reader is gone now.
            let _ = page.hand_on(Some(rest.into())).and_then(|()| page.hand_on(None));
        }
    });
    Body::from_stream(stream::unfold(taken, async |mut taken| match taken.recv().await {
        Some(Some(piece)) => Some((Ok(piece), taken)),
        Some(None) => None,
        // A page that breaks off must not pass for a whole one.
        None => Some((Err(io::Error::other("the page was not written to its end")), taken)),
    }))
}
