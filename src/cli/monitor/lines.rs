//! Without a live view: events on stdout as they come, as lines or as JSON, and tables between them.

use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rdprobe::monitor::event::Event;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::view::TargetView;
use rdprobe::render::event::{self, EventStyle, Weight};
use rdprobe::render::json;
use rdprobe::render::summary::{self, Over, SummaryStyle};
use tokio::sync::mpsc;

use super::Ask;
use super::aside::Aside;
use crate::cli::output;

/// Lines that wait for a slow reader; more are lost, and counted.
const WAITING: usize = 10_000;

/// A table in a log leaves out what is well where there are more targets than these.
const BRIEF_ABOVE: usize = 20;

/// A target's name takes so many columns of a line, so that what happened stands in one column.
const TARGET_COLUMNS: usize = 24;

/// What is written to stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// For people, or for a log.
    Lines,
    /// For programs.
    Json,
}

/// Events on stdout.
#[derive(Debug)]
pub(super) struct Lines {
    kind: Kind,
    /// The terminal's columns; none where stdout is none, and a line stays a line.
    columns: Option<usize>,
    color: bool,
    style: EventStyle,
    day: Mutex<Option<Date>>,
    out: Aside<String>,
}

impl Lines {
    /// Begins to write. A reader who goes away ends the monitor, as it ends any other command.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub(super) fn start(
        kind: Kind,
        targets: impl Iterator<Item = usize>,
        color: bool,
        asks: mpsc::Sender<Ask>,
    ) -> io::Result<Self> {
        let terminal = io::stdout().is_terminal();
        let style = EventStyle {
            zone: TimeZone::system(),
            dated: !terminal,
            target_columns: targets.max().unwrap_or(0).min(TARGET_COLUMNS),
        };
        let out = Aside::start("lines", WAITING, move |text: String| {
            let mut out = anstream::AutoStream::always(io::stdout().lock());
            if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
                // The channel is full of other reasons to end, or nobody listens any more.
                _ = asks.try_send(Ask::Stop);
            }
        })?;
        let columns = terminal.then(output::width);
        Ok(Self { kind, columns, color, style, day: Mutex::new(None), out })
    }

    /// Whether people read it.
    pub(super) fn is_for_people(&self) -> bool {
        self.kind == Kind::Lines
    }

    /// Prints the table: between the lines, or on stderr where stdout is for programs.
    pub(super) fn table(&self, views: &[TargetView], watched: Duration, over: Over) {
        let text = self.table_text(views, watched, over);
        match self.kind {
            Kind::Lines => self.out.send(text),
            Kind::Json => output::say(text.trim_end()),
        }
    }

    fn table_text(&self, views: &[TargetView], watched: Duration, over: Over) -> String {
        let now = Timestamp::now();
        let head = format!("{}  {}", event::stamp(now, &self.style), summary::headline(views, watched));
        format!("{head}\n{}", table(views, now, over, self.columns, BRIEF_ABOVE))
    }

    /// Waits until everything is written, though not for a reader who reads no more.
    pub(super) fn finish(&self, patience: Duration) {
        let lost = self.out.finish(patience);
        if lost > 0 {
            output::say(&format!("rdprobe: {lost} lines were lost, because nobody read them"));
        }
    }

    fn text(&self, event: &Event) -> String {
        if self.kind == Kind::Json {
            let mut line = Vec::new();
            // Memory takes everything.
            drop(json::ndjson(event, &mut line));
            return String::from_utf8_lossy(&line).into_owned();
        }
        let lines = match self.columns {
            Some(columns) => event::wrapped(event, &self.style, columns),
            None => vec![event::line(event, &self.style)],
        };
        let style = if self.color { style(event::weight(event)) } else { Style::new() };
        let day = self.new_day(event.at);
        let text: Vec<String> = lines.iter().map(|line| format!("{style}{line}{style:#}\n")).collect();
        format!("{day}{}", text.concat())
    }

    /// A line with the date where the lines have none and it is another one.
    fn new_day(&self, at: Timestamp) -> String {
        let date = at.to_zoned(self.style.zone.clone()).date();
        let before = self.day.lock().unwrap_or_else(PoisonError::into_inner).replace(date);
        if self.style.dated || before == Some(date) { String::new() } else { format!("-- {date} --\n") }
    }
}

impl Listener for Lines {
    fn event(&self, event: &Event) {
        self.out.send(self.text(event));
    }
}

/// The table as text.
pub(super) fn table(
    views: &[TargetView],
    now: Timestamp,
    over: Over,
    columns: Option<usize>,
    brief_above: usize,
) -> String {
    let style = SummaryStyle {
        width: columns.unwrap_or_else(output::width),
        zone: TimeZone::system(),
        over,
        brief_above,
    };
    let mut text = Vec::new();
    // Memory takes everything.
    drop(summary::summary(views, now, &style, &mut text));
    String::from_utf8_lossy(&text).into_owned()
}

const fn style(weight: Weight) -> Style {
    match weight {
        Weight::Good => AnsiColor::Green.on_default(),
        Weight::Bad => AnsiColor::Red.on_default().bold(),
        Weight::Note => Style::new(),
    }
}
