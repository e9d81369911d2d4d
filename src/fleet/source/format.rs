//! What kind of text it is, told by how it begins; a file's name says nothing.

use super::list::without_comment;

/// The kinds of text that list targets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// One target a line.
    List,
    /// A table with a column of names.
    Csv,
    /// Azure's inventory, masscan's `-oJ`, or an array of names.
    Json,
    /// nmap's or masscan's `-oX`.
    Xml,
    /// masscan's `-oL`.
    Masscan,
    /// nmap's or masscan's `-oG`.
    Grepable,
    /// The settings of one connection.
    Rdp,
}

impl Format {
    /// Tells the kind by the beginning; nothing if more has to be read. `is_last`: there is no more to wait for.
    /// With a column asked for, lines are a table even if there is only one column.
    pub(super) fn told_by(ahead: &[u8], is_last: bool, has_column: bool) -> Option<Self> {
        let told = match ahead.trim_ascii_start() {
            [b'<', ..] => Some(Self::Xml),
            [b'{', ..] => Some(Self::Json),
            [b'[', rest @ ..] => in_bracket(rest),
            text => first_line(text, is_last).as_deref().map(of_line),
        };
        match told.or(is_last.then_some(Self::List)) {
            Some(Self::List) if has_column => Some(Self::Csv),
            told => told,
        }
    }
}

/// An array, or an IPv6 address in brackets.
fn in_bracket(rest: &[u8]) -> Option<Format> {
    rest.trim_ascii_start().first().map(|first| match first {
        b'{' | b'"' | b'[' | b']' | b'n' => Format::Json,
        _ => Format::List,
    })
}

/// The first line that says something and is there in full.
fn first_line(text: &[u8], is_last: bool) -> Option<String> {
    let end = if is_last { text.len() } else { text.iter().rposition(|byte| *byte == b'\n')? };
    let lines = text.get(..end)?;
    lines
        .split(|byte| *byte == b'\n')
        .find_map(|line| without_comment(&String::from_utf8_lossy(line)).map(str::to_owned))
}

fn of_line(line: &str) -> Format {
    let begins = |words: &[&str]| words.iter().any(|word| line.starts_with(word));
    if begins(&["open tcp ", "open udp ", "closed tcp ", "banner tcp "]) {
        Format::Masscan
    } else if begins(&["Host: ", "Timestamp: "]) {
        Format::Grepable
    } else if is_rdp_setting(line) {
        Format::Rdp
    } else if line.contains([',', ';', '\t']) || begins(&["\"", "sep="]) {
        Format::Csv
    } else {
        Format::List
    }
}

/// `screen mode id:i:2`, and not `fd00:b::10`: no name of a setting could be a group of an IPv6 address.
fn is_rdp_setting(line: &str) -> bool {
    let mut parts = line.splitn(3, ':');
    let name = parts.next().unwrap_or_default();
    matches!(parts.next(), Some("s" | "i" | "b"))
        && parts.next().is_some()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == ' ')
        && !name.chars().all(|c| c.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_tells() {
        for (text, format) in [
            ("myvm\n", Format::List),
            ("\n# a, b\n10.0.0.4 # c, d\n", Format::List),
            ("[2001:db8::1]:3390\n", Format::List),
            ("fd00:b::10\nfd00:b::11\n", Format::List),
            ("fd00:b::/64 # both\n", Format::List),
            ("", Format::List),
            ("rdp://full%20address=s:myvm\n", Format::List),
            ("name,ip\n", Format::Csv),
            ("#TYPE Selected.ADComputer\r\n\"Name\"\r\n", Format::Csv),
            ("sep=;\n", Format::Csv),
            ("name\tip\n", Format::Csv),
            (" \n[\n  {", Format::Json),
            ("[ \"a\"", Format::Json),
            ("{\"a\": 1}", Format::Json),
            ("<?xml version=\"1.0\"?>", Format::Xml),
            ("#masscan\nopen tcp 3389 10.0.0.4 1390380064\n", Format::Masscan),
            ("# Nmap 7.93 scan initiated\nHost: 10.0.0.4 ()\tStatus: Up\n", Format::Grepable),
            ("compression:i:1\r\nfull address:s:myvm\r\n", Format::Rdp),
            ("screen mode id:i:2\r\nfull address:s:myvm\r\n", Format::Rdp),
        ] {
            assert_eq!(Format::told_by(text.as_bytes(), true, false), Some(format), "{text}");
        }
        assert_eq!(Format::told_by(b"name\nmyvm\n", false, true), Some(Format::Csv));
    }

    #[test]
    fn half_a_line_tells_nothing() {
        for half in ["", "  ", "[", "[  ", "na", "# only this\n", "# this\nna"] {
            assert_eq!(Format::told_by(half.as_bytes(), false, false), None, "{half}");
        }
        assert_eq!(Format::told_by(b"na\n", false, false), Some(Format::List));
    }
}
