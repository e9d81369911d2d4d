//! MCS Connect reads, writes back, is refused when cut, and is refused with a wrong field.

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;
use crate::wire::codes::encryption::{EncryptionLevel, EncryptionMethod};
use crate::wire::gcc::CertificateKind;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.split_whitespace().collect::<String>().as_bytes()).unwrap()
}

fn response(certificate: Option<CertificateKind>) -> ConnectResponse {
    let security =
        ServerSecurity { method: EncryptionMethod::BIT_128, level: EncryptionLevel::HIGH, certificate };
    let core = ServerCore { version: 0x0008_0004, client_requested_protocols: Some(0) };
    ConnectResponse { result: 0, core: Some(core), security: Some(security) }
}

#[test]
fn connect_initial_is_as_clients_write_it() {
    let written = connect_initial(0x0102_0304);
    assert_eq!(written.len(), 380);
    // Up to CS_CORE's version a captured request of Microsoft's client (zeek rdp-proprietary-encryption.pcap) is
    // the same but for lengths.
    let head = hex("0300017c 02f080 7f65820170 040101 040101 0101ff
         3019 020122 020102 020100 020101 020100 020101 0202ffff 020102
         3019 020101 020101 020101 020101 020100 020101 02020420 020102
         301c 0202ffff 0202fc17 0202ffff 020101 020100 020101 0202ffff 020102
         0482010f 000500147c0001 8106 000800100001c00044756361 80f8 01c0d800 04000800");
    assert_eq!(&written[..head.len()], head);
    let core = &written[head.len() - 8..][..216];
    assert_eq!(core[24..40], hex("72006400700072006f00620065000000"), "the name in UTF-16");
    assert_eq!(core[144..146], [1, 0], "the server may say why it ends");
    assert_eq!(core[212..216], [4, 3, 2, 1], "serverSelectedProtocol");
    let blocks = "04c00c00 0d00000000000000 02c00c00 1b00000000000000 03c00800 00000000";
    assert_eq!(written[written.len() - 32..], hex(blocks));
}

#[test]
fn responses_read_as_they_were_written() {
    for certificate in [
        None,
        Some(CertificateKind::Proprietary),
        Some(CertificateKind::X509),
        Some(CertificateKind::Unknown(5)),
    ] {
        let response = response(certificate);
        assert_eq!(ConnectResponse::decode(&response.encode()), Ok(response));
    }
}

#[test]
fn a_proprietary_certificate_has_the_length_that_windows_gives_it() {
    let frame = response(Some(CertificateKind::Proprietary)).encode();
    let security = hex("020cec00 02000000 03000000 20000000 b8000000");
    assert!(frame.windows(security.len()).any(|window| window == security));
}

#[test]
fn a_refusal_needs_no_user_data() {
    let refused = ConnectResponse { result: 14, core: None, security: None };
    assert_eq!(ConnectResponse::decode(&refused.encode()), Ok(refused));
    for user_data in ["", "0400"] {
        let body = hex(&format!("0a010e 020100 3000 {user_data}"));
        let mut message = hex("7f66");
        message.push(u8::try_from(body.len()).unwrap());
        let frame = x224::data(&[message, body].concat());
        assert_eq!(ConnectResponse::decode(&frame), Ok(refused));
    }
}

#[test]
fn unknown_blocks_are_passed_over() {
    let unknown = "060c0800 deadbeef";
    let user_data = format!(
        "000500147c0001 2a 14760a01010001c0004d63446e 20 {unknown} 010c0c00 05000800 0b000000 020c0c00 00000000 00000000"
    );
    let user_data = hex(&user_data);
    let mut body = hex("0a0100 020100 3000");
    put(&mut body, &[OCTET_STRING], &user_data);
    let mut message = Vec::new();
    put(&mut message, &CONNECT_RESPONSE, &body);
    let response = ConnectResponse::decode(&x224::data(&message)).unwrap();
    let core = ServerCore { version: 0x0008_0005, client_requested_protocols: Some(0x0b) };
    assert_eq!(response.core, Some(core));
    assert_eq!(response.security.unwrap().method, EncryptionMethod::NONE);
    assert_eq!(response.security.unwrap().certificate, None);
}

#[test]
fn a_response_that_is_cut_is_refused() {
    let whole = response(Some(CertificateKind::Proprietary)).encode();
    for length in 0..whole.len() {
        assert!(ConnectResponse::decode(&whole[..length]).is_err(), "{length} bytes");
        // The same with a TPKT header that fits, so that the inner lengths are what is wrong.
        let inner = tpkt::wrap(whole.get(4..length).unwrap_or_default());
        assert!(ConnectResponse::decode(&inner).is_err(), "{length} bytes in a frame");
    }
}

#[test]
fn a_wrong_field_is_named_with_its_place() {
    let whole = response(Some(CertificateKind::Proprietary)).encode();
    let find = |needle: &str| {
        let needle = hex(needle);
        whole.windows(needle.len()).position(|window| window == needle).unwrap()
    };
    for (at, value, message, field) in [
        (0, 0x16, "TPKT", "version"),
        (5, 0xd0, "MCS Connect Response", "X.224 data header"),
        (8, 0x65, "MCS Connect Response", "connect-response"),
        (9, 0x84, "MCS Connect Response", "connect-response"),
        (12, 2, "MCS Connect Response", "result"),
        (find("000500147c") + 1, 6, "GCC Conference Create Response", "t124Identifier"),
        (find("4d63446e"), 0, "GCC Conference Create Response", "h221 key"),
        (find("4d63446e") + 4, 0xff, "GCC Conference Create Response", "user data length"),
        (find("010c0c00") + 2, 3, "GCC Conference Create Response", "block length"),
        (find("010c0c00") + 3, 0xff, "GCC Conference Create Response", "block"),
        (find("20000000b8000000") + 3, 0xff, "SC_SECURITY", "serverRandom"),
        (find("20000000b8000000") + 4, 0xb9, "SC_SECURITY", "serverCertificate"),
    ] {
        let mut wrong = whole.clone();
        wrong[at] = value;
        let error = ConnectResponse::decode(&wrong).unwrap_err();
        assert_eq!((error.message, error.field), (message, field), "byte {at}");
    }
}

#[test]
fn the_reason_of_a_disconnect_straddles_two_bytes() {
    assert_eq!(disconnect_provider_ultimatum(&hex("0300000902f0802180")), Some(3));
    for reason in 0..=7 {
        let frame = encode_disconnect_provider_ultimatum(reason);
        assert_eq!(disconnect_provider_ultimatum(&frame), Some(reason));
    }
    for other in
        ["", "0300000902f08021", "0300000b02f0802e000006", "0300000b06d00000123400", "0300000802f08021"]
    {
        assert_eq!(disconnect_provider_ultimatum(&hex(other)), None, "{other}");
    }
}

fn responses() -> impl Strategy<Value = ConnectResponse> {
    let core = prop::option::of(any::<(u32, Option<u32>)>());
    let certificate = prop::option::of(prop_oneof![
        Just(CertificateKind::Proprietary),
        Just(CertificateKind::X509),
        (3..0x7fff_ffff_u32).prop_map(CertificateKind::Unknown),
    ]);
    let security = prop::option::of((any::<u32>(), any::<u32>(), certificate));
    (any::<u8>(), core, security).prop_map(|(result, core, security)| ConnectResponse {
        result,
        core: core.map(|(version, requested)| ServerCore { version, client_requested_protocols: requested }),
        security: security.map(|(method, level, certificate)| ServerSecurity {
            method: EncryptionMethod(method),
            level: EncryptionLevel(level),
            certificate,
        }),
    })
}

proptest! {
    #[test]
    fn every_response_reads_as_it_was_written(response in responses()) {
        prop_assert_eq!(ConnectResponse::decode(&response.encode()), Ok(response));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), framed in any::<bool>()) {
        let bytes = if framed { x224::data(&bytes) } else { bytes };
        let _ = (ConnectResponse::decode(&bytes), disconnect_provider_ultimatum(&bytes));
    }

    #[test]
    fn no_damage_makes_it_panic(at in 0_usize..300, value in any::<u8>(), kind in any::<bool>()) {
        let certificate = if kind { CertificateKind::Proprietary } else { CertificateKind::X509 };
        let mut frame = response(Some(certificate)).encode();
        if let Some(byte) = frame.get_mut(at) {
            *byte = value;
        }
        let _ = ConnectResponse::decode(&frame);
    }
}
