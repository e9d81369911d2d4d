//! What can be expected, and the built-in profiles: rendered from the tables that parse them.

use std::io::{self, Write};

use super::HumanStyle;
use super::layout::{Cell, Page, Paint};
use crate::policy::expectation::{Operator, Subject, TABLE};
use crate::policy::profile::{self, BUILT_IN, BuiltIn};

/// The columns before what is said of a subject.
const INDENT: usize = 4;

/// The columns of the words before each line of a subject.
const LABEL_COLUMNS: usize = 13;

/// Writes every subject and every built-in profile.
pub fn expectations(style: &HumanStyle, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    page.text(
        0,
        Paint::Plain,
        "Separate expectations by commas, or repeat --expect. What the probe did not see leaves an expectation \
         undecided, never met. Where a target has several addresses, the worst one decides.",
    )?;
    for it in TABLE {
        page.blank()?;
        subject(it, &mut page)?;
    }
    page.blank()?;
    page.text(0, Paint::Strong, "Profiles")?;
    for it in BUILT_IN {
        page.blank()?;
        profile(it, &mut page)?;
    }
    Ok(())
}

fn subject(subject: &Subject, page: &mut Page<'_>) -> io::Result<()> {
    page.text(0, Paint::Strong, &forms(subject).join("  "))?;
    page.text(INDENT, Paint::Plain, subject.means)?;
    let value = subject.value_words();
    if !value.is_empty() {
        line("value", &value, page)?;
    }
    line("decided by", subject.decided_by, page)?;
    line("example", subject.example, page)
}

/// The name with each of its operators, as one would begin to write it.
fn forms(subject: &Subject) -> Vec<String> {
    let form = |operator: &Operator| match operator {
        Operator::Is | Operator::IsNot => format!("{}{}", operator.sign(), subject.name),
        _ => format!("{}{}", subject.name, operator.sign()),
    };
    subject.operators.iter().map(form).collect()
}

fn profile(built_in: &BuiltIn, page: &mut Page<'_>) -> io::Result<()> {
    let default = if built_in.name == profile::DEFAULT { " (default)" } else { "" };
    page.text(0, Paint::Strong, &format!("{}{default}", built_in.name))?;
    page.text(INDENT, Paint::Plain, built_in.description)?;
    if let Some(base) = built_in.extends {
        line("extends", base, page)?;
    }
    line("expects", &built_in.expect.join(", "), page)
}

fn line(label: &str, text: &str, page: &mut Page<'_>) -> io::Result<()> {
    let lead = [
        Cell { text: "", columns: INDENT, paint: Paint::Plain },
        Cell { text: label, columns: LABEL_COLUMNS, paint: Paint::Dim },
    ];
    page.row(&lead, text, "")
}
