//! A connection whose every read and write has the stage's deadline, and whose bytes are counted and limited.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, Interest};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::budget::Budget;
use super::connect::failure::of_local_error;
use super::kernel;
use crate::evidence::failure::Unreachable;
use crate::evidence::{Failure, HexBytes, Millis};
use crate::wire::banner::Banner;
use crate::wire::error::DecodeError;
use crate::wire::tpkt;

/// The most bytes that one stage may read.
const STAGE_LIMIT: usize = 512 * 1024;

/// How much is read at a time.
const CHUNK: usize = 4096;

/// How much of a peer's bytes is kept as evidence.
const EVIDENCE_LEN: usize = 64;

/// How long a peer is heard out after the last words.
const PEACE: Duration = Duration::from_secs(1);

/// How long to wait for the rest of a banner once its first bytes have shown that it is no RDP.
const BANNER_PATIENCE: Duration = Duration::from_millis(300);

/// One TCP connection in the course of its stages.
#[derive(Debug)]
pub(super) struct Line {
    stream: TcpStream,
    budget: Budget,
    started: Instant,
    deadline: Instant,
    buffer: Vec<u8>,
    bytes_read: u64,
    /// When the last bytes came.
    arrived: Option<Instant>,
}

impl Line {
    /// Takes over a connected stream; [`Line::begin`] must give the first stage its deadline.
    pub(super) fn new(stream: TcpStream, budget: Budget) -> Self {
        let now = Instant::now();
        Self { stream, budget, started: now, deadline: now, buffer: Vec::new(), bytes_read: 0, arrived: None }
    }

    /// When the last bytes came: by the kernel's note, where it makes one, so that a wait for this process's turn is no
    /// wait for the peer.
    pub(super) const fn arrived(&self) -> Option<Instant> {
        self.arrived
    }

    /// Begins a stage: its deadline runs from now and its bytes are counted afresh.
    pub(super) fn begin(&mut self, limit: Duration) {
        self.started = Instant::now();
        self.deadline = self.budget.deadline(limit);
        self.bytes_read = 0;
    }

    /// Writes all bytes.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let write = tokio::time::timeout_at(self.deadline, self.stream.write_all(bytes));
        let written = self.budget.unless_halted(async { Ok(write.await) }).await?;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.broken(&error)),
            Err(_) => Err(self.timed_out()),
        }
    }

    /// Bytes that have come and were not yet taken.
    pub(super) fn pending(&self) -> &[u8] {
        &self.buffer
    }

    /// Takes all bytes that have come.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.buffer)
    }

    /// Reads more bytes, at least one.
    pub(super) async fn fill(&mut self) -> Result<(), Failure> {
        if self.buffer.len() >= STAGE_LIMIT || self.bytes_read >= limit_as_u64() {
            return Err(Failure::TooMuch { limit_bytes: limit_as_u64() });
        }
        let (stream, buffer) = (&self.stream, &mut self.buffer);
        let receive = stream.async_io(Interest::READABLE, || {
            let mut chunk = [0; CHUNK];
            let (count, ago) = kernel::receive(stream, &mut chunk)?;
            buffer.extend(chunk.iter().take(count));
            Ok((count, ago))
        });
        let read = tokio::time::timeout_at(self.deadline, receive);
        let (count, ago) = match self.budget.unless_halted(async { Ok(read.await) }).await? {
            Ok(Ok(received)) => received,
            Ok(Err(error)) => return Err(self.broken(&error)),
            Err(_) => return Err(self.timed_out()),
        };
        if count == 0 {
            return Err(Failure::Closed { bytes_read: self.bytes_read });
        }
        self.arrived = Instant::now().checked_sub(ago);
        self.bytes_read = self.bytes_read.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        Ok(())
    }

    /// Reads one whole TPKT frame, however it is cut. Bytes after it stay for the next stage.
    pub(super) async fn tpkt(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            match tpkt::frame_len(&self.buffer) {
                Ok(Some(length)) if self.buffer.len() >= length => {
                    let rest = self.buffer.split_off(length);
                    return Ok(std::mem::replace(&mut self.buffer, rest));
                }
                Ok(_) => self.fill().await?,
                Err(error) => return Err(self.not_tpkt(&error).await),
            }
        }
    }

    /// Says what the bytes are, after a short wait for the rest of a banner.
    async fn not_tpkt(&mut self, error: &DecodeError) -> Failure {
        self.deadline = self.deadline.min(Instant::now() + BANNER_PATIENCE);
        while self.buffer.len() < EVIDENCE_LEN && self.fill().await.is_ok() {}
        match Banner::of(&self.buffer) {
            Banner::Tpkt => malformed(error, &self.buffer),
            looks_like => Failure::NotRdp { looks_like, bytes: evidence(&self.buffer) },
        }
    }

    /// The connection itself, for its options.
    pub(super) const fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Reads what comes and forgets it, without a deadline. Returns how much it was; 0 at the peer's end.
    pub(super) async fn pass_over(&mut self) -> io::Result<usize> {
        self.buffer.clear();
        self.stream.read_buf(&mut self.buffer).await
    }

    /// Ends the connection in order, with last words that the peer may or may not read.
    pub(super) async fn end(mut self, last_words: &[u8]) {
        self.begin(Duration::from_millis(200));
        if last_words.is_empty() || self.write(last_words).await.is_ok() {
            let shutdown = tokio::time::timeout_at(self.deadline, self.stream.shutdown());
            // Nothing depends on the peer's side of the farewell.
            drop(shutdown.await);
        }
    }

    /// Ends the connection in order, and reads on until the peer has ended it too: whoever closes with bytes unread
    /// resets. Bounded in time and bytes; the probe's own time does not count.
    pub(super) async fn end_in_peace(mut self, last_words: &[u8]) {
        let deadline = Instant::now() + PEACE;
        let ending = async {
            if !last_words.is_empty() {
                self.stream.write_all(last_words).await?;
            }
            self.stream.shutdown().await?;
            let mut heard = 0;
            while heard < STAGE_LIMIT {
                match self.pass_over().await? {
                    0 => break,
                    count => heard = heard.saturating_add(count),
                }
            }
            io::Result::Ok(())
        };
        // A peer that breaks off is as gone as one that says goodbye.
        drop(tokio::time::timeout_at(deadline, ending).await);
    }

    fn timed_out(&self) -> Failure {
        Failure::TimedOut { after_ms: Millis::from(self.started.elapsed()), bytes_read: self.bytes_read }
    }

    fn broken(&self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
                Failure::Reset { bytes_read: self.bytes_read }
            }
            io::ErrorKind::UnexpectedEof => Failure::Closed { bytes_read: self.bytes_read },
            io::ErrorKind::TimedOut => self.timed_out(),
            io::ErrorKind::HostUnreachable => unreachable(Unreachable::Host, error),
            io::ErrorKind::NetworkUnreachable => unreachable(Unreachable::Network, error),
            _ => of_local_error(error, None),
        }
    }
}

/// A message that is not what it should be, with its first bytes.
pub(super) fn malformed(error: &DecodeError, bytes: &[u8]) -> Failure {
    Failure::Malformed { detail: error.to_string(), bytes: evidence(bytes) }
}

/// The first bytes, as many as are kept.
pub(super) fn evidence(bytes: &[u8]) -> HexBytes {
    HexBytes(bytes.iter().take(EVIDENCE_LEN).copied().collect())
}

/// An ICMP message that came while the connection stood.
fn unreachable(what: Unreachable, error: &io::Error) -> Failure {
    Failure::Unreachable { what, errno: error.raw_os_error(), icmp: None }
}

fn limit_as_u64() -> u64 {
    u64::try_from(STAGE_LIMIT).unwrap_or(u64::MAX)
}
