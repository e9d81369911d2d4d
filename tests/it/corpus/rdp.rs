//! X.224 and MCS Connect of real servers and clients.

use rdprobe::wire::banner::Banner;
use rdprobe::wire::codes::encryption::{EncryptionLevel, EncryptionMethod};
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::error::{DecodeError, Reason};
use rdprobe::wire::gcc::{CertificateKind, ServerCore, ServerSecurity};
use rdprobe::wire::mcs::{ConnectResponse, disconnect_provider_ultimatum};
use rdprobe::wire::nego::{Negotiation, NegotiationRequest, protocol_names, response_flag_names};
use rdprobe::wire::tpkt;
use rdprobe::wire::x224::{ConnectionConfirm, ConnectionRequest, Tpdu};

use super::hex;

const fn response(flags: u8, selected: u32) -> Negotiation {
    Negotiation::Response { flags, selected: Protocol(selected) }
}

const fn failure(code: u32) -> Negotiation {
    Negotiation::Failure { flags: 0, code: FailureCode(code) }
}

#[test]
fn requests_of_real_clients() {
    // zeek rdp-no-cookie-mstshash.pcap
    let frame = hex("030000130ee00000000000010008000b000000");
    let request = ConnectionRequest::decode(&frame).expect("a request");
    let negotiation = NegotiationRequest { flags: 0, requested: 0x0b };
    assert_eq!(request, ConnectionRequest { negotiation: Some(negotiation), ..Default::default() });
    assert_eq!(protocol_names(0x0b), [Protocol::SSL, Protocol::HYBRID, Protocol::HYBRID_EX]);
    assert_eq!(request.encode(), frame);

    // suricata-verify rdp-protocol/RDP-003.pcap: a client from before negotiation
    let frame = hex("030000241fe00000000000 436f6f6b69653a206d737473686173683d 413730303637 0d0a");
    let request = ConnectionRequest::decode(&frame).expect("a request");
    assert_eq!(request, ConnectionRequest { cookie: Some("A70067".into()), ..Default::default() });
    assert_eq!(request.encode(), frame);
}

#[test]
fn confirms_of_real_servers() {
    for (origin, frame, src_ref, negotiation) in [
        (
            "zeek rdp-no-cookie-mstshash",
            "030000130ed00000123400021f080008000000",
            0x1234,
            Some(response(0x1f, 8)),
        ),
        (
            "zeek rdp-proprietary-encryption, first stream",
            "030000130ed000001234000300080002000000",
            0x1234,
            Some(failure(2)),
        ),
        (
            "zeek rdp-proprietary-encryption, second stream",
            "030000130ed000001234000200080000000000",
            0x1234,
            Some(response(0, 0)),
        ),
        ("suricata-verify RDP-003", "0300000b06d00000123400", 0x1234, None),
        ("xrdp, negotiate", "030000130ed000001234000201080001000000", 0x1234, Some(response(1, 1))),
        ("xrdp, tls", "030000130ed000001234000300080001000000", 0x1234, Some(failure(1))),
        ("xrdp, tls without a key", "030000130ed000001234000300080003000000", 0x1234, Some(failure(3))),
        ("FreeRDP shadow", "030000130ed000000000000203080000000000", 0, Some(response(3, 0))),
        ("FreeRDP shadow, nla", "030000130ed000000000000300080005000000", 0, Some(failure(5))),
        ("FreeRDP shadow, nla", "030000130ed000000000000203080002000000", 0, Some(response(3, 2))),
        ("VirtualBox", "0300000b06d00000341200", 0x3412, None),
    ] {
        let frame = hex(frame);
        let expected = ConnectionConfirm { dst_ref: 0, src_ref, class: 0, negotiation, trailing_bytes: 0 };
        assert_eq!(Tpdu::decode(&frame), Ok(Tpdu::ConnectionConfirm(expected)), "{origin}");
        assert_eq!(expected.encode(), frame, "{origin}");
    }
    assert_eq!(response_flag_names(0x1f).len(), 5);
}

#[test]
fn a_negotiation_structure_that_says_its_length_is_zero() {
    // zeek rdp-invalid-length.pcap: the frame, and what else came in its segment
    let segment = hex("030000130ed000001234000203000001000002 001232000200080000000000");
    assert_eq!(tpkt::frame_len(&segment), Ok(Some(19)));
    let expected = DecodeError {
        message: "RDP negotiation data",
        field: "length",
        offset: 13,
        reason: Reason::Length { found: 0 },
    };
    assert_eq!(Tpdu::decode(&segment), Err(expected));
}

#[test]
fn xrdp_gives_up_with_nine_bytes() {
    // Unknown protocol bits; a ClientHello when its key does not fit; MCS when it wants TLS.
    let frame = hex("0300000902f0802180");
    assert_eq!(Tpdu::decode(&frame), Ok(Tpdu::Data(vec![0x21, 0x80])));
    assert_eq!(disconnect_provider_ultimatum(&frame), Some(3));
    assert_eq!(Banner::of(&frame), Banner::Tpkt);
    assert!(ConnectResponse::decode(&frame).is_err());
}

fn security(
    method: EncryptionMethod,
    level: EncryptionLevel,
    certificate: Option<CertificateKind>,
) -> ServerSecurity {
    ServerSecurity { method, level, certificate }
}

/// A Connect Response from its beginning: what follows, random and keys, is zero here.
fn connect_response(beginning: &str, length: usize) -> Vec<u8> {
    let mut frame = hex(beginning);
    frame.resize(length, 0);
    assert_eq!(tpkt::frame_len(&frame), Ok(Some(length)));
    frame
}

#[test]
fn connect_response_of_windows_2003() {
    // zeek rdp-proprietary-encryption.pcap
    let frame = connect_response(
        "0300015102f080 7f668201450a0100020100301a020122020103020100020101020100020101020300fff8020102
         0482011f000500147c00012a14760a01010001c0004d63446e8108 010c0c000400080000000000
         030c1000eb030400ec03ed03ee03ef03 020cec00020000000300000020000000b8000000
         e323f12bc9f1f51e9a057145b003a36e7ef07062824ecfa2770ae91f9d0337d1 010000000100000001000000
         06005c0052534131",
        337,
    );
    let response = ConnectResponse::decode(&frame).expect("a response");
    let core = ServerCore { version: 0x0008_0004, client_requested_protocols: Some(0) };
    assert_eq!((response.result, response.core), (0, Some(core)));
    let expected =
        security(EncryptionMethod::BIT_128, EncryptionLevel::HIGH, Some(CertificateKind::Proprietary));
    assert_eq!(response.security, Some(expected));
}

#[test]
fn connect_response_from_before_negotiation() {
    // suricata-verify rdp-protocol/RDP-003.pcap: SC_CORE without the protocols, 56 bits
    let frame = connect_response(
        "0300014d02f080 7f668201410a0100020100301a020122020103020100020101020100020101020300fff8020102
         0482011b000500147c00012a14760a01010001c0004d63446e8104 010c080004000800
         030c1000eb030300ec03ed03ee030000 020cec00080000000200000020000000b8000000
         778e84ed14edf1083d361284c28dcd52da72301be1dc7fdf62accd22660b3372 01000000",
        333,
    );
    let response = ConnectResponse::decode(&frame).expect("a response");
    let core = ServerCore { version: 0x0008_0004, client_requested_protocols: None };
    assert_eq!(response.core, Some(core));
    let expected = security(
        EncryptionMethod::BIT_56,
        EncryptionLevel::CLIENT_COMPATIBLE,
        Some(CertificateKind::Proprietary),
    );
    assert_eq!(response.security, Some(expected));
}

#[test]
fn connect_response_with_x509_in_two_segments() {
    // zeek rdp-x509.pcap: 1398 bytes, then 7
    let frame = connect_response(
        "0300057d02f080 7f668205710a0100020100301a020122020103020100020101020100020101020300fff8020102
         0482054b000500147c00012a14760a01010001c0004d63446e8534 010c0c000400080000000000
         030c1000eb030400ec03ed03ee03ef03 020c1805020000000200000020000000e4040000
         9fda0605a0e36f690bff0ca0b121db62dae41b971235375c712b642d8ae3cfa7 02000080020000005f010000",
        1405,
    );
    let (first, _) = frame.split_at(1398);
    assert_eq!(tpkt::frame_len(first), Ok(Some(1405)));
    let error = ConnectResponse::decode(first).expect_err("a part");
    assert_eq!(error.reason, Reason::TooShort { needed: 7 });

    let response = ConnectResponse::decode(&frame).expect("a response");
    let expected =
        security(EncryptionMethod::BIT_128, EncryptionLevel::CLIENT_COMPATIBLE, Some(CertificateKind::X509));
    assert_eq!(response.security, Some(expected));
}

#[test]
fn connect_responses_of_xrdp_and_freerdp() {
    let plain = security(EncryptionMethod::NONE, EncryptionLevel::NONE, None);
    let proprietary = |method, level| security(method, level, Some(CertificateKind::Proprietary));
    // xrdp by crypt_level: method and level are all that differs.
    for (method, level, expected) in [
        ("01", "01", proprietary(EncryptionMethod::BIT_40, EncryptionLevel::LOW)),
        ("01", "02", proprietary(EncryptionMethod::BIT_40, EncryptionLevel::CLIENT_COMPATIBLE)),
        ("02", "03", proprietary(EncryptionMethod::BIT_128, EncryptionLevel::HIGH)),
        ("10", "04", proprietary(EncryptionMethod::FIPS, EncryptionLevel::FIPS)),
    ] {
        let random = "00".repeat(32);
        let frame = connect_response(
            &format!(
                "0300020902f0807f668201fd0a0100020100301a020116020103020100020101020100020101020300fff8020102
                 048201d7000500147c00012a14760a01010001c0004d63446e81c0010c0c000400080000000000
                 030c0800eb030000 020cac01 {method}000000 {level}000000 20000000 78010000
                 {random} 010000000100000001000000 06001c0152534131"
            ),
            521,
        );
        let response = ConnectResponse::decode(&frame).expect("a response");
        assert_eq!(response.security, Some(expected), "xrdp {method} {level}");
    }
    for (origin, frame) in [
        (
            // A PER length of two bytes for 32
            "xrdp, none",
            "0300006502f0807f665b0a0100020100301a020116020103020100020101020100020101020300fff8020102
             0437000500147c00012a14760a01010001c0004d63446e8020 010c0c000400080000000000
             030c0800eb030000 020c0c000000000000000000",
        ),
        (
            "FreeRDP shadow, rdp",
            "0300006802f0807f665e0a0100020100301a020122020103020100020101020100020101020300fff8020102
             043a000500147c00012a14760a01010001c0004d63446e24 010c1000040008000000000000000000
             030c0800eb030000 020c0c000000000000000000",
        ),
    ] {
        let response = ConnectResponse::decode(&hex(frame)).expect("a response");
        assert_eq!(response.security, Some(plain), "{origin}");
    }
}
