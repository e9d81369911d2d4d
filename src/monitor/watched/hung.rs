//! An outage that began with connections that nobody answered, whatever became of it.
//!
//! A service that hangs leaves the kernel to accept its connections until the queue is full; from then on SYNs are
//! dropped, and a probe that comes only then sees what a firewall looks like.

use crate::diagnosis::Diagnosis;
use crate::evidence::{Round, Stage};
use crate::monitor::health::{self, Symptom};
use crate::target::Target;

/// So many rounds like that are no path that was cut between the SYN and the request.
const ENOUGH: u32 = 2;

/// The failed rounds in a row that began with silence after the connect.
#[derive(Debug, Clone, Default)]
pub(super) struct Hung {
    first: Option<Box<Round>>,
    count: u32,
    /// Another symptom came: the beginning is over.
    over: bool,
}

impl Hung {
    /// A round failed.
    pub(super) fn bad(&mut self, round: &Round, symptom: &Symptom) {
        if self.over {
            return;
        }
        if symptom.stage >= Stage::Negotiate && symptom.kind == "timed_out" {
            self.first.get_or_insert_with(|| Box::new(round.clone()));
            self.count = self.count.saturating_add(1);
        } else {
            self.over = true;
        }
    }

    /// A round was answered.
    pub(super) fn answered(&mut self) {
        *self = Self::default();
    }

    /// What that beginning says of the causes; none if the outage began otherwise.
    pub(super) fn diagnosis(&self, target: &Target) -> Option<Diagnosis> {
        let first = self.first.as_ref().filter(|_| self.count >= ENOUGH)?;
        Some(health::diagnosis(target, first))
    }
}
