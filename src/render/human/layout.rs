//! Lines of fixed columns: padded, wrapped, painted. The only place that writes, so that nothing goes out unescaped.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::HumanStyle;
use crate::render::escape::escape;

/// The columns of a section's label.
const LABEL_COLUMNS: usize = 9;

/// The columns between two texts side by side.
const GUTTER_COLUMNS: usize = 2;

/// The columns kept free at the right for a time.
const TAIL_COLUMNS: usize = 11;

/// The lines of a terminal as it opens: what a report should fit in.
const SCREEN_LINES: usize = 24;

/// What stands for the rest of a text that was cut.
const DOTS: &str = " ...";

/// The columns before a command.
const COMMAND_INDENT: usize = 4;

/// How far an entry may be indented by blanks of its own.
const MAX_HANG: usize = 2;

/// Narrower than this nothing can be read.
const MIN_WIDTH: usize = 40;

/// How a piece of text stands out, where colour is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::render) enum Paint {
    Plain,
    Good,
    Bad,
    Doubt,
    Strong,
    Dim,
}

/// A piece of the fixed columns at the left.
pub(in crate::render) struct Cell<'t> {
    pub(in crate::render) text: &'t str,
    pub(in crate::render) columns: usize,
    pub(in crate::render) paint: Paint,
}

/// Where lines go.
pub(in crate::render) struct Page<'w> {
    out: &'w mut dyn Write,
    width: usize,
    color: bool,
    lines: usize,
}

impl<'w> Page<'w> {
    pub(in crate::render) fn new(out: &'w mut dyn Write, style: &HumanStyle) -> Self {
        Self { out, width: style.width.max(MIN_WIDTH), color: style.color, lines: 0 }
    }

    /// The columns of a line.
    pub(in crate::render) const fn width(&self) -> usize {
        self.width
    }

    /// How many lines are left of the first screen.
    pub(in crate::render) const fn lines_left(&self) -> usize {
        SCREEN_LINES.saturating_sub(self.lines)
    }

    pub(in crate::render) fn blank(&mut self) -> io::Result<()> {
        self.put("")
    }

    fn put(&mut self, line: &str) -> io::Result<()> {
        self.lines = self.lines.saturating_add(1);
        writeln!(self.out, "{}", line.trim_end())
    }

    /// A paragraph of its own.
    pub(in crate::render) fn text(&mut self, indent: usize, paint: Paint, text: &str) -> io::Result<()> {
        let text = escape(text);
        for line in wrap(&text, self.width.saturating_sub(indent)) {
            let line = self.painted(paint, &line);
            self.put(&format!("{:indent$}{line}", ""))?;
        }
        Ok(())
    }

    /// A command to copy: never broken, however narrow the page, because half a command must not be run.
    pub(in crate::render) fn command(&mut self, command: &str) -> io::Result<()> {
        self.lines = self.lines.saturating_add(self.command_lines(command).saturating_sub(1));
        self.put(&format!("{:COMMAND_INDENT$}{}", "", escape(command)))
    }

    /// How many lines of the terminal a command takes.
    pub(in crate::render) fn command_lines(&self, command: &str) -> usize {
        columns_of(&escape(command)).saturating_add(COMMAND_INDENT).div_ceil(self.width)
    }

    /// How many lines an entry of a section takes.
    pub(in crate::render) fn entry_lines(&self, entry: &str) -> usize {
        wrap(&escape(entry), self.width.saturating_sub(LABEL_COLUMNS)).len()
    }

    /// As much of a text as one line holds after `indent` columns, with dots for the rest.
    pub(in crate::render) fn one_line(&self, indent: usize, text: &str) -> String {
        let room = self.width.saturating_sub(indent).saturating_sub(DOTS.len());
        let mut lines = wrap(&escape(text), room).into_iter();
        let first = lines.next().unwrap_or_default();
        if lines.next().is_none() { first } else { format!("{first}{DOTS}") }
    }

    /// A section: its label at the left of the first line, each entry wrapped on lines of its own.
    pub(in crate::render) fn section<S: AsRef<str>>(&mut self, label: &str, entries: &[S]) -> io::Result<()> {
        let mut label = label;
        for entry in entries {
            self.row(
                &[Cell { text: label, columns: LABEL_COLUMNS, paint: Paint::Strong }],
                entry.as_ref(),
                "",
            )?;
            label = "";
        }
        Ok(())
    }

    /// Fixed cells, a wrapped body, and at the right of the first line a tail.
    pub(in crate::render) fn row(&mut self, lead: &[Cell<'_>], body: &str, tail: &str) -> io::Result<()> {
        let hang = body.len().saturating_sub(body.trim_start_matches(' ').len()).min(MAX_HANG);
        let indent = lead.iter().map(|cell| cell.columns).sum::<usize>().saturating_add(hang);
        let reserved = if tail.is_empty() { 0 } else { TAIL_COLUMNS };
        let room = self.width.saturating_sub(indent.saturating_add(reserved));
        let body = wrap(&escape(body), room);
        for (number, line) in body.iter().enumerate() {
            if number == 0 {
                let lead: String = lead.iter().map(|cell| self.cell(cell)).collect();
                let gap = room.saturating_sub(columns_of(line));
                let tail =
                    if tail.is_empty() { String::new() } else { format!("{:gap$}{tail:>reserved$}", "") };
                self.put(&format!("{lead}{:hang$}{line}{tail}", ""))?;
            } else {
                self.put(&format!("{:indent$}{line}", ""))?;
            }
        }
        Ok(())
    }

    /// A cell, then two texts side by side, each wrapped in its own half.
    pub(super) fn two_columns(&mut self, lead: &Cell<'_>, left: &str, right: &str) -> io::Result<()> {
        let half = self.width.saturating_sub(lead.columns.saturating_add(GUTTER_COLUMNS)) / 2;
        let (left, right) = (wrap(&escape(left), half), wrap(&escape(right), half));
        let indent = lead.columns;
        for number in 0..left.len().max(right.len()) {
            let lead = if number == 0 { self.cell(lead) } else { format!("{:indent$}", "") };
            let left = left.get(number).map_or("", String::as_str);
            let right = right.get(number).map_or("", String::as_str);
            let gap = half.saturating_sub(columns_of(left)).saturating_add(GUTTER_COLUMNS);
            self.put(&format!("{lead}{left}{:gap$}{right}", ""))?;
        }
        Ok(())
    }

    /// A line of pieces, each painted, with no wrapping.
    pub(in crate::render) fn pieces(&mut self, pieces: &[(Paint, &str)]) -> io::Result<()> {
        let line: String = pieces.iter().map(|(paint, text)| self.painted(*paint, &escape(text))).collect();
        self.put(&line)
    }

    fn cell(&self, cell: &Cell<'_>) -> String {
        let text = escape(cell.text);
        let gap = cell.columns.saturating_sub(columns_of(&text));
        format!("{}{:gap$}", self.painted(cell.paint, &text), "")
    }

    fn painted(&self, paint: Paint, text: &str) -> String {
        let style = match paint {
            Paint::Plain => Style::new(),
            Paint::Good => AnsiColor::Green.on_default().bold(),
            Paint::Bad => AnsiColor::Red.on_default().bold(),
            Paint::Doubt => AnsiColor::Yellow.on_default().bold(),
            Paint::Strong => Style::new().bold(),
            Paint::Dim => Style::new().dimmed(),
        };
        if !self.color || text.is_empty() || paint == Paint::Plain {
            return text.to_owned();
        }
        format!("{}{text}{}", style.render(), style.render_reset())
    }
}

/// The columns that a text takes in a terminal: two for the wide letters of East Asian scripts.
pub(in crate::render) fn columns_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

const fn columns(character: char) -> usize {
    match character {
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}

/// Whether a word is the unit of the number before it, so that both stay on one line.
fn is_unit(word: &str) -> bool {
    let word = word.trim_end_matches([',', ';', ':', ')']);
    matches!(word, "ms" | "s" | "min" | "h" | "byte" | "bytes" | "day" | "days" | "bits")
}

/// The words of a text, a number and its unit as one.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match words.last_mut() {
            Some(number) if is_unit(word) && number.ends_with(|last: char| last.is_ascii_digit()) => {
                number.push(' ');
                number.push_str(word);
            }
            _ => words.push(word.to_owned()),
        }
    }
    words
}

/// Breaks a text at spaces, and a word that is longer than a line wherever the line ends.
/// An empty text is one empty line.
pub(in crate::render) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    // The columns of `line` are counted along: to count them anew at each character made long texts slow.
    let (mut line, mut filled) = (String::new(), 0_usize);
    for word in words(text) {
        let word = word.as_str();
        if !line.is_empty() && filled.saturating_add(1).saturating_add(columns_of(word)) <= width {
            line.push(' ');
            filled = filled.saturating_add(1);
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            filled = 0;
        }
        for character in word.chars() {
            if filled.saturating_add(columns(character)) > width && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                filled = 0;
            }
            line.push(character);
            filled = filled.saturating_add(columns(character));
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("", 7), [""]);
        assert_eq!(wrap("took 214.7 ms, ok", 11), ["took", "214.7 ms,", "ok"]);
    }

    #[test]
    fn a_long_word_breaks_where_the_line_ends() {
        assert_eq!(wrap("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        assert_eq!(wrap("サーバー", 4), ["サー", "バー"]);
    }

    #[test]
    fn what_is_written_is_escaped_and_painted_only_on_demand() {
        for (color, expected) in [(false, "a\\u{1b}[0m\n"), (true, "\u{1b}[1ma\\u{1b}[0m\u{1b}[0m\n")] {
            let mut out = Vec::new();
            let style = HumanStyle { color, ..HumanStyle::default() };
            Page::new(&mut out, &style).pieces(&[(Paint::Strong, "a\u{1b}[0m")]).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
