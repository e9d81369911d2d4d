//! A record: a page for people, text for a terminal or a mail, JSON for programs.

use std::io::{self, Write};

use crate::monitor::record::Record;

// Times, lengths and clauses, the same in the page and in the text.
mod words;

// The page.
mod html;

// 80 columns.
mod text;

pub use html::html;
pub use text::text;

/// One document.
pub fn json(record: &Record, out: &mut dyn Write) -> io::Result<()> {
    super::json::pretty(record, out)
}
