//! What a server answers: no bytes may panic, and a confirm that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::x224::Tpdu;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Tpdu::ConnectionConfirm(confirm)) = Tpdu::decode(bytes) {
        assert_eq!(Tpdu::decode(&confirm.encode()), Ok(Tpdu::ConnectionConfirm(confirm)));
    }
});
