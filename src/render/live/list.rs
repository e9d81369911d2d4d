//! The list: one target a row, and below it what the chosen one says.

use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use super::state::Sort;
use super::{Live, Look, Overview, Scene, marks, paint};
use crate::monitor::event::{Event, What};
use crate::monitor::view::TargetView;
use crate::render::escape::escape;
use crate::render::event::{self, EventStyle, cause_text, outage_text};
use crate::render::human::{columns_of, wrap};
use crate::render::measure::{NOTHING, age, between, cut, left, micros, micros_or_none, right, share};
use crate::render::summary::{Over, total};

/// Every column of fixed width, with the blanks between.
const FIXED_COLUMNS: usize = 50;

/// A screen of so many columns has room for the last outage in every row.
const WIDE: usize = 130;

/// What the chosen target's cause has room for.
const WHY_LINES: usize = 2;

/// How the columns without a fixed width share a row.
#[derive(Debug, Clone, Copy)]
struct Room {
    target: usize,
    spark: usize,
    outage: usize,
}

impl Room {
    fn of(rows: &[TargetView], width: usize) -> Self {
        let longest = rows.iter().map(|view| columns_of(&escape(&view.target))).max().unwrap_or(0);
        let free = width.saturating_sub(FIXED_COLUMNS);
        let target = longest.clamp(12, (free.saturating_mul(3) / 5).clamp(12, 40));
        let rest = free.saturating_sub(target);
        if width < WIDE {
            return Self { target, spark: rest, outage: 0 };
        }
        let spark = rest / 2;
        Self { target, spark, outage: rest.saturating_sub(spark.saturating_add(2)) }
    }
}

pub(super) fn lines(live: &Live, scene: &Scene, look: Look, width: usize) -> Vec<Line<'static>> {
    let Scene { overview, rows, events, .. } = scene;
    let room = Room::of(rows, width);
    let mut lines = vec![heading(room, look)];
    let body = rows.iter().enumerate();
    lines.extend(body.map(|(number, view)| row(view, number == live.chosen_row(), overview, room, look)));
    let free = live.rows_shown().saturating_sub(rows.len());
    lines.extend(last_events(events, overview, look, (width, free)));
    lines.resize(live.rows_shown().saturating_add(1), Line::default());
    let chosen = rows.get(live.chosen_row());
    lines.push(rule(live, look, width));
    lines.push(chosen.map_or_else(Line::default, |view| state_line(view, overview, look, width)));
    let why = chosen.map(|view| in_lines(&why(view, overview), width)).unwrap_or_default();
    lines.extend(why.into_iter().map(Line::raw));
    lines
}

fn heading(room: Room, look: Look) -> Line<'static> {
    let outage = if room.outage > 0 { "  LAST OUTAGE AND CAUSE" } else { "" };
    let text = format!(
        "  {} STATE      FOR {}     P50     P99  JITTER   LOSS{outage}",
        left("TARGET", room.target),
        left("LAST ROUNDS", room.spark)
    );
    Line::from(paint::strong(&text, look))
}

fn row(view: &TargetView, chosen: bool, overview: &Overview, room: Room, look: Look) -> Line<'static> {
    let total = total(view, Over::Latest);
    let corrected = total.map(|total| total.corrected).unwrap_or_default();
    let jitter = total.and_then(|total| total.jitter_us).map_or_else(|| NOTHING.to_owned(), micros);
    let marker = if chosen { "> " } else { "  " };
    let name = left(&escape(&view.target), room.target);
    let mut spans = vec![
        Span::raw(marker),
        if chosen { Span::styled(name, Modifier::BOLD) } else { Span::raw(name) },
        paint::state(view.state, &format!(" {}", left(view.state.word(), 8)), look),
        Span::raw(format!(" {} ", right(&age(between(view.since, overview.now)), 6))),
    ];
    spans.extend(spark(view, room.spark, look));
    spans.push(Span::raw(format!(
        " {} {} {} {}",
        right(&micros_or_none(corrected.p50_us), 7),
        right(&micros_or_none(corrected.p99_us), 7),
        right(&jitter, 7),
        right(&share(view.lost, view.judged()), 6)
    )));
    if room.outage > 0 {
        spans.push(Span::raw(format!("  {}", cut(&last_outage(view, overview), room.outage))));
    }
    Line::from(spans)
}

/// What happened last, in the lines that no target needs.
fn last_events(
    events: &[Event],
    overview: &Overview,
    look: Look,
    (width, free): (usize, usize),
) -> Vec<Line<'static>> {
    // An empty line and the heading come first.
    let room = free.saturating_sub(2);
    if events.is_empty() || room == 0 {
        return Vec::new();
    }
    let style = EventStyle { zone: overview.zone.clone(), dated: false, target_columns: 0 };
    let last = events.get(events.len().saturating_sub(room)..).unwrap_or_default();
    let line = |event: &Event| {
        let text = cut(&event::line(event, &style), width);
        match event.what {
            What::State { to, .. } => Line::from(paint::state(to, &text, look)),
            What::Diagnosed { .. } | What::Changed { .. } | What::HeldLost { .. } | What::Pattern { .. } => {
                Line::raw(text)
            }
        }
    };
    let heading = [Line::default(), Line::from(paint::strong("LAST EVENTS", look))];
    heading.into_iter().chain(last.iter().map(line)).collect()
}

/// The last rounds, those lost in their colour.
fn spark(view: &TargetView, columns: usize, look: Look) -> Vec<Span<'static>> {
    let marks = marks::spark(&view.recent_us, columns, look.unicode);
    runs(&marks, look)
}

/// Marks as spans, one for each run of the same kind.
pub(super) fn runs(marks: &[marks::Mark], look: Look) -> Vec<Span<'static>> {
    let runs = marks.chunk_by(|one, next| one.lost == next.lost);
    runs.map(|run| {
        let text: String = run.iter().map(|mark| mark.sign).collect();
        let lost = run.first().is_some_and(|mark| mark.lost);
        if lost { paint::lost(&text, look) } else { Span::raw(text) }
    })
    .collect()
}

/// `-- 3 above, 12 below, sorted by state ----`
fn rule(live: &Live, look: Look, width: usize) -> Line<'static> {
    let order = match live.sort() {
        Sort::State => "the worst first",
        Sort::Given => "as given",
    };
    let (above, below) = live.hidden();
    let hidden = match (above, below) {
        (0, 0) => String::new(),
        (above, 0) => format!("{above} more above, "),
        (0, below) => format!("{below} more below, "),
        (above, below) => format!("{above} more above, {below} below, "),
    };
    let text = format!("-- {hidden}{order} ");
    let dashes = "-".repeat(width.saturating_sub(columns_of(&text)));
    Line::from(paint::dim(&format!("{text}{dashes}"), look))
}

fn state_line(view: &TargetView, overview: &Overview, look: Look, width: usize) -> Line<'static> {
    let word = view.state.word().to_uppercase();
    let since = view.since.to_zoned(overview.zone.clone()).strftime("%Y-%m-%d %H:%M:%S");
    let rest = format!(" since {since}: {}", escape(&view.why));
    let rest = cut(&rest, width.saturating_sub(word.len()));
    Line::from(vec![paint::state(view.state, &word, look), Span::raw(rest)])
}

/// The cause of what lasts, else the last outage.
fn why(view: &TargetView, overview: &Overview) -> String {
    match &view.cause {
        Some(cause) => cause_text(cause),
        None => format!("last outage: {}", last_outage(view, overview)),
    }
}

/// A text in as many lines as the list has for it, with dots for the rest.
fn in_lines(text: &str, width: usize) -> Vec<String> {
    let all = wrap(text, width);
    let cut_off = all.len() > WHY_LINES;
    let mut lines: Vec<String> = all.into_iter().take(WHY_LINES).collect();
    if let Some(last) = lines.last_mut().filter(|_| cut_off) {
        *last = cut(&format!("{last} ..."), width);
    }
    lines
}

fn last_outage(view: &TargetView, overview: &Overview) -> String {
    let text = |outage| outage_text(outage, overview.now, &overview.zone);
    view.outages.last().map_or_else(|| "none".to_owned(), text)
}
