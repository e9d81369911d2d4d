//! The sum of a scan: how many are as they should be, the first cause of each that shows one, and what to run next.
//!
//! ```text
//! 65,536 targets in 53 s, 1,234 a second: 8,000 ok, 57,000 failed, 536 undecided
//!
//! Causes   the first of each target, where it may be one of several:
//!          39,000  nsg-blocks-rdp: a network security group does not let RDP in
//!          18,000  rdp-disabled-registry: Remote Desktop is switched off
//! Missed        7  tls>=1.2
//! Next     rdprobe explain nsg-blocks-rdp
//! ```

use std::io::{self, Write};
use std::time::Duration;

use super::progress::rate_text;
use crate::diagnosis::{Verdict, catalogue};
use crate::evidence::Millis;
use crate::fleet::depth::Depth;
use crate::render::human::{Cell, HumanStyle, Page, Paint, columns_of};
use crate::render::measure::{self, count};
use crate::render::words::{ms, span};

/// How many causes and expectations are named.
const SHOWN: usize = 10;

/// The columns of a section's label.
const LABEL_COLUMNS: usize = 9;

/// What a scan came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sum {
    /// How much was asked of every target.
    pub depth: Depth,
    /// How many targets are done, those of the runs before a `--resume` included.
    pub targets: u64,
    /// How many of them are as they should be.
    pub good: u64,
    /// How many of these an expectation warns of.
    pub warned: u64,
    /// How many fail or miss an expectation.
    pub bad: u64,
    /// How many are undecided.
    pub undecided: u64,
    /// How many came to each verdict.
    pub verdicts: Vec<(Verdict, u64)>,
    /// The first cause of each target, with how often it was found, the most frequent first.
    pub causes: Vec<(String, u64)>,
    /// The expectations that were missed, with how often, the most frequent first.
    pub missed: Vec<(String, u64)>,
    /// How many entries of the sources were no targets: lines, machines of an inventory, ...
    pub bad_entries: u64,
    /// How many sources named no target at all.
    pub empty_sources: u64,
    /// How many targets this run did itself.
    pub this_run: u64,
    /// How long this run took.
    pub elapsed: Duration,
    /// Whether there is more to be done.
    pub ended_early: bool,
    /// What to run next, beside what the causes ask for.
    pub next: Vec<String>,
}

/// Writes the sum.
///
/// # Errors
/// Those of `out`.
pub fn summary(sum: &Sum, style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.text(0, Paint::Strong, &headline(sum))?;
    let facts: Vec<String> = [verdicts(sum), untested(sum), sources(sum)].into_iter().flatten().collect();
    facts.iter().try_for_each(|fact| page.text(0, Paint::Plain, fact))?;
    if !sum.causes.is_empty() || !sum.missed.is_empty() {
        page.blank()?;
    }
    let columns = sum.causes.iter().chain(&sum.missed).map(|(_, many)| columns_of(&count(*many))).max();
    let causes: Vec<(String, u64)> = sum.causes.iter().map(|(id, many)| (titled(id), *many)).collect();
    if !causes.is_empty() {
        page.section("Causes", &["the first of each target, where it may be one of several:"])?;
    }
    counted("", &causes, columns.unwrap_or(0), &mut page)?;
    counted("Missed", &sum.missed, columns.unwrap_or(0), &mut page)?;
    let explain = sum.causes.first().map(|(id, _)| format!("rdprobe explain {id}"));
    page.section("Next", &explain.into_iter().chain(sum.next.iter().cloned()).collect::<Vec<_>>())
}

/// How many, how long, how they stand.
fn headline(sum: &Sum) -> String {
    let ended = if sum.ended_early { "ended early: " } else { "" };
    let seconds = sum.elapsed.as_secs_f64();
    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "far below 2^53")]
    let rate = if seconds >= 1.0 {
        format!(", {} a second", rate_text(sum.this_run as f64 / seconds))
    } else {
        String::new()
    };
    let before = match sum.targets.saturating_sub(sum.this_run) {
        0 => String::new(),
        before => format!(" ({} of them before)", count(before)),
    };
    let good = match sum.warned {
        0 => sum.depth.good_word().to_owned(),
        warned => format!("{} ({} with a warning)", sum.depth.good_word(), count(warned)),
    };
    let counts = [(sum.good, good.as_str()), (sum.bad, "failed"), (sum.undecided, "undecided")];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(many, _)| *many > 0)
        .map(|(many, what)| format!("{} {what}", count(*many)))
        .collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    let took = if seconds < 60.0 { ms(Millis(seconds * 1e3)) } else { span(sum.elapsed) };
    format!("{ended}{}{before} in {took}{rate}{counts}", targets(sum.targets))
}

fn targets(many: u64) -> String {
    match many {
        0 => "no target".to_owned(),
        1 => "1 target".to_owned(),
        many => format!("{} targets", count(many)),
    }
}

/// The verdicts, where they say more than the headline.
fn verdicts(sum: &Sum) -> Option<String> {
    let of = |wanted: Verdict| {
        sum.verdicts.iter().filter(|(it, _)| *it == wanted).map(|(_, many)| many).sum::<u64>()
    };
    let good = of(Verdict::Reachable).saturating_add(of(Verdict::StagePassed));
    let told = (sum.good, sum.bad) == (good, of(Verdict::NotReachable));
    if told {
        return None;
    }
    let told: Vec<String> = sum
        .verdicts
        .iter()
        .filter(|(_, many)| *many > 0)
        .map(|(verdict, many)| format!("{} {}", count(*many), verdict_word(*verdict)))
        .collect();
    (!told.is_empty()).then(|| told.join(", "))
}

const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Reachable => "reachable",
        Verdict::PartlyReachable => "partly reachable",
        Verdict::NotReachable => "not reachable",
        Verdict::Undecided => "undecided",
        Verdict::StagePassed => "passed as far as asked",
    }
}

/// What the count of good ones does not tell.
fn untested(sum: &Sum) -> Option<String> {
    let what = sum.depth.untested().filter(|_| sum.good > 0)?;
    Some(format!("{what} (--depth full tests all of it)"))
}

/// What was wrong with the sources.
fn sources(sum: &Sum) -> Option<String> {
    let entries = match sum.bad_entries {
        0 => None,
        1 => Some("1 entry of the sources was no target".to_owned()),
        many => Some(format!("{} entries of the sources were no targets", count(many))),
    };
    let sources = match sum.empty_sources {
        0 => None,
        1 => Some("1 source named no target".to_owned()),
        many => Some(format!("{} sources named no target", count(many))),
    };
    let wrong: Vec<String> = [entries, sources].into_iter().flatten().collect();
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

/// A cause with its title; an id that this version does not know stands alone.
fn titled(id: &str) -> String {
    catalogue::get(id).map_or_else(|| id.to_owned(), |cause| format!("{id}: {}", cause.title))
}

fn counted(label: &str, counted: &[(String, u64)], columns: usize, page: &mut Page<'_>) -> io::Result<()> {
    let mut label = label;
    for (what, many) in counted.iter().take(SHOWN) {
        let many = format!("{}  ", measure::right(&count(*many), columns));
        let lead = [
            Cell { text: label, columns: LABEL_COLUMNS, paint: Paint::Strong },
            Cell { text: &many, columns: columns.saturating_add(2), paint: Paint::Plain },
        ];
        page.row(&lead, what, "")?;
        label = "";
    }
    match counted.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => page.section("", &[format!("and {} more", count(u64::try_from(more).unwrap_or(u64::MAX)))]),
    }
}
