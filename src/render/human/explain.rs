//! One documented cause for a person: what it is, how to confirm it, how to tell it from its twins, how to mend it.

use std::io::{self, Write};

use super::HumanStyle;
use super::layout::{Page, Paint};
use super::repairs::channel_words;
use crate::diagnosis::catalogue::{Cause, Remedy};

/// Writes one cause of the catalogue.
pub fn explain(cause: &Cause, style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.text(0, Paint::Strong, &format!("{}: {}", cause.id, cause.title))?;
    prose(&cause.prose, &mut page)?;
    list("What the user's client displays", &cause.says, &mut page)?;
    if let Some(check) = &cause.next_check {
        heading("The cheapest check", &mut page)?;
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
    list("What looks the same from outside, and what tells it apart", &twins, &mut page)?;
    for remedy in &cause.fixes {
        fix(remedy, &mut page)?;
    }
    heading("The vendor's pages", &mut page)?;
    // Like a command, half an address is of no use.
    cause.docs.iter().try_for_each(|address| page.command(address))
}

/// Writes one line a cause: its id and its title.
pub fn index(causes: &[Cause], style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.text(0, Paint::Plain, "rdprobe explain CAUSE tells more of each:")?;
    causes.iter().try_for_each(|cause| {
        page.text(0, Paint::Strong, &cause.id)?;
        page.text(4, Paint::Plain, &cause.title)
    })
}

fn fix(remedy: &Remedy, page: &mut Page<'_>) -> io::Result<()> {
    heading(&format!("Fix, {}", channel_words(remedy.channel.word())), page)?;
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

/// The prose of a cause: paragraphs, headings and tables of a small Markdown.
fn prose(markdown: &str, page: &mut Page<'_>) -> io::Result<()> {
    for paragraph in markdown.split("\n\n") {
        let paragraph = paragraph.trim();
        if let Some(title) = paragraph.strip_prefix("## ") {
            heading(title, page)?;
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
