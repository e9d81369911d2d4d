//! CredSSP: no bytes may panic, and a request that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::credssp::{MAX_LEN, TsRequest};

fuzz_target!(|bytes: &[u8]| {
    if let Ok((request, used)) = TsRequest::decode(bytes) {
        assert_eq!(TsRequest::frame_len(bytes), Ok(Some(used)));
        let written = request.encode();
        // An errorCode of one octet is written with four, which may pass the limit.
        if written.len() <= MAX_LEN {
            assert_eq!(TsRequest::decode(&written), Ok((request, written.len())));
        }
    }
});
