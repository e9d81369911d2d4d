//! The records of a CSV file as text: lines, joined while a quote is open.

use std::collections::VecDeque;

use super::SourceError;
use super::text::{Input, LONGEST, Lines};

/// The records with the number of the first line of each. A quote that nobody closes costs its line, and what follows
/// is read as if it were not there: it must not swallow the rest of the file.
pub(super) struct Records {
    lines: Lines,
    /// Lines that were read in vain for the end of a quote.
    again: VecDeque<Numbered>,
}

type Numbered = (u64, Result<String, SourceError>);

impl Records {
    pub(super) fn new(input: Input) -> Self {
        Self { lines: Lines::new(input), again: VecDeque::new() }
    }

    fn line(&mut self) -> Option<Numbered> {
        self.again.pop_front().or_else(|| self.lines.next())
    }

    /// The record that begins with a line in which a quote stays open.
    fn joined(&mut self, first: &str) -> Result<String, SourceError> {
        let (mut whole, mut taken) = (first.to_owned(), Vec::new());
        while whole.len() < LONGEST
            && let Some((number, line)) = self.line()
        {
            let closes = line.as_ref().is_ok_and(|line| has_open_quote(line));
            let is_line = line.is_ok();
            if let Ok(line) = &line {
                whole.push('\n');
                whole.push_str(line);
            }
            taken.push((number, line));
            if closes {
                return Ok(whole);
            }
            if !is_line {
                break;
            }
        }
        taken.into_iter().rev().for_each(|line| self.again.push_front(line));
        Err(SourceError::new("a quote is not closed", "in a cell a quote is written twice: \"\""))
    }
}

impl Iterator for Records {
    type Item = Numbered;

    fn next(&mut self) -> Option<Numbered> {
        let (number, line) = self.line()?;
        let record = line.and_then(|line| if has_open_quote(&line) { self.joined(&line) } else { Ok(line) });
        Some((number, record))
    }
}

fn has_open_quote(line: &str) -> bool {
    line.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn records(text: &str) -> Vec<(u64, Result<String, String>)> {
        Records::new(Box::new(Cursor::new(text.as_bytes().to_vec())))
            .map(|(number, record)| (number, record.map_err(|it| it.to_string())))
            .collect()
    }

    #[test]
    fn a_quoted_cell_may_have_lines() {
        let read = records("a,\"b\nc\nd\",e\nf");
        assert_eq!(read, [(1, Ok("a,\"b\nc\nd\",e".to_owned())), (4, Ok("f".to_owned()))]);
    }

    #[test]
    fn an_open_quote_costs_its_line() {
        let filler = "x\n".repeat(40_000);
        let read = records(&format!("a\n\"b\nc\n{filler}d\n"));
        assert_eq!(read.len(), 40_004);
        assert_eq!(read[1], (2, Err("a quote is not closed".to_owned())));
        assert_eq!(read[2], (3, Ok("c".to_owned())));
        assert_eq!(read.last().unwrap(), &(40_004, Ok("d".to_owned())));
        assert_eq!(records("\"a")[0].1, Err("a quote is not closed".to_owned()));
    }
}
