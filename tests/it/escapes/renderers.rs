//! What writes: one row a file of `src/render`, and what it writes of documents with a nasty word.

use std::io::{Result, Write};
use std::sync::Arc;

use jiff::tz::TimeZone;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rdprobe::diagnosis::lookup::{Entry, Reading};
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::record::{Scan, ScanRecord, Settings, Which};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::monitor::event::Event;
use rdprobe::monitor::record::Record;
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;
use rdprobe::policy::baseline::{Baseline, Baselines};
use rdprobe::render::check::{CheckFormat, render};
use rdprobe::render::human::{self, HumanStyle};
use rdprobe::render::live::{Key, Live, Look, Overview, Page, Scene, draw};
use rdprobe::render::scan::table::{Show, TableStyle};
use rdprobe::render::{diff, event, fleet, json, markdown, record, scan, summary};
use rdprobe::report::Report;
use rdprobe::report::check::Check;
use rdprobe::report::diff::Diff;
use rdprobe::serve::exposition::{Encoder, Family, Format};

use super::documents::{Document, Kept};
use super::{Kind, Written};
use crate::check_formats::cases as checks;
use crate::goldens::cases as reports;
use crate::monitor_cli::made;

/// A place in `src`, and all that it writes of a word.
pub(super) struct Renderer {
    pub(super) place: &'static str,
    pub(super) write: fn(&str) -> Vec<Written>,
}

/// Everything that writes.
pub(super) const ALL: &[Renderer] = &[
    Renderer { place: "render/human", write: for_people },
    Renderer { place: "render/json", write: for_programs },
    Renderer { place: "render/check", write: of_checks },
    Renderer { place: "render/diff", write: of_differences },
    Renderer { place: "render/markdown", write: of_the_catalogue },
    Renderer { place: "render/event", write: of_events },
    Renderer { place: "render/summary", write: of_targets },
    Renderer { place: "render/live", write: on_a_screen },
    Renderer { place: "render/record", write: of_a_record },
    Renderer { place: "render/scan", write: of_a_scan },
    Renderer { place: "render/fleet", write: of_a_fleet },
    Renderer { place: "serve/exposition", write: of_metrics },
];

/// What writes nothing of a stranger's, and why.
pub(super) const NONE: &[(&str, &str)] = &[
    ("escape", "what all of them use"),
    ("measure", "quantities, and a cut of what was escaped; `live` and `summary` write them"),
    ("words", "texts of failures; `human` writes them"),
    ("paste", "commands of the catalogue, which is our own"),
    ("schema", "types of our own"),
];

static REPORTS: Kept<Report> = Kept::new();
static CHECKS: Kept<Check> = Kept::new();
static EVENTS: Kept<Event> = Kept::new();
static VIEWS: Kept<TargetView> = Kept::new();
static RECORDS: Kept<Record> = Kept::new();
static BASELINES: Kept<Baselines> = Kept::new();

fn written(name: &str, kind: Kind, text: String) -> Written {
    Written { name: name.to_owned(), kind, text }
}

fn text(write: impl FnOnce(&mut dyn Write) -> Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Reports that show every part of a page between them.
fn some_reports() -> Arc<Vec<Document<Report>>> {
    const SHOWN: &[&str] = &["hostile-strings", "partly-reachable", "told-key-unreadable"];
    REPORTS.get(|| {
        let all = reports::all().into_iter();
        let shown: Vec<Report> =
            all.filter(|(case, _)| SHOWN.contains(case)).map(|(_, report)| report).collect();
        assert_eq!(shown.len(), SHOWN.len());
        shown
    })
}

fn baselines() -> Arc<Vec<Document<Baselines>>> {
    BASELINES.get(|| {
        let one = |(name, report): (&str, Report)| {
            (name.to_owned(), Baseline::of(&report.evidence, &report.diagnosis))
        };
        vec![reports::all().into_iter().take(3).map(one).collect()]
    })
}

/// Every target has become another one, and differs from what it was.
fn difference(word: &str) -> Diff {
    let kept = baselines();
    Diff::new((word.to_owned(), &kept[0].with("before")), (word.to_owned(), &kept[0].with(word)), &[])
}

/// An entry of the look-up in which everything is the word.
fn entry(word: &str) -> Vec<Entry> {
    let (kind, code, meaning) = (word.to_owned(), word.to_owned(), word.to_owned());
    vec![Entry::Reading(Reading { kind, code, name: None, meaning, causes: Vec::new() })]
}

fn for_people(word: &str) -> Vec<Written> {
    let mut all = Vec::new();
    for report in some_reports().iter() {
        let report = report.with(word);
        for (verbosity, width, color) in [(0, 80, false), (1, 40, false), (2, 132, false), (2, 80, true)] {
            let style = HumanStyle { verbosity, width, color };
            let kind = if color { Kind::Colored } else { Kind::Text };
            let name = format!("verbosity {verbosity} in {width} columns");
            all.push(written(&name, kind, text(|out| human::human(&report, &style, out))));
        }
    }
    let style = HumanStyle::default();
    all.push(written("diff", Kind::Text, text(|out| human::diff(&difference(word), &style, out))));
    all.push(written("explain", Kind::Text, text(|out| human::explain(&entry(word), &style, out))));
    all
}

fn for_programs(word: &str) -> Vec<Written> {
    let mut all = Vec::new();
    for report in some_reports().iter() {
        let report = report.with(word);
        let line = text(|out| json::ndjson(&report, out));
        assert_eq!(serde_json::from_str::<Report>(&line).unwrap(), report, "JSON reads back");
        all.push(written("json", Kind::Json, text(|out| json::json(std::slice::from_ref(&report), out))));
        all.push(written("ndjson", Kind::Json, line));
    }
    let kept = baselines();
    all.push(written("baselines", Kind::Json, text(|out| json::baselines(&kept[0].with(word), out))));
    all
}

fn of_checks(word: &str) -> Vec<Written> {
    const SHOWN: &[&str] = &["changes", "given-up"];
    let kept = CHECKS.get(|| {
        let shown = checks::all().into_iter().filter(|(case, _)| SHOWN.contains(case));
        shown.flat_map(|(_, checks)| checks).collect()
    });
    let style = HumanStyle { verbosity: 1, width: 80, color: false };
    let mut all = Vec::new();
    for check in kept.iter() {
        let check = [check.with(word)];
        for format in CheckFormat::ALL {
            let kind = match format {
                CheckFormat::Human | CheckFormat::Tap => Kind::Text,
                CheckFormat::Json | CheckFormat::Ndjson | CheckFormat::Sarif => Kind::Json,
                CheckFormat::Junit => Kind::Xml,
                CheckFormat::Nagios => Kind::Nagios,
                CheckFormat::Github => Kind::Github,
                CheckFormat::AzurePipelines => Kind::AzurePipelines,
                CheckFormat::Markdown => Kind::Markdown,
            };
            all.push(written(format.word(), kind, text(|out| render(format, &check, 1, &style, out))));
        }
    }
    all
}

fn of_differences(word: &str) -> Vec<Written> {
    let difference = difference(word);
    vec![
        written("json", Kind::Json, text(|out| diff::json(&difference, out))),
        written("markdown", Kind::Markdown, text(|out| diff::markdown(&difference, out))),
    ]
}

fn of_the_catalogue(word: &str) -> Vec<Written> {
    vec![written("entries", Kind::Markdown, text(|out| markdown::entries(&entry(word), out)))]
}

fn of_events(word: &str) -> Vec<Written> {
    let style = event::EventStyle { zone: TimeZone::UTC, dated: true, target_columns: 12 };
    let mut all = Vec::new();
    for known in EVENTS.get(made::events).iter() {
        let known = known.with(word);
        let line = event::line(&known, &style);
        assert_eq!(line.lines().count(), 1, "{word:?}");
        all.push(written("line", Kind::Text, line));
        all.push(written("wrapped", Kind::Text, event::wrapped(&known, &style, 60).join("\n")));
        all.push(written("ndjson", Kind::Json, text(|out| json::ndjson(&known, out))));
    }
    all
}

fn views(word: &str) -> Vec<TargetView> {
    VIEWS.get(made::views).iter().map(|view| view.with(word)).collect()
}

fn of_targets(word: &str) -> Vec<Written> {
    let views = views(word);
    let table = |over| {
        let style = summary::SummaryStyle { zone: TimeZone::UTC, width: 80, brief_above: 100, over };
        text(|out| summary::summary(&views, made::now(), &style, out))
    };
    [summary::Over::Latest, summary::Over::All].map(|over| written("table", Kind::Text, table(over))).into()
}

fn on_a_screen(word: &str) -> Vec<Written> {
    let mut all = Vec::new();
    for keys in [vec![], vec![Key::Home, Key::Enter], vec![Key::End, Key::Enter, Key::PageDown]] {
        for size in [(80, 24), (200, 60)] {
            all.push(written(&format!("{keys:?}"), Kind::Text, screen(word, &keys, size)));
        }
    }
    all
}

fn screen(word: &str, keys: &[Key], (width, height): (u16, u16)) -> String {
    let views = views(word);
    let states: Vec<State> = views.iter().map(|view| view.state).collect();
    let mut live = Live::default();
    live.arrange(&states, height);
    for key in keys {
        live.press(*key);
        live.arrange(&states, height);
    }
    let overview = Overview {
        counts: vec![(State::Up, views.len())],
        began: made::at("02:00:00"),
        now: made::now(),
        zone: TimeZone::UTC,
        said: Some(word.to_owned()),
    };
    assert!(matches!(live.page(), Page::List | Page::Detail | Page::Help));
    let rows = live.wanted().into_iter().map(|place| views[place].clone()).collect();
    let events = EVENTS.get(made::events).iter().map(|event| event.with(word)).collect();
    let scene = Scene { overview, rows, events, bars: Vec::new() };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let look = Look { color: true, unicode: true };
    terminal.draw(|frame| draw(frame, &mut live, &scene, look)).unwrap();
    let cells = terminal.backend().buffer().content();
    let line =
        |cells: &[ratatui::buffer::Cell]| cells.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
    cells.chunks(usize::from(width)).map(line).collect::<Vec<_>>().join("\n")
}

fn of_a_record(word: &str) -> Vec<Written> {
    let kept = RECORDS.get(|| {
        let mut record: Record =
            serde_json::from_str(include_str!("../../goldens-record/hundred-seconds.json")).unwrap();
        let (outage, events) = (made::outage("03:00:00", Some("03:17:00")), made::events());
        let gap = rdprobe::monitor::record::Gap {
            from: record.from,
            to: record.to,
            why: String::new(),
            rounds: 1,
            events: 1,
        };
        record.gaps.push(gap);
        record.targets[0].outages.push(outage);
        record.targets[0].events.extend(events);
        let mut several = record.clone();
        several.targets.extend(record.targets.clone());
        vec![record, several]
    });
    let mut all = Vec::new();
    for known in kept.iter() {
        let known = known.with(word);
        let json = text(|out| record::json(&known, out));
        assert_eq!(serde_json::from_str::<Record>(&json).unwrap(), known, "JSON reads back");
        all.push(written("json", Kind::Json, json));
        all.push(written("text", Kind::Text, text(|out| record::text(&known, out))));
        all.push(written("html", Kind::Html, text(|out| record::html(&known, out))));
    }
    all
}

fn of_a_scan(word: &str) -> Vec<Written> {
    let table = TableStyle { columns: Some(100), color: false, verbosity: 1, show: Show::All };
    let wide = TableStyle { columns: None, ..table };
    let mut all = Vec::new();
    for (number, report) in some_reports().iter().enumerate() {
        let report = report.with(word);
        let mut scanned = scanned(number, &report);
        scanned.expectations = vec![checks::judged(word, word, rdprobe::policy::Outcome::Missed, word)];
        let line = text(|out| scan::ndjson(&scanned, None, out));
        assert_eq!(serde_json::from_str::<Scanned>(&line).unwrap(), scanned, "JSON reads back");
        all.push(written("ndjson", Kind::Json, line));
        all.push(written("with reports", Kind::Json, text(|out| scan::ndjson(&scanned, Some(&report), out))));
        all.push(written("csv", Kind::Csv, text(|out| scan::csv::row(&scanned, &report, out))));
        for style in [table, wide] {
            all.push(written(
                "table",
                Kind::Text,
                text(|out| scan::table::row(&scanned, &report, style, out)),
            ));
        }
    }
    let counts = || vec![(word.to_owned(), 7), (format!("{word}{word}"), 5)];
    let going = scan::progress::Going {
        depth: Depth::Full,
        done: 7,
        total: Some(9),
        rate: None,
        left: None,
        in_flight: 2,
        good: 3,
        bad: 4,
        undecided: 0,
        causes: counts(),
        slowed: Some(word.to_owned()),
        ending: false,
    };
    all.push(written("progress", Kind::Text, scan::progress::lines(&going).join("\n")));
    assert_eq!(scan::progress::lines(&going).join("\n").lines().count(), 3, "{word:?}");
    let sum = scan::summary::Sum {
        targets: 7,
        bad: 7,
        causes: counts(),
        missed: counts(),
        next: vec![word.to_owned()],
        ..scan::summary::Sum::default()
    };
    all.push(written(
        "summary",
        Kind::Text,
        text(|out| scan::summary::summary(&sum, &HumanStyle::default(), out)),
    ));
    all
}

fn scanned(number: usize, report: &Report) -> Scanned {
    Scanned::of(number.try_into().unwrap(), Depth::Full, report, Vec::new())
}

/// Through the file, as `rdprobe report` shows it.
fn of_a_fleet(word: &str) -> Vec<Written> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("scan.db");
    let settings = Settings { source: word.to_owned(), depth: Depth::Full, reports: true };
    let mut kept = ScanRecord::begin(&path, &settings).unwrap();
    for (number, report) in some_reports().iter().enumerate() {
        let report = report.with(word);
        kept.take(&scanned(number, &report), &report).unwrap();
    }
    kept.finish().unwrap();
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let survey = scan.survey().unwrap();
    vec![
        written("html", Kind::Html, text(|out| fleet::html(&scan, &survey, out))),
        written("json", Kind::Json, text(|out| fleet::json(&scan, &survey, out))),
        written("text", Kind::Text, text(|out| fleet::text(&scan, &survey, out))),
    ]
}

fn of_metrics(word: &str) -> Vec<Written> {
    let page = |format| {
        let mut encoder = Encoder::new(format);
        encoder.family(Family::gauge("rdprobe_info", "what a server is"));
        encoder.value(&[("target", word), ("name", word)], 1.0);
        String::from_utf8(encoder.finish()).unwrap()
    };
    vec![
        written("text", Kind::Prometheus, page(Format::Text)),
        written("OpenMetrics", Kind::Prometheus, page(Format::OpenMetrics)),
    ]
}
