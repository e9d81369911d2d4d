//! For a person: a line a target, in the order in which they end.
//!
//! ```text
//!           TARGET                   NLA      TLS     CERT    BUILD COMPUTER
//! ok        10.0.0.4                 required 1.2-1.3 182 d   20348 files22
//! FAILED    vm2.example.net          nobody answers: SYN to 203.0.113.7:3389 timed out
//! ```

use std::io::{self, Write};

use super::facts::Facts;
use crate::diagnosis::{Nla, Verdict};
use crate::evidence::Certificate;
use crate::evidence::certificate::Validity;
use crate::fleet::depth::Depth;
use crate::fleet::scanned::{Scanned, ScannedCause};
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::render::human::{self, HumanStyle, Page, Paint, columns_of};
use crate::render::measure::{self, NOTHING};
use crate::report::{ExitStatus, Report};

/// The columns of the word that says how it stands, and its blank.
const MARK_COLUMNS: usize = 10;

/// The columns of a target's name, and how many more it has of a terminal that is wider than [`WIDE`].
const TARGET_COLUMNS: usize = 24;
const MORE_TARGET_COLUMNS: usize = 40;

/// The columns of an address, where there is room for one.
const ADDRESS_COLUMNS: usize = 20;

/// A line so wide has room for the address that told what stands there.
const WIDE: usize = 100;

/// The columns of each fact: NLA, TLS versions, days of the certificate, build.
const FACT_COLUMNS: [usize; 4] = [8, 7, 7, 5];

/// How many causes `-v` names.
const CAUSES_SHOWN: usize = 3;

/// Which targets are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// Every one.
    All,
    /// Those that fail, miss an expectation, are undecided, or bear a warning.
    Bad,
    /// The others.
    Good,
}

/// How the table is written.
#[derive(Debug, Clone, Copy)]
pub struct TableStyle {
    /// Columns of the terminal, to which lines are cut; none where there is none, and a line holds everything.
    pub columns: Option<usize>,
    /// Whether to write ANSI colours.
    pub color: bool,
    /// 1: what was cut, the causes, and every expectation that does not hold, each on a line below.
    pub verbosity: u8,
    /// Which targets are shown.
    pub show: Show,
}

impl TableStyle {
    fn page(self, out: &mut dyn Write) -> Page<'_> {
        let width = self.columns.unwrap_or(usize::MAX);
        Page::new(out, &HumanStyle { verbosity: self.verbosity, width, color: self.color })
    }

    /// Mark, target and address, each in its columns.
    fn lead(self, mark: &str, target: &str, address: &str) -> String {
        let mark = measure::left(mark, MARK_COLUMNS);
        let target = self.column(target, self.target_columns());
        if self.columns.is_some_and(|columns| columns < WIDE) {
            return format!("{mark}{target} ");
        }
        format!("{mark}{target} {} ", self.column(address, ADDRESS_COLUMNS))
    }

    fn target_columns(self) -> usize {
        let spare = self.columns.unwrap_or(0).saturating_sub(WIDE);
        TARGET_COLUMNS.saturating_add(spare.min(MORE_TARGET_COLUMNS))
    }

    /// Whether a target is not shown whole.
    fn cuts(self, target: &str) -> bool {
        self.columns.is_some() && columns_of(target) > self.target_columns()
    }

    /// A text in its column; where lines are not cut, it may be longer.
    fn column(self, text: &str, columns: usize) -> String {
        let room = if self.columns.is_some() { columns } else { columns.max(columns_of(text)) };
        measure::left(text, room)
    }

    /// As much of a text as is left of the line.
    fn rest(self, used: usize, text: &str) -> String {
        let text = escape(text);
        match self.columns {
            Some(columns) => measure::cut(&text, columns.saturating_sub(used)),
            None => text,
        }
    }
}

/// Writes the heading.
///
/// # Errors
/// Those of `out`.
pub fn heading(style: TableStyle, out: &mut dyn Write) -> io::Result<()> {
    let line = style.lead("", "TARGET", "ADDRESS");
    let facts = style.rest(columns_of(&line), &facts_line(["NLA", "TLS", "CERT", "BUILD"], "COMPUTER"));
    style.page(out).pieces(&[(Paint::Strong, &format!("{line}{facts}"))])
}

/// Writes the line of one target, if such targets are shown.
///
/// # Errors
/// Those of `out`.
pub fn row(scanned: &Scanned, report: &Report, style: TableStyle, out: &mut dyn Write) -> io::Result<()> {
    let (paint, mark) = mark(scanned);
    let is_good = scanned.status() == ExitStatus::Good && !scanned.is_warned();
    match style.show {
        Show::Bad if is_good => return Ok(()),
        Show::Good if !is_good => return Ok(()),
        Show::All | Show::Bad | Show::Good => {}
    }
    let facts = Facts::of(scanned, report);
    let address = facts.address().map_or_else(|| NOTHING.to_owned(), |address| address.to_string());
    let target = escape(&scanned.target);
    let line = style.lead(mark, &target, &address);
    let (mark, rest) = line.split_at_checked(mark.len()).unwrap_or(("", &line));
    let whole = told(scanned, facts);
    let told = style.rest(columns_of(&line), &whole);
    let mut page = style.page(out);
    page.pieces(&[(paint, mark), (Paint::Plain, rest), (Paint::Plain, &told)])?;
    if style.verbosity == 0 {
        return Ok(());
    }
    if style.cuts(&target) {
        page.text(MARK_COLUMNS, Paint::Plain, &scanned.target)?;
    }
    if told != escape(&whole) {
        page.text(MARK_COLUMNS, Paint::Plain, &whole)?;
    }
    below(scanned, style, &mut page)
}

/// How it stands, in a word of nine letters at most.
fn mark(scanned: &Scanned) -> (Paint, &'static str) {
    match (scanned.status(), scanned.verdict) {
        (ExitStatus::Good, _) if scanned.is_warned() => (Paint::Doubt, "WARNING"),
        // Neither good nor bad: whether RDP works was not asked.
        (ExitStatus::Good, Verdict::StagePassed) => (Paint::Plain, passed(scanned.depth)),
        (ExitStatus::Good, _) => (Paint::Good, "ok"),
        (ExitStatus::Undecided, _) => (Paint::Doubt, "undecided"),
        (ExitStatus::FailureFound, Verdict::PartlyReachable) => (Paint::Doubt, "PARTLY"),
        (ExitStatus::FailureFound, Verdict::NotReachable) => (Paint::Bad, "FAILED"),
        (ExitStatus::FailureFound, Verdict::Reachable | Verdict::StagePassed | Verdict::Undecided) => {
            (Paint::Bad, "MISSED")
        }
    }
}

/// What did not fail, as far as was asked. A host that passes a stage of a whole scan was not asked for more either.
const fn passed(depth: Depth) -> &'static str {
    match depth {
        Depth::Tcp | Depth::X224 | Depth::Tls => depth.good_word(),
        Depth::Nla | Depth::Full => Depth::Tls.good_word(),
    }
}

/// What the server showed where all is well; else what is not.
fn told(scanned: &Scanned, facts: Facts<'_>) -> String {
    if !is_reached(scanned) {
        return scanned.summary.clone();
    }
    let worst = scanned.result.filter(|result| *result != Outcome::Met);
    match worst {
        Some(worst) => misses(scanned, worst).join("; "),
        None => shown(facts),
    }
}

/// The expectations that came to this, each with the fact that decided it.
fn misses(scanned: &Scanned, outcome: Outcome) -> Vec<String> {
    let judged = scanned.expectations.iter().filter(|judged| judged.outcome == outcome);
    judged.map(|judged| format!("{}: {}", judged.expectation, judged.fact)).collect()
}

fn shown(facts: Facts<'_>) -> String {
    let shown = facts.shown();
    let nla = match facts.nla() {
        Some(Nla::Required) => "required",
        Some(Nla::Selected) => "selected",
        Some(Nla::Offered) => "offered",
        Some(Nla::NotOffered) => "none",
        Some(Nla::Unknown) | None => NOTHING,
    };
    let days = facts.certificate().map(days);
    let build = shown.and_then(|shown| shown.build.as_deref()).and_then(|build| build.rsplit('.').next());
    let computer = shown.and_then(|shown| shown.name.as_deref());
    facts_line(
        [nla, &range(&facts.tls_versions()), days.as_deref().unwrap_or(NOTHING), build.unwrap_or(NOTHING)],
        computer.unwrap_or(NOTHING),
    )
}

/// The days that are left, below zero those since it ended.
fn days(certificate: &Certificate) -> String {
    match (certificate.validity, certificate.days_ago()) {
        (Validity::Expired, 0) => "ended".to_owned(),
        (Validity::Expired, days) => format!("-{days} d"),
        (Validity::Valid | Validity::NotYetValid, _) => format!("{} d", certificate.days_left),
    }
}

fn facts_line(facts: [&str; FACT_COLUMNS.len()], computer: &str) -> String {
    let mut line = String::new();
    for (fact, columns) in facts.into_iter().zip(FACT_COLUMNS) {
        line.push_str(&measure::left(fact, columns));
        line.push(' ');
    }
    line.push_str(computer);
    line
}

/// The oldest and the newest version taken: `1.0-1.2`.
fn range(versions: &[String]) -> String {
    match versions {
        [] => NOTHING.to_owned(),
        [one] => one.clone(),
        [oldest, .., newest] => format!("{oldest}-{newest}"),
    }
}

/// The lines below a target's own, with `-v`.
fn below(scanned: &Scanned, style: TableStyle, page: &mut Page<'_>) -> io::Result<()> {
    let indent = " ".repeat(MARK_COLUMNS);
    for cause in scanned.causes.iter().take(CAUSES_SHOWN) {
        let ScannedCause { id, standing } = cause;
        let (paint, word) = human::standing(*standing);
        let id = style.rest(MARK_COLUMNS.saturating_add(10), id);
        page.pieces(&[(Paint::Plain, &indent), (paint, &measure::left(word, 10)), (Paint::Plain, &id)])?;
    }
    let more = scanned.causes.len().saturating_sub(CAUSES_SHOWN);
    if more > 0 {
        page.pieces(&[(Paint::Plain, &format!("{indent}and {more} more in --format ndjson"))])?;
    }
    for line in untold(scanned) {
        page.pieces(&[(Paint::Plain, &format!("{indent}{}", style.rest(MARK_COLUMNS, &line)))])?;
    }
    Ok(())
}

/// The expectations that do not hold and that the target's own line does not tell. Of a machine that is not reachable
/// all those are open that need one that is: no news.
fn untold(scanned: &Scanned) -> Vec<String> {
    let of = |outcomes: &[Outcome]| outcomes.iter().flat_map(|it| misses(scanned, *it)).collect();
    if !is_reached(scanned) {
        return of(&[Outcome::Missed]);
    }
    match scanned.result {
        Some(Outcome::Missed) => of(&[Outcome::Undecided, Outcome::Warning]),
        Some(Outcome::Undecided) => of(&[Outcome::Warning]),
        Some(Outcome::Warning | Outcome::Met) | None => Vec::new(),
    }
}

/// Whether everything that was asked for was answered.
const fn is_reached(scanned: &Scanned) -> bool {
    matches!(scanned.verdict, Verdict::Reachable | Verdict::StagePassed)
}
