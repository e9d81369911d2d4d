//! The pages of the live view on a terminal that is not there, at 80x24 and 200x50.

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;
use rdprobe::render::live::{Key, Live, Look, Overview, Page, Scene, bars, draw};

use super::made;

const PLAIN: Look = Look { color: false, unicode: true };

fn overview(views: &[TargetView], said: Option<&str>) -> Overview {
    let states = [State::Down, State::Flapping, State::Degraded, State::Unknown, State::Up];
    let count = |state| (state, views.iter().filter(|view| view.state == state).count());
    Overview {
        counts: states.into_iter().map(count).collect(),
        began: made::at("02:00:00"),
        now: made::now(),
        zone: TimeZone::UTC,
        said: said.map(str::to_owned),
    }
}

/// What a terminal of this size shows after these keys.
fn terminal(
    views: &[TargetView],
    keys: &[Key],
    (width, height): (u16, u16),
    look: Look,
) -> Terminal<TestBackend> {
    let states: Vec<State> = views.iter().map(|view| view.state).collect();
    let mut live = Live::default();
    live.arrange(&states, height);
    for key in keys {
        live.press(*key);
        live.arrange(&states, height);
    }
    let rows: Vec<TargetView> = live.wanted().into_iter().map(|place| views[place].clone()).collect();
    let bars = if live.page() == Page::Detail { bars(&histogram()) } else { Vec::new() };
    let overview = overview(views, Some("took the targets of a file again"));
    let scene = Scene { overview, rows, events: made::events(), bars };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, &mut live, &scene, look)).unwrap();
    terminal
}

fn screen(views: &[TargetView], keys: &[Key], size: (u16, u16), look: Look) -> String {
    let terminal = terminal(views, keys, size, look);
    let buffer = terminal.backend().buffer();
    let width = usize::from(size.0);
    let lines = buffer.content().chunks(width).map(|line| {
        let line: String = line.iter().map(ratatui::buffer::Cell::symbol).collect();
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

fn histogram() -> hdrhistogram::Histogram<u32> {
    let mut histogram = hdrhistogram::Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
    for us in (0..2000_u64).map(|round| 9_000 + round * round / 40) {
        histogram.record(us).unwrap();
    }
    histogram
}

fn many() -> Vec<TargetView> {
    (0..60).map(|number| made::view(&format!("vm-{number:02}.example.net"), State::Up, 9_000)).collect()
}

#[test]
fn the_pages_are_the_goldens() {
    let ascii = Look { color: false, unicode: false };
    let (small, large) = ((80, 24), (200, 50));
    let views = made::views();
    super::assert_goldens(&[
        ("list-80x24.txt", screen(&views, &[], small, PLAIN)),
        ("list-200x50.txt", screen(&views, &[], large, PLAIN)),
        ("list-ascii.txt", screen(&views, &[Key::Down], small, ascii)),
        ("list-many.txt", screen(&many(), &[Key::PageDown, Key::PageDown], small, PLAIN)),
        ("detail-80x24.txt", screen(&views, &[Key::Home, Key::Enter], small, PLAIN)),
        ("detail-80x24-below.txt", screen(&views, &[Key::Enter, Key::PageDown], small, PLAIN)),
        ("detail-200x50.txt", screen(&views, &[Key::Home, Key::Enter], large, PLAIN)),
        ("detail-fresh.txt", screen(&views, &[Key::End, Key::Up, Key::Enter], small, PLAIN)),
        ("help-80x24.txt", screen(&views, &[Key::Help], small, PLAIN)),
        ("too-small.txt", screen(&views, &[], (40, 6), PLAIN)),
        ("none.txt", screen(&[], &[], small, PLAIN)),
    ]);
}

#[test]
fn no_colour_is_drawn_unless_wanted() {
    let views = made::views();
    for keys in [vec![], vec![Key::Home, Key::Enter], vec![Key::Help]] {
        for (color, expected) in [(false, false), (true, keys != [Key::Help])] {
            let terminal = terminal(&views, &keys, (80, 24), Look { color, unicode: true });
            let cells = terminal.backend().buffer().content();
            let body = cells.iter().skip(80);
            let painted = body.into_iter().any(|cell| cell.fg != Color::Reset || cell.bg != Color::Reset);
            assert_eq!(painted, expected, "{keys:?} {color}");
        }
    }
}

/// A peer's text reaches the screen only escaped, whatever the page and its size.
#[test]
fn every_size_is_drawn_without_a_panic_and_without_control_characters() {
    let views = made::views();
    for width in [1, 20, 49, 50, 80, 131, 200, 400] {
        for height in [1, 9, 10, 24, 50, 100] {
            for keys in [vec![], vec![Key::Enter], vec![Key::Down, Key::Enter, Key::End], vec![Key::Help]] {
                let screen = screen(&views, &keys, (width, height), PLAIN);
                assert!(!screen.chars().any(|it| it.is_control() && it != '\n'), "{width}x{height} {keys:?}");
            }
        }
    }
}
