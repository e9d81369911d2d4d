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
        // The text of an .rdp file is its path, which stays when the address in it is another. A length before each
        // keeps two from being read as one.
        for part in [&target.input, &target.host.to_string()] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        context.update(&target.port.to_be_bytes());
        self.digest = HexBytes(context.finish().as_ref().to_vec());
        self.targets = self.targets.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_target_counts() {
        let of = |input: &str, host: &str| {
            let mut trail = Trail::default();
            trail.add(&Target { input: input.to_owned(), ..Target::parse(host).unwrap() });
            trail
        };
        let one = of("a.rdp", "a.example");
        assert_eq!(one, of("a.rdp", "a.example"));
        for other in [of("b.rdp", "a.example"), of("a.rdp", "b.example"), of("a.rdp", "a.example:3390")] {
            assert_ne!(one, other);
        }
        assert_ne!(of("ab", "c"), of("a", "bc"));
    }
}
