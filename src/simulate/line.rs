//! A TCP stream that can be cut into single bytes and ended by FIN, by reset or by nothing.

use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use super::persona::{End, Pieces};

/// What a peer may still send, in bytes, while nobody listens any more.
const MOST_DRAINED: usize = 4 << 20;

/// One connection.
pub(super) struct Line {
    stream: TcpStream,
    pieces: Pieces,
    /// Bytes that were read and put back.
    put_back: Vec<u8>,
    /// Whether the next single byte may go; between two the runtime gets a turn, so that a reader sees them apart.
    may_write: bool,
}

impl Line {
    pub(super) fn new(stream: TcpStream, pieces: Pieces) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { stream, pieces, put_back: Vec::new(), may_write: true })
    }

    /// The next read sees these bytes first.
    pub(super) fn put_back(&mut self, mut bytes: Vec<u8>) {
        bytes.append(&mut self.put_back);
        self.put_back = bytes;
    }

    /// Reads until `frame_len` knows the length of the message and all of it is there; `None` when it is no such
    /// message, is longer than `most`, or the peer leaves before its end. Bytes after the message are put back.
    pub(super) async fn read_message<E>(
        &mut self,
        most: usize,
        frame_len: impl Fn(&[u8]) -> Result<Option<usize>, E>,
    ) -> io::Result<Option<Vec<u8>>> {
        read_message(self, most, frame_len).await.map(|read| {
            read.map(|(message, rest)| {
                self.put_back(rest);
                message
            })
        })
    }

    /// Ends the connection.
    pub(super) async fn end(mut self, end: End) -> io::Result<()> {
        match end {
            // No linger: closing sends a reset instead of a FIN.
            End::Reset => socket2::SockRef::from(&self.stream).set_linger(Some(std::time::Duration::ZERO)),
            End::Close => {
                self.shutdown().await?;
                // Closing with unread bytes would send a reset after the FIN.
                self.drain().await
            }
            End::Silent => self.drain().await,
        }
    }

    /// Reads and forgets until the peer leaves.
    async fn drain(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; 4096];
        let mut drained: usize = 0;
        while drained < MOST_DRAINED {
            match self.stream.read(&mut buffer).await? {
                0 => break,
                read => drained = drained.saturating_add(read),
            }
        }
        Ok(())
    }
}

/// Reads one message off any stream: the message, and what came behind it. `None` as for [`Line::read_message`].
pub(super) async fn read_message<E>(
    stream: &mut (impl AsyncRead + Unpin),
    most: usize,
    frame_len: impl Fn(&[u8]) -> Result<Option<usize>, E>,
) -> io::Result<Option<(Vec<u8>, Vec<u8>)>> {
    let mut message = Vec::new();
    loop {
        match frame_len(&message) {
            Err(_) => return Ok(None),
            Ok(Some(length)) if length > most => return Ok(None),
            Ok(Some(length)) if message.len() >= length => {
                let rest = message.split_off(length);
                return Ok(Some((message, rest)));
            }
            Ok(_) if message.len() > most => return Ok(None),
            Ok(_) => {}
        }
        if stream.read_buf(&mut message).await? == 0 {
            return Ok(None);
        }
    }
}

impl AsyncRead for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.put_back.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buffer);
        }
        let take = self.put_back.len().min(buffer.remaining());
        let rest = self.put_back.split_off(take);
        buffer.put_slice(&self.put_back);
        self.put_back = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.pieces == Pieces::Whole {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        if !self.may_write {
            self.may_write = true;
            // Unlike a plain wake, this one comes after the runtime has looked at its sockets.
            let _pending = pin!(tokio::task::yield_now()).poll(cx);
            return Poll::Pending;
        }
        let first = bytes.get(..1).unwrap_or_default();
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, first))?;
        self.may_write = false;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
