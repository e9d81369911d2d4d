//! One written item: a target, a network or a range, each with or without a port.

use super::SourceError;
use super::span::Span;
use crate::target::{Target, port};

/// What one line, cell or argument names.
#[derive(Debug, Clone)]
pub(super) enum Entry {
    /// One host.
    One(Target),
    /// Every address of a network or a range.
    Many {
        /// The addresses.
        span: Span,
        /// The port of all of them.
        port: u16,
    },
}

impl Entry {
    /// Reads a target, a network or a range: `10.0.0.0/24`, `10.0.0.0/24:3390`, `[2001:db8::/120]:3390`.
    ///
    /// `10.0.0.1-200` is a range although DNS would allow it as a name; `10.0.0.1-backup` is a name.
    pub(super) fn read(text: &str, default_port: u16) -> Result<Self, SourceError> {
        let text = text.trim();
        let (inside, digits) = without_port(text);
        match Span::read(inside) {
            None => Self::one(text, default_port),
            Some(span) => {
                let port = digits.map_or(Ok(default_port), port)?;
                Ok(Self::Many { span: span?, port })
            }
        }
    }

    /// Reads a single target, where nobody writes networks or ranges: what an inventory or a scanner tells.
    pub(super) fn one(text: &str, default_port: u16) -> Result<Self, SourceError> {
        Ok(Self::One(Target::parse_or(text.trim(), default_port)?))
    }
}

/// Takes the port off a network or a range. IPv6 needs brackets for one.
fn without_port(text: &str) -> (&str, Option<&str>) {
    if let Some((inside, rest)) = text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        return (inside, rest.strip_prefix(':'));
    }
    match text.split_once(':') {
        Some((inside, digits)) if !digits.contains(':') => (inside, Some(digits)),
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match Entry::read(text, 3389) {
            Ok(Entry::One(target)) => format!("one {target}"),
            Ok(Entry::Many { span, port }) => format!("{} at {port}", span.len_less_one() + 1),
            Err(error) => format!("{error}"),
        }
    }

    #[test]
    fn every_form_has_its_port() {
        for (text, told) in [
            ("10.0.0.0/24", "256 at 3389"),
            ("10.0.0.0/24:3390", "256 at 3390"),
            ("10.0.0.1-10.0.0.3:3390", "3 at 3390"),
            ("10.0.0.1-200:3390", "200 at 3390"),
            ("2001:db8::/120", "256 at 3389"),
            ("[2001:db8::/120]:3390", "256 at 3390"),
            ("[2001:db8::1-2001:db8::3]:3390", "3 at 3390"),
            ("2001:db8::1-2001:db8::3", "3 at 3389"),
            (" myvm:3390 ", "one myvm:3390"),
            ("[2001:db8::1]:3390", "one [2001:db8::1]:3390"),
            ("10.0.0.1-backup", "one 10.0.0.1-backup:3389"),
            ("10.0.0.0/24:0", "port 0 cannot be connected to"),
            ("10.0.0.0/24:rdp", "not a port: `rdp`"),
            ("10.0.0.0/24/3", "not a network: `10.0.0.0/24/3`"),
            ("", "the target is empty"),
        ] {
            assert_eq!(read(text), told, "{text}");
        }
    }

    #[test]
    fn another_port_for_all_is_said_where_none_was_written() {
        let Ok(Entry::One(target)) = Entry::read("myvm", 3390) else { panic!() };
        assert_eq!((target.input.as_str(), target.port), ("myvm:3390", 3390));
        let Ok(Entry::One(target)) = Entry::read("myvm:3389", 3390) else { panic!() };
        assert_eq!((target.input.as_str(), target.port), ("myvm:3389", 3389));
    }
}
