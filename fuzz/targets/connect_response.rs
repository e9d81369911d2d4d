//! MCS Connect Response: no bytes may panic, and what was read of it survives the way back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::mcs::{
    ConnectResponse, disconnect_provider_ultimatum, encode_disconnect_provider_ultimatum,
};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(response) = ConnectResponse::decode(bytes) {
        assert_eq!(ConnectResponse::decode(&response.encode()), Ok(response));
    }
    if let Some(reason) = disconnect_provider_ultimatum(bytes) {
        let frame = encode_disconnect_provider_ultimatum(reason);
        assert_eq!(disconnect_provider_ultimatum(&frame), Some(reason));
    }
});
