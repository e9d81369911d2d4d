//! The addresses of one range that are left after exclusions and doubles, in the order of the seed.

use std::net::IpAddr;

use super::shuffle::Shuffle;
use super::span::Span;
use crate::target::{DEFAULT_PORT, Host, Target};

/// A way through a range.
#[derive(Debug)]
pub(super) struct Walk {
    span: Span,
    port: u16,
    pieces: Vec<Piece>,
    order: Shuffle,
    /// The next place in the order; none at the end.
    next: Option<u128>,
    last: u128,
}

/// Numbers that follow each other.
#[derive(Debug)]
struct Piece {
    first: u128,
    /// How many numbers the pieces before it have.
    before: u128,
}

impl Walk {
    /// Through the given runs of numbers of a span; nothing if there is none.
    pub(super) fn new(span: Span, port: u16, runs: &[(u128, u128)], seed: u64) -> Option<Self> {
        let mut pieces = Vec::with_capacity(runs.len());
        // Of one run there may be 2^128 numbers, one more than fits; then it is the only run, and nothing stands after.
        let (mut before, mut last) = (0_u128, None);
        for (first, end) in runs {
            pieces.push(Piece { first: *first, before });
            let reaches = before.saturating_add(end.saturating_sub(*first));
            last = Some(reaches);
            before = reaches.saturating_add(1);
        }
        let last = last?;
        let (first, _) = span.numbers();
        // Each range has an order of its own, the same in every run.
        let [_, _, _, _, _, _, _, _, own @ ..] = first.to_be_bytes();
        let order = Shuffle::new(last, seed ^ u64::from_be_bytes(own).rotate_left(16) ^ u64::from(port));
        Some(Self { span, port, pieces, order, next: Some(0), last })
    }

    /// How many targets it has.
    pub(super) fn len(&self) -> u64 {
        u64::try_from(self.last).unwrap_or(u64::MAX).saturating_add(1)
    }

    fn target(&self, place: u128) -> Option<Target> {
        let number = self.order.at(place);
        let after = self.pieces.partition_point(|piece| piece.before <= number);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        let address = self.span.address(piece.first.saturating_add(number.saturating_sub(piece.before)));
        Some(of_address(address, self.port))
    }
}

impl Iterator for Walk {
    type Item = Target;

    fn next(&mut self) -> Option<Target> {
        let place = self.next?;
        self.next = place.checked_add(1).filter(|next| *next <= self.last);
        self.target(place)
    }
}

/// The input is what a user would write for it.
fn of_address(address: IpAddr, port: u16) -> Target {
    let mut target = Target { input: String::new(), host: Host::Address(address), port };
    target.input = if port == DEFAULT_PORT { address.to_string() } else { target.to_string() };
    target
}
