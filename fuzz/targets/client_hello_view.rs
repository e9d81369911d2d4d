//! What a TLS client sends: no bytes may panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::tls::offered_hello::OfferedHello;
use rdprobe::wire::tls::record;

fuzz_target!(|bytes: &[u8]| {
    if OfferedHello::decode(bytes).is_ok() {
        assert!(matches!(record::frame_len(bytes), Ok(Some(len)) if len <= bytes.len()));
    }
});
