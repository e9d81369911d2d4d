//! What a DNS response says of a name: its aliases and its addresses, both bounded. Pure.

use std::net::IpAddr;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{Name, RData, RecordType};

use super::scope::scope;
use crate::evidence::resolve::{Cname, ResolvedAddress};

/// The longest alias chain that is followed within an answer.
pub const MAX_ALIASES: usize = 16;

/// The most addresses of one family that are connected to: a response over TCP has room for four thousand, and whoever
/// writes it would send the probe to all of them.
pub const MAX_ADDRESSES: usize = 32;

/// What a server said; no addresses means that the name exists without such a record (NODATA).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The aliases followed, in order.
    pub cname_chain: Vec<Cname>,
    /// The addresses, each once, in the order of the response.
    pub addresses: Vec<ResolvedAddress>,
    /// How many records came after the last address that there is room for.
    pub left_out: u32,
}

/// Follows the aliases from the name and takes the addresses at their end, all within the answer section.
#[must_use]
pub fn read(name: &Name, kind: RecordType, message: &Message) -> Answer {
    let mut at = name.clone();
    let mut cname_chain = Vec::new();
    while cname_chain.len() < MAX_ALIASES {
        let alias = message.answers.iter().filter(|record| record.name == at).find_map(|record| {
            let RData::CNAME(target) = &record.data else { return None };
            Some((target.0.clone(), record.ttl))
        });
        let Some((target, ttl_s)) = alias else { break };
        let (alias, target_name) = (shown(&at), shown(&target));
        let leads_round = target_name == alias || cname_chain.iter().any(|it: &Cname| it.name == target_name);
        cname_chain.push(Cname { name: alias, target: target_name, ttl_s });
        at = target;
        if leads_round {
            break;
        }
    }
    let mut addresses: Vec<ResolvedAddress> = Vec::new();
    let mut left_out = 0_u32;
    for record in message.answers.iter().filter(|record| record.name == at && record.record_type() == kind) {
        let address: IpAddr = match &record.data {
            RData::A(address) => address.0.into(),
            RData::AAAA(address) => address.0.into(),
            _ => continue,
        };
        if addresses.iter().any(|known| known.address == address) {
            continue;
        }
        if addresses.len() < MAX_ADDRESSES {
            addresses.push(ResolvedAddress { address, ttl_s: Some(record.ttl), scope: scope(address) });
        } else {
            left_out = left_out.saturating_add(1);
        }
    }
    Answer { cname_chain, addresses, left_out }
}

/// A name as people write it, without the trailing dot.
pub(super) fn shown(name: &Name) -> String {
    let mut text = name.to_ascii();
    if text.len() > 1 && text.ends_with('.') {
        text.pop();
    }
    text
}
