//! Codes, in every form in which people paste them: `0x904`, `904`, `2308`, `0x904/0x7`, a name, a whole dialog.

use super::fold::fold;
use crate::evidence::{Testimony, Witness};
use crate::wire::codes::mstsc::{DisconnectCode, ExtendedReason};
use crate::wire::codes::ntstatus::NtStatus;

/// Digits alone, without `0x` or `code` before them, are too little to be a code if they are fewer than this.
const MIN_DIGITS: usize = 3;

/// What stands between `code` and its number, or is part of `Extended error code:`.
const LEAD: &[&str] = &[
    "error",
    "erreur",
    "code",
    "reason",
    "raison",
    "discreason",
    "disconnect",
    "extended",
    "etendu",
    "etendue",
    "d",
    "de",
    "is",
];

/// A number that the client gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::diagnosis) enum Number {
    Code(DisconnectCode),
    Extended(ExtendedReason),
}

/// Every number in a text that is meant as a code.
pub(in crate::diagnosis) fn numbers(text: &str) -> Vec<Number> {
    let text = text.trim();
    if let Some(number) = named(text).or_else(|| bare(text)) {
        return vec![number];
    }
    let pair = text.split_once('/').map(|(code, extended)| (bare(code.trim()), extended.trim()));
    if let Some((Some(code), extended)) = pair
        && let Some(extended) = extended_reason(&fold(extended))
    {
        return vec![code, extended];
    }
    announced(text)
}

/// The numbers of a text of several words: with `0x`, or behind `error code`.
fn announced(text: &str) -> Vec<Number> {
    let folded = fold(&text.replace(" / ", "/").replace("/0x", " extended 0x"));
    let words: Vec<&str> = folded.split(' ').collect();
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let lead = words.iter().take(place).rev().take_while(|it| LEAD.contains(it));
        let says = |wanted: &[&str]| lead.clone().any(|it| wanted.contains(it));
        let announced = word.starts_with("0x")
            || says(&["code", "reason", "raison", "discreason"])
            || (says(&["error", "erreur"]) && word.len() >= MIN_DIGITS);
        let extended = says(&["extended", "etendu", "etendue"]);
        let number = if extended { extended_reason(word) } else { disconnect_code(word) };
        if let Some(number) = number
            && (extended || announced)
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

/// The code as testimony; a number without a row is kept, and said to be unknown.
pub(super) fn testimony(number: Number) -> Testimony {
    let (id, what, name, meaning) = match number {
        Number::Code(code) => {
            // Newer clients show the status of the security package in the place of the code.
            let status = NtStatus(code.0);
            let name = code.name().or_else(|| status.name());
            (
                format!("says.code.{:x}", code.0),
                format!("code {:#x}", code.0),
                name,
                code.meaning().or_else(|| status.meaning()),
            )
        }
        Number::Extended(code) => (
            format!("says.extended.{:x}", code.0),
            format!("extended code {:#x}", code.0),
            code.name(),
            code.meaning(),
        ),
    };
    let fact = match name.zip(meaning) {
        Some((name, meaning)) => format!("the client gives {what} ({name}): {meaning}"),
        None => format!("the client gives {what}, which is not in the vendor's table"),
    };
    Testimony { witness: Witness::Client, id, fact }
}

fn named(text: &str) -> Option<Number> {
    let is = |name: Option<&str>| name.is_some_and(|name| name.eq_ignore_ascii_case(text));
    let code = DisconnectCode::ALL.iter().find(|code| is(code.name())).map(|code| Number::Code(*code));
    code.or_else(|| {
        ExtendedReason::ALL.iter().find(|code| is(code.name())).map(|code| Number::Extended(*code))
    })
}

/// A text that is one number and nothing else.
fn bare(text: &str) -> Option<Number> {
    let word = text.to_ascii_lowercase();
    let enough = word.starts_with("0x") || word.len() >= MIN_DIGITS;
    if enough { disconnect_code(&word) } else { None }
}

fn disconnect_code(word: &str) -> Option<Number> {
    let known = |value| DisconnectCode(value).name().is_some();
    parse(word, known).map(|value| Number::Code(DisconnectCode(value)))
}

fn extended_reason(word: &str) -> Option<Number> {
    let known = |value| ExtendedReason(value).name().is_some();
    parse(word, known).map(|value| Number::Extended(ExtendedReason(value)))
}

/// A number as the dialog prints it; digits alone are decimal where only that reading is known.
fn parse(word: &str, known: impl Fn(u32) -> bool) -> Option<u32> {
    let hex = |digits: &str| {
        let all = digits.chars().all(|it| it.is_ascii_hexdigit());
        if all { u32::from_str_radix(digits, 16).ok() } else { None }
    };
    if let Some(digits) = word.strip_prefix("0x") {
        return hex(digits);
    }
    if !word.contains(|it: char| it.is_ascii_digit()) {
        return None;
    }
    let (as_hex, as_decimal) = (hex(word), word.parse::<u32>().ok());
    match as_decimal {
        Some(decimal) if known(decimal) && !as_hex.is_some_and(known) => Some(decimal),
        Some(_) | None => as_hex,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_known_code_reads_as_another_in_the_other_base() {
        for code in DisconnectCode::ALL {
            let digits = code.0.to_string();
            let as_hex = u32::from_str_radix(&digits, 16).unwrap();
            assert!(as_hex == code.0 || DisconnectCode(as_hex).name().is_none(), "{digits} is two codes");
            if code.0 > 9 {
                assert_eq!(disconnect_code(&digits), Some(Number::Code(*code)));
            }
            assert_eq!(disconnect_code(&format!("{:x}", code.0)), Some(Number::Code(*code)));
            assert_eq!(bare(&format!("{:#X}", code.0)), Some(Number::Code(*code)));
        }
    }
}
