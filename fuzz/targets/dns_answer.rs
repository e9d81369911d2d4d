//! DNS responses: no bytes may panic, and aliases and addresses stay bounded, whatever leads where.

#![no_main]

use std::collections::HashSet;

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::{Name, RecordType};
use libfuzzer_sys::fuzz_target;
use rdprobe::probe::resolve::answer::{MAX_ADDRESSES, MAX_ALIASES, read};

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = Message::from_vec(bytes) else { return };
    let asked = message.queries.first().map_or_else(Name::root, |query| query.name().clone());
    for kind in [RecordType::A, RecordType::AAAA] {
        let answer = read(&asked, kind, &message);
        assert!(answer.cname_chain.len() <= MAX_ALIASES && answer.addresses.len() <= MAX_ADDRESSES);
        let addresses: HashSet<_> = answer.addresses.iter().map(|known| known.address).collect();
        assert_eq!(addresses.len(), answer.addresses.len());
        assert!(addresses.iter().all(|address| address.is_ipv4() == (kind == RecordType::A)));
        for alias in &answer.cname_chain {
            assert!(alias.target.is_ascii() && !alias.target.contains(char::is_control), "{alias:?}");
        }
    }
});
