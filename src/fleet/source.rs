//! The targets of a scan, one after another: files, folders, standard input, networks and ranges, hosts.
//!
//! ```text
//! argument -> text -> format -> entries -> without exclusions and doubles -> targets
//! ```
//!
//! Nothing is held whole: a file is read as far as it is asked for, a range is a few words. What grows is the memory
//! of what was listed, so that nothing comes twice: about 60 bytes an address, 20 a name, nothing for a range.
//! The same sources, exclusions and seed give the same stream in every run: a place in it is a position.

use std::collections::VecDeque;
use std::sync::Arc;

// What is wrong with a source, or with a part of it.
mod bad;

// Bytes to text, text to lines.
mod text;

// What kind of text it is.
mod format;

// A target, a network or a range, each with or without a port.
mod entry;

// Networks and ranges of addresses.
mod span;

// A plain list.
mod list;

// The records of a CSV file.
mod records;

// A table with a column of names.
mod csv;

// The elements of a JSON array.
mod json;

// Azure's inventory.
mod azure;

// Which open ports count.
mod open_port;

// nmap's XML.
mod nmap;

// The line formats of scanners.
mod masscan;

// .rdp files, and folders of them.
mod rdp_file;

// Opening files where descriptors are lacking.
mod patience;

// What one argument is.
mod argument;

// A set of numbers kept as intervals.
mod intervals;

// What was listed already.
mod known;

// What is excluded.
mod exclude;

// The order within a range.
mod shuffle;

// The addresses of a range that are left, in that order.
mod walk;

use argument::Argument;
pub use bad::{BadLine, SourceError};
use entry::Entry;
use exclude::Excluded;
use known::Known;
pub use text::Input;
use walk::Walk;

use crate::target::{DEFAULT_PORT, Target};

/// The addresses of a /16; who means more has to say so.
const MOST_ADDRESSES: u64 = 1 << 16;

/// How sources are read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What is not touched, whatever lists it: addresses, networks, ranges, names as they are written, files of them.
    /// What a name resolves to is not compared.
    pub exclude: Vec<String>,
    /// Whether a range may have more addresses than a /16.
    pub i_mean_it: bool,
    /// The order within ranges.
    pub seed: u64,
    /// The column of a table that names the machines: its name, or its number from 1 where there is no header.
    pub column: Option<String>,
    /// The port of what names none.
    pub default_port: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self { exclude: Vec::new(), i_mean_it: false, seed: 0, column: None, default_port: DEFAULT_PORT }
    }
}

/// One of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A host and a port that was not there before.
    Target(Target),
    /// A part that names none; the rest goes on.
    Bad(BadLine),
}

/// What a part of a source names, and its line.
struct Written {
    line: Option<u64>,
    entry: Result<Entry, SourceError>,
}

/// The targets of all sources, in the order of the sources; those of a range in the order of the seed.
pub struct Source {
    settings: Settings,
    stdin: Option<Input>,
    arguments: VecDeque<(String, Argument)>,
    /// The argument that is read now.
    part: Option<Part>,
    /// The range that is walked now.
    walk: Option<Walk>,
    excluded: Arc<Excluded>,
    known: Known,
    length: Option<u64>,
}

/// An argument that is being read.
struct Part {
    name: String,
    entries: Box<dyn Iterator<Item = Written> + Send>,
    is_empty: bool,
}

/// What an entry comes to once exclusions and doubles are taken off.
enum Left {
    One(Target),
    Many(Walk),
    Nothing,
}

impl Source {
    /// Opens sources, each one of: `-` for standard input, a file, a folder of .rdp files, an .rdp file, a network
    /// (`10.0.0.0/22`, `[2001:db8::/120]:3390`), a range (`10.0.0.1-200`), or a target as [`Target::parse`] reads it.
    /// Of a file the content tells what it is: a list, CSV, Azure's JSON, nmap's or masscan's output, an .rdp file.
    ///
    /// What is there as a file or a folder is read, even if a host could have its name: `name:3389` is the host.
    /// Every address of a network is in it, the first and the last too.
    ///
    /// # Errors
    /// If an argument or an exclusion is none of these, cannot be read, or is a range of more than 65,536 addresses.
    pub fn open(sources: &[String], settings: &Settings, stdin: Option<Input>) -> Result<Self, SourceError> {
        let mut arguments = VecDeque::with_capacity(sources.len());
        for text in sources {
            let argument = Argument::read(text, settings.default_port)?;
            if let Argument::Itself(entry) = &argument {
                bounded(entry, settings.i_mean_it)?;
            }
            arguments.push_back((text.clone(), argument));
        }
        let excluded = Arc::new(Excluded::read(&settings.exclude)?);
        let mut source = Self {
            settings: settings.clone(),
            stdin,
            arguments,
            part: None,
            walk: None,
            excluded,
            known: Known::default(),
            length: None,
        };
        source.length = source.copy_if(Argument::is_itself).map(Self::count);
        Ok(source)
    }

    /// How many targets there are in all, if that can be said without reading a file.
    #[must_use]
    pub const fn known_len(&self) -> Option<u64> {
        self.length
    }

    /// A second copy, if every source can be read twice: no standard input, no pipe. What of this one was read is not
    /// in it. Exclusions are not read again.
    #[must_use]
    pub fn second(&self) -> Option<Self> {
        self.copy_if(Argument::can_be_read_twice)
    }

    /// Reads everything to the end and says how many targets there are. A range costs nothing, however large. Of a
    /// second copy of the same sources it tells the total while the first is being worked on.
    #[must_use]
    pub fn count(mut self) -> u64 {
        let mut count = self.walk.take().map_or(0, |walk| walk.len());
        while let Some((name, written)) = self.written() {
            let left = self.left(&name, written).unwrap_or(Left::Nothing);
            count = count.saturating_add(match left {
                Left::One(_) => 1,
                Left::Many(walk) => walk.len(),
                Left::Nothing => 0,
            });
        }
        count
    }

    /// A copy, if that can be had of every argument.
    fn copy_if(&self, can_be_had: impl Fn(&Argument) -> bool) -> Option<Self> {
        self.arguments.iter().all(|(_, argument)| can_be_had(argument)).then(|| Self {
            settings: self.settings.clone(),
            stdin: None,
            arguments: self.arguments.clone(),
            part: None,
            walk: None,
            excluded: Arc::clone(&self.excluded),
            known: Known::default(),
            length: None,
        })
    }

    /// The next part of any source, and the name of the source; nothing at the end of all.
    fn written(&mut self) -> Option<(String, Written)> {
        loop {
            if self.part.is_none() {
                let (name, argument) = self.arguments.pop_front()?;
                let entries = argument.entries(&self.settings, &mut self.stdin);
                self.part = Some(Part { name, entries, is_empty: true });
            }
            let part = self.part.as_mut()?;
            if let Some(written) = part.entries.next() {
                part.is_empty = false;
                return Some((part.name.clone(), written));
            }
            let ended = self.part.take()?;
            if ended.is_empty {
                return Some((ended.name, Written { line: None, entry: Err(nothing_in_it()) }));
            }
        }
    }

    fn left(&mut self, name: &str, written: Written) -> Result<Left, BadLine> {
        let Written { line, entry } = written;
        let entry = entry.and_then(|entry| {
            bounded(&entry, self.settings.i_mean_it)?;
            Ok(entry)
        });
        match entry {
            Ok(entry) => Ok(self.fresh(entry)),
            Err(error) => Err(BadLine::new(name, line, error)),
        }
    }

    /// Takes off what is excluded and what was listed already.
    fn fresh(&mut self, entry: Entry) -> Left {
        match entry {
            Entry::One(target) => {
                let is_wanted = !self.excluded.has(&target.host) && self.known.note(&target);
                if is_wanted { Left::One(target) } else { Left::Nothing }
            }
            Entry::Many { span, port } => {
                let runs = self.excluded.leaves(span);
                let fresh: Vec<_> =
                    runs.iter().flat_map(|(first, last)| self.known.note_run(port, *first, *last)).collect();
                Walk::new(span, port, &fresh, self.settings.seed).map_or(Left::Nothing, Left::Many)
            }
        }
    }
}

impl Iterator for Source {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(target) = self.walk.as_mut().and_then(Walk::next) {
                return Some(Item::Target(target));
            }
            let (name, written) = self.written()?;
            match self.left(&name, written) {
                Ok(Left::One(target)) => return Some(Item::Target(target)),
                Ok(Left::Many(walk)) => self.walk = Some(walk),
                Ok(Left::Nothing) => self.walk = None,
                Err(bad) => return Some(Item::Bad(bad)),
            }
        }
    }
}

/// Refuses a range that nobody lists by intention.
fn bounded(entry: &Entry, i_mean_it: bool) -> Result<(), SourceError> {
    let Entry::Many { span, .. } = entry else { return Ok(()) };
    let more = span.len_less_one();
    if i_mean_it || more < u128::from(MOST_ADDRESSES) {
        return Ok(());
    }
    let count = more.checked_add(1).map_or_else(|| "2^128".to_owned(), |count| count.to_string());
    Err(SourceError::new(
        format!("a range of {count} addresses: {span}"),
        format!("more than {MOST_ADDRESSES} (a /16) only with --i-mean-it"),
    ))
}

fn nothing_in_it() -> SourceError {
    SourceError::new(
        "no target in it",
        "a list has one target a line; of a scanner's file only hosts with port 3389, --port or ms-wbt-server open \
         count; of a folder its .rdp files",
    )
    .of_empty()
}
