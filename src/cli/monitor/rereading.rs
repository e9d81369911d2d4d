//! The targets read again, beside the rounds: a file system may hang, and a long list takes its time.

use std::sync::Arc;
use std::time::Duration;

use rdprobe::target::Target;
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{Instant, sleep_until};

use super::targets::Sources;
use crate::cli::settings::UsageError;

/// Who reads for longer than this hangs, as far as one can tell.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the targets again when asked to, one reading at a time.
#[derive(Debug)]
pub(super) struct Rereading {
    sources: Arc<Sources>,
    reading: Option<Reading>,
    /// Somebody asked while one was under way, which may have read the file before it was changed.
    once_more: bool,
}

#[derive(Debug)]
struct Reading {
    task: JoinHandle<Result<Vec<Target>, UsageError>>,
    /// When it is told that it takes long; none once it was.
    slow_at: Option<Instant>,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Read {
    /// The targets, or what is wrong with them.
    Done(Result<Vec<Target>, UsageError>),
    /// It takes this long already.
    Slow(Duration),
}

impl Rereading {
    /// Nothing is read yet.
    pub(super) fn new(sources: Sources) -> Self {
        Self { sources: Arc::new(sources), reading: None, once_more: false }
    }

    /// Begins to read; once more after the reading that is under way.
    pub(super) fn begin(&mut self) {
        if self.reading.is_some() {
            self.once_more = true;
            return;
        }
        let sources = Arc::clone(&self.sources);
        let task = tokio::task::spawn_blocking(move || sources.again());
        self.reading = Some(Reading { task, slow_at: Some(Instant::now() + PATIENCE) });
    }

    /// Waits for what comes of it; for ever while nothing is read. May be dropped in between.
    pub(super) async fn next(&mut self) -> Read {
        let Some(reading) = &mut self.reading else { return std::future::pending().await };
        let slow = async {
            match reading.slow_at {
                Some(at) => sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            read = &mut reading.task => {
                self.reading = None;
                if std::mem::take(&mut self.once_more) {
                    self.begin();
                }
                Read::Done(read.unwrap_or_else(|error| Err(crashed(&error))))
            }
            () = slow => {
                reading.slow_at = None;
                Read::Slow(PATIENCE)
            }
        }
    }
}

fn crashed(error: &JoinError) -> UsageError {
    UsageError { message: format!("reading them crashed: {error}; this is a bug in rdprobe"), hint: None }
}
