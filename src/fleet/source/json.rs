//! The elements of a JSON array, or values one after another, each cut out by itself: never the whole file in memory.

use std::io::{self, BufReader, Bytes, Read};

use serde_json::Value;

use super::SourceError;
use super::text::{Input, unreadable};

/// One element is shorter, in bytes: a machine of an inventory takes a few hundred.
const LONGEST: usize = 256 * 1024;

/// The elements with the line on which each begins. One that is broken or too long is an error, and the next follows;
/// arrays that are still open at the end are one more.
pub(super) struct Elements {
    bytes: Bytes<BufReader<Input>>,
    line: u64,
    /// How many arrays are open around the elements.
    arrays: u64,
    ended: bool,
}

/// Where in an element the next byte stands.
#[derive(Default)]
struct Cut {
    bytes: Vec<u8>,
    is_cut: bool,
    depth: u64,
    in_string: bool,
    escaped: bool,
}

/// What a byte does to an element.
enum Then {
    More,
    /// It was the last of the element.
    Ends,
    /// It stands after the element, which ended before.
    Ended,
    /// The file ends here.
    EndOfFile,
}

impl Elements {
    pub(super) fn new(input: Input) -> Self {
        Self { bytes: BufReader::new(input).bytes(), line: 1, arrays: 0, ended: false }
    }

    fn byte(&mut self) -> Option<io::Result<u8>> {
        let byte = self.bytes.next();
        if matches!(byte, Some(Ok(b'\n'))) {
            self.line = self.line.saturating_add(1);
        }
        byte
    }

    /// The first byte of the next element; arrays are entered and left on the way.
    fn begin(&mut self) -> Option<io::Result<u8>> {
        loop {
            match self.byte()? {
                Ok(between @ (b' ' | b'\t' | b'\r' | b'\n' | b',' | b'[' | b']')) => self.between(between),
                other => return Some(other),
            }
        }
    }

    fn between(&mut self, byte: u8) {
        match byte {
            b'[' => self.arrays = self.arrays.saturating_add(1),
            b']' => self.arrays = self.arrays.saturating_sub(1),
            _ => {}
        }
    }

    /// An element, and whether the file ends with it.
    fn read(&mut self, first: u8) -> io::Result<(Cut, bool)> {
        let mut cut = Cut::default();
        let (mut last, mut then) = (first, cut.take(first));
        while matches!(then, Then::More) {
            match self.byte() {
                None => then = Then::EndOfFile,
                Some(byte) => {
                    last = byte?;
                    then = cut.take(last);
                }
            }
        }
        if matches!(then, Then::Ended) {
            self.between(last);
        }
        Ok((cut, matches!(then, Then::EndOfFile)))
    }
}

impl Iterator for Elements {
    type Item = (u64, Result<Value, SourceError>);

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let Some(first) = self.begin() else {
            self.ended = true;
            return (self.arrays > 0).then(|| (self.line, Err(SourceError::cut_off())));
        };
        let line = self.line;
        let read = first.and_then(|first| self.read(first));
        Some((
            line,
            match read {
                Ok((cut, is_last)) => {
                    let value = cut.value();
                    // Where the file ends within an element, that is told already.
                    self.ended = is_last && value.is_err();
                    value
                }
                Err(error) => {
                    self.ended = true;
                    Err(unreadable(&error))
                }
            },
        ))
    }
}

impl Cut {
    fn take(&mut self, byte: u8) -> Then {
        let then = self.follow(byte);
        if !matches!(then, Then::Ended) {
            self.is_cut |= self.bytes.len() >= LONGEST;
            if !self.is_cut {
                self.bytes.push(byte);
            }
        }
        then
    }

    fn follow(&mut self, byte: u8) -> Then {
        if self.in_string {
            self.in_string = self.escaped || byte != b'"';
            self.escaped = !self.escaped && byte == b'\\';
            return if self.in_string || self.depth > 0 { Then::More } else { Then::Ends };
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            // Of a number or a word only what follows tells that it has ended.
            b',' | b']' | b' ' | b'\t' | b'\r' | b'\n' if self.depth == 0 => return Then::Ended,
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return if self.depth == 0 { Then::Ends } else { Then::More };
            }
            _ => {}
        }
        Then::More
    }

    fn value(self) -> Result<Value, SourceError> {
        if self.is_cut {
            let message = format!("an element of more than {} KiB", LONGEST.div_ceil(1024));
            return Err(SourceError::new(message, "an inventory has one small object for each machine"));
        }
        // serde_json follows 128 levels and no more.
        serde_json::from_slice(&self.bytes).map_err(|error| {
            SourceError::new(format!("broken JSON: {error}"), "az ... -o json writes such a file")
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn elements(text: &str) -> Vec<(u64, Result<String, String>)> {
        Elements::new(Box::new(Cursor::new(text.as_bytes().to_vec())))
            .map(|(line, value)| (line, value.map(|it| it.to_string()).map_err(|it| it.to_string())))
            .collect()
    }

    #[test]
    fn each_element_comes_by_itself_with_its_line() {
        let read = elements("[\n {\"a\": \"]},{\\\"\"},\n null, 7,\"x\",\n [{}]\n]\n{\"b\":[[1]]}{\"c\":2}");
        let told: Vec<_> = read.iter().map(|(line, value)| (*line, value.as_deref().unwrap())).collect();
        assert_eq!(
            told,
            [
                (2, r#"{"a":"]},{\""}"#),
                (3, "null"),
                (3, "7"),
                (3, r#""x""#),
                (4, "{}"),
                (6, r#"{"b":[[1]]}"#),
                (6, r#"{"c":2}"#),
            ]
        );
    }

    #[test]
    fn a_bad_element_costs_only_itself() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let long = format!("\"{}\"", "x".repeat(LONGEST));
        let read = elements(&format!("[{{\"a\":}}, {deep}, {long}, \"z\", {{\"cut\": "));
        let told: Vec<_> = read.iter().map(|(_, value)| value.as_deref().map_err(String::as_str)).collect();
        assert!(told[0].unwrap_err().contains("broken JSON"), "{told:?}");
        assert!(told[1].unwrap_err().contains("recursion limit"));
        assert!(told[2].unwrap_err().contains("256 KiB"));
        assert_eq!(told[3], Ok("\"z\""));
        assert!(told[4].unwrap_err().contains("EOF"));
        assert_eq!(told.len(), 5);
    }

    #[test]
    fn an_array_that_does_not_end_is_told_once_wherever_it_is_cut() {
        let text = "[\n {\"a\": \"[\"},\n [7, null], \"x\",8]\n{\"b\":[1]}\n";
        assert!(elements(text).iter().all(|(_, value)| value.is_ok()));
        let end = text.find("8]").unwrap() + 1;
        for cut in 1..=end {
            let read = elements(&text[..cut]);
            let errors: Vec<_> = read.iter().filter_map(|(_, value)| value.as_ref().err()).collect();
            assert_eq!(errors.len(), 1, "{cut}: {errors:?}");
            assert!(read.last().unwrap().1.is_err(), "{cut}");
        }
        assert_eq!(elements(&text[..end]).last(), Some(&(3, Err("the file ends in the middle".to_owned()))));
        assert!(elements(&text[..=end]).iter().all(|(_, value)| value.is_ok()));
        assert_eq!(elements("7]]"), [(1, Ok("7".to_owned()))], "one bracket more costs nothing");
    }
}
