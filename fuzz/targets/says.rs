//! What a user's client displayed: no text may panic, and what it amounts to is in the vocabulary, short and on one line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::diagnosis::observation::vocabulary;
use rdprobe::diagnosis::says;

fuzz_target!(|text: &str| {
    match says::hear(text) {
        Ok(told) => {
            assert!(!told.is_empty());
            for testimony in told {
                assert!(vocabulary::lookup(&testimony.id).is_some(), "{}", testimony.id);
                assert!(!testimony.fact.contains(char::is_control), "{:?}", testimony.fact);
                assert!(testimony.fact.chars().count() < 400, "{:?}", testimony.fact);
            }
        }
        Err(unheard) => {
            assert!(!unheard.quote.contains(char::is_control), "{:?}", unheard.quote);
            assert!(!unheard.hint().is_empty());
        }
    }
});
