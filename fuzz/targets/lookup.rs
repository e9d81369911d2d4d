//! What `explain` is asked: no text may panic, what is found names causes that there are, and every rendering is harmless.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::diagnosis::catalogue;
use rdprobe::diagnosis::lookup::{Entry, look_up};
use rdprobe::render::escape::needs_escape;
use rdprobe::render::human::{HumanStyle, explain};
use rdprobe::render::markdown;

fuzz_target!(|text: &str| {
    let entries = match look_up(text) {
        Ok(entries) => entries,
        Err(unknown) => {
            assert!(!unknown.word.contains(char::is_control), "{:?}", unknown.word);
            return;
        }
    };
    assert!(!entries.is_empty());
    for entry in &entries {
        if let Entry::Reading(reading) = entry {
            assert!(reading.causes.iter().all(|id| catalogue::get(id).is_some()), "{:?}", reading.causes);
        }
    }
    let mut out = Vec::new();
    explain(&entries, &HumanStyle::default(), &mut out).expect("memory takes all");
    markdown::entries(&entries, &mut out).expect("memory takes all");
    let text = String::from_utf8(out).expect("what is written is text");
    assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text:?}");
});
