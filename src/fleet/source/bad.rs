//! What is wrong with a source, or with a part of it, and what to try.

use std::fmt;

use crate::target::TargetError;

/// A source that cannot be read, or text that names no target: what is wrong, and what to try.
///
/// The message may quote what was read: whoever shows it to a person escapes it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    message: String,
    hint: String,
    /// Whether it is all that a source comes to.
    is_empty: bool,
}

/// What could not be understood, and where it stands.
///
/// The message may quote what was read: whoever shows it to a person escapes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The source as the user wrote it.
    pub source: String,
    /// The line in it, from 1; nothing where there are no lines.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: String,
    /// Whether the whole source names no target: it is empty, or holds nothing that is wanted.
    pub is_empty_source: bool,
}

/// `vms.txt, line 3: message`
impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.source, self.message),
            None => write!(f, "{}: {}", self.source, self.message),
        }
    }
}

impl BadLine {
    pub(super) fn new(source: &str, line: Option<u64>, error: SourceError) -> Self {
        let SourceError { message, hint, is_empty } = error;
        Self { source: source.to_owned(), line, message, hint, is_empty_source: is_empty }
    }
}

/// A message quotes no more than this of what was read, in characters.
const LONGEST_MESSAGE: usize = 400;

impl SourceError {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        let short = |mut text: String| {
            if let Some((end, _)) = text.char_indices().nth(LONGEST_MESSAGE) {
                text.truncate(end);
                text.push('…');
            }
            text
        };
        Self { message: short(message.into()), hint: short(hint.into()), is_empty: false }
    }

    /// A file without its end.
    pub(super) fn cut_off() -> Self {
        Self::new(
            "the file ends in the middle",
            "was the program that wrote it broken off? hosts are missing",
        )
    }

    /// The same of a whole source.
    pub(super) fn of_empty(self) -> Self {
        Self { is_empty: true, ..self }
    }

    /// What to try.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl From<TargetError> for SourceError {
    fn from(error: TargetError) -> Self {
        Self::new(error.to_string(), error.hint())
    }
}
