//! What the guest tells: no bytes may panic, and what is read once is merged into itself without change.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::diagnosis::guest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(told) = guest::read("guest", bytes) {
        assert_eq!(guest::merge([told.clone(), told.clone()].concat()), told);
    }
});
