//! The lines of a journal: what the scan is, then what is done; and how a file of them is read. Pure.

use serde::{Deserialize, Serialize};

use super::done::{Done, Range};
use super::extent::Extent;
use super::trail::Trail;
use crate::fleet::depth::Depth;
use crate::fleet::tally::Counts;

/// The name and version of the format.
pub const JOURNAL_SCHEMA: &str = "rdprobe.scan-journal/1";

/// What a scan is: whoever goes on with it has to mean the same one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    schema: String,
    rdprobe_version: String,
    /// The sources, as they were named.
    pub sources: Vec<String>,
    /// What is left out of them, as it was named.
    pub excludes: Vec<String>,
    /// The order within ranges.
    pub seed: u64,
    /// How much is asked.
    pub depth: Depth,
    /// Where it is written to, as it was named, in this order.
    pub outlets: Vec<String>,
    /// Whatever else decides what is in the lines: expectations, columns, ...
    pub others: Vec<String>,
}

/// What has come since the line before, and how everything stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Batch {
    /// What was done since.
    pub(super) done: Vec<Range>,
    /// The source so far; at least up to the last that is done.
    pub(super) trail: Trail,
    /// What of each outlet's file is whole, in their order; null for one that is no file.
    pub(super) files: Vec<Option<Extent>>,
    /// What it came to.
    pub(super) counts: Counts,
    /// Whether nothing is left to do.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) finished: bool,
    /// The scan's number in its record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) run: Option<i64>,
}

/// Everything that a journal says.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// What the scan is.
    pub header: Header,
    /// What is done.
    pub done: Done,
    /// The source so far.
    pub trail: Trail,
    /// What of each outlet's file was whole.
    pub files: Vec<Option<Extent>>,
    /// What it came to.
    pub counts: Counts,
    /// Whether nothing is left to do.
    pub finished: bool,
    /// The scan's number in its record, if it is recorded.
    pub run: Option<i64>,
    /// How many bytes of it are whole lines.
    pub length: usize,
}

/// Why a file is no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its first line is none that rdprobe writes.
    #[error("it is no journal of a scan")]
    NoJournal,
    /// It is of another version of the format.
    #[error("its format is {0:?}, and this rdprobe reads {JOURNAL_SCHEMA}")]
    OtherSchema(String),
    /// A line in it breaks the format.
    #[error("line {line} breaks the format: {detail}")]
    Broken {
        /// Which line, from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
}

impl Header {
    /// A scan of these sources.
    #[must_use]
    pub fn new(
        sources: Vec<String>,
        excludes: Vec<String>,
        seed: u64,
        depth: Depth,
        outlets: Vec<String>,
        others: Vec<String>,
    ) -> Self {
        Self {
            schema: JOURNAL_SCHEMA.to_owned(),
            rdprobe_version: env!("CARGO_PKG_VERSION").to_owned(),
            sources,
            excludes,
            seed,
            depth,
            outlets,
            others,
        }
    }

    /// The first thing in which another one differs, in words, with what each has; of a list that has many in common
    /// only what is not.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let list = |texts: &[String]| match texts {
            [] => "none".to_owned(),
            texts => texts.join(" "),
        };
        let only = |mine: &[String], its: &[String]| {
            list(&mine.iter().filter(|text| !its.contains(text)).cloned().collect::<Vec<_>>())
        };
        let depth = |depth: Depth| format!("{depth:?}").to_lowercase();
        [
            ("sources", list(&self.sources), list(&other.sources)),
            ("exclusions", list(&self.excludes), list(&other.excludes)),
            ("depth", depth(self.depth), depth(other.depth)),
            ("seed", self.seed.to_string(), other.seed.to_string()),
            ("outputs", list(&self.outlets), list(&other.outlets)),
            ("settings", only(&self.others, &other.others), only(&other.others, &self.others)),
            ("version of rdprobe", self.rdprobe_version.clone(), other.rdprobe_version.clone()),
        ]
        .into_iter()
        .find(|(_, mine, its)| mine != its)
        .map(|(what, mine, its)| format!("{what}: it has {mine}, this command {its}"))
    }
}

/// A line of the file.
pub(super) fn line(value: &impl Serialize) -> Vec<u8> {
    // Numbers, texts and lists always become JSON.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

/// Reads a journal. A last line that is not whole, as a sudden end leaves one, does not count; `None`: not even the
/// first one is.
///
/// # Errors
/// If it is something else, or broken before its last line.
pub fn read(bytes: &[u8]) -> Result<Option<Written>, Unreadable> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
    let Some(first) = lines.next() else {
        // The beginning of a first line is one that rdprobe began to write.
        let begins = line(&serde_json::json!({ "schema": JOURNAL_SCHEMA }));
        let begins = begins.strip_suffix(b"}\n").unwrap_or_default();
        let same = bytes.iter().zip(begins).all(|(one, other)| one == other);
        return if same { Ok(None) } else { Err(Unreadable::NoJournal) };
    };
    let mut written = Written {
        header: header(first)?,
        done: Done::default(),
        trail: Trail::default(),
        files: Vec::new(),
        counts: Counts::default(),
        finished: false,
        run: None,
        length: first.len(),
    };
    let mut lines = lines.enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let read = batch(line, &written);
        match read {
            Ok(batch) => written.add(batch, line.len()),
            // Whole but spoilt: what a power failure makes of the last page.
            Err(_) if lines.peek().is_none() => break,
            Err(detail) => return Err(Unreadable::Broken { line: index.saturating_add(2), detail }),
        }
    }
    Ok(Some(written))
}

fn header(line: &[u8]) -> Result<Header, Unreadable> {
    let document: serde_json::Value = serde_json::from_slice(line).map_err(|_| Unreadable::NoJournal)?;
    match document.get("schema").and_then(serde_json::Value::as_str) {
        Some(JOURNAL_SCHEMA) => serde_json::from_value(document)
            .map_err(|error| Unreadable::Broken { line: 1, detail: error.to_string() }),
        Some(other) if other.starts_with("rdprobe.scan-journal/") => {
            Err(Unreadable::OtherSchema(other.to_owned()))
        }
        Some(_) | None => Err(Unreadable::NoJournal),
    }
}

fn batch(line: &[u8], before: &Written) -> Result<Batch, String> {
    let batch: Batch = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if batch.done.iter().any(|Range(first, last)| first > last || *last >= batch.trail.targets) {
        return Err("more is done than the source has given".to_owned());
    }
    if batch.trail.targets < before.trail.targets {
        return Err("the source has given less than before".to_owned());
    }
    Ok(batch)
}

impl Written {
    fn add(&mut self, batch: Batch, length: usize) {
        batch.done.into_iter().for_each(|range| self.done.add_range(range));
        self.trail = batch.trail;
        self.files = batch.files;
        self.counts = batch.counts;
        self.finished = batch.finished;
        self.run = batch.run;
        self.length = self.length.saturating_add(length);
    }
}
