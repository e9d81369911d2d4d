//! `--resume FILE`: the journal of a scan that was begun before, or of this one.

use std::path::{Path, PathBuf};

use rdprobe::fleet::journal::{Extent, Header, Journal, JournalError, Replay, Resumed};
use rdprobe::fleet::tally::Counts;

use crate::cli::settings::UsageError;

/// What is known of a scan before it begins or goes on.
pub(super) struct Kept {
    /// None without `--resume`.
    journal: Option<(Journal, Resumed)>,
    /// The file, if it was not there before.
    new: Option<PathBuf>,
}

impl Kept {
    /// Reads the journal, or begins one.
    ///
    /// # Errors
    /// If it is of another scan, or cannot be used.
    pub(super) fn open(path: Option<&Path>, header: Header) -> Result<Self, UsageError> {
        let Some(path) = path else { return Ok(Self { journal: None, new: None }) };
        if path.exists() {
            let before = Journal::resume(path, header).map_err(|error| unusable(&error))?;
            return Ok(Self { journal: Some(before), new: None });
        }
        let (journal, replay) = Journal::create(path, header).map_err(|error| unusable(&error))?;
        Ok(Self { journal: Some((journal, Resumed::nothing(replay))), new: Some(path.to_path_buf()) })
    }

    /// What it came to before.
    pub(super) fn counts(&self) -> Counts {
        self.before().map(|before| before.counts.clone()).unwrap_or_default()
    }

    /// Whether nothing is left to do.
    pub(super) fn is_finished(&self) -> bool {
        self.before().is_some_and(|before| before.finished)
    }

    /// What the scan left of an outlet's file, by its place; none where nothing was written to it.
    pub(super) fn left(&self, place: usize) -> Option<&Extent> {
        self.before()?.files.get(place)?.as_ref()
    }

    /// The scan's number in its record, if it has one already.
    pub(super) fn run(&self) -> Option<i64> {
        self.before()?.run
    }

    /// Notes the scan's number in its record.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(super) fn recorded_as(&mut self, run: i64) -> Result<(), UsageError> {
        let Some((journal, _)) = &mut self.journal else { return Ok(()) };
        journal.recorded_as(run).map_err(|error| unusable(&error))
    }

    /// The journal, and what is done of the sources.
    pub(super) fn begin(self) -> (Option<Journal>, Replay) {
        match self.journal {
            Some((journal, before)) => (Some(journal), before.replay),
            None => (None, Replay::fresh()),
        }
    }

    /// Leaves no journal of a scan that did not begin: it would stand in the way of the command that is right.
    pub(super) fn forget(self) {
        drop(self.journal);
        if let Some(path) = self.new {
            // If it stays, the hint of the next command says what to do.
            drop(std::fs::remove_file(path));
        }
    }

    fn before(&self) -> Option<&Resumed> {
        self.journal.as_ref().map(|(_, before)| before)
    }
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
