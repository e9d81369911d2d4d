//! What a person sees while a probe runs: one line on stderr, if that is a terminal.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rdprobe::evidence::Stage;
use rdprobe::probe::Watch;

use super::stop_asked;

/// The progress line of all targets of a run.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeMap<String, Stage>>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
            bar.set_style(style.tick_chars("|/-\\ "));
        }
        let (stop, _) = tokio::sync::watch::channel(false);
        Self { bar, running: Mutex::default(), stop }
    }

    /// Begins to turn; nothing is drawn where stderr is no terminal.
    pub(super) fn start(&self) {
        if !self.bar.is_hidden() {
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
    }

    /// One target's view of the line.
    pub(super) fn of<'a>(&'a self, target: &'a str) -> TargetProgress<'a> {
        TargetProgress { line: self, target }
    }

    /// Waits for a signal and tells every probe to end.
    pub(super) async fn watch_signals(&self) {
        stop_asked().await;
        self.stop.send_replace(true);
    }

    /// Takes the line away while `print` writes.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// A target is done.
    pub(super) fn done(&self, target: &str) {
        self.change(|running| {
            running.remove(target);
        });
    }

    /// Takes the line away for good.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Stage>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        if self.bar.is_hidden() {
            return;
        }
        let words: Vec<String> =
            running.iter().take(3).map(|(target, stage)| format!("{target}: {}", stage.word())).collect();
        let more = running.len().saturating_sub(words.len());
        let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
        self.bar.set_message(format!("{}{tail}", words.join(", ")));
    }
}

/// The progress of one target.
#[derive(Debug)]
pub(super) struct TargetProgress<'a> {
    line: &'a Progress,
    target: &'a str,
}

impl Watch for TargetProgress<'_> {
    fn entered(&self, stage: Stage, _: Option<SocketAddr>) {
        self.line.change(|running| {
            running.insert(self.target.to_owned(), stage);
        });
    }

    fn stopped(&self) -> impl Future<Output = ()> + Send {
        let mut stop = self.line.stop.subscribe();
        async move {
            if stop.wait_for(|stop| *stop).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
