//! Journals of scans: no bytes may panic, and what was read of one is read of its whole lines alone.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::fleet::journal::line::read;

fuzz_target!(|bytes: &[u8]| {
    let Ok(Some(written)) = read(bytes) else { return };
    // A sudden end spoils the last line at most: without its rest it is the same journal.
    assert!(written.length <= bytes.len());
    assert_eq!(read(&bytes[..written.length]), Ok(Some(written)));
});
