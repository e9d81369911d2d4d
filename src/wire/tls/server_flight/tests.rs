//! The server's flight: read whole and in pieces, written back, too short, broken, too long.

use proptest::prelude::*;

use super::*;
use crate::wire::codes::tls::CipherSuite;
use crate::wire::tls::flight::HELLO_RETRY_RANDOM;
use crate::wire::tls::record::{HANDSHAKE, alert, wrap};
use crate::wire::tls::vector;

/// A Schannel-like flight: extensions and session id as the 2025 capture shows them.
fn windows() -> Flight {
    let mut random = [7; 32];
    random[..4].copy_from_slice(&[0x67, 0xb4, 0xac, 0x55]);
    let mut session_id = vec![9; 32];
    session_id[..4].copy_from_slice(&[0x70, 0x4a, 0, 0]);
    Flight {
        version: TlsVersion::TLS_1_2,
        cipher_suite: CipherSuite(0x009d),
        random,
        session_id,
        extensions: vec![23, 65281],
        certificates: vec![vec![0x30; 800], vec![0x31; 17_000]],
        hello_retry_request: false,
    }
}

fn read(bytes: &[u8]) -> Result<Progress, DecodeError> {
    FlightReader::new().push(bytes)
}

#[test]
fn reads_and_writes_back() {
    let flight = windows();
    assert_eq!(read(&flight.encode()), Ok(Progress::Flight(flight.clone())));
    assert_eq!(flight.random_time(), Some(0x67b4_ac55));
    assert!(flight.looks_like_schannel());
}

#[test]
fn any_other_mark_is_no_schannel() {
    let with = |change: fn(&mut Flight)| {
        let mut flight = windows();
        change(&mut flight);
        flight.looks_like_schannel()
    };
    assert!(!with(|flight| flight.session_id[2] = 1));
    assert!(!with(|flight| flight.session_id.truncate(31)));
    assert!(!with(|flight| flight.extensions.push(11)));
    assert!(!with(|flight| flight.version = TlsVersion::TLS_1_3));
    assert!(with(|flight| flight.extensions.clear()));
}

#[test]
fn byte_by_byte_and_too_short_at_every_length() {
    let flight = windows();
    let bytes = flight.encode();
    let mut reader = FlightReader::new();
    let known_at =
        bytes.iter().position(|byte| reader.push(&[*byte]).unwrap() != Progress::NeedMore).unwrap();
    // The flight is known with the record that ends the Certificate, which here is the last one.
    assert_eq!(known_at + 1, bytes.len());
    assert_eq!(reader.push(b"anything"), Ok(Progress::Flight(flight)));
    for len in (0..200).chain(17_000..bytes.len()) {
        assert_eq!(read(&bytes[..len]), Ok(Progress::NeedMore), "length {len}");
    }
}

#[test]
fn messages_may_be_cut_over_records_anywhere() {
    let flight = Flight { certificates: vec![vec![1; 40]], ..windows() };
    let one_record = flight.encode();
    for size in 1..80 {
        let records: Vec<u8> = one_record[5..]
            .chunks(size)
            .flat_map(|part| wrap(HANDSHAKE, TlsVersion::TLS_1_2, part))
            .collect();
        assert_eq!(read(&records), Ok(Progress::Flight(flight.clone())), "fragments of {size}");
    }
}

#[test]
fn tls_1_3_ends_with_the_server_hello() {
    let flight = Flight {
        version: TlsVersion::TLS_1_3,
        extensions: vec![51, 43],
        certificates: Vec::new(),
        ..windows()
    };
    assert_eq!(read(&flight.encode()), Ok(Progress::Flight(flight.clone())));
    assert_eq!(flight.random_time(), None);
    let retry = Flight { hello_retry_request: true, random: HELLO_RETRY_RANDOM, ..flight };
    assert_eq!(read(&retry.encode()), Ok(Progress::Flight(retry)));
}

#[test]
fn no_extensions_and_no_certificate() {
    let flight =
        Flight { version: TlsVersion::TLS_1_0, extensions: vec![], certificates: vec![], ..windows() };
    assert_eq!(read(&flight.encode()), Ok(Progress::Flight(flight)));
}

#[test]
fn alerts_end_it_and_warnings_do_not() {
    let fatal = alert(TlsVersion::TLS_1_3, 2, AlertDescription::PROTOCOL_VERSION);
    assert_eq!(fatal, [21, 3, 3, 0, 2, 2, 70]);
    let description = AlertDescription::PROTOCOL_VERSION;
    assert_eq!(read(&fatal), Ok(Progress::Alert { level: 2, description }));

    let mut reader = FlightReader::new();
    let warning = AlertDescription(112);
    assert_eq!(reader.push(&alert(TlsVersion::TLS_1_2, 1, warning)), Ok(Progress::NeedMore));
    assert_eq!(reader.warning(), Some(warning));
    assert_eq!(reader.push(&windows().encode()), Ok(Progress::Flight(windows())));

    let description = AlertDescription::CLOSE_NOTIFY;
    let close = alert(TlsVersion::TLS_1_2, 1, description);
    assert_eq!(read(&close), Ok(Progress::Alert { level: 1, description }));
}

fn fails(bytes: &[u8]) -> (&'static str, &'static str, usize) {
    let error = read(bytes).unwrap_err();
    (error.message, error.field, error.offset)
}

#[test]
fn no_tls_at_the_first_byte() {
    assert_eq!(fails(b"H"), ("TLS record", "type", 0));
    assert_eq!(fails(&[3, 0, 0, 9, 2, 0xf0, 0x80, 0x21, 0x80]), ("TLS record", "type", 0));
    assert_eq!(fails(&[22, 2]), ("TLS record", "version", 1));
    assert_eq!(fails(&[22, 3, 1, 0x48, 1]), ("TLS record", "length", 3));
    assert_eq!(fails(&[22, 3, 1, 0, 0]), ("TLS record", "length", 3));
}

#[test]
fn wrong_fields_are_named() {
    let records = |payload: &[u8]| wrap(HANDSHAKE, TlsVersion::TLS_1_2, payload);
    let hello = windows().encode();
    assert_eq!(fails(&wrap(20, TlsVersion::TLS_1_2, &[1])), ("TLS record", "type", 0));
    assert_eq!(fails(&wrap(21, TlsVersion::TLS_1_2, &[2])), ("Alert", "description", 1));
    assert_eq!(fails(&records(&[11, 0, 0, 0])), ("Handshake", "msg_type", 0));
    assert_eq!(fails(&records(&[2, 0xff, 0, 0])), ("Handshake", "length", 0));
    // legacy_version, then the length of the session id, of the extensions and of the first extension.
    for (at, value, field, offset) in [
        (9, 2, "legacy_version", 0),
        (9 + 34, 33, "legacy_session_id_echo", 34),
        (9 + 70, 0xff, "extensions", 72),
        (9 + 74, 0xff, "extension_data", 76),
    ] {
        let mut broken = hello.clone();
        broken[at] = value;
        assert_eq!(fails(&broken), ("ServerHello", field, offset));
    }
}

#[test]
fn certificates_have_limits() {
    let many = Flight { certificates: vec![vec![0x30]; 65], ..windows() };
    assert_eq!(fails(&many.encode()), ("Certificate", "certificate_list", 3 + 64 * 4));
    let most = Flight { certificates: vec![vec![0x30]; 64], ..windows() };
    assert_eq!(read(&most.encode()), Ok(Progress::Flight(most)));
    let empty = Flight { certificates: vec![vec![]], ..windows() };
    assert_eq!(fails(&empty.encode()), ("Certificate", "certificate", 3));
}

#[test]
fn endless_flights_are_cut_off() {
    let warning = alert(TlsVersion::TLS_1_2, 1, AlertDescription(112));
    let mut reader = FlightReader::new();
    let error = (0..MAX_FLIGHT).find_map(|_| reader.push(&warning).err()).unwrap();
    assert_eq!(error.field, "length");
    assert!(error.offset <= MAX_FLIGHT);

    let huge = vector::handshake(2, &vec![0; MAX_FLIGHT]);
    assert_eq!(fails(&wrap(HANDSHAKE, TlsVersion::TLS_1_2, &huge)).1, "length");
}

/// The independent reader of the same bytes.
#[test]
fn another_reader_agrees() {
    let flight = Flight { certificates: vec![vec![0x30; 300]], ..windows() };
    let bytes = flight.encode();
    let (_, record) = tls_parser::parse_tls_plaintext(&bytes).unwrap();
    let [tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::ServerHello(hello)), ..] =
        record.msg.as_slice()
    else {
        panic!("no ServerHello: {record:?}");
    };
    assert_eq!((hello.version.0, hello.cipher.0), (0x0303, 0x009d));
    assert_eq!(hello.session_id, Some(flight.session_id.as_slice()));
    let tls_parser::TlsMessage::Handshake(tls_parser::TlsMessageHandshake::Certificate(list)) =
        &record.msg[1]
    else {
        panic!("no Certificate: {record:?}");
    };
    assert_eq!(list.cert_chain[0].data, [0x30; 300]);
    assert_eq!(record.msg.len(), 3);
}

prop_compose! {
    fn any_flight()(
        version in prop::sample::select(TlsVersion::ALL),
        suite in any::<u16>(),
        random in any::<[u8; 32]>(),
        session_id in prop::collection::vec(any::<u8>(), 0..=32),
        // supported_versions comes by itself where it belongs.
        mut extensions in prop::collection::vec(44_u16.., 0..6),
        certificates in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..400), 0..4),
    ) -> Flight {
        let is_1_3 = version >= TlsVersion::TLS_1_3;
        if is_1_3 {
            extensions.push(43);
        }
        let certificates = if is_1_3 { Vec::new() } else { certificates };
        Flight {
            version, cipher_suite: CipherSuite(suite), random, session_id, extensions, certificates,
            hello_retry_request: false,
        }
    }
}

proptest! {
    #[test]
    fn every_flight_comes_back(flight in any_flight(), cut in any::<prop::sample::Index>()) {
        let bytes = flight.encode();
        let (head, tail) = bytes.split_at(cut.index(bytes.len()));
        let mut reader = FlightReader::new();
        reader.push(head)?;
        prop_assert_eq!(reader.push(tail), Ok(Progress::Flight(flight)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = read(&wrap(HANDSHAKE, TlsVersion::TLS_1_2, &bytes));
        let mut hello = windows().encode();
        hello.truncate(120);
        hello.extend(bytes);
        let _ = read(&hello);
    }
}
