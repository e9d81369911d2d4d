//! The board: every watched target, for the driver to write and every view to read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use jiff::Timestamp;

use super::settings::Settings;
use super::view::TargetView;
use super::watched::Watched;
use crate::target::Target;

/// Everything known of every target, in the order that they were given. Shared between the driver and the views.
#[derive(Debug)]
pub struct Board {
    settings: Settings,
    slots: RwLock<Vec<Arc<Slot>>>,
}

/// One target's place on the board.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) target: Target,
    watched: Mutex<Watched>,
}

impl Slot {
    fn new(target: Target, settings: &Settings) -> Arc<Self> {
        let watched = Mutex::new(Watched::new(target.clone(), settings, Timestamp::now()));
        Arc::new(Self { target, watched })
    }

    /// What is known of the target. A view that crashed while it read has changed nothing.
    pub(super) fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Board {
    /// A board of these targets, of which nothing is known yet. One given twice is there once.
    #[must_use]
    pub fn new(targets: Vec<Target>, settings: &Settings) -> Self {
        let board = Self { settings: settings.clone(), slots: RwLock::default() };
        board.replace(targets);
        board
    }

    /// How many targets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.read().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Every target as a view shows it, each at its own moment.
    #[must_use]
    pub fn views(&self) -> Vec<TargetView> {
        self.slots().iter().map(|slot| slot.watched().view()).collect()
    }

    /// Looks at one target; none if there is none with that number. The driver waits meanwhile.
    pub fn with<R>(&self, index: usize, look: impl FnOnce(&Watched) -> R) -> Option<R> {
        let slot = self.read().get(index).cloned()?;
        let seen = look(&slot.watched());
        Some(seen)
    }

    /// Makes the board one of these targets: those that were there keep what is known of them.
    pub(super) fn replace(&self, targets: Vec<Target>) {
        let mut slots = self.slots.write().unwrap_or_else(PoisonError::into_inner);
        let mut next: Vec<Arc<Slot>> = Vec::with_capacity(targets.len());
        let mut known: std::collections::HashMap<Target, Arc<Slot>> =
            slots.drain(..).map(|slot| (slot.target.clone(), slot)).collect();
        let mut seen = std::collections::HashSet::new();
        for target in targets {
            if seen.insert(target.clone()) {
                let slot = known.remove(&target).unwrap_or_else(|| Slot::new(target, &self.settings));
                next.push(slot);
            }
        }
        *slots = next;
    }

    /// Every place, in order.
    pub(super) fn slots(&self) -> Vec<Arc<Slot>> {
        self.read().clone()
    }

    fn read(&self) -> RwLockReadGuard<'_, Vec<Arc<Slot>>> {
        self.slots.read().unwrap_or_else(PoisonError::into_inner)
    }
}
