//! One page that needs nothing but itself: no script, no request; light, dark, on paper and on a telephone.

use std::io::{self, Write};

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::words::{self, length, moment};
use crate::monitor::latency::Phase;
use crate::monitor::record::{Record, TargetRecord};
use crate::render::escape::escape;

// Where things go along an axis, and what is written at it.
mod axis;

// Pictures: the strip of states, the bands, the distribution.
mod chart;

// Tables: outages, phases, losses, events, gaps.
mod table;

/// Nothing is loaded and nothing runs, whatever a peer's text should contain.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("html/page.css");

/// The page.
pub fn html(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    let title = title(record);
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(escape(&record.by));
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    (head(record, &title))
                    @for (number, target) in record.targets.iter().enumerate() {
                        (section(record, target, number))
                    }
                    (table::gaps(&record.gaps))
                    (notes())
                }
                footer { p { "Written by " (escape(&record.by)) " from its record. Times are UTC." } }
            }
        }
    };
    out.write_all(page.into_string().as_bytes())
}

fn title(record: &Record) -> String {
    match record.targets.as_slice() {
        [only] => format!("RDP to {}", escape(&only.target)),
        several => format!("RDP to {} machines", several.len()),
    }
}

fn head(record: &Record, title: &str) -> Markup {
    markup! {
        header {
            h1 { (title) }
            p.period {
                time datetime=(record.from) { (moment(record.from)) } " – "
                time datetime=(record.to) { (moment(record.to)) } " UTC, "
                (length(words::between(record.from, record.to)))
            }
            @if record.targets.len() > 1 { (table::targets(&record.targets)) }
        }
    }
}

fn section(record: &Record, target: &TargetRecord, number: usize) -> Markup {
    let several = record.targets.len() > 1;
    markup! {
        section.target id={ "target-" (number) } {
            @if several { h2.name { (escape(&target.target)) } }
            (figures(record, target))
            h3 { "Availability" }
            (chart::strip(record, target))
            h3 { "Outages" }
            (table::outages(record, target))
            h3 { "Latency over time" }
            (chart::bands(record, target))
            h3 { "Where the time goes" }
            (table::phases(target))
            h3 { "How the times are distributed" }
            (chart::distribution(target))
            @if !target.losses.is_empty() {
                h3 { "How rounds failed" }
                (table::losses(target))
            }
            h3 { "Events" }
            (table::events(target))
        }
    }
}

/// What a reader who has ten seconds wants to know.
fn figures(record: &Record, target: &TargetRecord) -> Markup {
    let total =
        target.phases.iter().find(|phase| phase.summary.phase == Phase::Total).map(|phase| &phase.summary);
    let longest = target.outages.iter().map(|outage| {
        words::between(outage.start, outage.end.or(outage.seen_until).unwrap_or(record.to).min(record.to))
    });
    let longest = longest.fold(0.0, f64::max);
    let figures = [
        ("available", words::percent(target.available)),
        ("down", length(target.availability.down_s)),
        ("outages", target.outages_total.to_string()),
        ("longest", if longest > 0.0 { length(longest) } else { "–".to_owned() }),
        ("median", words::time(total.and_then(|total| total.corrected.p50_us))),
        ("99th percentile", words::time(total.and_then(|total| total.corrected.p99_us))),
        ("jitter", words::mean(total.and_then(|total| total.jitter_us))),
        ("rounds lost", words::lost(target)),
    ];
    markup! {
        dl.figures {
            @for (name, value) in figures {
                div { dt { (name) } dd { (value) } }
            }
        }
    }
}

/// What the words and numbers mean.
fn notes() -> Markup {
    markup! {
        section.notes {
            h2 { "How to read this" }
            p {
                "A round is one connection as a client would begin it, ended in order before any logon. "
                "Availability is the time in which the machine answered, of the time in which that is known: "
                "it is taken from the begin and end of each outage, not from a share of rounds. "
                "Time in which this machine's own network was away, or nobody watched, counts neither way."
            }
            p {
                "Percentiles are corrected for the rounds that a stall hid: while one round waits, those that should have "
                "been made meanwhile would have waited too. What was measured without them stands beside as “measured”. "
                "Jitter is the mean difference between one round's time and the next one's."
            }
        }
    }
}
