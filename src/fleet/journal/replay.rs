//! The source once more: what was done is left out, and nothing is begun before it has proved to be the same source.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Done, Trail};
use crate::fleet::engine::Work;
use crate::target::Target;

/// The source is not the one that the journal was begun with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the source is not the one that this scan was begun with: its first {targets} targets are no longer the same"
)]
pub struct OtherSource {
    /// How many targets were compared.
    pub targets: u64,
}

/// Gives every target its position, and leaves out what is done.
#[derive(Debug)]
pub struct Replay {
    done: Done,
    /// The trail that the source has to have where it was left.
    expected: Trail,
    trail: Trail,
    /// Where the desk reads the trail from.
    shared: Arc<Mutex<Trail>>,
    /// Targets that were in flight when the scan ended, until the source has proved itself.
    held: Vec<Work>,
}

impl Replay {
    /// Begins at the beginning of the source.
    pub(super) fn new(done: Done, expected: Trail, shared: Arc<Mutex<Trail>>) -> Self {
        Self { done, expected, trail: Trail::default(), shared, held: Vec::new() }
    }

    /// A source without a journal: everything is to be done.
    #[must_use]
    pub fn fresh() -> Self {
        Self::new(Done::default(), Trail::default(), Arc::default())
    }

    /// Takes the source's next target and gives what is to be probed now.
    ///
    /// # Errors
    /// If this is another source.
    pub fn next(&mut self, target: Target) -> Result<Vec<Work>, OtherSource> {
        let position = self.trail.targets;
        self.trail.add(&target);
        if !self.done.contains(position) {
            self.held.push(Work { position, target });
        }
        if self.trail.targets < self.expected.targets {
            return Ok(Vec::new());
        }
        if self.trail.targets == self.expected.targets && self.trail != self.expected {
            return Err(self.other());
        }
        // Before anything is probed that it counts: the journal never knows less of the source than of what is done.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&self.trail);
        Ok(std::mem::take(&mut self.held))
    }

    /// The source has no more.
    ///
    /// # Errors
    /// If it has fewer than it had.
    pub const fn end(&self) -> Result<(), OtherSource> {
        if self.trail.targets < self.expected.targets { Err(self.other()) } else { Ok(()) }
    }

    const fn other(&self) -> OtherSource {
        OtherSource { targets: self.expected.targets }
    }
}
