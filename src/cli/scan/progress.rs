//! What a person sees while a scan runs: a few lines on stderr if that is a terminal, else one now and then.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::tz::TimeZone;
use rdprobe::render::measure;
use rdprobe::render::scan::progress::{Going, line, lines};

use crate::cli::output;

/// A log that says nothing for so long looks dead.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// An eye sees nothing quicker.
const DRAW_EVERY: Duration = Duration::from_millis(250);

/// The columns of the spinner and its blank, and of the `^C` that a terminal writes behind a line.
const OTHER_COLUMNS: usize = 5;

/// The lines on stderr.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style.tick_chars("|/-\\ "));
        }
        Self { bar }
    }

    /// From one look at the scan to the next.
    pub(super) fn every(&self) -> Duration {
        if self.bar.is_hidden() { LOG_EVERY } else { DRAW_EVERY }
    }

    /// Shows how it stands.
    pub(super) fn show(&self, going: &Going) {
        if self.bar.is_hidden() {
            let clock = jiff::Timestamp::now().to_zoned(TimeZone::system()).strftime("%H:%M:%S");
            output::say(&format!("{clock}  {}", line(going)));
            return;
        }
        let room = output::error_width().saturating_sub(OTHER_COLUMNS);
        let lines: Vec<String> = lines(going).iter().map(|line| measure::cut(line, room)).collect();
        self.bar.set_message(lines.join("\n  "));
        self.bar.tick();
    }

    /// Says something beside the lines.
    pub(super) fn say(&self, text: &str) {
        self.suspend(|| output::say(text));
    }

    /// Says what is wrong and what to try.
    pub(super) fn trouble(&self, message: &str, hint: Option<&str>) {
        self.suspend(|| output::trouble(message, hint));
    }

    /// Takes the lines away while `print` writes.
    pub(super) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Takes the lines away for good.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
