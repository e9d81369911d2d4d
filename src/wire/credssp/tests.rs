//! TSRequest: real messages, round trips, too short, broken, too long.

use data_encoding::HEXLOWER;
use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn full() -> TsRequest {
    TsRequest {
        version: 6,
        nego_tokens: vec![vec![1; 40], vec![2; 300]],
        auth_info: Some(vec![3; 5]),
        pub_key_auth: Some(vec![]),
        error_code: Some(NtStatus(0xc007_00ea)),
        client_nonce: Some([4; 32]),
    }
}

#[test]
fn the_first_request_is_the_one_of_the_captures() {
    let bytes = TsRequest::with_token(crate::wire::ntlm::negotiate()).encode();
    let prefix = "3037a003020106a130302e302ca02a0428";
    let negotiate = "4e544c4d5353500001000000b78208e2000000000000000000000000000000000a0063450000000f";
    assert_eq!(HEXLOWER.encode(&bytes), format!("{prefix}{negotiate}"));
    assert_eq!(bytes.len(), 57);
}

#[test]
fn reads_and_writes_back() {
    let bytes = full().encode();
    assert_eq!(TsRequest::decode(&bytes), Ok((full(), bytes.len())));
}

#[test]
fn bytes_after_it_are_the_callers() {
    let mut bytes = full().encode();
    let used = bytes.len();
    bytes.extend(b"\x30rest");
    assert_eq!(TsRequest::decode(&bytes), Ok((full(), used)));
    assert_eq!(TsRequest::frame_len(&bytes), Ok(Some(used)));
}

#[test]
fn error_codes_of_any_integer_form() {
    let code = |hex_fields: &str| {
        let fields = hex(hex_fields);
        let mut bytes = vec![0x30, u8::try_from(fields.len() + 5).unwrap(), 0xa0, 3, 2, 1, 6];
        bytes.extend(fields);
        TsRequest::decode(&bytes).map(|(request, _)| request.error_code)
    };
    assert_eq!(code("a4060204c00700ea"), Ok(Some(NtStatus(0xc007_00ea))));
    assert_eq!(code("a407020500c00700ea"), Ok(Some(NtStatus(0xc007_00ea))));
    assert_eq!(code("a403020105"), Ok(Some(NtStatus(5))));
    assert_eq!(code("a4030201ff"), Ok(Some(NtStatus(0xffff_ffff))));
    assert_eq!(code("a6030201ff"), Ok(None), "a field of a later version");
    for broken in ["a4020200", "a407020501c00700ea", "a4060104c00700ea"] {
        assert_eq!(code(broken).unwrap_err().field, "errorCode", "{broken}");
    }
}

#[test]
fn too_short_at_every_length() {
    let bytes = full().encode();
    for len in 0..bytes.len() {
        let error = TsRequest::decode(&bytes[..len]).unwrap_err();
        assert!(matches!(error.reason, Reason::TooShort { needed: 1.. }), "length {len}: {error}");
        let frame_len = TsRequest::frame_len(&bytes[..len]);
        assert_eq!(frame_len, Ok((len >= 4).then_some(bytes.len())), "length {len}");
    }
}

#[test]
fn wrong_fields_are_named() {
    let fails = |bytes: &[u8]| {
        let error = TsRequest::decode(bytes).unwrap_err();
        (error.field, error.offset)
    };
    assert_eq!(fails(b"HTTP"), ("TSRequest", 0));
    assert_eq!(fails(&[0x30, 0x80, 0, 0]), ("TSRequest", 1));
    assert_eq!(fails(&[0x30, 0x85, 0, 0, 0, 0, 1, 1]), ("TSRequest", 1));
    assert_eq!(fails(&[0x30, 5, 0xa1, 3, 2, 1, 6]), ("version", 2));
    assert_eq!(fails(&[0x30, 5, 0xa0, 3, 2, 1, 0x86]), ("version", 4));
    assert_eq!(fails(&[0x30, 9, 0xa0, 3, 2, 1, 6, 0xa5, 2, 4, 0]), ("clientNonce", 9));
    assert_eq!(fails(&[0x30, 9, 0xa0, 3, 2, 1, 6, 0xa1, 2, 4, 0]), ("negoTokens", 9));
    assert_eq!(fails(&[0x30, 9, 0xa0, 3, 2, 1, 6, 0xa2, 2, 2, 0]), ("authInfo", 9));
    let many = TsRequest { nego_tokens: vec![vec![]; 17], ..full() };
    assert_eq!(fails(&many.encode()).0, "negoTokens");
}

#[test]
fn too_long_is_said_from_the_length_alone() {
    let error = TsRequest::frame_len(&[0x30, 0x83, 1, 0, 0]).unwrap_err();
    assert_eq!((error.field, error.offset), ("TSRequest", 1));
    assert!(matches!(error.reason, Reason::Length { found: 0x1_0005 }));
    let longest = TsRequest::frame_len(&[0x30, 0x83, 0, 0xff, 0xfb]);
    assert_eq!(longest, Ok(Some(MAX_LEN)));
    assert!(TsRequest::frame_len(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_err());
}

/// What a FreeRDP server answers to a NEGOTIATE wrapped in SPNEGO: a token of twelve thousand zeros.
#[test]
fn a_token_of_zeros_is_no_challenge() {
    let mut bytes = hex("30823025a003020106a1822ff030822fec30822fe8a0822fe404822fe0");
    bytes.resize(bytes.len() + 0x2fe0, 0);
    // The length of the answer leaves room for an errorCode and for a nonce, which the client never sent.
    bytes.extend(hex("a406020480090301a5220420"));
    bytes.extend([7; 32]);
    let (request, used) = TsRequest::decode(&bytes).unwrap();
    assert_eq!(used, bytes.len());
    assert_eq!(request.nego_tokens, [vec![0; 0x2fe0]]);
    let error = crate::wire::ntlm::Challenge::decode(&request.nego_tokens[0]).unwrap_err();
    assert_eq!(error.field, "Signature");
}

prop_compose! {
    fn any_request()(
        version in any::<u32>(),
        nego_tokens in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..=16),
        auth_info in any::<Option<Vec<u8>>>(),
        pub_key_auth in any::<Option<Vec<u8>>>(),
        error_code in any::<Option<u32>>(),
        client_nonce in any::<Option<[u8; 32]>>(),
    ) -> TsRequest {
        TsRequest {
            version, nego_tokens, auth_info, pub_key_auth, error_code: error_code.map(NtStatus), client_nonce,
        }
    }
}

proptest! {
    #[test]
    fn every_request_comes_back(request in any_request()) {
        let bytes = request.encode();
        prop_assert_eq!(TsRequest::frame_len(&bytes), Ok(Some(bytes.len())));
        prop_assert_eq!(TsRequest::decode(&bytes), Ok((request, bytes.len())));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0_usize..400) {
        let _ = TsRequest::decode(&bytes);
        let mut request = full().encode();
        request.truncate(at);
        request.extend(bytes);
        let _ = TsRequest::decode(&request);
        let _ = TsRequest::frame_len(&request);
    }
}
