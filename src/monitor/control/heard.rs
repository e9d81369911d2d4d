//! Who answered last, and by which way: one answer shows that the way is open for all who use it.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::Instant;

use super::way::{self, Way};

/// How long a way is believed: to ask the routing table at each round would cost more than the round.
const BELIEVED: Duration = Duration::from_secs(60);

/// So many addresses are remembered; more and those that have been silent for long are forgotten.
const MOST: usize = 10_000;

/// Who answered last, and by which way.
#[derive(Debug, Default)]
pub(super) struct Heard {
    from: HashMap<SocketAddr, Answer>,
}

#[derive(Debug, Clone, Copy)]
struct Answer {
    at: Instant,
    way: Way,
    way_asked: Instant,
}

impl Heard {
    /// That one answered.
    pub(super) fn answered(&mut self, address: SocketAddr, at: Instant) {
        let known = self.from.get(&address).filter(|known| at.duration_since(known.way_asked) < BELIEVED);
        let answer = match known {
            Some(known) => Answer { at, ..*known },
            None => Answer { at, way: way::to(address.ip()), way_asked: at },
        };
        if self.from.len() >= MOST {
            self.from.retain(|_, answer| at.duration_since(answer.way_asked) < BELIEVED);
        }
        self.from.insert(address, answer);
    }

    /// Whether another one answered since then by the way to this one.
    pub(super) fn another(&self, address: SocketAddr, since: Instant) -> bool {
        let way = way::to(address.ip());
        way != Way::Unknown
            && self
                .from
                .iter()
                .any(|(from, answer)| *from != address && answer.at > since && answer.way == way)
    }
}
