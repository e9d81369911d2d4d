//! The mark that a source leaves: a digest over its targets so far, by which it is known again.

use serde::{Deserialize, Serialize};

use crate::evidence::HexBytes;
use crate::target::Target;

/// How many targets were given out, and a digest over them in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trail {
    /// How many.
    pub targets: u64,
    /// SHA-256 over the digest before and the target; empty before the first.
    pub digest: HexBytes,
}

impl Trail {
    /// Adds the next target.
    pub fn add(&mut self, target: &Target) {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        context.update(&self.digest.0);
        // The text decides host and port; a length before it keeps two targets from being read as one.
        context.update(&u64::try_from(target.input.len()).unwrap_or(u64::MAX).to_be_bytes());
        context.update(target.input.as_bytes());
        context.update(&target.port.to_be_bytes());
        self.digest = HexBytes(context.finish().as_ref().to_vec());
        self.targets = self.targets.saturating_add(1);
    }
}
