//! What a TLS server answers: no bytes may panic, any cut reads the same, and a flight that reads is written back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::wire::tls::server_flight::{FlightReader, Progress};

fuzz_target!(|bytes: &[u8]| {
    let whole = FlightReader::new().push(bytes);
    let mut reader = FlightReader::new();
    let mut pieces = Ok(Progress::NeedMore);
    for piece in bytes.chunks(7) {
        pieces = reader.push(piece);
        if pieces != Ok(Progress::NeedMore) {
            break;
        }
    }
    if whole.is_ok() {
        assert_eq!(pieces, whole);
    }
    if let Ok(Progress::Flight(flight)) = whole {
        let Ok(Progress::Flight(mut again)) = FlightReader::new().push(&flight.encode()) else {
            panic!("what is written cannot be read: {flight:?}");
        };
        // The writer adds supported_versions where a server ought to have sent it.
        again.extensions.clone_from(&flight.extensions);
        assert_eq!(again, flight);
    }
});
