//! What a person sees while a probe runs: one line on stderr, if that is a terminal.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rdprobe::evidence::Stage;
use rdprobe::probe::Watch;
use rdprobe::render::escape::escape;
use rdprobe::report::check::Wait;

use super::stop_asked;

/// The progress line of all targets of a run.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeMap<String, Running>>,
    stop: tokio::sync::watch::Sender<bool>,
}

/// One target that is being probed.
#[derive(Debug, Default)]
struct Running {
    /// The stage of the probe; none while it waits for the next one.
    stage: Option<Stage>,
    /// How its wait stands; empty without `--wait`.
    wait: String,
}

impl Running {
    fn words(&self) -> String {
        let stage = self.stage.map_or_else(String::new, |stage| stage.word().to_owned());
        let parts = [self.wait.clone(), stage];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }
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

    /// A probe of a wait is done, and this is how the wait stands.
    pub(super) fn waits(&self, target: &str, wait: &Wait) {
        let stage = wait.turns.last().map(|turn| escape(&turn.stage)).unwrap_or_default();
        let held = format!("{} of {} in a row", wait.in_a_row, wait.wanted_in_a_row);
        let words = if wait.in_a_row > 0 { format!("{stage}, {held}") } else { stage };
        self.change(|running| {
            running.insert(target.to_owned(), Running { stage: None, wait: words });
        });
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

    fn change(&self, change: impl FnOnce(&mut BTreeMap<String, Running>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        if self.bar.is_hidden() {
            return;
        }
        let words: Vec<String> =
            running.iter().take(3).map(|(target, it)| format!("{target}: {}", it.words())).collect();
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
            running.entry(self.target.to_owned()).or_default().stage = Some(stage);
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
