//! Policy files: no text may panic, a mistake has a place in the file, and its words are harmless.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::policy::profile::read;
use rdprobe::render::escape::needs_escape;

fuzz_target!(|text: &str| {
    match read(text, None) {
        Ok(policy) => assert!(!policy.name.is_empty()),
        Err(error) => {
            if let Some((line, column)) = error.place {
                assert!(line >= 1 && line <= text.lines().count() + 1 && column >= 1, "{line}:{column}");
            }
            assert!(!error.message.contains(|c| c != '\n' && needs_escape(c)), "{:?}", error.message);
        }
    }
});
