//! What a format must be, whatever stands in it: as many parts as with a tame word, and none of them a stranger's.

use pulldown_cmark::{Event, Options, Parser, Tag};
use serde_json::Value;

/// Without the colours that we write: SGR and nothing else.
pub(super) fn without_colors(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        out.push_str(before);
        let digits = after.find(|c: char| !c.is_ascii_digit() && c != ';').unwrap_or(after.len());
        match after[digits..].strip_prefix('m') {
            Some(behind) => rest = behind,
            None => {
                // Not ours: it stays, and is found.
                out.push_str("\u{1b}[");
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// No agent takes a line for a command of its own.
pub(super) fn lines_are_nobodys_commands(text: &str) -> Result<(), String> {
    for line in text.lines() {
        if ["##vso[", "##["].iter().any(|command| line.to_ascii_lowercase().contains(command)) {
            return Err(format!("a command of Azure Pipelines: {line}"));
        }
        // The runner of GitHub passes over blanks before it, and takes only commands that it knows.
        if let Some(command) = line.trim_start().strip_prefix("::")
            && GITHUB.iter().any(|known| command.to_ascii_lowercase().starts_with(known))
            && command.contains("::")
        {
            return Err(format!("a command of GitHub Actions: {line}"));
        }
    }
    Ok(())
}

/// actions/runner, ActionCommandManager.
const GITHUB: &[&str] = &[
    "internal-set-repo-path",
    "set-env",
    "set-output",
    "save-state",
    "add-path",
    "add-mask",
    "add-matcher",
    "remove-matcher",
    "debug",
    "warning",
    "error",
    "notice",
    "echo",
    "group",
    "endgroup",
    "stop-commands",
];

pub(super) fn azure_pipelines(text: &str) -> Result<(), String> {
    for line in text.lines() {
        let line = line.strip_prefix("##vso[task.").unwrap_or(line);
        lines_are_nobodys_commands(line)?;
    }
    Ok(())
}

pub(super) fn github(text: &str) -> Result<(), String> {
    for line in text.lines() {
        let Some((head, message)) = line.split_once(" title=") else {
            return Err(format!("no annotation: {line}"));
        };
        let is_ours = ["::error", "::warning", "::notice"].contains(&head);
        let Some((title, message)) = message.split_once("::") else {
            return Err(format!("no message: {line}"));
        };
        if !is_ours || title.contains([':', ',']) {
            return Err(format!("not ours: {line}"));
        }
        let is_escape = |rest: &str| ["25", "0A", "0D", "3A", "2C"].iter().any(|code| rest.starts_with(code));
        if !message.split('%').skip(1).all(is_escape) || message.contains("##[") {
            return Err(format!("a message that is more than that: {line}"));
        }
    }
    Ok(())
}

pub(super) fn nagios(text: &str) -> Result<(), String> {
    if !text.is_ascii() {
        return Err("not ASCII".to_owned());
    }
    if text.matches('|').count() > 1 {
        return Err(format!("several marks of performance data: {text}"));
    }
    lines_are_nobodys_commands(text)
}

/// The same fields with either word, and as many lines.
pub(super) fn json(nasty: &str, tame: &str) -> Result<(), String> {
    let documents = |text: &str| {
        serde_json::Deserializer::from_str(text).into_iter::<Value>().collect::<Result<Vec<_>, _>>()
    };
    let (nasty_values, tame_values) = (documents(nasty), documents(tame));
    let (Ok(nasty_values), Ok(tame_values)) = (nasty_values, tame_values) else {
        return Err("it is no JSON".to_owned());
    };
    if nasty.lines().count() != tame.lines().count() {
        return Err("it has other lines".to_owned());
    }
    let same = nasty_values.len() == tame_values.len()
        && nasty_values.iter().zip(&tame_values).all(|(nasty, tame)| same_shape(nasty, tame));
    if same { lines_are_nobodys_commands(nasty) } else { Err("it has other fields".to_owned()) }
}

fn same_shape(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_shape(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            // Names of targets and artifacts may be keys.
            one.len() == other.len()
                && one.values().zip(other.values()).all(|(one, other)| same_shape(one, other))
        }
        (Value::String(_), Value::String(_)) => true,
        (one, other) => one == other || (one.is_number() && other.is_number()),
    }
}

/// The same rows and cells, none of which a spreadsheet takes for a formula.
pub(super) fn csv(nasty: &str, tame: &str) -> Result<(), String> {
    let read = |text: &str| {
        let reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.into_records().collect::<Result<Vec<_>, _>>().map_err(|error| error.to_string())
    };
    let (nasty_rows, tame_rows) = (read(nasty)?, read(tame)?);
    if nasty_rows.iter().map(csv::StringRecord::len).ne(tame_rows.iter().map(csv::StringRecord::len)) {
        return Err(format!("it has other cells: {nasty}"));
    }
    let cells = nasty_rows.iter().flatten();
    let formula = cells.into_iter().find(|cell| {
        // A number may be below zero.
        cell.starts_with(['=', '+', '-', '@', '\u{ff1d}']) && cell.parse::<f64>().is_err()
    });
    match formula {
        Some(cell) => Err(format!("a formula: {cell}")),
        None => lines_are_nobodys_commands(nasty),
    }
}

/// JUnit as its own library reads it: the same suites and cases.
pub(super) fn xml(nasty: &str, tame: &str) -> Result<(), String> {
    // The reader wants a zone in a timestamp, which the schema of Jenkins forbids.
    let zoned = |text: &str| text.replace("T03:00:00\"", "T03:00:00Z\"");
    let read = |text: &str| {
        quick_junit::Report::deserialize_from_str(&zoned(text)).map_err(|error| error.to_string())
    };
    let shape = |report: &quick_junit::Report| -> Vec<usize> {
        report.test_suites.iter().map(|suite| suite.test_cases.len()).collect()
    };
    if shape(&read(nasty)?) != shape(&read(tame)?) {
        return Err("it has other cases".to_owned());
    }
    let elements = |text: &str| text.matches('<').count();
    if elements(nasty) == elements(tame) {
        lines_are_nobodys_commands(nasty)
    } else {
        Err("it has other elements".to_owned())
    }
}

/// A page of the same elements with the same attributes, in which no script runs.
pub(super) fn html(nasty: &str, tame: &str) -> Result<(), String> {
    let (nasty, tame) = (elements(nasty), elements(tame));
    if let Some((one, other)) = nasty.iter().zip(&tame).find(|(one, other)| one != other) {
        return Err(format!("{one:?} instead of {other:?}"));
    }
    if nasty.len() == tame.len() {
        Ok(())
    } else {
        Err(format!("{} elements instead of {}", nasty.len(), tame.len()))
    }
}

/// Each tag: its name and the names of its attributes.
fn elements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, tag)) = rest.split_once('<') {
        let (mut quoted, mut shown, mut end) = (false, String::new(), tag.len());
        for (place, character) in tag.char_indices() {
            match character {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = place;
                    break;
                }
                // Coordinates, times and texts differ; which attributes there are does not.
                _ if !quoted => shown.push(character),
                _ => {}
            }
        }
        found.push(shown);
        rest = tag.get(end..).unwrap_or_default();
    }
    found
}

/// The same tables, links and titles, and no markup of a stranger's.
pub(super) fn markdown(nasty: &str, tame: &str) -> Result<(), String> {
    let (nasty_parts, tame_parts) = (parts(nasty)?, parts(tame)?);
    if nasty_parts == tame_parts {
        lines_are_nobodys_commands(nasty)
    } else {
        Err(format!("{nasty_parts:?} instead of {tame_parts:?}\n{nasty}"))
    }
}

fn parts(text: &str) -> Result<Vec<&'static str>, String> {
    let mut parts = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
        match event {
            Event::Start(Tag::Heading { .. }) => parts.push("heading"),
            Event::Start(Tag::Table(_)) => parts.push("table"),
            Event::Start(Tag::TableRow) => parts.push("row"),
            Event::Start(Tag::TableCell) => parts.push("cell"),
            Event::Start(Tag::Item) => parts.push("item"),
            Event::Start(Tag::Link { .. }) => parts.push("link"),
            Event::Start(Tag::Image { .. }) => parts.push("image"),
            Event::Start(Tag::CodeBlock(_)) => parts.push("code block"),
            Event::Start(Tag::BlockQuote(_)) => parts.push("quote"),
            Event::Rule => parts.push("rule"),
            Event::Html(html) | Event::InlineHtml(html) if html.replace("<!-- -->", "").trim() != "" => {
                return Err(format!("markup: {html}"));
            }
            _ => {}
        }
    }
    Ok(parts)
}

/// As many lines, and of a sample nothing but its name, its labels in quotes and its value.
pub(super) fn prometheus(nasty: &str, tame: &str) -> Result<(), String> {
    if nasty.lines().count() != tame.lines().count() {
        return Err(format!("other lines: {nasty}"));
    }
    for line in nasty.lines().filter(|line| !line.starts_with('#')) {
        let labels = line.split_once('{').map_or("", |(_, rest)| rest);
        let mut quoted = false;
        let mut rest = labels.chars();
        let mut outside = String::new();
        while let Some(character) = rest.next() {
            match character {
                '\\' if quoted && matches!(rest.next(), Some('\\' | '"' | 'n')) => {}
                '\\' if quoted => return Err(format!("an escape that there is not: {line}")),
                '"' => quoted = !quoted,
                _ if !quoted => outside.push(character),
                _ => {}
            }
        }
        if outside.trim_end_matches(".0") != "target=,name=} 1" {
            return Err(format!("{outside}: {line}"));
        }
    }
    lines_are_nobodys_commands(nasty)
}
