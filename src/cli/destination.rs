//! `--format FORMAT[=FILE]`: one format, and the file that it goes to.

use std::path::PathBuf;

/// One `--format`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Destination<F> {
    pub(super) format: F,
    /// Without a file: stdout.
    pub(super) file: Option<PathBuf>,
}

/// Reads `FORMAT` or `FORMAT=FILE`, where `-` is stdout.
pub(super) fn read<F>(
    text: &str,
    from_word: fn(&str) -> Option<F>,
    words: &[&str],
) -> Result<Destination<F>, String> {
    let (word, file) = match text.split_once('=') {
        Some((word, file)) => (word, Some(file)),
        None => (text, None),
    };
    let format = from_word(word).ok_or_else(|| format!("the formats are {}", words.join(", ")))?;
    match file {
        Some("") => Err(format!("a file is missing after `=`: {word}=FILE")),
        Some("-") | None => Ok(Destination { format, file: None }),
        Some(file) => Ok(Destination { format, file: Some(PathBuf::from(file)) }),
    }
}
