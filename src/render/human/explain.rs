//! What is known of a word, for a person: a cause or a procedure in full, or each thing that a code may mean.

use std::io::{self, Write};

use super::HumanStyle;
use super::layout::{Page, Paint};
use super::repairs::{channel_words, impact};
use crate::diagnosis::catalogue::{self, Cause, Family, Impact, Remedy};
use crate::diagnosis::lookup::{Entry, Reading};
use crate::diagnosis::procedure::{self, Procedure};

/// Writes what was found under a word; what leads to one cause only, with that cause in full.
pub fn explain(entries: &[Entry], style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    let readings = entries.iter().filter(|entry| matches!(entry, Entry::Reading(_))).count();
    if readings > 1 {
        page.text(0, Paint::Plain, &format!("This may be read in {readings} ways:"))?;
        page.blank()?;
    }
    for (place, entry) in entries.iter().enumerate() {
        if place > 0 {
            page.blank()?;
        }
        match entry {
            Entry::Cause(it) => cause(it, &mut page)?,
            Entry::Procedure(it) => procedure(it, &mut page)?,
            Entry::Reading(it) => reading(it, readings == 1, &mut page)?,
        }
    }
    Ok(())
}

/// Writes every cause and every procedure in full.
pub fn explain_all(style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    for family in Family::ALL {
        for it in catalogue::all().iter().filter(|cause| cause.family == family) {
            cause(it, &mut page)?;
            rule(&mut page)?;
        }
    }
    for it in procedure::all() {
        procedure(it, &mut page)?;
        rule(&mut page)?;
    }
    Ok(())
}

/// Writes every cause by family, then the procedures: ids and titles.
pub fn index(style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.text(
        0,
        Paint::Plain,
        "rdprobe explain ID tells more of each; so does a code, an event or a message:",
    )?;
    page.text(0, Paint::Plain, "rdprobe explain 0x904, explain event 36871, explain \"internal error\"")?;
    for family in Family::ALL {
        let causes = catalogue::all().iter().filter(|cause| cause.family == family);
        entries(family.heading(), causes.map(|cause| (cause.id.as_str(), cause.title.as_str())), &mut page)?;
    }
    let procedures = procedure::all().iter().map(|it| (it.id.as_str(), it.title.as_str()));
    entries("Procedures, whatever the cause", procedures, &mut page)
}

fn entries<'e>(
    title: &str,
    entries: impl Iterator<Item = (&'e str, &'e str)>,
    page: &mut Page<'_>,
) -> io::Result<()> {
    let mut is_first = true;
    for (id, title_of_entry) in entries {
        if std::mem::take(&mut is_first) {
            heading(title, page)?;
        }
        page.text(2, Paint::Strong, id)?;
        page.text(6, Paint::Plain, title_of_entry)?;
    }
    Ok(())
}

fn reading(reading: &Reading, is_only: bool, page: &mut Page<'_>) -> io::Result<()> {
    let name = reading.name.map_or_else(String::new, |name| format!(" {name}"));
    page.text(0, Paint::Strong, &format!("{}{name} ({})", reading.code, reading.kind))?;
    page.text(2, Paint::Plain, &reading.meaning)?;
    match reading.causes.as_slice() {
        [] => page.text(2, Paint::Plain, "No cause of the catalogue goes with it."),
        [only] if is_only => {
            page.blank()?;
            page.text(0, Paint::Plain, "One cause goes with it:")?;
            page.blank()?;
            catalogue::get(only).map_or(Ok(()), |it| cause(it, page))
        }
        causes => {
            page.text(2, Paint::Plain, "It goes with these causes (rdprobe explain ID tells more of each):")?;
            causes.iter().filter_map(|id| catalogue::get(id)).try_for_each(|cause| {
                page.text(4, Paint::Strong, &cause.id)?;
                page.text(8, Paint::Plain, &cause.title)
            })
        }
    }
}

fn cause(cause: &Cause, page: &mut Page<'_>) -> io::Result<()> {
    page.text(0, Paint::Strong, &format!("{}: {}", cause.id, cause.title))?;
    if !cause.aliases.is_empty() {
        page.text(2, Paint::Plain, &format!("also known as {}", cause.aliases.join(", ")))?;
    }
    prose(&cause.prose, page)?;
    list("What the user's client displays", &cause.says, page)?;
    if let Some(check) = &cause.next_check {
        heading("The cheapest check", page)?;
        page.text(2, Paint::Plain, check)?;
    }
    let twins: Vec<String> = cause
        .twins
        .iter()
        .map(|twin| match cause.separates.get(twin) {
            Some(check) => format!("{twin}: {check}"),
            None => twin.clone(),
        })
        .collect();
    list("What looks the same from outside, and what tells it apart", &twins, page)?;
    list("Events in the guest's logs", &cause.events, page)?;
    cause.fixes.iter().try_for_each(|remedy| fix("Fix", remedy, page))?;
    let procedures: Vec<String> = cause
        .procedures
        .iter()
        .filter_map(|id| procedure::get(id))
        .map(|procedure| format!("{}: {}", procedure.id, procedure.title))
        .collect();
    list("Procedures that help (rdprobe explain ID)", &procedures, page)?;
    pages(&cause.docs, page)
}

fn procedure(procedure: &Procedure, page: &mut Page<'_>) -> io::Result<()> {
    page.text(0, Paint::Strong, &format!("{}: {}", procedure.id, procedure.title))?;
    prose(&procedure.prose, page)?;
    procedure.fixes.iter().try_for_each(|remedy| fix("How", remedy, page))?;
    pages(&procedure.docs, page)
}

fn fix(what: &str, remedy: &Remedy, page: &mut Page<'_>) -> io::Result<()> {
    let cost = cost(remedy).map_or_else(String::new, |cost| format!(" ({cost})"));
    heading(&format!("{what}, {}{cost}", channel_words(remedy.channel.word())), page)?;
    if let Some(warning) = &remedy.warning {
        page.text(2, Paint::Doubt, &format!("Careful: {warning}"))?;
    }
    for command in &remedy.commands {
        page.command(command)?;
    }
    match &remedy.expect {
        Some(expect) => page.text(2, Paint::Plain, &format!("Then expect: {expect}")),
        None => Ok(()),
    }
}

/// What a fix does to the machine and its users, where that is more than to change a setting.
pub(in crate::render) fn cost(remedy: &Remedy) -> Option<&'static str> {
    match (remedy.lowers_security, remedy.impact) {
        (true, _) => Some("lowers security"),
        (false, Impact::Changes) => None,
        (false, Impact::Reads | Impact::Interrupts | Impact::Restarts | Impact::Rebuilds) => {
            Some(impact(remedy.impact))
        }
    }
}

fn pages(docs: &[String], page: &mut Page<'_>) -> io::Result<()> {
    if docs.is_empty() {
        return Ok(());
    }
    heading("The vendor's pages", page)?;
    // Like a command, half an address is of no use.
    docs.iter().try_for_each(|address| page.command(address))
}

fn list(title: &str, entries: &[String], page: &mut Page<'_>) -> io::Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    heading(title, page)?;
    entries.iter().try_for_each(|entry| page.text(2, Paint::Plain, entry))
}

fn heading(title: &str, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.text(0, Paint::Strong, title)
}

/// Between two causes of many.
fn rule(page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.text(0, Paint::Dim, &"-".repeat(page.width()))?;
    page.blank()
}

/// The prose of a cause: paragraphs, headings and tables of a small Markdown.
fn prose(markdown: &str, page: &mut Page<'_>) -> io::Result<()> {
    for paragraph in markdown.split("\n\n") {
        let paragraph = paragraph.trim();
        if let Some(title) = paragraph.strip_prefix("## ") {
            heading(title, page)?;
        } else if paragraph.starts_with("- ") {
            paragraph.split("\n- ").try_for_each(|it| page.text(2, Paint::Plain, &it.replace('\n', " ")))?;
        } else if paragraph.starts_with('|') {
            table(paragraph, page)?;
        } else if !paragraph.is_empty() {
            page.text(2, Paint::Plain, &paragraph.replace('\n', " "))?;
        }
    }
    Ok(())
}

/// The rows of a table, one entry each; its heading goes without saying.
fn table(markdown: &str, page: &mut Page<'_>) -> io::Result<()> {
    markdown.lines().skip(2).try_for_each(|row| {
        let row = row.trim_matches('|').trim();
        let (key, cells) = row.split_once(" | ").unwrap_or((row, ""));
        page.text(2, Paint::Plain, &format!("{key}: {}", cells.replace(" | ", "; ")))
    })
}
