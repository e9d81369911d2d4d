//! The book of causes: the whole catalogue, the procedures and the code tables as one Markdown document.

use std::io::{self, Write};

use super::human::channel_words;
use super::human::cost;
use crate::diagnosis::Confidence;
use crate::diagnosis::catalogue::{self, Cause, Channel, Family, Remedy};
use crate::diagnosis::lookup::Entry;
use crate::diagnosis::lookup::events::EVENTS;
use crate::diagnosis::lookup::registry::REGISTRIES;
use crate::diagnosis::procedure::{self, Procedure};

const PROCEDURES: &str = "Procedures, whatever the cause";
const CODES: &str = "Codes";
const EVENTS_HEADING: &str = "Events of Windows";

/// Writes the book: contents, causes by family, procedures, tables.
pub fn book(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Why Remote Desktop fails, and what to run\n")?;
    contents(out)?;
    for family in families() {
        writeln!(out, "\n## {}", family.heading())?;
        causes_of(family).try_for_each(|it| cause(it, 3, out))?;
    }
    writeln!(out, "\n## {PROCEDURES}")?;
    procedure::all().iter().try_for_each(|it| procedure(it, 3, out))?;
    tables(out)
}

/// Writes what was found under a word.
pub fn entries(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    entries.iter().try_for_each(|entry| match entry {
        Entry::Cause(it) => cause(it, 1, out),
        Entry::Procedure(it) => procedure(it, 1, out),
        Entry::Reading(it) => {
            let name = it.name.map_or_else(String::new, |name| format!(" {name}"));
            writeln!(out, "\n# {} ({})\n", harmless(&format!("{}{name}", it.code)), harmless(&it.kind))?;
            writeln!(out, "{}\n", harmless(&it.meaning))?;
            let causes = it.causes.iter().filter_map(|id| catalogue::get(id));
            causes.into_iter().try_for_each(|it| writeln!(out, "- `{}`: {}", it.id, escape(&it.title)))
        }
    })
}

/// Of what the user asked about: nothing that a terminal or a log acts upon.
fn harmless(text: &str) -> String {
    escape(&super::escape::escape(text))
}

fn families() -> impl Iterator<Item = Family> {
    Family::ALL.into_iter().filter(|family| causes_of(*family).next().is_some())
}

fn causes_of(family: Family) -> impl Iterator<Item = &'static Cause> {
    catalogue::all().iter().filter(move |cause| cause.family == family)
}

fn contents(out: &mut dyn Write) -> io::Result<()> {
    for family in families() {
        writeln!(out, "- {}", link(family.heading()))?;
        causes_of(family).try_for_each(|it| entry(&it.id, &it.title, out))?;
    }
    writeln!(out, "- {}", link(PROCEDURES))?;
    procedure::all().iter().try_for_each(|it| entry(&it.id, &it.title, out))?;
    writeln!(out, "- {}", link(CODES))?;
    REGISTRIES.iter().try_for_each(|it| writeln!(out, "  - {}", link(&capital(it.title))))?;
    writeln!(out, "  - {}", link(EVENTS_HEADING))
}

fn entry(id: &str, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "  - [{id}](#{id}): {}", escape(title))
}

/// A heading as a link to itself.
fn link(heading: &str) -> String {
    format!("[{}](#{})", escape(heading), anchor(heading))
}

/// The anchor that Markdown renderers give to a heading: small letters, no marks, `-` for blanks.
fn anchor(heading: &str) -> String {
    let small = heading.to_lowercase();
    let kept = small.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

fn cause(cause: &Cause, level: usize, out: &mut dyn Write) -> io::Result<()> {
    title(level, &cause.id, &cause.title, out)?;
    if !cause.aliases.is_empty() {
        writeln!(out, "Also known as `{}`.\n", cause.aliases.join("`, `"))?;
    }
    prose(&cause.prose, level, out)?;
    list("What the client displays", level, cause.says.iter().map(|it| escape(it)), out)?;
    list("The cheapest check", level, cause.next_check.iter().map(|it| escape(it)), out)?;
    let twins = cause.twins.iter().map(|twin| {
        let check =
            cause.separates.get(twin).map_or_else(String::new, |check| format!(": {}", escape(check)));
        format!("`{twin}`{check}")
    });
    list("What looks the same from outside", level, twins, out)?;
    list("Events", level, cause.events.iter().map(|it| escape(it)), out)?;
    let seen = cause.explains.iter().chain(&cause.confirms).map(|id| format!("`{id}`"));
    list(&format!("Observations ({})", confidence(cause.confidence)), level, seen, out)?;
    cause.fixes.iter().try_for_each(|it| fix("Fix", it, level, out))?;
    list("Procedures that help", level, cause.procedures.iter().map(|it| format!("`{it}`")), out)?;
    pages(&cause.docs, level, out)
}

fn procedure(procedure: &Procedure, level: usize, out: &mut dyn Write) -> io::Result<()> {
    title(level, &procedure.id, &procedure.title, out)?;
    prose(&procedure.prose, level, out)?;
    procedure.fixes.iter().try_for_each(|it| fix("How", it, level, out))?;
    pages(&procedure.docs, level, out)
}

fn title(level: usize, id: &str, title: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{} {id}\n\n**{}**\n", "#".repeat(level), escape(title))
}

const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "documented",
        Confidence::Observed => "observed",
        Confidence::Inferred => "inferred",
    }
}

/// The prose is Markdown already: its headings go below the title.
fn prose(text: &str, level: usize, out: &mut dyn Write) -> io::Result<()> {
    for line in text.lines() {
        match line.strip_prefix("## ") {
            Some(heading) => writeln!(out, "{} {heading}", "#".repeat(level.saturating_add(1)))?,
            None => writeln!(out, "{line}")?,
        }
    }
    writeln!(out)
}

fn list(
    heading: &str,
    level: usize,
    entries: impl Iterator<Item = String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut entries = entries.peekable();
    if entries.peek().is_none() {
        return Ok(());
    }
    writeln!(out, "{} {heading}\n", "#".repeat(level.saturating_add(1)))?;
    entries.try_for_each(|entry| writeln!(out, "- {entry}"))?;
    writeln!(out)
}

fn fix(what: &str, remedy: &Remedy, level: usize, out: &mut dyn Write) -> io::Result<()> {
    let cost = cost(remedy).map_or_else(String::new, |cost| format!(" ({cost})"));
    let words = channel_words(remedy.channel.word());
    writeln!(out, "{} {what}, {words}{cost}\n", "#".repeat(level.saturating_add(1)))?;
    if let Some(warning) = &remedy.warning {
        writeln!(out, "> **Careful:** {}\n", escape(warning))?;
    }
    let fence = fence(&remedy.commands);
    writeln!(out, "{fence}{}", language(remedy.channel))?;
    remedy.commands.iter().try_for_each(|command| writeln!(out, "{command}"))?;
    writeln!(out, "{fence}\n")?;
    match &remedy.expect {
        Some(expect) => writeln!(out, "Then expect: {}\n", escape(expect)),
        None => Ok(()),
    }
}

/// A fence that no command can close.
fn fence(commands: &[String]) -> String {
    let mut fence = "```".to_owned();
    while commands.iter().any(|command| command.contains(&fence)) {
        fence.push('`');
    }
    fence
}

/// The language of a channel's commands, as highlighters call it.
const fn language(channel: Channel) -> &'static str {
    match channel {
        Channel::SerialConsoleCmd => "bat",
        Channel::SerialConsolePowershell | Channel::AzPowershell => "powershell",
        Channel::AzCli | Channel::Server => "sh",
        Channel::Portal | Channel::OfflineDisk | Channel::Client => "text",
    }
}

fn pages(docs: &[String], level: usize, out: &mut dyn Write) -> io::Result<()> {
    list("The vendor's pages", level, docs.iter().map(|it| format!("<{it}>")), out)
}

fn tables(out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## {CODES}")?;
    for registry in REGISTRIES {
        let rows = registry.rows();
        let cells =
            rows.iter().map(|it| [registry.written(it.number), it.name.to_owned(), it.meaning.to_owned()]);
        table(&capital(registry.title), ["Code", "Name", "Meaning"], cells, out)?;
    }
    let cells =
        EVENTS.iter().map(|it| [it.number.to_string(), it.provider.to_owned(), it.meaning.to_owned()]);
    table(EVENTS_HEADING, ["Event", "Provider", "Meaning"], cells, out)
}

fn table(
    heading: &str,
    head: [&str; 3],
    mut rows: impl Iterator<Item = [String; 3]>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\n### {heading}\n\n| {} |\n|---|---|---|", head.join(" | "))?;
    rows.try_for_each(|row| writeln!(out, "| {} |", row.map(|cell| escape(&cell)).join(" | ")))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), letters.as_str()))
}

/// A plain text within Markdown: what would be markup stands as it is.
pub(in crate::render) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(
            letter,
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '&'
        ) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    // At the start of a paragraph these begin a list.
    if escaped.starts_with(['-', '+', '=']) || escaped.starts_with(|it: char| it.is_ascii_digit()) {
        escaped = listless(&escaped);
    }
    escaped
}

/// `1) a` and `- a` would begin a list: the mark is escaped.
fn listless(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(digits);
    if rest.starts_with(['.', ')', '-', '+', '=']) { format!("{number}\\{rest}") } else { text.to_owned() }
}
