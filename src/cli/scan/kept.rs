//! `--resume FILE`: the journal of a scan that was begun before, or of this one.

use std::path::PathBuf;

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::journal::{Header, Journal, JournalError, Replay, Resumed};
use rdprobe::fleet::tally::Counts;

use super::outlets::Destination;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;

/// What is known of a scan before it begins or goes on.
pub(super) struct Kept {
    header: Header,
    /// Where the journal is to be; none without `--resume`.
    path: Option<PathBuf>,
    /// The scan that it tells of, if it is there.
    before: Option<(Journal, Resumed)>,
}

impl Kept {
    /// Reads the journal, if there is one.
    ///
    /// # Errors
    /// If it is of another scan, or cannot be used.
    pub(super) fn open(args: &ScanArgs) -> Result<Self, UsageError> {
        let header = header(args);
        let path = args.resume.clone();
        let before = match path.as_ref().filter(|path| path.exists()) {
            Some(path) => Some(Journal::resume(path, header.clone()).map_err(|error| unusable(&error))?),
            None => None,
        };
        Ok(Self { header, path, before })
    }

    /// What it came to before.
    pub(super) fn counts(&self) -> Counts {
        self.before.as_ref().map(|(_, resumed)| resumed.counts.clone()).unwrap_or_default()
    }

    /// Whether it goes on with a scan.
    pub(super) const fn goes_on(&self) -> bool {
        self.before.is_some()
    }

    /// Whether nothing is left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.before.as_ref().is_some_and(|(_, resumed)| resumed.finished)
    }

    /// How long the file of an outlet was, by its place; none where nothing was written to it.
    pub(super) fn length(&self, place: usize) -> Option<u64> {
        let (_, resumed) = self.before.as_ref()?;
        resumed.files.get(place).copied().flatten()
    }

    /// Begins the journal, or goes on with it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn begin(self) -> Result<(Option<Journal>, Replay), UsageError> {
        if let Some((journal, resumed)) = self.before {
            return Ok((Some(journal), resumed.replay));
        }
        let Some(path) = self.path else { return Ok((None, Replay::fresh())) };
        let (journal, replay) = Journal::create(&path, self.header).map_err(|error| unusable(&error))?;
        Ok((Some(journal), replay))
    }
}

/// What the scan is: everything that decides which targets there are and what is told of them.
fn header(args: &ScanArgs) -> Header {
    let mut outlets: Vec<String> = args.told.format.iter().map(Destination::to_string).collect();
    if let Some(path) = &args.told.record {
        outlets.push(format!("record={}", path.display()));
    }
    let named = |name: &str, value: Option<String>| value.map(|value| format!("{name} {value}"));
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let expected = args.expected.expect.iter().map(|text| format!("--expect {text}"));
    let others = [
        named("--policy", path(&args.expected.policy)),
        named("--profile", args.expected.profile.clone()),
        named("--column", args.source.column.clone()),
        named("--port", args.source.port.map(|port| port.to_string())),
        args.told.reports.then(|| "--reports".to_owned()),
    ];
    Header::new(
        args.sources.clone(),
        args.source.exclude.clone(),
        args.source.settings(super::feed::SEED).seed,
        Depth::from(args.depth),
        outlets,
        expected.chain(others.into_iter().flatten()).collect(),
    )
}

fn unusable(error: &JournalError) -> UsageError {
    let hint = match error {
        JournalError::Io { .. } => "is the path of --resume right?",
        JournalError::Exists(_) => "the same command again goes on with it",
        JournalError::Taken(_) => "wait until it ends, or name another file",
        JournalError::Unreadable { .. } => "name a file that rdprobe scan --resume wrote, or a new one",
        JournalError::OtherScan { .. } => "give the command that it was begun with, or name a new file",
    };
    UsageError { message: error.to_string(), hint: Some(hint.to_owned()) }
}
