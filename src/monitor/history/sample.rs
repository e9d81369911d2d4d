//! A round as it is kept: when it was due, what it said, and how long each phase took.

use crate::evidence::Round;
use crate::monitor::health::{Health, Symptom};
use crate::monitor::latency::{self, Phase};

/// One round of one target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// When it was due, in microseconds since 1970.
    pub(super) due_us: i64,
    /// What it said.
    pub(super) said: Said,
    /// Rounds that the schedule left out before this one.
    pub(super) missed: i64,
    /// Whether nobody watched the target before it, or the clock was set back.
    pub(super) anew: bool,
    /// How long each phase took, in microseconds, in the order of [`Phase::ALL`].
    pub(super) times_us: [Option<i64>; Phase::ALL.len()],
}

/// What a round said of its target.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Good,
    Lesser,
    Bad(Symptom),
    OwnSide,
}

impl Said {
    /// The word in the file.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Lesser => "lesser",
            Self::Bad(_) => "bad",
            Self::OwnSide => "own_side",
        }
    }

    /// How it failed, if it did.
    pub(super) const fn symptom(&self) -> Option<&Symptom> {
        match self {
            Self::Bad(symptom) => Some(symptom),
            Self::Good | Self::Lesser | Self::OwnSide => None,
        }
    }
}

impl Sample {
    pub(super) fn of(round: &Round, health: &Health) -> Self {
        let said = match health {
            Health::Good => Said::Good,
            Health::Lesser(_) => Said::Lesser,
            Health::Bad(symptom) => Said::Bad(symptom.clone()),
            Health::OwnSide(_) => Said::OwnSide,
        };
        let mut times_us = [None; Phase::ALL.len()];
        for (phase, time) in latency::durations(round) {
            if let Some(place) = Phase::ALL.iter().position(|one| *one == phase)
                && let Some(slot) = times_us.get_mut(place)
            {
                *slot = i64::try_from(time.as_micros()).ok();
            }
        }
        let missed = i64::try_from(round.missed).unwrap_or(i64::MAX);
        let due_us = round.due.as_microsecond();
        Self { due_us, said, missed, anew: false, times_us }
    }
}
