//! What was listed already: addresses as intervals, names by digest.

use std::collections::{HashMap, HashSet};

use ring::digest::{SHA256, digest};

use super::intervals::Intervals;
use super::span::number;
use crate::target::{Host, Target};

/// Every host and port that was listed so far. Exact; a range costs as much as a single address, a name 16 bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    addresses: HashMap<u16, Intervals>,
    names: HashSet<[u8; 16]>,
}

impl Known {
    /// Notes a single target; false if it was there already.
    pub(super) fn note(&mut self, target: &Target) -> bool {
        match &target.host {
            Host::Name(name) => self.names.insert(name_and_port(name, target.port)),
            Host::Address(address) => {
                let (known, number) = (self.addresses.entry(target.port).or_default(), number(*address));
                let is_new = !known.contains(number);
                if is_new {
                    known.insert(number, number);
                }
                is_new
            }
        }
    }

    /// Notes a run of addresses, and returns what of it was not there.
    pub(super) fn note_run(&mut self, port: u16, first: u128, last: u128) -> Vec<(u128, u128)> {
        let known = self.addresses.entry(port).or_default();
        let fresh = known.without(first, last);
        known.insert(first, last);
        fresh
    }
}

/// DNS knows no case (RFC 4343), and the trailing dot says only that nothing is to be appended.
pub(super) fn comparable(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn name_and_port(name: &str, port: u16) -> [u8; 16] {
    let whole = digest(&SHA256, format!("{}:{port}", comparable(name)).as_bytes());
    let mut start = [0; 16];
    start.iter_mut().zip(whole.as_ref()).for_each(|(to, from)| *to = *from);
    start
}
