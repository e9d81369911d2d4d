//! NTLM challenges that point outside themselves, loop or lie, and names that act on a terminal.

use proptest::prelude::*;
use rdprobe::evidence::Failure;
use rdprobe::render::escape::needs_escape;
use rdprobe::report::Report;
use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::ntlm::{AvPairs, Challenge};
use tokio::io::AsyncWriteExt;

use super::server::{CERTIFICATE, asked, serve, stay, tls};
use super::{credssp, ended, refused, route};
use crate::rehearsal::patient;

/// A server whose answer to NLA is this token.
async fn answering(token: Vec<u8>) -> std::net::SocketAddr {
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 0);
    let answer = TsRequest { version: 6, nego_tokens: vec![token], ..TsRequest::default() }.encode();
    serve(move |stream| {
        let (config, answer) = (config.clone(), answer.clone());
        async move {
            let mut stream = asked(stream, config).await?;
            stream.write_all(&answer).await?;
            stay(stream).await
        }
    })
    .await
}

fn challenge(name: &str) -> Challenge {
    let name = Some(name.to_owned());
    Challenge {
        target_name: name.clone(),
        flags: 0xe288_8235,
        av_pairs: AvPairs {
            netbios_computer_name: name.clone(),
            netbios_domain_name: name.clone(),
            dns_computer_name: name.clone(),
            dns_domain_name: name.clone(),
            dns_tree_name: name,
            timestamp: Some(u64::MAX),
            ..AvPairs::default()
        },
        ..Challenge::default()
    }
}

/// Where the target info's fields stand: length, maximum, offset.
const INFO_FIELDS: std::ops::Range<usize> = 40..48;

#[tokio::test]
async fn fields_outside_the_token_are_malformed() {
    let good = challenge("MYVM").encode();
    let fields: [[u8; 8]; 5] = [
        [0xff, 0xff, 0xff, 0xff, 56, 0, 0, 0],
        [8, 0, 8, 0, 0xff, 0xff, 0xff, 0xff],
        [8, 0, 8, 0, 0xf8, 0xff, 0xff, 0x7f],
        // Into its own header, and the last byte but one.
        [8, 0, 8, 0, 0, 0, 0, 0],
        [4, 0, 4, 0, u8::try_from(good.len() - 2).unwrap(), 0, 0, 0],
    ];
    for replaced in fields {
        for at in [12..20, INFO_FIELDS] {
            let mut token = good.clone();
            token[at].copy_from_slice(&replaced);
            let report = refused(answering(token).await, &patient()).await;
            assert!(
                matches!(credssp(&report), Failure::Malformed { .. }),
                "{replaced:?}: {:?}",
                credssp(&report)
            );
        }
    }
}

#[tokio::test]
async fn pairs_without_an_end_are_malformed() {
    let header = |info: &[u8]| {
        let mut token = challenge("").encode()[..56].to_vec();
        let length = u16::try_from(info.len()).unwrap().to_le_bytes();
        token[12..20].copy_from_slice(&[0, 0, 0, 0, 56, 0, 0, 0]);
        token[INFO_FIELDS].copy_from_slice(&[length[0], length[1], length[0], length[1], 56, 0, 0, 0]);
        [token, info.to_vec()].concat()
    };
    // Thousands of empty names, and one whose value ends after the token.
    for info in
        [[1, 0, 0, 0].repeat(10_000), vec![1, 0, 0xff, 0xff, b'x', 0], vec![1, 0, 2], vec![7, 0, 1, 0, 0]]
    {
        let report = refused(answering(header(&info)).await, &patient()).await;
        assert!(matches!(credssp(&report), Failure::Malformed { .. }), "{:?}", credssp(&report));
    }
    // No pair at all is no mistake.
    let report = ended(answering(header(&[])).await, &patient()).await;
    assert!(route(&report).credssp.seen().is_some(), "{:?}", route(&report).credssp);
}

/// Everything that is written of a report has no character that acts on a terminal.
fn assert_harmless(report: &Report) {
    let mut out = Vec::new();
    rdprobe::render::json::json(std::slice::from_ref(report), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains(|c| c != '\n' && needs_escape(c)), "{text}");
    let again: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(again.evidence.routes[0].credssp, report.evidence.routes[0].credssp);
}

#[tokio::test]
async fn names_that_act_on_a_terminal_are_shown_by_number() {
    let nasty = "VM\u{1b}]52;c;eA==\u{7}\u{1b}]8;;http://x\u{1b}\\\u{202e}\u{2066}\u{200b}\u{e0041}\u{9b}2J##vso[x]\u{2028}";
    let report = ended(answering(challenge(nasty).encode()).await, &patient()).await;
    let seen = route(&report).credssp.seen().expect("a challenge");
    assert!(seen.target_name.as_deref().is_some_and(|name| name.starts_with("VM")), "{seen:?}");
    assert_harmless(&report);
}

#[tokio::test]
async fn halves_of_characters_and_nuls_are_replaced() {
    let mut token = challenge("VMXYZ").encode();
    // In each copy of the name: a NUL, half a pair, and the other half the wrong way round.
    let name: Vec<u8> = "VMXYZ".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let places: Vec<usize> =
        (0..token.len() - name.len()).filter(|at| token[*at..].starts_with(&name)).collect();
    assert!(places.len() >= 6);
    for at in places {
        token[at + 4..at + 10].copy_from_slice(&[0, 0, 0x00, 0xdc, 0x00, 0xd8]);
    }
    let report = ended(answering(token).await, &patient()).await;
    let seen = route(&report).credssp.seen().expect("a challenge");
    assert_eq!(seen.target_name.as_deref(), Some("VM\u{fffd}\u{fffd}\u{fffd}"));
    assert_harmless(&report);
}

#[tokio::test]
async fn the_longest_name_that_fits_is_cut_where_people_read_it() {
    let long = "\u{202e}".repeat(9_000);
    let report = ended(answering(challenge(&long[..3 * 4_000]).encode()).await, &patient()).await;
    assert!(route(&report).credssp.seen().is_some(), "{:?}", route(&report).credssp);
    assert_harmless(&report);
}

proptest! {
    /// Each byte of a challenge turned round, and each cut: read or told, never more.
    #[test]
    fn any_change_of_a_challenge_is_read_or_told(at in 0_usize..400, value: u8, cut in 0_usize..400) {
        let mut token = challenge("MYVM").encode();
        let at = at % token.len();
        token[at] = value;
        token.truncate(token.len().min(cut.max(1)));
        if let Err(error) = Challenge::decode(&token) {
            prop_assert!(error.offset <= token.len());
        }
    }
}
