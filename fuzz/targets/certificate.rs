//! Certificates: no bytes may panic, and an error points into the input.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::evidence::certificate::{Chain, Source, read};
use rdprobe::target::Host;

fuzz_target!(|bytes: &[u8]| {
    let chain = Chain::NotChecked { reason: String::new() };
    let host = Host::Name("vm1".into());
    if let Err(error) = read(bytes, &host, jiff::Timestamp::UNIX_EPOCH, Source::ClearFlight, chain) {
        assert!(error.offset <= bytes.len());
    }
});
