//! Each X.224 message reads, writes back, is refused when cut, and is refused with a wrong field.

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::wire::codes::negotiation::{FailureCode, Protocol};

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.replace(' ', "").as_bytes()).unwrap()
}

fn confirm(text: &str) -> Result<ConnectionConfirm, DecodeError> {
    match Tpdu::decode(&hex(text))? {
        Tpdu::ConnectionConfirm(confirm) => Ok(confirm),
        other => panic!("no confirm: {other:?}"),
    }
}

fn request(cookie: Option<&str>, requested: Option<u32>) -> ConnectionRequest {
    ConnectionRequest {
        cookie: cookie.map(str::to_owned),
        negotiation: requested.map(|requested| NegotiationRequest { flags: 0, requested }),
        correlation_id: None,
    }
}

#[test]
fn requests_are_written_as_the_specification_has_them() {
    assert_eq!(request(None, None).encode(), hex("0300000b 06e00000000000"));
    assert_eq!(request(None, Some(0x0b)).encode(), hex("03000013 0ee00000000000 010008000b000000"));
    let with_cookie = request(Some("nmap"), Some(3)).encode();
    assert_eq!(&with_cookie[..11], hex("0300002a 25e00000000000"));
    assert_eq!(&with_cookie[11..34], b"Cookie: mstshash=nmap\r\n");
    assert_eq!(&with_cookie[34..], hex("0100080003000000"));
}

#[test]
fn correlation_info_sets_its_flag_and_follows() {
    let id = *b"rdprobe-12345678";
    let written = ConnectionRequest { correlation_id: Some(id), ..request(None, Some(3)) }.encode();
    assert_eq!(&written[..23], hex("03000037 32e00000000000 0108080003000000 06002400"));
    assert_eq!(&written[23..39], id);
    assert_eq!(written[39..], [0; 16]);
    assert_eq!(ConnectionRequest::decode(&written).unwrap().correlation_id, Some(id));
    let without_negotiation = ConnectionRequest { correlation_id: Some(id), ..request(None, None) };
    assert_eq!(without_negotiation.encode().len(), 11);
}

#[test]
fn a_cookie_cannot_carry_a_second_line_and_is_cut_at_nine() {
    let written = request(Some("a\r\nb\0administrator"), None).encode();
    assert_eq!(&written[11..], b"Cookie: mstshash=abadminis\r\n");
    assert_eq!(&request(Some("Jürgen 語"), None).encode()[28..], b"J\xfcrgen ?\r\n");
}

#[test]
fn a_routing_token_is_passed_over() {
    let frame = tpkt::wrap(
        &[b"\x2e\xe0\0\0\0\0\0Cookie: msts=3640205228.15629.0000\r\n", &[1, 0, 8, 0][..], &[3, 0, 0, 0]]
            .concat(),
    );
    // LI says 46 where 51 follow: refused; with the right LI it reads.
    assert_eq!(ConnectionRequest::decode(&frame).unwrap_err().field, "LI");
    let mut frame = frame;
    frame[4] = u8::try_from(frame.len() - 5).unwrap();
    assert_eq!(ConnectionRequest::decode(&frame).unwrap(), request(None, Some(3)));
}

#[test]
fn a_request_that_is_cut_or_wrong_is_refused() {
    let whole =
        ConnectionRequest { correlation_id: Some([7; 16]), ..request(Some("nmap"), Some(3)) }.encode();
    for length in 0..whole.len() {
        assert!(ConnectionRequest::decode(&whole[..length]).is_err(), "{length} bytes");
    }
    for (at, field) in
        [(0, "version"), (4, "LI"), (5, "type"), (32, "cookie"), (34, "type"), (36, "length"), (44, "length")]
    {
        let mut wrong = whole.clone();
        wrong[at] ^= 0x40;
        assert_eq!(ConnectionRequest::decode(&wrong).unwrap_err().field, field, "byte {at}");
    }
}

#[test]
fn confirms_of_known_servers_read_and_write_back() {
    let response = |flags, selected| Some(Negotiation::Response { flags, selected: Protocol(selected) });
    let failure = |code| Some(Negotiation::Failure { flags: 0, code: FailureCode(code) });
    for (frame, src_ref, negotiation) in [
        ("03000013 0ed00000123400 021f080008000000", 0x1234, response(0x1f, 8)),
        ("03000013 0ed00000123400 0201080000000000", 0x1234, response(1, 0)),
        ("03000013 0ed00000000000 0203080002000000", 0, response(3, 2)),
        ("03000013 0ed00000123400 0300080005000000", 0x1234, failure(5)),
        ("03000013 0ed00000123400 0300080007000000", 0x1234, failure(7)),
        ("03000013 0ed00000123400 03000800ffffffff", 0x1234, failure(u32::MAX)),
        ("03000013 0ed00000123400 02e0080040000000", 0x1234, response(0xe0, 0x40)),
        ("0300000b 06d00000123400", 0x1234, None),
        ("0300000b 06d00000341200", 0x3412, None),
    ] {
        let expected = ConnectionConfirm { dst_ref: 0, src_ref, class: 0, negotiation, trailing_bytes: 0 };
        assert_eq!(confirm(frame), Ok(expected), "{frame}");
        assert_eq!(expected.encode(), hex(frame));
    }
}

#[test]
fn a_confirm_is_eleven_or_nineteen_bytes_long() {
    for length in (7..60_u8).filter(|length| ![11, 19].contains(length)) {
        let mut frame = vec![3, 0, 0, length, length - 5, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 1, 0, 0, 0];
        frame.resize(length.into(), 0);
        let error = Tpdu::decode(&frame).unwrap_err();
        assert_eq!((error.field, error.offset), ("TPKT packet length", 2), "{length} bytes");
        assert_eq!(error.reason, Reason::Length { found: length.into() });
    }
}

#[test]
fn a_confirm_that_is_cut_or_wrong_is_refused() {
    let whole = hex("03000013 0ed00000123400 021f080008000000");
    for length in 0..whole.len() {
        assert!(Tpdu::decode(&whole[..length]).is_err(), "{length} bytes");
    }
    for (at, value, field, offset) in [
        (4, 6, "LI", 4),
        (4, 15, "LI", 4),
        (5, 0x30, "type", 5),
        (11, 1, "type", 11),
        (13, 0, "length", 13),
        (14, 1, "length", 13),
    ] {
        let mut wrong = whole.clone();
        wrong[at] = value;
        let error = Tpdu::decode(&wrong).unwrap_err();
        assert_eq!((error.field, error.offset), (field, offset), "byte {at}");
    }
}

#[test]
fn bytes_after_the_frame_are_counted() {
    let confirm = confirm("0300000b 06d00000123400 150301").unwrap();
    assert_eq!(confirm.trailing_bytes, 3);
}

#[test]
fn the_other_tpdus_read() {
    assert_eq!(disconnect_request(), hex("0300000b 06800000000000"));
    for (frame, expected) in [
        ("0300000b 06800000123481", Tpdu::DisconnectRequest { reason: 0x81 }),
        ("03000009 0470123402", Tpdu::Error { cause: 2 }),
        ("03000009 02f080 2180", Tpdu::Data(vec![0x21, 0x80])),
        ("03000007 02f080", Tpdu::Data(Vec::new())),
    ] {
        let frame = hex(frame);
        assert_eq!(Tpdu::decode(&frame), Ok(expected));
        for length in 0..frame.len() {
            assert!(Tpdu::decode(&frame[..length]).is_err(), "{length} bytes");
        }
    }
    assert_eq!(data(&[0x21, 0x80]), hex("03000009 02f080 2180"));
    for wrong in
        ["0300000b 05800000123481", "03000009 0570123402", "03000009 03f080 2180", "03000009 02f000 2180"]
    {
        assert!(Tpdu::decode(&hex(wrong)).is_err(), "{wrong}");
    }
}

fn requests() -> impl Strategy<Value = ConnectionRequest> {
    let negotiation = prop::option::of((any::<u8>(), any::<u32>()));
    ("[ -~]{0,9}", any::<bool>(), negotiation, any::<[u8; 16]>()).prop_map(
        |(name, named, negotiation, id)| {
            let negotiation = negotiation.map(|(flags, requested)| NegotiationRequest { flags, requested });
            let correlated = negotiation.is_some_and(|it| it.flags & nego::REQUEST_CORRELATION_INFO != 0);
            ConnectionRequest {
                cookie: named.then_some(name),
                negotiation,
                correlation_id: correlated.then_some(id),
            }
        },
    )
}

proptest! {
    #[test]
    fn every_request_reads_as_it_was_written(request in requests()) {
        prop_assert_eq!(ConnectionRequest::decode(&request.encode()), Ok(request));
    }

    #[test]
    fn every_confirm_reads_as_it_was_written(
        (dst_ref, src_ref, class) in any::<(u16, u16, u8)>(),
        negotiation in prop::option::of(any::<(bool, u8, u32)>()),
        trailing_bytes in 0_usize..40,
    ) {
        let negotiation = negotiation.map(|(response, flags, value)| if response {
            Negotiation::Response { flags, selected: Protocol(value) }
        } else {
            Negotiation::Failure { flags, code: FailureCode(value) }
        });
        let confirm = ConnectionConfirm { dst_ref, src_ref, class, negotiation, trailing_bytes };
        prop_assert_eq!(Tpdu::decode(&confirm.encode()), Ok(Tpdu::ConnectionConfirm(confirm)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80), framed in any::<bool>()) {
        let bytes = if framed { tpkt::wrap(&bytes) } else { bytes };
        let _ = (Tpdu::decode(&bytes), ConnectionRequest::decode(&bytes));
    }
}
