//! What the user's client displayed, as testimony: a code, or a message in English or French, exact or nearly so.
//!
//! A number is read as the dialog prints it: hexadecimal with or without `0x`. Digits alone are decimal only where
//! the decimal reading is a known code and the hexadecimal one is not: `2308` is 0x904, `904` is 0x904 too.

use crate::evidence::{Testimony, Witness};

// Text as it is compared: small letters without accents, and nothing but words.
mod fold;

// How alike a phrase and a text are.
mod alike;

// Codes, in every form in which people paste them.
mod number;

// One row a message: its id, and the phrases that tell it.
pub mod messages;

use fold::fold;

/// A pasted dialog is a few lines; nothing beyond this is read.
const MAX_TEXT: usize = 1000;

/// As much of the user's words as a fact repeats.
const MAX_QUOTE: usize = 100;

/// What was said is neither a code nor a message that the table knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no message or code of the client is known for: {quote}")]
pub struct Unheard {
    /// What was said, cut and harmless.
    pub quote: String,
    /// The messages that come closest, best first.
    pub closest: Vec<&'static str>,
}

impl Unheard {
    /// What to try.
    #[must_use]
    pub fn hint(&self) -> String {
        const FORMS: &str = "give the code as shown (0x904, 0x904/0x7) or the main sentence of the message";
        if self.closest.is_empty() {
            return FORMS.to_owned();
        }
        let quoted: Vec<String> = self.closest.iter().map(|phrase| format!("\"{phrase}\"")).collect();
        format!("perhaps {}; or {FORMS}", quoted.join(" or "))
    }
}

/// What a text of the client amounts to: codes first, then messages.
///
/// # Errors
/// If nothing in it is known: a guess would be worse than none.
pub fn hear(text: &str) -> Result<Vec<Testimony>, Unheard> {
    let text = cut(text, MAX_TEXT);
    let mut told: Vec<Testimony> = number::numbers(text).into_iter().map(number::testimony).collect();
    let words = fold(text);
    for message in messages::find(&words) {
        let fact = format!("the client says \"{}\"", quote(text));
        told.push(Testimony { witness: Witness::Client, id: message.id.to_owned(), fact });
    }
    if told.is_empty() {
        return Err(Unheard { quote: quote(text), closest: messages::closest(&words) });
    }
    Ok(told)
}

/// The words of the user on one line, without control characters, and no longer than a fact may be.
pub(in crate::diagnosis) fn quote(text: &str) -> String {
    let harmless: String = text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect();
    let line = harmless.split_whitespace().collect::<Vec<_>>().join(" ");
    match cut(&line, MAX_QUOTE) {
        all if all.len() == line.len() => line,
        start => format!("{start}..."),
    }
}

/// The first bytes of a text, to the end of a character.
fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}
