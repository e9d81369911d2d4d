//! .rdp files, UTF-8 or UTF-16: no bytes may panic, and the host that they name is one that can be written down.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::target::{Target, from_rdp_file};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(target) = from_rdp_file("some.rdp", bytes) {
        let again = Target::parse(&target.to_string()).expect("what is written can be read");
        assert_eq!((again.host, again.port), (target.host, target.port));
    }
});
