//! Events as lines and views as a table, byte for byte.

use std::time::Duration;

use jiff::tz::TimeZone;
use rdprobe::render::event::Weight::{self, Bad, Good, Note};
use rdprobe::render::event::{self, EventStyle};
use rdprobe::render::summary::{Over, SummaryStyle, headline, summary};

use super::made;

fn table(width: usize, brief_above: usize) -> String {
    let style = SummaryStyle { width, zone: TimeZone::UTC, over: Over::Latest, brief_above };
    let mut out = Vec::new();
    let views = made::views();
    summary(&views, made::now(), &style, &mut out).unwrap();
    format!("{}\n{}", headline(&views, Duration::from_secs(7355)), String::from_utf8(out).unwrap())
}

fn lines(dated: bool) -> String {
    let style = EventStyle { zone: TimeZone::UTC, dated, target_columns: 32 };
    let lines = made::events().into_iter().map(|event| event::line(&event, &style));
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn wrapped(width: usize) -> Vec<String> {
    let style = EventStyle { zone: TimeZone::UTC, dated: false, target_columns: 0 };
    made::events().iter().flat_map(|event| event::wrapped(event, &style, width)).collect()
}

#[test]
fn every_event_is_one_line_and_the_table_is_the_golden() {
    super::assert_goldens(&[
        ("events.txt", lines(false)),
        ("events-dated.txt", lines(true)),
        ("events-80.txt", wrapped(80).join("\n") + "\n"),
        ("summary-80.txt", table(80, 20)),
        ("summary-120.txt", table(120, 20)),
        ("summary-brief.txt", table(80, 2)),
    ]);
}

#[test]
fn nothing_of_a_stranger_steers_a_terminal() {
    for text in [lines(false), lines(true), table(80, 20)] {
        assert!(!text.chars().any(|it| it.is_control() && it != '\n'), "{text}");
        assert!(!text.contains('\u{202e}'), "{text}");
    }
}

#[test]
fn the_table_fits_its_width() {
    for width in [80, 100, 120] {
        for line in table(width, 20).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
        assert!(wrapped(width).iter().all(|line| line.chars().count() <= width), "{width}");
    }
}

#[test]
fn each_event_is_a_line_of_its_own_and_of_its_weight() {
    let weights: Vec<Weight> = made::events().iter().map(event::weight).collect();
    assert_eq!(weights, [Good, Bad, Note, Good, Note, Note, Bad, Note, Note]);
    assert_eq!(lines(true).lines().count(), weights.len());
}
