//! Why, what to check next, and what a good handshake cannot tell.

use std::io;

use super::layout::{Cell, Page, Paint};
use super::repairs;
use crate::diagnosis::{Confidence, Diagnosis, Standing, Verdict, observation};

/// How many of the facts that others told one screen shows.
const FACTS_SHOWN: usize = 2;

/// How many causes one screen shows.
const CAUSES_SHOWN: usize = 3;

/// How many lines of the screen the causes leave for the check, the fix and the way on.
const LINES_AFTER_CAUSES: usize = 8;

/// The columns before an open question.
const QUESTION_INDENT: usize = 11;

/// The lines that the footer takes.
const FOOTER_LINES: usize = 1;

/// Writes the sections, each only if there is something to tell.
pub(super) fn sections(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    told(diagnosis, verbose, page)?;
    why(diagnosis, verbose, page)?;
    let findings = &diagnosis.findings;
    if let Some(check) = findings.iter().find_map(|finding| finding.next_check.as_deref()) {
        page.section("Next", &[check])?;
    }
    if !verbose {
        let after = FOOTER_LINES.saturating_add(usize::from(!diagnosis.still_open.is_empty()));
        repairs::first(diagnosis, after, page)?;
    }
    open(&diagnosis.still_open, verbose, page)
}

/// What others told that needs an explanation: the guest's faults, and what the user's client displayed.
fn told(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let facts: Vec<&str> = diagnosis
        .observations
        .iter()
        .filter(|seen| observation::is_told(&seen.id))
        .filter(|seen| observation::is_symptom(&seen.id) || observation::is_complaint(&seen.id))
        .map(|seen| seen.fact.as_str())
        .collect();
    let shown = if verbose { facts.len() } else { facts.len().min(FACTS_SHOWN) };
    page.section("Told", facts.get(..shown).unwrap_or_default())?;
    match facts.len().saturating_sub(shown) {
        0 => Ok(()),
        hidden => page.section("", &[format!("and {hidden} more: -v shows them")]),
    }
}

fn why(diagnosis: &Diagnosis, verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    let failed = !matches!(diagnosis.verdict, Verdict::Reachable | Verdict::StagePassed);
    let mut label = if failed { "Why" } else { "Note" };
    let all = diagnosis.findings.len();
    let shown = if verbose { all } else { all.min(CAUSES_SHOWN) };
    let mut told = 0_usize;
    for finding in diagnosis.findings.iter().take(shown) {
        if !verbose && told > 0 && page.lines_left() < LINES_AFTER_CAUSES.saturating_add(2) {
            break;
        }
        told = told.saturating_add(1);
        let (paint, word) = standing(finding.standing);
        let lead =
            [Cell { text: label, columns: 9, paint: Paint::Strong }, Cell { text: word, columns: 10, paint }];
        let confidence = confidence(finding.confidence);
        page.row(&lead, &format!("{} [{}, {confidence}]", finding.title, finding.cause), "")?;
        label = "";
    }
    let hidden = all.saturating_sub(told);
    if hidden > 0 {
        let plural = if hidden == 1 { "" } else { "s" };
        page.section("", &[format!("and {hidden} more possible cause{plural}: -v shows them")])?;
    }
    Ok(())
}

/// The word for how sure a finding is.
pub(in crate::render) const fn standing(standing: Standing) -> (Paint, &'static str) {
    match standing {
        Standing::Confirmed => (Paint::Bad, "confirmed"),
        Standing::Likely => (Paint::Doubt, "likely"),
        Standing::Possible => (Paint::Plain, "possible"),
    }
}

/// The word for how sure the link between cause and signature is.
pub(super) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "documented",
        Confidence::Observed => "observed",
        Confidence::Inferred => "inferred",
    }
}

/// The question itself, without what follows it.
fn leading(question: &str) -> &str {
    question.split_inclusive('?').next().unwrap_or(question)
}

/// The open questions, as many as the screen has room for.
fn open(questions: &[String], verbose: bool, page: &mut Page<'_>) -> io::Result<()> {
    if questions.is_empty() {
        return Ok(());
    }
    let room = page.lines_left().saturating_sub(FOOTER_LINES.saturating_add(1));
    let all = questions.len();
    let shown = if verbose || all <= room { all } else { room.saturating_sub(1) };
    if shown == 0 {
        return page.section("Open", &[format!("{all} questions that only a logon answers: -v shows them")]);
    }
    page.section("Open", &["what this probe cannot tell, because it does not log on:"])?;
    let dash = [
        Cell { text: "", columns: 9, paint: Paint::Plain },
        Cell { text: "-", columns: 2, paint: Paint::Plain },
    ];
    for question in questions.iter().take(shown) {
        let line = if verbose { question.clone() } else { page.one_line(QUESTION_INDENT, leading(question)) };
        page.row(&dash, &line, "")?;
    }
    let hidden = all.saturating_sub(shown);
    if hidden > 0 {
        page.row(&dash, &format!("and {hidden} more: -v shows them"), "")?;
    }
    Ok(())
}
