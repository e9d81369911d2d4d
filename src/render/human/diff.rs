//! What differs between two files, for a person: two columns a target.

use std::io::{self, Write};

use super::HumanStyle;
use super::layout::{Cell, Page, Paint};
use crate::policy::Change;
use crate::report::diff::{Compared, Diff, Taken};

/// The columns of what a row is about.
const LABEL_COLUMNS: usize = 12;

/// Writes two columns a target: how it was, how it is. What was ignored is there, and marked.
pub fn diff(diff: &Diff, style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    pair(&mut page, "", &diff.before, &diff.after, Paint::Plain)?;
    for compared in &diff.targets {
        page.blank()?;
        target(compared, &mut page)?;
    }
    Ok(())
}

fn target(compared: &Compared, page: &mut Page<'_>) -> io::Result<()> {
    let name = |taken: &Option<Taken>| {
        taken.as_ref().map_or_else(|| "not in this file".to_owned(), |taken| taken.target.clone())
    };
    let when = |taken: &Option<Taken>| {
        taken
            .as_ref()
            .map_or_else(String::new, |taken| taken.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
    };
    let paint = if compared.differs() { Paint::Bad } else { Paint::Good };
    pair(page, "target", &name(&compared.before), &name(&compared.after), paint)?;
    pair(page, "seen", &when(&compared.before), &when(&compared.after), Paint::Plain)?;
    for change in &compared.changes {
        row(change, page)?;
    }
    if compared.before.is_some() && compared.after.is_some() && compared.changes.is_empty() {
        page.text(LABEL_COLUMNS, Paint::Good, "no difference")?;
    }
    Ok(())
}

fn row(change: &Change, page: &mut Page<'_>) -> io::Result<()> {
    let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "not there".to_owned());
    let paint = if change.ignored { Paint::Dim } else { Paint::Strong };
    pair(page, &change.what, &side(&change.before), &side(&change.after), paint)?;
    if change.ignored {
        page.text(LABEL_COLUMNS, Paint::Dim, "(ignored, as asked)")?;
    }
    Ok(())
}

fn pair(page: &mut Page<'_>, label: &str, left: &str, right: &str, paint: Paint) -> io::Result<()> {
    page.two_columns(&Cell { text: label, columns: LABEL_COLUMNS, paint }, left, right)
}
