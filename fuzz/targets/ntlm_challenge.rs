//! NTLM: no bytes may panic, and a challenge that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::ntlm::{
    Challenge, NEGOTIATE_TARGET_INFO, NEGOTIATE_UNICODE, NEGOTIATE_VERSION, NegotiateMessage,
};

fuzz_target!(|bytes: &[u8]| {
    let _ = NegotiateMessage::decode(bytes);
    let Ok(challenge) = Challenge::decode(bytes) else { return };
    // An OEM name grows when it is written as UTF-16, and 64 KiB is all that a name may have.
    if bytes.len() > 16 * 1024 {
        return;
    }
    let mut again = Challenge::decode(&challenge.encode()).expect("what is written can be read");
    // The writer states what is there: UTF-16, AV pairs, and a version only where there is one.
    let stated = NEGOTIATE_UNICODE | NEGOTIATE_TARGET_INFO | NEGOTIATE_VERSION;
    assert_eq!(again.flags & !stated, challenge.flags & !stated);
    again.flags = challenge.flags;
    assert_eq!(again, challenge);
});
