//! What must not be touched, whatever lists it.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;

use super::argument::Argument;
use super::entry::Entry;
use super::intervals::Intervals;
use super::known::comparable;
use super::span::{Span, number};
use super::text::{Lines, decoded, unreadable};
use super::{SourceError, Written, list};
use crate::target::{Host, Target};

/// What no text can name as a port.
const NO_PORT: u16 = 0;

/// Hosts at any port. Names as they are written: what a name resolves to is not compared.
#[derive(Debug, Clone, Default)]
pub(super) struct Excluded {
    addresses: Intervals,
    names: HashSet<String>,
}

impl Excluded {
    /// Reads exclusions: hosts, networks, ranges, files with one a line.
    ///
    /// # Errors
    /// If one cannot be read, a line of a file included: what must not be touched might stand in it.
    pub(super) fn read(texts: &[String]) -> Result<Self, SourceError> {
        let mut excluded = Self::default();
        for text in texts {
            match Argument::read(text, NO_PORT)? {
                Argument::Itself(entry) => excluded.add(at_every_port(Ok(*entry), text)?),
                Argument::File(path) => excluded.add_lines(&path, text)?,
                Argument::Stdin | Argument::Folder(_) | Argument::RdpFile(_) => {
                    excluded.add(at_every_port(Entry::read(text, NO_PORT), text)?);
                }
            }
        }
        Ok(excluded)
    }

    fn add_lines(&mut self, path: &Path, name: &str) -> Result<(), SourceError> {
        let failed = |error| {
            SourceError::new(format!("--exclude {name}: {}", unreadable(&error)), "is the path right?")
        };
        let input = decoded(Box::new(File::open(path).map_err(failed)?)).map_err(failed)?;
        let named = list::by_line(Lines::new(input), |line| {
            list::without_comment(line).map(|text| Entry::read(text, NO_PORT)).into_iter().collect()
        });
        for Written { line, entry } in named {
            let place = line.map_or_else(|| name.to_owned(), |line| format!("{name}, line {line}"));
            self.add(at_every_port(entry, &place)?);
        }
        Ok(())
    }

    fn add(&mut self, entry: Entry) {
        let span = match entry {
            Entry::Many { span, .. } => span,
            Entry::One(Target { host: Host::Address(address), .. }) => Span::one(address),
            Entry::One(Target { host: Host::Name(name), .. }) => {
                self.names.insert(comparable(&name));
                return;
            }
        };
        let (first, last) = span.numbers();
        self.addresses.insert(first, last);
    }

    pub(super) fn has(&self, host: &Host) -> bool {
        match host {
            Host::Address(address) => self.addresses.contains(number(*address)),
            Host::Name(name) => self.names.contains(&comparable(name)),
        }
    }

    /// The runs of a span that are not excluded.
    pub(super) fn leaves(&self, span: Span) -> Vec<(u128, u128)> {
        let (first, last) = span.numbers();
        self.addresses.without(first, last)
    }
}

/// An exclusion holds for every port, so it names none.
fn at_every_port(entry: Result<Entry, SourceError>, place: &str) -> Result<Entry, SourceError> {
    let entry =
        entry.map_err(|error| SourceError::new(format!("--exclude {place}: {error}"), error.hint()))?;
    let (Entry::One(Target { port, .. }) | Entry::Many { port, .. }) = &entry;
    if *port == NO_PORT {
        Ok(entry)
    } else {
        Err(SourceError::new(
            format!("--exclude {place}: a port"),
            "an exclusion holds for every port of a host: leave the port away",
        ))
    }
}
