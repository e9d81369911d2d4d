//! A plain list: a target, a network or a range a line; `#` begins a comment.

use super::entry::Entry;
use super::text::{Input, Lines};
use super::{SourceError, Written, rdp_file};

/// What the lines name.
pub(super) fn entries(input: Input, default_port: u16) -> impl Iterator<Item = Written> + Send {
    by_line(Lines::new(input), move |line| {
        without_comment(line).map(|text| one_line(text, default_port)).into_iter().collect()
    })
}

/// Every line by a rule that says what it names.
pub(super) fn by_line(
    lines: Lines,
    mut rule: impl FnMut(&str) -> Vec<Result<Entry, SourceError>> + Send,
) -> impl Iterator<Item = Written> + Send {
    lines.flat_map(move |(number, line)| {
        let named = line.map_or_else(|error| vec![Err(error)], |line| rule(&line));
        named.into_iter().map(move |entry| Written { line: Some(number), entry })
    })
}

/// What a line says without its comment, if anything. A comment begins at the beginning or after a blank.
pub(super) fn without_comment(line: &str) -> Option<&str> {
    let comment = line.char_indices().zip(std::iter::once(' ').chain(line.chars()));
    let begins = comment.into_iter().find(|((_, sign), before)| *sign == '#' && before.is_whitespace());
    let text = begins.map_or(line, |((place, _), _)| line.get(..place).unwrap_or_default()).trim();
    (!text.is_empty()).then_some(text)
}

fn one_line(text: &str, default_port: u16) -> Result<Entry, SourceError> {
    if rdp_file::is_meant_by(text) {
        rdp_file::read(text, default_port)
    } else {
        Entry::read(text, default_port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_it_says_without_its_comment() {
        let cases = [
            ("myvm", Some("myvm")),
            ("  10.0.0.4:3390\t# the jump host", Some("10.0.0.4:3390")),
            ("# nobody", None),
            ("   ", None),
            ("C:\\list#1\\a.rdp", Some("C:\\list#1\\a.rdp")),
        ];
        for (line, expected) in cases {
            assert_eq!(without_comment(line), expected, "{line}");
        }
    }
}
