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
use super::{SourceError, Written, list, rdp_file};
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
    /// Reads exclusions: hosts, networks, ranges, files with one a line, .rdp files and folders of them.
    ///
    /// # Errors
    /// If one cannot be read or names nothing, a line of a file included: what must not be touched might stand in it.
    /// Standard input is refused: it may be a source.
    pub(super) fn read(texts: &[String]) -> Result<Self, SourceError> {
        let mut excluded = Self::default();
        for text in texts {
            match Argument::read(text, NO_PORT)? {
                Argument::Itself(entry) => excluded.add(at_every_port(Ok(*entry), text)?),
                Argument::File(path) => excluded.add_lines(&path, text)?,
                Argument::RdpFile(path) => {
                    excluded.add(at_every_port(of_rdp_file(rdp_file::read(&path, NO_PORT)), text)?);
                }
                Argument::Folder(path) => excluded.add_folder(&path, text)?,
                Argument::Stdin => {
                    let message = "--exclude -: exclusions are not read from standard input";
                    return Err(SourceError::new(message, "write them to a file: --exclude FILE"));
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
            list::without_comment(line).map(one_line).into_iter().collect()
        });
        for Written { line, entry } in named {
            let place = line.map_or_else(|| name.to_owned(), |line| format!("{name}, line {line}"));
            self.add(at_every_port(entry, &place)?);
        }
        Ok(())
    }

    fn add_folder(&mut self, path: &Path, name: &str) -> Result<(), SourceError> {
        let mut is_empty = true;
        for Written { entry, .. } in rdp_file::in_folder(path, NO_PORT) {
            is_empty = false;
            self.add(at_every_port(of_rdp_file(entry), name)?);
        }
        if is_empty {
            let message = format!("--exclude {name}: a folder without .rdp files");
            return Err(SourceError::new(message, format!("to mean a host of that name write {name}.")));
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

fn one_line(text: &str) -> Result<Entry, SourceError> {
    if rdp_file::is_meant_by(text) {
        of_rdp_file(rdp_file::read(text, NO_PORT))
    } else {
        Entry::read(text, NO_PORT)
    }
}

/// The port of an .rdp file is where it leads, and nobody's wish to exclude that one alone.
fn of_rdp_file(entry: Result<Entry, SourceError>) -> Result<Entry, SourceError> {
    entry.map(|entry| match entry {
        Entry::One(target) => Entry::One(Target { port: NO_PORT, ..target }),
        Entry::Many { span, .. } => Entry::Many { span, port: NO_PORT },
    })
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
