//! The sources on a thread of their own: a file or a pipe that keeps one waiting keeps nobody else waiting.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use rdprobe::fleet::engine::Work;
use rdprobe::fleet::journal::{OtherSource, Replay};
use rdprobe::fleet::source::{BadLine, Item, Source};
use rdprobe::render::escape::escape;
use rdprobe::target::Target;
use tokio::sync::mpsc;

use super::Shared;
use super::progress::Progress;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;

/// The order within ranges where the user asks for none: the same in every run, so that `--resume` needs not be told.
pub(super) const SEED: u64 = 0;

/// More bad lines than these are counted and not told.
const TOLD: u64 = 20;

/// What the sources gave so far.
#[derive(Debug, Default)]
pub(super) struct Fed {
    /// How many targets they named.
    targets: AtomicU64,
    /// How many entries were no targets.
    bad_entries: AtomicU64,
    /// How many sources named none at all.
    empty_sources: AtomicU64,
    /// Whether they were read to their end.
    exhausted: AtomicBool,
    /// How many targets there are, once that is known.
    total: OnceLock<u64>,
    /// Set where they are not what `--resume` goes on with.
    other: OnceLock<OtherSource>,
}

/// The sources, and what of them is done.
pub(super) struct Feed {
    pub(super) source: Source,
    pub(super) replay: Replay,
}

impl Fed {
    pub(super) fn new(total: Option<u64>) -> Self {
        let fed = Self::default();
        if let Some(total) = total {
            _ = fed.total.set(total);
        }
        fed
    }

    pub(super) fn bad_entries(&self) -> u64 {
        self.bad_entries.load(Ordering::Relaxed)
    }

    pub(super) fn empty_sources(&self) -> u64 {
        self.empty_sources.load(Ordering::Relaxed)
    }

    /// How many targets there are; none as long as nobody knows.
    pub(super) fn total(&self) -> Option<u64> {
        self.total.get().copied()
    }

    /// Whether the sources were read to their end and so many targets are all of them.
    pub(super) fn is_all(&self, done: u64) -> bool {
        self.exhausted.load(Ordering::Acquire) && self.targets.load(Ordering::Relaxed) == done
    }

    /// Whether the sources are those that the scan was begun with.
    ///
    /// # Errors
    /// If not.
    pub(super) fn is_the_same_source(&self) -> Result<(), UsageError> {
        self.other.get().map_or(Ok(()), |other| {
            Err(UsageError {
                message: other.to_string(),
                hint: Some(
                    "give it the sources as they were, or begin anew with another --resume FILE".to_owned(),
                ),
            })
        })
    }
}

/// Opens the sources that the arguments name.
pub(super) fn open(args: &ScanArgs) -> Result<Source, UsageError> {
    let stdin = Box::new(std::io::stdin());
    Ok(Source::open(&args.sources, &args.source.settings(SEED), Some(stdin))?)
}

/// Counts the targets beside the scan, where the sources can be read twice; a total is worth no trouble otherwise.
pub(super) fn count_ahead(source: &Source, fed: &Arc<Fed>) {
    if fed.total().is_some() {
        return;
    }
    let Some(source) = source.second() else { return };
    let fed = Arc::clone(fed);
    // Without the thread nobody knows how long it takes, and nothing else.
    _ = std::thread::Builder::new().name("count".to_owned()).spawn(move || fed.total.set(source.count()));
}

impl Feed {
    /// Starts to read. The thread ends when the sources do, or when nobody takes their targets any more.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(super) fn start(self, work: mpsc::Sender<Work>, shared: &Shared) -> std::io::Result<()> {
        let (fed, progress) = (Arc::clone(&shared.fed), shared.progress.clone());
        // Not joined: it may wait for a pipe that brings nothing.
        std::thread::Builder::new().name("source".to_owned()).spawn(move || {
            if let Err(other) = self.read(&work, &fed, &progress) {
                _ = fed.other.set(other);
            }
        })?;
        Ok(())
    }

    fn read(mut self, work: &mpsc::Sender<Work>, fed: &Fed, progress: &Progress) -> Result<(), OtherSource> {
        for item in self.source {
            match item {
                Item::Bad(bad) => {
                    let count = if bad.is_empty_source { &fed.empty_sources } else { &fed.bad_entries };
                    tell(&bad, count.fetch_add(1, Ordering::Relaxed), progress);
                }
                Item::Target(target) => {
                    fed.targets.fetch_add(1, Ordering::Relaxed);
                    if !hand_on(&mut self.replay, target, work)? {
                        return Ok(());
                    }
                }
            }
        }
        self.replay.end()?;
        _ = fed.total.set(fed.targets.load(Ordering::Relaxed));
        fed.exhausted.store(true, Ordering::Release);
        Ok(())
    }
}

/// Hands on what is to be done; whether anybody takes it.
fn hand_on(replay: &mut Replay, target: Target, work: &mpsc::Sender<Work>) -> Result<bool, OtherSource> {
    Ok(replay.next(target)?.into_iter().all(|next| work.blocking_send(next).is_ok()))
}

fn tell(bad: &BadLine, before: u64, progress: &Progress) {
    match before {
        ..TOLD => progress.trouble(&escape(&bad.to_string()), Some(&escape(&bad.hint))),
        TOLD => progress.say("rdprobe: and more such lines, which are only counted from here on"),
        _ => {}
    }
}
