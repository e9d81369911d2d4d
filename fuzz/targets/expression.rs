//! What `--expect` takes: no text may panic, and an expectation that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::policy::expression::parse;
use rdprobe::render::escape::needs_escape;

fuzz_target!(|text: &str| {
    match parse(text) {
        Ok(expectations) => {
            for expectation in expectations {
                let written = expectation.to_string();
                assert_eq!(parse(&written).as_deref(), Ok([expectation].as_slice()), "{written:?}");
            }
        }
        Err(error) => {
            assert!(error.column <= text.chars().count() + 1, "{}", error.column);
            let words = error.to_string();
            assert!(!words.contains(|c| c != '\n' && needs_escape(c)), "{words:?}");
        }
    }
});
