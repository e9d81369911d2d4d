//! What differs between two files, as JSON and as a Markdown table a target.

use std::io::{self, Write};

use super::escape;
use super::{json, markdown};
use crate::report::diff::{Compared, Diff, Taken};

/// Writes the comparison as pretty JSON.
pub fn json(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    json::pretty(diff, out)
}

/// Writes a table a target: what, how it was, how it is.
pub fn markdown(diff: &Diff, out: &mut dyn Write) -> io::Result<()> {
    for (place, compared) in diff.targets.iter().enumerate() {
        if place > 0 {
            writeln!(out)?;
        }
        table(diff, compared, out)?;
    }
    Ok(())
}

fn table(diff: &Diff, compared: &Compared, out: &mut dyn Write) -> io::Result<()> {
    let (left, right) =
        (head(&diff.before, compared.before.as_ref()), head(&diff.after, compared.after.as_ref()));
    writeln!(out, "| | {left} | {right} |\n|---|---|---|")?;
    for change in &compared.changes {
        let ignored = if change.ignored { " (ignored)" } else { "" };
        let side = |value: &Option<String>| value.as_deref().map_or_else(|| "not there".to_owned(), cell);
        writeln!(
            out,
            "| {}{ignored} | {} | {} |",
            cell(&change.what),
            side(&change.before),
            side(&change.after)
        )?;
    }
    if compared.before.is_some() && compared.after.is_some() && compared.changes.is_empty() {
        writeln!(out, "| no difference | | |")?;
    }
    Ok(())
}

fn head(file: &str, taken: Option<&Taken>) -> String {
    match taken {
        Some(taken) => {
            let at = taken.at.strftime("%Y-%m-%d %H:%M:%S UTC");
            format!("{}, {at} ({})", cell(&taken.target), cell(file))
        }
        None => format!("not in {}", cell(file)),
    }
}

/// A stranger's text in a cell: nothing in it is markup or ends the cell.
fn cell(text: &str) -> String {
    markdown::escape(&escape::escape(text))
}
