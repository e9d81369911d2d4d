//! The simulator: every persona says what its file says, on a real socket.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in its helpers too")]

use rdprobe::simulate::{persona, personas};
use rdprobe::wire::codes::tls::{AlertDescription, CipherSuite, TlsVersion};
use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::mcs::{self, ConnectResponse};
use rdprobe::wire::ntlm::{Challenge, filetime_to_unix, negotiate};
use rdprobe::wire::tls::server_flight::Progress;
use std::io::ErrorKind;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

// A raw client and a TLS client of today.
mod client;

use client::{
    assert_reset, credssp, flight, handshake, read_frame, read_hex, request, say_hello, start, survey,
    unix_seconds,
};

/// What a client sees first of each persona when it requests 0x0B with a cookie.
const FIRST: &[(&str, First)] = &[
    ("accept-close", First::Close),
    ("accept-reset", First::Reset),
    ("broken-certificate", First::Bytes(NLA)),
    ("client-certificate-required", First::Bytes("030000130ed000001234000300080006000000")),
    ("client-use-certificate", First::Bytes(NLA)),
    ("clock-skew", First::Bytes(NLA)),
    ("close-after-request", First::Close),
    ("cookie-required", First::Bytes(NLA)),
    ("custom-certificate-expired", First::Bytes(NLA)),
    ("drip", First::Bytes("03")),
    ("expired-certificate", First::Bytes(NLA)),
    ("failure-unknown-code", First::Bytes("030000130ed000001234000300080007000000")),
    ("future-certificate", First::Bytes(NLA)),
    ("garbage-megabyte", First::Bytes("a75be19dc38fb2a7")),
    ("http", First::Bytes("485454502f312e3120343030")),
    ("mcs-refused", First::Bytes("030000130ed000001234000300080002000000")),
    ("nla-reset", First::Bytes(NLA)),
    ("nla-silent", First::Bytes(NLA)),
    ("nla-without-version", First::Bytes("030000130ed000001234000200080002000000")),
    ("no-certificate", First::Bytes("030000130ed000001234000300080003000000")),
    ("no-certificate-fallback", First::Bytes("030000130ed000001234000300080003000000")),
    ("ntlm-blocked", First::Bytes(NLA)),
    ("odd-lengths", First::Bytes("0300000d08d000001234000200")),
    ("old-credssp", First::Bytes(NLA)),
    ("one-byte-at-a-time", First::Bytes(NLA)),
    ("one-row-resets", First::Bytes(NLA)),
    ("rdp-security-only", First::Bytes("030000130ed000001234000300080002000000")),
    ("renamed-machine", First::Bytes(NLA)),
    ("reset-after-request", First::Reset),
    ("selects-unrequested", First::Bytes(NLA)),
    ("silent", First::Nothing),
    ("ssh", First::Bytes("5353482d322e302d4f70656e5353485f392e320d0a")),
    ("tls-alert", First::Bytes(NLA)),
    ("tls-listener", First::Bytes("15030300020246")),
    ("tls-reset", First::Bytes(NLA)),
    ("unknown-bits-close", First::Bytes("030000130ed000001234000201080001000000")),
    ("unknown-selection", First::Bytes("030000130ed00000123400021f080040000000")),
    ("windows-11", First::Bytes(NLA)),
    ("windows-2008r2", First::Bytes("030000130ed000001234000209080002000000")),
    ("windows-2012r2", First::Bytes("030000130ed00000123400020f080002000000")),
    ("windows-2016-tls", First::Bytes(NLA)),
    ("windows-2022-nla", First::Bytes(NLA)),
    ("windows-xp", First::Bytes("0300000b06d00000123400")),
    ("wrong-negotiation-length", First::Bytes("030000130ed000001234000203000001000002")),
];

const NLA: &str = "030000130ed00000123400021f080008000000";

enum First {
    /// These bytes, in hex.
    Bytes(&'static str),
    /// FIN without a byte.
    Close,
    /// RST without a byte.
    Reset,
    /// No byte until the client leaves.
    Nothing,
}

#[tokio::test]
async fn every_persona_begins_as_its_file_says() {
    assert_eq!(
        personas().iter().map(|p| p.name).collect::<Vec<_>>(),
        FIRST.iter().map(|f| f.0).collect::<Vec<_>>()
    );
    for (name, first) in FIRST {
        let mut stream = request(start(name).await, 0x0b).await;
        match first {
            First::Bytes(hex) => assert_eq!(read_hex(&mut stream, hex.len() / 2).await, *hex, "{name}"),
            First::Close => assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "{name}"),
            First::Reset => assert_reset(&mut stream, name).await,
            First::Nothing => {
                stream.shutdown().await.unwrap();
                assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "{name}");
            }
        }
    }
}

#[test]
fn names_find_their_persona_and_no_other() {
    for known in personas() {
        assert_eq!(persona(known.name).map(|found| found.name), Some(known.name));
        assert!(
            !known.title.is_empty() && !known.title.ends_with('.'),
            "{}: a title is one clause",
            known.name
        );
    }
    assert!(persona("windows-95").is_none());
    assert!(persona("").is_none());
}

#[tokio::test]
async fn each_request_gets_its_own_answer() {
    let rows = [
        ("windows-2022-nla", 0x00, "030000130ed000001234000300080005000000"),
        ("windows-2022-nla", 0x01, "030000130ed000001234000300080005000000"),
        ("windows-2022-nla", 0x03, "030000130ed00000123400021f080002000000"),
        ("windows-2016-tls", 0x00, "030000130ed000001234000300080001000000"),
        ("windows-2016-tls", 0x01, "030000130ed00000123400021f080001000000"),
        ("rdp-security-only", 0x00, "030000130ed00000123400021f080000000000"),
        ("selects-unrequested", 0x04, "030000130ed00000123400021f080002000000"),
        ("failure-unknown-code", 0x01, "030000130ed0000012340003000800ffffffff"),
        ("unknown-bits-close", 0x10, "0300000902f0802180"),
        ("odd-lengths", 0x00, "0300001510d0000012340003000800050000000000"),
    ];
    for (name, requested, expected) in rows {
        let mut stream = request(start(name).await, requested).await;
        assert_eq!(
            read_hex(&mut stream, expected.len() / 2).await,
            expected,
            "{name}, request {requested:#x}"
        );
    }
    let mut stream = request(start("one-row-resets").await, 0x01).await;
    assert_reset(&mut stream, "one-row-resets").await;
}

#[tokio::test]
async fn a_request_without_the_cookie_is_dropped_where_one_is_required() {
    let mut stream = TcpStream::connect(start("cookie-required").await).await.unwrap();
    stream
        .write_all(&[0x03, 0, 0, 0x13, 0x0e, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0x0b, 0, 0, 0])
        .await
        .unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
}

#[tokio::test]
async fn handshakes_end_with_the_certificate_of_the_persona() {
    let rows = [
        ("windows-2022-nla", TlsVersion::TLS_1_3, "files22.corp.example"),
        ("windows-11", TlsVersion::TLS_1_3, "DESKTOP-R3H3ARS"),
        ("windows-2016-tls", TlsVersion::TLS_1_2, "APP16"),
        ("expired-certificate", TlsVersion::TLS_1_3, "files22.corp.example"),
        ("future-certificate", TlsVersion::TLS_1_3, "files22.corp.example"),
        ("renamed-machine", TlsVersion::TLS_1_3, "WIN-OLDNAME"),
        ("unknown-bits-close", TlsVersion::TLS_1_3, "xrdp"),
        ("one-byte-at-a-time", TlsVersion::TLS_1_3, "files22.corp.example"),
    ];
    for (name, version, common_name) in rows {
        let stream = handshake(start(name).await, 0x0b).await.unwrap();
        let (_, session) = stream.get_ref();
        assert_eq!(session.protocol_version().map(u16::from), Some(version.0), "{name}");
        let certificate = session.peer_certificates().unwrap().first().unwrap().clone();
        let (_, certificate) = x509_parser::parse_x509_certificate(&certificate).unwrap();
        assert_eq!(certificate.subject().to_string(), format!("CN={common_name}"), "{name}");
        let validity = certificate.validity();
        let now = i64::try_from(unix_seconds()).unwrap();
        assert_eq!(validity.not_after.timestamp() < now, name == "expired-certificate", "{name}");
        assert_eq!(validity.not_before.timestamp() > now, name == "future-certificate", "{name}");
    }
}

#[tokio::test]
async fn no_client_takes_a_broken_certificate_and_the_clear_flight_shows_it() {
    let error = handshake(start("broken-certificate").await, 0x0b).await.map(|_| ()).unwrap_err();
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
    let Progress::Flight(flight) = survey("broken-certificate", TlsVersion::TLS_1_2).await else {
        panic!("a clear flight was expected")
    };
    assert!(x509_parser::parse_x509_certificate(flight.certificates.first().unwrap()).is_err());
}

#[tokio::test]
async fn the_challenge_names_the_machine_of_the_persona() {
    for (name, version, computer, domain, build, tree) in [
        ("windows-2022-nla", 6, "FILES22", "CORP", Some(20348), Some("corp.example")),
        ("one-byte-at-a-time", 6, "FILES22", "CORP", Some(20348), Some("corp.example")),
        ("windows-11", 6, "DESKTOP-R3H3ARS", "DESKTOP-R3H3ARS", Some(22621), None),
        ("nla-without-version", 6, "SHADOW", "SHADOW", None, None),
        ("old-credssp", 2, "APP16", "APP16", Some(14393), None),
    ] {
        let answer = credssp(name).await;
        assert_eq!(answer.version, version, "{name}");
        let challenge = Challenge::decode(answer.nego_tokens.first().unwrap()).unwrap();
        assert_eq!(challenge.av_pairs.netbios_computer_name.as_deref(), Some(computer), "{name}");
        assert_eq!(challenge.av_pairs.netbios_domain_name.as_deref(), Some(domain), "{name}");
        assert_eq!(challenge.av_pairs.dns_tree_name.as_deref(), tree, "{name}");
        assert_eq!(challenge.version.map(|version| version.build), build, "{name}");
    }
}

#[tokio::test]
async fn a_skewed_clock_is_skewed_in_the_challenge_and_in_the_flight() {
    for (name, ahead) in [("windows-2022-nla", 0), ("clock-skew", 10_800)] {
        let challenge = Challenge::decode(credssp(name).await.nego_tokens.first().unwrap()).unwrap();
        let seconds = filetime_to_unix(challenge.av_pairs.timestamp.unwrap()) / 1_000_000_000;
        assert!((seconds - unix_seconds() - ahead).abs() < 60, "{name}: {seconds}");
        let flight = flight(name, TlsVersion::TLS_1_2).await;
        assert!((i128::from(flight.random_time().unwrap()) - unix_seconds() - ahead).abs() < 60, "{name}");
        assert!(flight.looks_like_schannel(), "{name}");
    }
}

#[tokio::test]
async fn blocked_ntlm_is_an_error_code_and_a_reset_is_a_reset() {
    assert_eq!(credssp("ntlm-blocked").await.error_code.unwrap().0, 0xc000_0418);
    let mut stream = handshake(start("nla-reset").await, 0x0b).await.unwrap();
    stream.write_all(&TsRequest::with_token(negotiate()).encode()).await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn old_windows_answers_old_tls_in_clear_and_resets_the_rest() {
    for (name, version, suite) in [
        ("windows-2008r2", TlsVersion::TLS_1_0, 0x002f),
        ("windows-2012r2", TlsVersion::TLS_1_0, 0x0035),
        ("windows-2012r2", TlsVersion::TLS_1_1, 0x0035),
        ("windows-2012r2", TlsVersion::TLS_1_2, 0x003d),
        ("windows-2016-tls", TlsVersion::TLS_1_0, 0x0035),
        ("windows-2022-nla", TlsVersion::TLS_1_2, 0x009d),
    ] {
        let flight = flight(name, version).await;
        assert_eq!((flight.version, flight.cipher_suite), (version, CipherSuite(suite)), "{name}");
        let (_, certificate) =
            x509_parser::parse_x509_certificate(flight.certificates.first().unwrap()).unwrap();
        let sha_1 = certificate.signature_algorithm.algorithm.to_id_string() == "1.2.840.113549.1.1.5";
        assert_eq!(sha_1, name == "windows-2008r2");
    }
    for (name, version) in [
        ("windows-2008r2", TlsVersion::TLS_1_3),
        ("windows-2012r2", TlsVersion::TLS_1_3),
        ("windows-2022-nla", TlsVersion::TLS_1_0),
        ("tls-reset", TlsVersion::TLS_1_2),
    ] {
        let mut stream = say_hello(name, version).await;
        assert_reset(&mut stream, name).await;
    }
    // A hello without supported_versions offers the older ones, too: Windows 7 and 2008 R2 take TLS 1.0 then.
    assert_eq!(flight("windows-2008r2", TlsVersion::TLS_1_2).await.version, TlsVersion::TLS_1_0);
    // A client of today shares no suite with 2012 R2.
    let error = handshake(start("windows-2012r2").await, 0x0b).await.map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_tls_1_3_hello_is_answered_by_a_server_hello() {
    let flight = flight("windows-2022-nla", TlsVersion::TLS_1_3).await;
    assert_eq!(flight.version, TlsVersion::TLS_1_3);
    assert!(flight.certificates.is_empty());
}

#[tokio::test]
async fn an_alert_comes_in_clear() {
    let expected = Progress::Alert { level: 2, description: AlertDescription::HANDSHAKE_FAILURE };
    assert_eq!(survey("tls-alert", TlsVersion::TLS_1_2).await, expected);
    let expected = Progress::Alert { level: 2, description: AlertDescription::PROTOCOL_VERSION };
    assert_eq!(survey("unknown-bits-close", TlsVersion::TLS_1_0).await, expected);
}

#[tokio::test]
async fn standard_security_ends_with_method_and_level() {
    for (name, requested, result) in
        [("windows-xp", 0x0b, 0), ("rdp-security-only", 0, 0), ("mcs-refused", 0, 14)]
    {
        let mut stream = request(start(name).await, requested).await;
        let confirm = read_frame(&mut stream).await;
        assert_eq!(confirm.len(), if name == "windows-xp" { 11 } else { 19 });
        stream.write_all(&mcs::connect_initial(0)).await.unwrap();
        let response = ConnectResponse::decode(&read_frame(&mut stream).await).unwrap();
        assert_eq!(response.result, result, "{name}");
        let security = response.security.unwrap();
        assert_eq!((security.method.0, security.level.0), (2, 2), "{name}");
    }
}

#[tokio::test]
async fn single_bytes_arrive_as_single_bytes() {
    let mut stream = request(start("one-byte-at-a-time").await, 0x0b).await;
    let mut reads = 0;
    let mut seen = 0;
    while seen < 19 {
        seen += stream.read(&mut [0; 64]).await.unwrap();
        reads += 1;
    }
    assert!(reads > 1, "{seen} bytes in one read");
}

#[tokio::test]
async fn a_megabyte_is_a_megabyte() {
    let mut stream = request(start("garbage-megabyte").await, 0x0b).await;
    let mut all = Vec::new();
    stream.read_to_end(&mut all).await.unwrap();
    assert_eq!(all.len(), 1 << 20);
}

#[tokio::test]
async fn sixty_four_are_served_and_the_next_waits_its_turn() {
    let address = start("ssh").await;
    let mut served = Vec::new();
    for _ in 0..64 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        read_hex(&mut stream, 21).await;
        served.push(stream);
    }
    let mut next = TcpStream::connect(address).await.unwrap();
    let early = tokio::time::timeout(Duration::from_millis(100), next.read(&mut [0; 1])).await;
    assert!(early.is_err(), "the 65th was served beside 64 others");
    served.pop();
    read_hex(&mut next, 21).await;
}

#[tokio::test]
async fn what_is_no_request_gets_no_answer() {
    for bytes in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[3, 0, 0, 7, 2, 0xf0, 0x80], &[3, 0, 0xff, 0xff, 0, 0]] {
        let mut stream = TcpStream::connect(start("windows-2022-nla").await).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0);
    }
}
