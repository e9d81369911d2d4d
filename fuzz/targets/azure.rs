//! What Azure answers: no JSON may panic, and what it tells is in the vocabulary and short.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::diagnosis::azure;
use rdprobe::diagnosis::observation::vocabulary;

fuzz_target!(|bytes: &[u8]| {
    let Ok(answer) = serde_json::from_slice(bytes) else { return };
    for told in azure::read(&answer) {
        assert!(vocabulary::lookup(&told.id).is_some(), "{}", told.id);
        assert!(told.fact.chars().count() < 300, "{}", told.fact);
    }
});
