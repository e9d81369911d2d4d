//! The live view, drawn from views alone: a list of targets, a page of one, and help. No terminal, no clock.
//!
//! Whoever owns the terminal asks `Live::order` which targets to fetch, fetches only those, and calls [`draw`].

// Which page, which row, which order; what a key does to it.
pub mod state;

// Latency of the last rounds in one row of blocks; the same as a chart of several rows.
pub mod marks;

// The colours of words, where colours are wanted.
mod paint;

// A histogram in a few rows.
mod bars;

// One target a row.
mod list;

// Everything of one target.
mod detail;

// What the keys do and the words mean.
mod help;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::monitor::event::Event;
use crate::monitor::state::State;
use crate::monitor::view::TargetView;
use crate::render::escape::escape;
use crate::render::human::wrap;
use crate::render::measure::{self, cut};
pub use bars::{Bar, bars};
pub use state::{Key, Live, Page, Sort, Wish};

/// Fewer columns or lines than these hold no page.
const LEAST: (u16, u16) = (50, 10);

/// What is true of all targets together.
#[derive(Debug, Clone)]
pub struct Overview {
    /// How many targets are in each state.
    pub counts: Vec<(State, usize)>,
    /// When the monitor began.
    pub began: Timestamp,
    /// What time it is.
    pub now: Timestamp,
    /// Whose clock is shown.
    pub zone: TimeZone,
    /// What was said to the person last: a warning, a file that was read again.
    pub said: Option<String>,
}

/// What there is to draw.
#[derive(Debug, Clone)]
pub struct Scene {
    /// What is true of all targets.
    pub overview: Overview,
    /// The views that [`Live::wanted`] asked for, in that order.
    pub rows: Vec<TargetView>,
    /// The last events of all targets, oldest first.
    pub events: Vec<Event>,
    /// How long the rounds of the chosen target took, where its page is open.
    pub bars: Vec<Bar>,
}

/// How the screen may look.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Colours are wanted.
    pub color: bool,
    /// The terminal shows block characters.
    pub unicode: bool,
}

/// Draws the page that is open.
///
/// What is above the screen of a long page is corrected to what there is.
pub fn draw(frame: &mut Frame<'_>, live: &mut Live, scene: &Scene, look: Look) {
    let area = frame.area();
    let (columns, lines) = LEAST;
    if area.width < columns || area.height < lines {
        let text = format!("too small: the live view needs {columns} columns and {lines} lines; q quits");
        let lines: Vec<Line<'_>> = wrap(&text, usize::from(area.width)).into_iter().map(Line::raw).collect();
        return put(frame, area, &lines);
    }
    let width = usize::from(area.width);
    let mut page = match live.page() {
        Page::List => list::lines(live, scene, look, width),
        Page::Detail => match scene.rows.first() {
            Some(view) => detail::lines(view, scene, look, (width, usize::from(area.height))),
            None => vec![Line::raw("this target is not watched any more")],
        },
        Page::Help => help::lines(),
    };
    let body = usize::from(area.height).saturating_sub(state::FRAME_LINES);
    if live.page() != Page::List {
        let most = page.len().saturating_sub(body);
        live.limit_scroll(most);
        page.drain(..live.scroll().min(page.len()));
    }
    page.truncate(body);
    put(frame, Rect { height: 1, ..area }, &[title(&scene.overview, look, width)]);
    put(frame, area.offset_rows(1, body), &page);
    put(frame, area.offset_rows(body.saturating_add(1), 1), &[said(&scene.overview, width)]);
    put(frame, area.offset_rows(body.saturating_add(2), 1), &[keys(live.page(), look, width)]);
}

/// A part of an area, by its lines.
trait Rows {
    fn offset_rows(self, skip: usize, lines: usize) -> Rect;
}

impl Rows for Rect {
    fn offset_rows(self, skip: usize, lines: usize) -> Rect {
        let short = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
        let y = self.y.saturating_add(short(skip)).min(self.bottom());
        Rect { y, height: short(lines).min(self.bottom().saturating_sub(y)), ..self }
    }
}

fn put(frame: &mut Frame<'_>, area: Rect, lines: &[Line<'_>]) {
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        frame.buffer_mut().set_line(area.x, y, line, area.width);
    }
}

/// `rdprobe monitor  12 targets: 9 up, 1 degraded, 2 down                  14:02:33`
fn title(overview: &Overview, look: Look, width: usize) -> Line<'static> {
    let all: usize = overview.counts.iter().map(|(_, count)| count).sum();
    let mut line = vec![
        paint::strong("rdprobe monitor", look),
        paint::plain(&format!("  {}: ", measure::many(u64::try_from(all).unwrap_or(u64::MAX), "target"))),
    ];
    let mut used = line.iter().map(ratatui::text::Span::width).sum::<usize>();
    for (place, (state, count)) in overview.counts.iter().filter(|(_, count)| *count > 0).enumerate() {
        let comma = if place > 0 { ", " } else { "" };
        let text = format!("{comma}{count} {}", state.word());
        used = used.saturating_add(text.len());
        line.push(paint::state(*state, &text, look));
    }
    let clock = overview.now.to_zoned(overview.zone.clone()).strftime("%H:%M:%S").to_string();
    let since = measure::between(overview.began, overview.now);
    let whole = format!("for {}  {clock}", measure::age(since));
    let gap = |text: &str| width.checked_sub(used.saturating_add(text.len())).filter(|gap| *gap > 1);
    let fits = [whole, clock].into_iter().find_map(|text| gap(&text).map(|gap| (text, gap)));
    line.extend(fits.map(|(text, gap)| paint::plain(&format!("{:gap$}{text}", ""))));
    Line::from(line)
}

fn said(overview: &Overview, width: usize) -> Line<'static> {
    let text = overview.said.as_deref().unwrap_or_default();
    Line::raw(cut(&escape(text), width))
}

fn keys(page: Page, look: Look, width: usize) -> Line<'static> {
    let keys = match page {
        Page::List => " Up/Down choose   Enter details   s sort   ? help   q quit",
        Page::Detail => " Esc list   Left/Right other target   Up/Down scroll   ? help   q quit",
        Page::Help => " Esc back   q quit",
    };
    paint::bar(&measure::left(keys, width), look)
}
