//! Bytes of a file to UTF-8 text, and text to lines; neither holds more than a line.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;

use super::SourceError;

/// A line, a row and a tag are shorter than this many bytes.
pub(super) const LONGEST: usize = 64 * 1024;

/// What is read from.
pub type Input = Box<dyn Read + Send>;

/// UTF-16, as Windows PowerShell's `>` writes it, becomes UTF-8, and a byte-order mark goes. Bytes that are no UTF-8
/// stay as they are, so that their line can be named.
pub(super) fn decoded(mut input: Input) -> io::Result<Input> {
    let start = read_up_to(&mut input, 2)?;
    let encoding = unmarked_utf16(&start);
    let whole = Cursor::new(start).chain(input);
    let decoder = DecodeReaderBytesBuilder::new()
        .encoding(encoding)
        .bom_override(true)
        .strip_bom(true)
        .utf8_passthru(true)
        .build(whole);
    Ok(Box::new(decoder))
}

/// A list begins with ASCII, so a zero beside the first byte tells UTF-16 without a mark.
fn unmarked_utf16(start: &[u8]) -> Option<&'static Encoding> {
    match start {
        [0, 0] => None,
        [_, 0] => Some(UTF_16LE),
        [0, _] => Some(UTF_16BE),
        _ => None,
    }
}

/// So many bytes, fewer only at the end.
fn read_up_to(input: &mut Input, count: u64) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.take(count).read_to_end(&mut start)?;
    Ok(start)
}

/// Reads ahead until `decide` knows what it is, and gives the text back whole. `decide` is told whether that is all
/// there is or all it gets; then it has to decide.
pub(super) fn look_ahead<T>(
    mut input: Input,
    mut decide: impl FnMut(&[u8], bool) -> Option<T>,
) -> io::Result<(Option<T>, Input)> {
    let mut ahead = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let count = match input.read(&mut piece) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        ahead.extend_from_slice(piece.get(..count).unwrap_or_default());
        let is_last = count == 0 || ahead.len() >= LONGEST;
        let decided = decide(&ahead, is_last);
        if decided.is_some() || is_last {
            return Ok((decided, Box::new(Cursor::new(ahead).chain(input))));
        }
    }
}

/// The lines of a text with their numbers, from 1. One that is too long or no UTF-8 is an error, and the next follows;
/// after an error of reading nothing follows.
pub(super) struct Lines {
    reader: BufReader<Input>,
    number: u64,
    ended: bool,
}

impl Lines {
    pub(super) fn new(input: Input) -> Self {
        Self { reader: BufReader::new(input), number: 0, ended: false }
    }

    /// The next line without its end; true if it was longer than is kept.
    fn read(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        let (mut line, mut is_cut, mut any) = (Vec::new(), false, false);
        loop {
            let piece = match self.reader.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if piece.is_empty() {
                return Ok(any.then_some((line, is_cut)));
            }
            any = true;
            let end = piece.iter().position(|byte| *byte == b'\n');
            let text = end.and_then(|end| piece.get(..end)).unwrap_or(piece);
            if line.len().saturating_add(text.len()) > LONGEST {
                is_cut = true;
            } else {
                line.extend_from_slice(text);
            }
            let used = end.map_or(piece.len(), |end| end.saturating_add(1));
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some((line, is_cut)));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = (u64, Result<String, SourceError>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read();
        self.number = self.number.saturating_add(1);
        let line = match read {
            Ok(None) => return None,
            Ok(Some((_, true))) => Err(too_long("line")),
            Ok(Some((mut line, false))) => {
                line.pop_if(|last| *last == b'\r');
                String::from_utf8(line).map_err(|_| not_utf8())
            }
            Err(error) => {
                self.ended = true;
                Err(unreadable(&error))
            }
        };
        Some((self.number, line))
    }
}

pub(super) fn too_long(what: &str) -> SourceError {
    SourceError::new(
        format!("a {what} of more than {} KiB", LONGEST.div_ceil(1024)),
        "a list has one target a line",
    )
}

pub(super) fn unreadable(error: &io::Error) -> SourceError {
    SourceError::new(format!("cannot read on: {error}"), "what follows was not read")
}

fn not_utf8() -> SourceError {
    SourceError::new("neither UTF-8 nor UTF-16", "save the file as UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<(u64, Result<String, String>)> {
        let input = decoded(Box::new(Cursor::new(bytes.to_vec()))).unwrap();
        Lines::new(input).map(|(number, line)| (number, line.map_err(|it| it.to_string()))).collect()
    }

    fn texts(bytes: &[u8]) -> Vec<String> {
        lines(bytes).into_iter().map(|(_, line)| line.unwrap()).collect()
    }

    #[test]
    fn every_encoding_of_windows_is_read() {
        let utf16 = |unit: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
            format!("{mark}büro\r\nb\r\n").encode_utf16().flat_map(unit).collect()
        };
        for bytes in [
            "büro\nb".as_bytes().to_vec(),
            "\u{feff}büro\r\nb\r\n".as_bytes().to_vec(),
            utf16(u16::to_le_bytes, "\u{feff}"),
            utf16(u16::to_be_bytes, "\u{feff}"),
            utf16(u16::to_le_bytes, ""),
            utf16(u16::to_be_bytes, ""),
        ] {
            assert_eq!(texts(&bytes), ["büro", "b"]);
        }
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let mut bytes = b"a\n\xff\xfe\xfd\n".to_vec();
        bytes.extend(vec![b'x'; 1 << 20]);
        bytes.extend(b"\nz");
        let read = lines(&bytes);
        assert_eq!(read.len(), 4);
        assert_eq!(read[0], (1, Ok("a".to_owned())));
        assert_eq!(read[1], (2, Err("neither UTF-8 nor UTF-16".to_owned())));
        assert_eq!(read[2], (3, Err("a line of more than 64 KiB".to_owned())));
        assert_eq!(read[3], (4, Ok("z".to_owned())));
    }

    #[test]
    fn nothing_has_no_line() {
        assert!(lines(b"").is_empty());
        assert!(lines(b"\xef\xbb\xbf").is_empty());
        assert_eq!(texts(b"\n"), [""]);
    }
}
