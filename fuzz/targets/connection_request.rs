//! What a client asks: no bytes may panic, and what is asked for survives the way back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::x224::ConnectionRequest;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = ConnectionRequest::decode(bytes) {
        // The cookie is cut and cleaned when it is written, so it is not compared.
        let again = ConnectionRequest::decode(&request.encode()).expect("what was written reads");
        assert_eq!(again.negotiation, request.negotiation);
        assert_eq!(again.correlation_id, request.correlation_id);
        assert_eq!(again.cookie.is_some(), request.cookie.is_some());
    }
});
