//! What goes to stdout and stderr: data on the one, talk on the other.

use std::io::{self, IsTerminal, Write};

use rdprobe::render::escape::escape;
use rdprobe::render::human::{self, HumanStyle};
use rdprobe::render::json;
use rdprobe::report::Report;

use super::Trouble;
use super::args::{Color, Format};

/// A terminal that does not tell its width is taken for this wide.
const WIDTH: usize = 80;

/// What the terminal takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    color: bool,
}

impl Output {
    pub(super) fn new(color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
                    && io::stdout().is_terminal()
            }
        };
        Self { color }
    }

    /// Whether stdout takes colours.
    pub(super) const fn has_color(self) -> bool {
        self.color
    }

    /// How reports for people are to look here.
    pub(super) fn human_style(self, verbosity: u8) -> HumanStyle {
        HumanStyle { verbosity, width: width(), color: self.color }
    }

    /// Prints one report of `many` as it ends; a JSON document waits until all are there.
    pub(super) fn report(
        self,
        report: &Report,
        format: Format,
        verbosity: u8,
        many: usize,
    ) -> Result<(), Trouble> {
        match format {
            Format::Human => write(|out| {
                human::human(report, &self.human_style(verbosity), out)?;
                if many > 1 { writeln!(out) } else { Ok(()) }
            }),
            Format::Ndjson => write(|out| json::ndjson(report, out)),
            Format::Json => Ok(()),
        }
    }
}

/// Writes data to stdout. A reader who has gone away is no trouble: the exit code stays true.
pub(super) fn write(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Trouble> {
    // Colours are in the text or not; this makes a Windows console understand them.
    let mut out = io::BufWriter::new(anstream::AutoStream::always(io::stdout().lock()));
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
            // What is buffered has nowhere to go.
            drop(out.into_parts());
            Ok(())
        }
        Err(error) => Err(Trouble::Output(error)),
        Ok(()) => Ok(()),
    }
}

/// Writes whole lines to stdout at once, and says what became of it.
pub(super) fn write_all(lines: &[u8]) -> io::Result<()> {
    let mut out = anstream::AutoStream::always(io::stdout().lock());
    out.write_all(lines)?;
    out.flush()
}

/// Says something to the person on stderr, apart from the data.
pub(super) fn say(text: &str) {
    super::log::tell(&format!("{text}\n"));
}

/// Says what is wrong and what to try. A path or a file's text within it may be a stranger's.
pub(super) fn trouble(message: &str, hint: Option<&str>) {
    say(&format!("rdprobe: {}", lines_escaped(message)));
    if let Some(hint) = hint {
        say(&format!("   hint: {}", lines_escaped(hint)));
    }
}

/// Each line without what a terminal would act upon: some messages have several lines on purpose.
fn lines_escaped(text: &str) -> String {
    text.split('\n').map(escape).collect::<Vec<_>>().join("\n")
}

/// The columns of a text for people: in longer lines nobody finds the next one.
pub(super) fn width() -> usize {
    columns().min(100)
}

/// The columns of a table.
pub(super) fn columns() -> usize {
    console_width().unwrap_or(WIDTH).max(40)
}

/// The columns of the terminal that stderr is.
pub(super) fn error_width() -> usize {
    console::Term::stderr().size_checked().map_or(WIDTH, |(_, columns)| usize::from(columns))
}

fn console_width() -> Option<usize> {
    if !io::stdout().is_terminal() {
        return None;
    }
    console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns))
}
