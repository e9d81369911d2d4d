//! Words that stand out, where colours are wanted; the words themselves always say everything.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};

use super::Look;
use crate::monitor::state::State;

pub(super) fn plain(text: &str) -> Span<'static> {
    Span::raw(text.to_owned())
}

/// A heading: bold is no colour, and every terminal has it.
pub(super) fn strong(text: &str, _: Look) -> Span<'static> {
    Span::styled(text.to_owned(), Modifier::BOLD)
}

/// What matters less.
pub(super) fn dim(text: &str, look: Look) -> Span<'static> {
    let style = if look.color { Style::new().fg(Color::DarkGray) } else { Style::new() };
    Span::styled(text.to_owned(), style)
}

/// A text in its state's colour.
pub(super) fn state(state: State, text: &str, look: Look) -> Span<'static> {
    Span::styled(text.to_owned(), state_style(state, look))
}

/// The style of a state.
pub(super) fn state_style(state: State, look: Look) -> Style {
    let bold = Style::new().add_modifier(Modifier::BOLD);
    match (state, look.color) {
        (State::Down | State::Flapping, false) => bold,
        (State::Unknown | State::Up | State::Degraded, false) => Style::new(),
        (State::Up, true) => Style::new().fg(Color::Green),
        (State::Degraded, true) => bold.fg(Color::Yellow),
        (State::Down, true) => bold.fg(Color::Red),
        (State::Flapping, true) => bold.fg(Color::Magenta),
        (State::Unknown, true) => Style::new().fg(Color::Yellow),
    }
}

/// A lost round among the others.
pub(super) fn lost(text: &str, look: Look) -> Span<'static> {
    state(State::Down, text, look)
}

/// The last line of the screen.
pub(super) fn bar(text: &str, _: Look) -> Line<'static> {
    Line::styled(text.to_owned(), Modifier::REVERSED)
}
