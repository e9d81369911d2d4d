//! Reads what `--expect` takes: `nla=required, tls>=1.2, cert>30d:7d, !cert.self-signed`.

use std::fmt;

use super::expectation::value::{ValueError, nearest, suggestion};
use super::expectation::{Expectation, Operator, Subject, TABLE};

/// An expression is not longer than this, in characters.
const LONGEST: usize = 4096;

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// What is wrong there, one clause.
    pub message: String,
    /// The character that it begins at, counted from 1.
    pub column: usize,
    /// What to write instead.
    pub hint: Option<String>,
    /// The expression.
    text: String,
}

/// Reads expectations separated by commas. Blanks do not matter, nor do capitals in the names of subjects.
///
/// # Errors
/// If the text is empty or an expectation in it is none: where, and what was expected.
pub fn parse(text: &str) -> Result<Vec<Expectation>, ExpressionError> {
    let error = |at: usize, mistake: Mistake| ExpressionError {
        message: plain(&mistake.message),
        column: at.saturating_add(mistake.offset).saturating_add(1),
        hint: mistake.hint,
        text: text.to_owned(),
    };
    if text.chars().count() > LONGEST {
        let mistake = Mistake::new(
            0,
            "the expression is too long",
            "at most 4096 characters; --expect may be repeated",
        );
        return Err(error(LONGEST, mistake));
    }
    let mut at = 0_usize;
    let mut expectations = Vec::new();
    for piece in text.split(',') {
        expectations.push(one(piece).map_err(|mistake| error(at, mistake))?);
        at = at.saturating_add(piece.chars().count()).saturating_add(1);
    }
    Ok(expectations)
}

/// What is wrong in one piece, in characters from the piece's start.
struct Mistake {
    offset: usize,
    message: String,
    hint: Option<String>,
}

impl Mistake {
    fn new(offset: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { offset, message: message.into(), hint: Some(hint.into()) }
    }

    fn of_value(start: usize, error: ValueError) -> Self {
        Self { offset: start.saturating_add(error.offset), message: error.message, hint: error.hint }
    }
}

/// One expectation.
fn one(piece: &str) -> Result<Expectation, Mistake> {
    let mut rest = Rest::of(piece);
    rest.skip_blanks();
    let negated = rest.take("!");
    rest.skip_blanks();
    let name_at = rest.offset;
    let name = rest.take_while(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'));
    let subject = subject(name, name_at, rest.text)?;
    rest.skip_blanks();
    let sign_at = rest.offset;
    let sign = rest.take_while(|c| matches!(c, '=' | '!' | '<' | '>'));
    let operator = operator(subject, negated, sign, sign_at, rest.text)?;
    rest.skip_blanks();
    let value = rest.text.trim_end();
    if !operator.takes_a_value() {
        if let Some(stray) = value.chars().next() {
            return Err(Mistake::new(
                rest.offset,
                format!("{stray} has no place here"),
                "a comma goes between expectations",
            ));
        }
    } else if value.is_empty() {
        let message = format!("{} needs a value", subject.name);
        return Err(Mistake::new(rest.offset, message, format!("such as {}", subject.example)));
    }
    let wanted =
        subject.criterion.want(operator, value).map_err(|error| Mistake::of_value(rest.offset, error))?;
    let value = value.chars().filter(|c| !c.is_whitespace()).collect();
    Ok(Expectation { subject, operator, value, wanted })
}

fn subject(name: &str, at: usize, after: &str) -> Result<&'static Subject, Mistake> {
    if name.is_empty() {
        return Err(match after.chars().next() {
            None => Mistake::new(
                at,
                "an expectation is missing",
                "such as nla=required; rdprobe check --list-expectations shows all",
            ),
            Some(stray) => Mistake::new(
                at,
                format!("{stray} begins no expectation"),
                "an expectation begins with its name, such as nla=required",
            ),
        });
    }
    Subject::named(name).ok_or_else(|| {
        let names = TABLE.iter().map(|subject| subject.name);
        let hint = match nearest(name, names) {
            Some(near) => format!("did you mean {near}?"),
            None => "rdprobe check --list-expectations shows all".to_owned(),
        };
        Mistake::new(at, format!("no expectation is called {}", short(name)), hint)
    })
}

/// The operator, if the subject takes it.
fn operator(
    subject: &'static Subject,
    negated: bool,
    sign: &str,
    at: usize,
    after: &str,
) -> Result<Operator, Mistake> {
    let such_as = || format!("such as {}", subject.example);
    let name = subject.name;
    let operator = match (negated, sign) {
        (true, "") => Operator::IsNot,
        (false, "") => Operator::Is,
        (_, sign) => match Operator::SIGNS.into_iter().find(|known| known.sign() == sign) {
            Some(known) => known,
            None => {
                let signs = Operator::SIGNS.map(Operator::sign);
                return Err(Mistake::new(
                    at,
                    format!("{} is no operator", short(sign)),
                    suggestion(sign, signs.into_iter()),
                ));
            }
        },
    };
    if negated && operator.takes_a_value() {
        let hint =
            if subject.operators.contains(&Operator::NotEqual) { format!("{name}!=...") } else { such_as() };
        return Err(Mistake::new(at, "an expectation with ! before it takes no value", hint));
    }
    if subject.operators.contains(&operator) {
        return Ok(operator);
    }
    let takes_values = subject.operators.iter().any(|it| it.takes_a_value());
    let message = match (operator.takes_a_value(), takes_values) {
        (true, true) => format!("{name} is not compared by {}", operator.sign()),
        (true, false) => format!("{name} takes no value"),
        (false, true) if after.is_empty() => format!("{name} needs an operator and a value"),
        (false, true) => format!("an operator must follow {name}"),
        (false, false) => format!("{name} cannot be turned round by !"),
    };
    Err(Mistake::new(at, message, such_as()))
}

/// What is not read yet.
struct Rest<'t> {
    text: &'t str,
    /// Characters before it.
    offset: usize,
}

impl<'t> Rest<'t> {
    const fn of(text: &'t str) -> Self {
        Self { text, offset: 0 }
    }

    fn skip_blanks(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn take(&mut self, prefix: &str) -> bool {
        let Some(rest) = self.text.strip_prefix(prefix) else { return false };
        self.text = rest;
        self.offset = self.offset.saturating_add(prefix.chars().count());
        true
    }

    fn take_while(&mut self, is_of_it: impl Fn(char) -> bool) -> &'t str {
        let end = self.text.find(|c| !is_of_it(c)).unwrap_or(self.text.len());
        let (taken, rest) = self.text.split_at_checked(end).unwrap_or((self.text, ""));
        self.text = rest;
        self.offset = self.offset.saturating_add(taken.chars().count());
        taken
    }
}

/// A word as an error names it: not longer than a line.
fn short(word: &str) -> String {
    const LENGTH: usize = 40;
    let shown: String = word.chars().take(LENGTH).collect();
    if word.chars().count() > LENGTH { format!("{shown}...") } else { shown }
}

/// A text of the user's in an error: nothing in it that a terminal obeys.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(shown).collect()
}

/// A character that takes one column and changes nothing else.
fn shown(character: char) -> char {
    if character.is_control() || is_invisible(character) { '?' } else { character }
}

/// Marks that turn or join text, fillers that nobody sees, and what is no character: as `render::escape` has them.
const fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{fffe}'..='\u{ffff}'
        | '\u{e0000}'..='\u{10ffff}')
}

/// The message, then the expression with a caret under the character; of a long one, what is around it.
impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const BEFORE: usize = 50;
        const SHOWN: usize = 72;
        let place = self.column.saturating_sub(1);
        let skipped = place.saturating_sub(BEFORE);
        let text: String = self.text.chars().skip(skipped).take(SHOWN).map(shown).collect();
        let indent = place.saturating_sub(skipped);
        writeln!(f, "{}, at character {}:", self.message, self.column)?;
        writeln!(f, "  {text}")?;
        write!(f, "  {:indent$}^", "")
    }
}

impl std::error::Error for ExpressionError {}
