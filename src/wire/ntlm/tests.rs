//! NEGOTIATE and CHALLENGE: written and read back, too short, broken, odd servers.

use proptest::prelude::*;

use super::*;
use crate::wire::error::Reason;

const WINDOWS: Version = Version { major: 10, minor: 0, build: 20348, revision: 15 };

fn domain_member() -> Challenge {
    Challenge {
        target_name: Some("CONTOSO".into()),
        flags: 0xe289_8235,
        server_challenge: [1, 2, 3, 4, 5, 6, 7, 8],
        version: Some(WINDOWS),
        av_pairs: AvPairs {
            netbios_computer_name: Some("VM1".into()),
            netbios_domain_name: Some("CONTOSO".into()),
            dns_computer_name: Some("vm1.contoso.com".into()),
            dns_domain_name: Some("contoso.com".into()),
            dns_tree_name: Some("contoso.com".into()),
            timestamp: Some(filetime_from_unix(1_700_000_000_123_456_700)),
            ..AvPairs::default()
        },
    }
}

#[test]
fn negotiate_is_forty_bytes_and_comes_back() {
    let bytes = negotiate();
    assert_eq!(bytes.len(), 40);
    let message = NegotiateMessage::decode(&bytes).unwrap();
    assert_eq!(message.flags, 0xe208_82b7);
    assert_eq!(message.encode(), bytes);
    for len in 0..bytes.len() {
        assert!(matches!(
            NegotiateMessage::decode(&bytes[..len]).unwrap_err().reason,
            Reason::TooShort { .. }
        ));
    }
    assert_eq!(NegotiateMessage::decode(&domain_member().encode()).unwrap_err().field, "MessageType");
    let bare = [&bytes[..12], &[7, 2, 0, 0]].concat();
    assert_eq!(NegotiateMessage::decode(&bare), Ok(NegotiateMessage { flags: 0x207, version: None }));
}

#[test]
fn challenge_reads_and_writes_back() {
    let bytes = domain_member().encode();
    assert_eq!(Challenge::decode(&bytes), Ok(domain_member()));
    // Windows puts the domain first.
    let info = 56 + 14;
    assert_eq!(bytes[info..info + 4], [2, 0, 14, 0]);
}

#[test]
fn too_short_at_every_length() {
    let bytes = domain_member().encode();
    for len in 0..bytes.len() {
        assert!(Challenge::decode(&bytes[..len]).is_err(), "length {len}");
    }
}

#[test]
fn wrong_fields_are_named() {
    let fails = |at: usize, value: u8| {
        let mut bytes = domain_member().encode();
        bytes[at] = value;
        let error = Challenge::decode(&bytes).unwrap_err();
        (error.message, error.field, error.offset)
    };
    assert_eq!(fails(0, b'n'), ("CHALLENGE_MESSAGE", "Signature", 0));
    assert_eq!(fails(8, 3), ("CHALLENGE_MESSAGE", "MessageType", 8));
    assert_eq!(fails(13, 0xff), ("CHALLENGE_MESSAGE", "TargetNameFields", 12));
    assert_eq!(fails(16, 31), ("CHALLENGE_MESSAGE", "TargetNameFields", 12));
    assert_eq!(fails(47, 0xff), ("CHALLENGE_MESSAGE", "TargetInfoFields", 40));
    assert_eq!(fails(56 + 14 + 3, 0xff), ("CHALLENGE_MESSAGE", "Value", 56 + 14 + 4));
}

#[test]
fn a_pair_of_fixed_length_must_have_it() {
    let with = |id: u8, len: u8| {
        let plain = Challenge { version: None, ..Challenge::default() };
        let mut bytes = plain.encode();
        bytes.truncate(56);
        let value = vec![0; usize::from(len)];
        bytes.extend([&[id, 0, len, 0], value.as_slice(), &[0, 0, 0, 0]].concat());
        bytes[40] = len + 8;
        Challenge::decode(&bytes)
    };
    assert_eq!(with(7, 8).unwrap().av_pairs.timestamp, Some(0));
    assert_eq!(with(7, 7).unwrap_err().field, "AvLen");
    assert_eq!(with(6, 5).unwrap_err().field, "AvLen");
    for len in [48, 80] {
        assert_eq!(with(8, len).unwrap().av_pairs.single_host, Some(vec![0; usize::from(len)]));
    }
    assert_eq!(with(10, 16).unwrap().av_pairs.channel_bindings, Some(vec![0; 16]));
    assert_eq!(with(99, 3).unwrap().av_pairs.unknown, [(99, vec![0; 3])]);
}

/// No Windows: neither AV pairs nor a version, and the name right behind the header of 48 bytes.
fn plain_server(flags: u32, name: &[u8]) -> Vec<u8> {
    let len = u8::try_from(name.len()).unwrap();
    let mut bytes = b"NTLMSSP\0\x02\0\0\0".to_vec();
    bytes.extend([len, 0, len, 0, 48, 0, 0, 0]);
    bytes.extend(flags.to_le_bytes());
    bytes.extend([9; 8]);
    bytes.extend([0; 16]);
    bytes.extend(name);
    bytes
}

#[test]
fn the_payload_may_begin_at_48() {
    let challenge = Challenge::decode(&plain_server(NEGOTIATE_UNICODE, b"S\0")).unwrap();
    assert_eq!(challenge.target_name.as_deref(), Some("S"));
    assert_eq!((challenge.version, challenge.av_pairs), (None, AvPairs::default()));
    let no_payload = Challenge::decode(&plain_server(NEGOTIATE_VERSION, b"")).unwrap();
    assert_eq!((no_payload.target_name, no_payload.version), (None, None));
    // The flag alone makes no version where the name stands.
    let challenge =
        Challenge::decode(&plain_server(NEGOTIATE_UNICODE | NEGOTIATE_VERSION, b"SAMBASRV")).unwrap();
    assert_eq!(challenge.version, None);
}

#[test]
fn names_of_old_and_broken_servers_stay_readable() {
    let name =
        |flags, bytes: &[u8]| Challenge::decode(&plain_server(flags, bytes)).unwrap().target_name.unwrap();
    assert_eq!(name(0, b"WORKGROUP"), "WORKGROUP");
    assert_eq!(name(0, b"B\x9aRO\0"), "B\u{fffd}RO");
    assert_eq!(name(NEGOTIATE_UNICODE, b"A\0\0\xd8B\0"), "A\u{fffd}B", "half a surrogate pair");
    assert_eq!(name(NEGOTIATE_UNICODE, b"A\0B"), "A\u{fffd}", "an odd byte");
    assert_eq!(name(NEGOTIATE_UNICODE, b"A\0\0\0B\0\0\0"), "A\u{fffd}B", "a NUL within, one at the end");
    let nothing = Challenge::decode(&plain_server(NEGOTIATE_UNICODE, b"\0\0")).unwrap();
    assert_eq!(nothing.target_name, None, "nothing but a NUL");
    assert_eq!(name(NEGOTIATE_UNICODE, b"\x1b\0[\0"), "\u{1b}[", "control characters are for who shows them");
}

#[test]
fn endless_pairs_are_cut_off() {
    let with = |count: usize| {
        let unknown = vec![(99, vec![]); count];
        Challenge { av_pairs: AvPairs { unknown, ..AvPairs::default() }, ..Challenge::default() }.encode()
    };
    assert!(Challenge::decode(&with(64)).is_ok());
    assert_eq!(Challenge::decode(&with(65)).unwrap_err().field, "AvId");
}

#[test]
fn filetimes() {
    assert_eq!(filetime_to_unix(116_444_736_000_000_000), 0);
    assert_eq!(filetime_to_unix(0), -11_644_473_600_000_000_000);
    assert_eq!(filetime_from_unix(1_700_000_000_000_000_100), 133_444_736_000_000_001);
    assert_eq!(filetime_from_unix(i128::MIN), 0);
    assert_eq!(filetime_from_unix(i128::MAX), u64::MAX);
}

fn any_name() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[^\0]{1,40}")
}

prop_compose! {
    fn any_challenge()(
        names in prop::collection::vec(any_name(), 7),
        flags in any::<u32>(),
        server_challenge in any::<[u8; 8]>(),
        os in any::<Option<(u8, u8, u16, u8)>>(),
        (av_flags, timestamp) in any::<(Option<u32>, Option<u64>)>(),
        unknown in prop::collection::vec((11_u16.., prop::collection::vec(any::<u8>(), 0..20)), 0..4),
    ) -> Challenge {
        let [target_name, nb_computer, nb_domain, dns_computer, dns_domain, tree, spn] =
            names.try_into().unwrap();
        Challenge {
            target_name,
            flags: (flags | NEGOTIATE_UNICODE | NEGOTIATE_TARGET_INFO) & !NEGOTIATE_VERSION
                | if os.is_some() { NEGOTIATE_VERSION } else { 0 },
            server_challenge,
            version: os.map(|(major, minor, build, revision)| Version { major, minor, build, revision }),
            av_pairs: AvPairs {
                netbios_computer_name: nb_computer,
                netbios_domain_name: nb_domain,
                dns_computer_name: dns_computer,
                dns_domain_name: dns_domain,
                dns_tree_name: tree,
                target_name: spn,
                flags: av_flags,
                timestamp,
                unknown,
                ..AvPairs::default()
            },
        }
    }
}

proptest! {
    #[test]
    fn every_challenge_comes_back(challenge in any_challenge()) {
        prop_assert_eq!(Challenge::decode(&challenge.encode()), Ok(challenge));
    }

    #[test]
    fn filetimes_come_back(filetime in any::<u64>()) {
        prop_assert_eq!(filetime_from_unix(filetime_to_unix(filetime)), filetime);
    }

    #[test]
    fn no_bytes_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        at in 0_usize..300,
        flip in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let _ = Challenge::decode(&bytes);
        let mut challenge = domain_member().encode();
        for (index, value) in flip {
            let index = index.index(challenge.len());
            challenge[index] = value;
        }
        challenge.truncate(at);
        challenge.extend(&bytes);
        let _ = Challenge::decode(&challenge);
        let _ = NegotiateMessage::decode(&bytes);
    }
}
