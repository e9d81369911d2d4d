//! The values that expectations are written with: times, numbers, versions, words, names; each with its own words for a mistake.

use crate::diagnosis::catalogue::{self, Cause};
use crate::wire::codes::tls::TlsVersion;

/// What is wrong with a value, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::policy) struct ValueError {
    /// Characters from the start of the value.
    pub(in crate::policy) offset: usize,
    pub(in crate::policy) message: String,
    pub(in crate::policy) hint: Option<String>,
}

impl ValueError {
    pub(in crate::policy) fn new(offset: usize, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { offset, message: message.into(), hint: Some(hint.into()) }
    }
}

/// A hundred years: no time that is expected is longer.
const LONGEST_S: f64 = 100.0 * 365.25 * 86_400.0;

/// The units of time and their seconds.
const UNITS: [(&str, f64); 6] =
    [("ms", 0.001), ("s", 1.0), ("min", 60.0), ("m", 60.0), ("h", 3_600.0), ("d", 86_400.0)];

/// Names are not longer than this (RFC 1035 2.3.4).
const LONGEST_NAME: usize = 255;

/// Numbers are not larger than this: the bits of the largest key in use are 16,384.
const LARGEST_NUMBER: u32 = 1_000_000;

/// A time in seconds: a number and its unit.
pub(super) fn time(text: &str, offset: usize) -> Result<f64, ValueError> {
    let digits = text.chars().take_while(|c| c.is_ascii_digit() || *c == '.').count();
    let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
    let unit = unit.trim();
    let number: f64 = number.parse().map_err(|_| {
        ValueError::new(offset, "a time is a number and a unit", "such as 150ms, 5s, 5m, 2h or 30d")
    })?;
    let known = UNITS.iter().find(|(known, _)| known.eq_ignore_ascii_case(unit));
    let Some((_, seconds)) = known else {
        let message = if unit.is_empty() {
            "the number has no unit".to_owned()
        } else {
            format!("no unit of time is called {unit}")
        };
        return Err(ValueError::new(
            offset.saturating_add(digits),
            message,
            "the units are ms, s, m, h and d",
        ));
    };
    let time = number * seconds;
    if time > LONGEST_S {
        return Err(ValueError::new(offset, "the time is too long", "at most 36525d, a hundred years"));
    }
    Ok(time)
}

/// A whole number.
pub(super) fn number(text: &str) -> Result<u32, ValueError> {
    let wrong = |message| ValueError::new(0, message, "such as 2048");
    if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit()) {
        return Err(wrong("a whole number is wanted"));
    }
    text.parse()
        .ok()
        .filter(|number| *number <= LARGEST_NUMBER)
        .ok_or_else(|| wrong("the number is too large: at most 1000000"))
}

/// A TLS version: `1.2`, or `TLS1.2` for those who write it so.
pub(super) fn tls_version(text: &str) -> Result<TlsVersion, ValueError> {
    let lower = text.to_ascii_lowercase();
    let bare = lower.trim_start_matches("tls").trim_start_matches([' ', 'v']);
    Ok(match bare {
        "1.0" => TlsVersion::TLS_1_0,
        "1.1" => TlsVersion::TLS_1_1,
        "1.2" => TlsVersion::TLS_1_2,
        "1.3" => TlsVersion::TLS_1_3,
        _ => {
            let message = "that is no version of TLS that is tried";
            return Err(ValueError::new(0, message, "one of 1.0, 1.1, 1.2, 1.3"));
        }
    })
}

/// Alternatives between bars, each with its offset.
pub(super) fn alternatives(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0_usize;
    text.split('|').map(move |part| {
        let leading = part.chars().take_while(|c| c.is_whitespace()).count();
        let start = offset.saturating_add(leading);
        offset = offset.saturating_add(part.chars().count()).saturating_add(1);
        (start, part.trim())
    })
}

/// One of the words of a list, as the list spells it.
pub(super) fn word(
    text: &str,
    offset: usize,
    words: &'static [&'static str],
) -> Result<&'static str, ValueError> {
    words.iter().find(|word| word.eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
        let message = if text.is_empty() {
            "a value is missing".to_owned()
        } else {
            format!("{text} is none of the values")
        };
        ValueError::new(offset, message, suggestion(text, words.iter().copied()))
    })
}

/// A cause of the catalogue, by its id.
pub(super) fn cause(text: &str, offset: usize) -> Result<&'static Cause, ValueError> {
    catalogue::get(&text.to_ascii_lowercase()).ok_or_else(|| {
        let hint = match nearest(text, catalogue::all().iter().map(|cause| cause.id.as_str())) {
            Some(near) => format!("did you mean {near}?"),
            None => "rdprobe explain lists them".to_owned(),
        };
        ValueError::new(offset, "no cause has that id", hint)
    })
}

/// A name of a machine or of a domain.
pub(super) fn name(text: &str, offset: usize) -> Result<String, ValueError> {
    if text.is_empty() {
        return Err(ValueError::new(offset, "a name is missing", "such as MYVM or myvm.corp.example.com"));
    }
    if text.chars().count() > LONGEST_NAME {
        return Err(ValueError::new(offset, "the name is too long", "at most 255 characters"));
    }
    let strange = text.chars().position(|c| c.is_whitespace() || c.is_control() || "=<>!:/\\\"'".contains(c));
    match strange {
        Some(place) => Err(ValueError::new(
            offset.saturating_add(place),
            "a name has no such character",
            "such as MYVM or myvm.corp.example.com",
        )),
        None => Ok(text.trim_end_matches('.').to_lowercase()),
    }
}

/// The nearest of the known words, or all of them where none is near.
pub(in crate::policy) fn suggestion<'w>(text: &str, words: impl Iterator<Item = &'w str> + Clone) -> String {
    match nearest(text, words.clone()) {
        Some(word) => format!("did you mean {word}?"),
        None => format!("one of {}", words.collect::<Vec<_>>().join(", ")),
    }
}

/// The known word that a text is most like, if it is like any.
pub(in crate::policy) fn nearest<'w>(text: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    /// Below this two words have nothing to do with each other.
    const ALIKE: f64 = 0.5;
    let text: String = text.to_lowercase().chars().take(64).collect();
    words
        .map(|word| (strsim::normalized_damerau_levenshtein(&text, &word.to_lowercase()), word))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, word)| word)
}
