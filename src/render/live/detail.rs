//! The page of one target: its state and cause, phases, last rounds, outages, server, held connection, patterns.

use ratatui::text::{Line, Span};

use super::{Look, Overview, Scene, bars, list, marks, paint};
use crate::monitor::latency::{PhaseSummary, Summary};
use crate::monitor::view::{ServerView, TargetView};
use crate::render::escape::escape;
use crate::render::event::{cause_text, held_text, outage_text};
use crate::render::human::wrap;
use crate::render::measure::{
    NOTHING, availability, between, cut, left, many, micros, micros_or_none, right, share,
};
use crate::render::words::span;

/// The columns of a section's name.
const LABEL_COLUMNS: usize = 10;

/// The columns at the left of the chart, for its scale.
const SCALE_COLUMNS: usize = 9;

/// More outages than these are in the record, not on the page.
const OUTAGES: usize = 10;

pub(super) fn lines(
    view: &TargetView,
    Scene { overview, bars, .. }: &Scene,
    look: Look,
    (width, height): (usize, usize),
) -> Vec<Line<'static>> {
    let mut lines = header(view, overview, look, width);
    lines.push(Line::default());
    if !view.overall.is_empty() {
        lines.extend(phases(&view.overall, look));
        lines.push(Line::default());
    }
    if !view.recent_us.is_empty() {
        let seen = view.recent_us.iter().any(Option::is_some);
        lines.extend(chart(view, look, width, if seen { chart_rows(height) } else { 1 }));
        lines.push(Line::default());
    }
    for (label, text) in sections(view, overview) {
        let text = wrap(&text, width.saturating_sub(LABEL_COLUMNS));
        for (label, text) in labelled(label, text.into_iter()) {
            lines.push(Line::from(vec![paint::strong(&left(label, LABEL_COLUMNS), look), Span::raw(text)]));
        }
    }
    if !bars.is_empty() {
        lines.push(Line::default());
        lines.extend(bars::lines(bars, width, look));
    }
    lines
}

const fn chart_rows(height: usize) -> usize {
    if height < 40 { 4 } else { 8 }
}

fn header(view: &TargetView, overview: &Overview, look: Look, width: usize) -> Vec<Line<'static>> {
    let address = view.address.map(|address| format!("  {address}")).unwrap_or_default();
    let name = cut(&escape(&view.target), width.saturating_sub(address.len()));
    let word = view.state.word().to_uppercase();
    let state = format!(" for {}: {}", span(between(view.since, overview.now)), escape(&view.why));
    let rounds = format!(
        "{}, {} lost ({}), {} left out; {}; available {}",
        many(view.rounds, "round"),
        view.lost,
        share(view.lost, view.judged()),
        view.missed,
        many(view.outages_total, "outage"),
        availability(view.availability.ratio())
    );
    let mut lines = vec![
        Line::from(vec![paint::strong(&name, look), paint::plain(&address)]),
        Line::from(vec![
            paint::state(view.state, &word, look),
            Span::raw(cut(&state, width.saturating_sub(word.len()))),
        ]),
    ];
    let cause = view.cause.as_ref().map(cause_text).into_iter();
    lines.extend(cause.chain([rounds]).flat_map(|text| wrap(&text, width)).map(Line::raw));
    lines
}

/// A row a phase, and one more where the correction makes a difference.
fn phases(phases: &[PhaseSummary], look: Look) -> Vec<Line<'static>> {
    let heading = "PHASE        ROUNDS     P50     P90     P99   P99.9  P99.99     MAX  JITTER";
    let mut lines = vec![Line::from(paint::strong(heading, look))];
    for phase in phases {
        let jitter = phase.jitter_us.map_or_else(|| NOTHING.to_owned(), micros);
        lines.push(Line::raw(numbers(phase.phase.word(), &phase.raw, &jitter)));
        if phase.corrected != phase.raw {
            let text = numbers("  corrected", &phase.corrected, "");
            lines.push(Line::from(paint::dim(text.trim_end(), look)));
        }
    }
    lines
}

fn numbers(label: &str, summary: &Summary, jitter: &str) -> String {
    let times =
        [summary.p50_us, summary.p90_us, summary.p99_us, summary.p99_9_us, summary.p99_99_us, summary.max_us];
    let times: Vec<String> = times.into_iter().map(|time| right(&micros_or_none(time), 7)).collect();
    let count = right(&summary.count.to_string(), 7);
    format!("{} {count} {} {}", left(label, 11), times.join(" "), right(jitter, 7))
}

/// The last rounds over time, the scale at the left.
fn chart(view: &TargetView, look: Look, width: usize, rows: usize) -> Vec<Line<'static>> {
    let columns = width.saturating_sub(SCALE_COLUMNS);
    let (drawn, top) = marks::chart(&view.recent_us, columns, rows, look.unicode);
    let caption = format!(
        "The last {} rounds: solid to the median, shaded to the slowest, {} lost",
        view.recent_us.len(),
        if look.unicode { '\u{d7}' } else { 'x' }
    );
    let mut lines = vec![Line::from(paint::strong(&cut(&caption, width), look))];
    for (number, row) in drawn.iter().enumerate() {
        let scale = match number {
            0 if top.is_some() => micros_or_none(top),
            last if last.saturating_add(1) == rows => "0".to_owned(),
            _ => String::new(),
        };
        let mut spans = vec![Span::raw(format!("{} ", right(&scale, SCALE_COLUMNS.saturating_sub(1))))];
        spans.extend(list::runs(row, look));
        lines.push(Line::from(spans));
    }
    lines
}

/// What is told in words, a label each; the label of a row that goes on is empty.
fn sections(view: &TargetView, overview: &Overview) -> Vec<(&'static str, String)> {
    let mut sections = vec![("Server", server(&view.server, overview))];
    sections.extend(view.held.as_ref().map(|held| ("Held", held_text(held))));
    sections.extend(labelled("Patterns", view.patterns.iter().map(|pattern| escape(pattern))));
    let last = view.outages.iter().rev().take(OUTAGES);
    let outages = last.map(|outage| outage_text(outage, overview.now, &overview.zone));
    sections.extend(labelled("Outages", outages));
    sections
}

fn labelled(
    label: &'static str,
    texts: impl Iterator<Item = String>,
) -> impl Iterator<Item = (&'static str, String)> {
    texts.enumerate().map(move |(number, text)| (if number == 0 { label } else { "" }, text))
}

fn server(server: &ServerView, overview: &Overview) -> String {
    let until = server
        .certificate_not_after
        .map(|end| format!("certificate until {}", end.to_zoned(overview.zone.clone()).strftime("%Y-%m-%d")));
    let skew = server.skew_ms.map(|ms| {
        let side = if ms < 0.0 { "behind" } else { "ahead" };
        format!("clock {} {side}", micros(ms.abs() * 1e3))
    });
    let text = |text: &Option<String>| text.as_deref().map(escape);
    let facts = [
        text(&server.name),
        text(&server.build),
        text(&server.protocol),
        text(&server.tls_version),
        until,
        skew,
    ];
    let facts: Vec<String> = facts.into_iter().flatten().collect();
    if facts.is_empty() { "no deep probe got so far yet".to_owned() } else { facts.join(", ") }
}
