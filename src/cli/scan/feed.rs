//! The sources on a thread of their own: a file or a pipe that keeps one waiting keeps nobody else waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rdprobe::fleet::engine::Work;
use rdprobe::fleet::source::{BadLine, Item};
use rdprobe::render::escape::escape;
use tokio::sync::mpsc;

use super::progress::Progress;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;

pub(super) use rdprobe::fleet::source::Source;

/// More bad lines than these are counted and not told.
const TOLD: u64 = 20;

/// What the sources gave so far.
#[derive(Debug, Default)]
pub(super) struct Fed {
    /// How many targets they named.
    targets: AtomicU64,
    /// How many lines were no targets.
    bad_lines: AtomicU64,
    /// Whether they were read to their end.
    exhausted: AtomicBool,
    /// How many targets there are, where that is known before.
    total: Option<u64>,
}

impl Fed {
    pub(super) fn new(total: Option<u64>) -> Self {
        Self { total, ..Self::default() }
    }

    pub(super) fn bad_lines(&self) -> u64 {
        self.bad_lines.load(Ordering::Relaxed)
    }

    /// How many targets there are; none as long as nobody knows.
    pub(super) fn total(&self) -> Option<u64> {
        let exhausted = self.exhausted.load(Ordering::Acquire);
        if exhausted { Some(self.targets.load(Ordering::Relaxed)) } else { self.total }
    }

    /// Whether the sources were read to their end and so many targets are all of them.
    pub(super) fn is_all(&self, done: u64) -> bool {
        self.exhausted.load(Ordering::Acquire) && self.targets.load(Ordering::Relaxed) == done
    }
}

/// Opens the sources that the arguments name; `seed` is the order where the user asks for none.
pub(super) fn open(args: &ScanArgs, seed: u64) -> Result<Source, UsageError> {
    let stdin = Box::new(std::io::stdin());
    Source::open(&args.sources, &args.source.settings(seed), Some(stdin))
        .map_err(|error| UsageError { message: escape(&error.to_string()), hint: Some(escape(error.hint())) })
}

/// Starts to read. The thread ends when the sources do, or when nobody takes their targets any more.
pub(super) fn start(source: Source, work: mpsc::Sender<Work>, fed: Arc<Fed>, progress: Progress) {
    // Not joined: it may wait for a pipe that brings nothing.
    std::thread::spawn(move || {
        let mut position = 0_u64;
        for item in source {
            match item {
                Item::Bad(bad) => tell(&bad, fed.bad_lines.fetch_add(1, Ordering::Relaxed), &progress),
                Item::Target(target) => {
                    fed.targets.fetch_add(1, Ordering::Relaxed);
                    if work.blocking_send(Work { position, target }).is_err() {
                        return;
                    }
                    position = position.saturating_add(1);
                }
            }
        }
        fed.exhausted.store(true, Ordering::Release);
    });
}

fn tell(bad: &BadLine, before: u64, progress: &Progress) {
    match before {
        ..TOLD => progress.trouble(&escape(&bad.to_string()), Some(&escape(&bad.hint))),
        TOLD => progress.say("rdprobe: and more such lines, which are only counted from here on"),
        _ => {}
    }
}
