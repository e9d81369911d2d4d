//! The state of every target as a table of text: for a log, for SIGUSR1, and when the monitor ends.
//!
//! ```text
//! TARGET                   STATE        P50      P99   JITTER   LOSS  OUT  AVAILABLE
//! myvm.westus....azure.com up        12.3 ms  45.6 ms  1.20 ms  0.1 %   2   99.980 %
//!   02:14:05 for 17 min 35 s: a network security group blocks RDP (nsg-blocks-rdp)
//! ```

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::escape::escape;
use super::event::outage_text;
use super::human::{columns_of, wrap};
use super::measure::{NOTHING, availability, left, many, micros, micros_or_none, right, share};
use super::words::span;
use crate::monitor::latency::{Phase, PhaseSummary};
use crate::monitor::state::State;
use crate::monitor::view::TargetView;

/// Every column but the target's, with its blanks.
const FIXED_COLUMNS: usize = 56;

/// A target's name in its column is at least so wide.
const LEAST_TARGET_COLUMNS: usize = 12;

/// Which rounds the numbers are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// The last whole summary interval; before its end, all.
    Latest,
    /// All since the monitor began.
    All,
}

/// How the table is written.
#[derive(Debug, Clone)]
pub struct SummaryStyle {
    /// The columns of a line.
    pub width: usize,
    /// Whose clock the table shows.
    pub zone: TimeZone,
    /// Which rounds the latency is of.
    pub over: Over,
    /// Leave out targets that are up and had no outage, and count them, where there are more targets than this.
    pub brief_above: usize,
}

/// Writes the table: one line a target, and one more for its last outage.
///
/// # Errors
/// Those of `out`.
pub fn summary(
    views: &[TargetView],
    now: Timestamp,
    style: &SummaryStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = style.width.max(FIXED_COLUMNS.saturating_add(LEAST_TARGET_COLUMNS));
    let longest = views.iter().map(|view| columns_of(&escape(&view.target))).max().unwrap_or(0);
    let room = longest.clamp(LEAST_TARGET_COLUMNS, width.saturating_sub(FIXED_COLUMNS));
    let brief = views.len() > style.brief_above;
    let (shown, left_out): (Vec<_>, Vec<_>) = views.iter().partition(|view| !brief || is_remarkable(view));
    writeln!(out, "{}", heading(room))?;
    for view in &shown {
        writeln!(out, "{}", row(view, room, style.over))?;
        if let Some(outage) = view.outages.last() {
            let text = outage_text(outage, now, &style.zone);
            for line in wrap(&text, width.saturating_sub(2)) {
                writeln!(out, "  {line}")?;
            }
        }
    }
    match left_out.len() {
        0 => Ok(()),
        1 => writeln!(out, "and 1 target that was up all the time"),
        many => writeln!(out, "and {many} targets that were up all the time"),
    }
}

/// How long was watched, how many targets, in how many rounds: the line above the last table.
#[must_use]
pub fn headline(views: &[TargetView], watched: std::time::Duration) -> String {
    let rounds: u64 = views.iter().map(|view| view.rounds).sum();
    let outages: u64 = views.iter().map(|view| view.outages_total).sum();
    let targets = u64::try_from(views.len()).unwrap_or(u64::MAX);
    format!(
        "{} watched for {}: {}, {}",
        many(targets, "target"),
        span(watched),
        many(rounds, "round"),
        many(outages, "outage")
    )
}

/// Whether a reader in a hurry should see this target.
fn is_remarkable(view: &TargetView) -> bool {
    view.state != State::Up || view.outages_total > 0
}

fn heading(room: usize) -> String {
    format!("{} STATE    {}", left("TARGET", room), "     P50     P99  JITTER   LOSS  OUT AVAILABLE")
}

fn row(view: &TargetView, room: usize, over: Over) -> String {
    let total = total(view, over);
    let corrected = total.map(|total| total.corrected).unwrap_or_default();
    let jitter = total.and_then(|total| total.jitter_us).map_or_else(|| NOTHING.to_owned(), micros);
    [
        left(&escape(&view.target), room),
        left(view.state.word(), 8),
        right(&micros_or_none(corrected.p50_us), 8),
        right(&micros_or_none(corrected.p99_us), 7),
        right(&jitter, 7),
        right(&share(view.lost, view.judged()), 6),
        right(&view.outages_total.to_string(), 4),
        right(&availability(view.availability.ratio()), 9),
    ]
    .join(" ")
}

/// The whole round's latency over the time asked for.
#[must_use]
pub fn total(view: &TargetView, over: Over) -> Option<&PhaseSummary> {
    let latest = view.latest.iter().find(|it| it.phase == Phase::Total).filter(|_| over == Over::Latest);
    latest.or_else(|| view.overall.iter().find(|it| it.phase == Phase::Total))
}
