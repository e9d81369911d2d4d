//! What a user, a list or an exporter's query names: no text may panic, and a target that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::target::{Host, Target};

fuzz_target!(|text: &str| {
    match Target::parse(text) {
        Ok(target) => {
            let again = Target::parse(&target.to_string()).expect("what is written can be read");
            assert_eq!((&again.host, again.port), (&target.host, target.port));
            if let Host::Name(name) = &target.host {
                assert!(name.is_ascii() && name.len() <= 254, "{name:?}");
                assert!(!name.contains(|c: char| c.is_control() || c == ' '), "{name:?}");
            }
            assert_ne!(target.port, 0);
        }
        Err(error) => assert!(!error.to_string().is_empty() && !error.hint().is_empty()),
    }
});
