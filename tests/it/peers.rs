//! Each defect of the tools that people use today, as a test that rdprobe passes.

use std::sync::Arc;
use std::time::Duration;

use rdprobe::diagnosis::{Nla, Verdict};
use rdprobe::evidence::negotiate::RowVerdict;
use rdprobe::evidence::{Answer, Because, Failure, Outcome};
use rdprobe::probe::{self, Quiet};
use rdprobe::render::human::{HumanStyle, human};
use rdprobe::report::Report;
use rdprobe::target::{Host, Target};
use rdprobe::wire::banner::Banner;
use rdprobe::wire::codes::negotiation::{FailureCode, Protocol};
use rdprobe::wire::codes::windows;
use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::ntlm;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::dns::{self, Record, Reply};
use crate::rehearsal::{patient, plan, play, rdprobe, rehearse, report, row, scripted};

fn text(report: &Report, verbosity: u8) -> String {
    let mut out = Vec::new();
    human(report, &HumanStyle { verbosity, width: 80, color: false }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn row_01_a_well_formed_reply_is_not_support() {
    let full = rdprobe::probe::Plan { full: true, ..patient() };
    let report = rehearse("selects-unrequested", &full).await;
    let rdstls = row(&report, 0x04);
    assert_eq!(rdstls.verdict, RowVerdict::OutsideRequest);
    assert!(matches!(
        rdstls.reply.seen().unwrap().answer,
        Answer::Response { selected_protocol: Protocol::HYBRID, .. }
    ));
    let downgraded = scripted(hex("030000130ed000001234000200080000000000")).await.0;
    let downgraded = self::report(downgraded, &plan(Duration::from_secs(1))).await;
    assert_eq!(row(&downgraded, 0x01).verdict, RowVerdict::Downgraded);
    assert_ne!(downgraded.diagnosis.posture[0].nla, Nla::Offered);
}

#[tokio::test]
async fn row_02_one_failing_row_leaves_the_others() {
    let report = rehearse("one-row-resets", &patient()).await;
    assert!(matches!(row(&report, 0x01).reply.failure(), Some(Failure::Reset { .. })));
    assert_eq!(row(&report, 0x0B).verdict, RowVerdict::Offered);
    assert_eq!(row(&report, 0x00).verdict, RowVerdict::Refused);
    let route = &report.evidence.routes[0];
    assert!(route.handshake.seen().is_some());
    assert!(route.credssp.seen().is_some());
    assert_eq!(route.tls_versions.len(), 4);
}

#[tokio::test]
async fn row_03_every_failure_code_is_named_and_unknown_ones_are_shown() {
    let names: Vec<_> = (1..=6).map(|code| FailureCode(code).name().unwrap()).collect();
    assert_eq!(
        names,
        [
            "SSL_REQUIRED_BY_SERVER",
            "SSL_NOT_ALLOWED_BY_SERVER",
            "SSL_CERT_NOT_ON_SERVER",
            "INCONSISTENT_FLAGS",
            "HYBRID_REQUIRED_BY_SERVER",
            "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
        ]
    );
    for (code, shown) in [(7_u32, "0x7"), (0xFFFF_FFFF, "0xffffffff")] {
        let mut reply = hex("030000130ed0000012340003000800");
        reply.extend(code.to_le_bytes());
        let address = scripted(reply).await.0;
        let report = report(address, &patient()).await;
        let answer = &row(&report, 0x0B).reply.seen().unwrap().answer;
        assert_eq!(*answer, Answer::Failure { failure_code: FailureCode(code) });
        assert!(text(&report, 0).contains(shown), "{}", text(&report, 0));
    }
}

#[tokio::test]
async fn row_04_no_client_hello_after_a_refusal() {
    let (address, mut heard) = scripted(hex("030000130ed000001234000300080002000000")).await;
    let report = report(address, &patient()).await;
    let route = &report.evidence.routes[0];
    assert_eq!(route.handshake.outcome, Outcome::Skipped(Because::ServerRefused));
    assert!(
        route.tls_versions.iter().all(|row| row.step.outcome == Outcome::Skipped(Because::ServerRefused))
    );
    assert!(text(&report, 0).contains("SSL_NOT_ALLOWED_BY_SERVER"), "{}", text(&report, 0));
    let mut connections = 0;
    while let Ok(Some(after)) = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await {
        connections += 1;
        assert!(!after.contains(&0x16), "something like a ClientHello was sent: {after:02x?}");
        if connections == route.connections {
            return;
        }
    }
    panic!("only {connections} of {} connections ended", route.connections);
}

#[tokio::test]
async fn row_05_a_reply_cut_into_single_bytes_is_the_same_reply() {
    let whole = rehearse("windows-2022-nla", &patient()).await;
    let cut = rehearse("one-byte-at-a-time", &patient()).await;
    let facts = |report: &Report| {
        let route = &report.evidence.routes[0];
        let replies: Vec<_> = route.negotiate.iter().map(|row| row.reply.outcome.clone()).collect();
        let challenge = route.credssp.seen().map(|challenge| challenge.os.clone());
        (replies, route.handshake.outcome.clone(), challenge)
    };
    assert_eq!(facts(&whole), facts(&cut));
}

#[tokio::test]
async fn row_06_an_odd_length_is_malformed_and_its_bytes_are_kept() {
    for length in (12..=18).chain(20..=24) {
        let mut frame = hex("030000130ed000001234000200080001000000");
        frame.resize(length, 0);
        frame[3] = u8::try_from(length).unwrap();
        frame[4] = u8::try_from(length - 5).unwrap();
        let address = scripted(frame.clone()).await.0;
        let report = report(address, &plan(Duration::from_secs(2))).await;
        match row(&report, 0x0B).reply.failure() {
            Some(Failure::Malformed { bytes, .. }) => assert_eq!(bytes.0, frame, "length {length}"),
            other => panic!("length {length}: {other:?}"),
        }
        assert_ne!(report.diagnosis.verdict, Verdict::Reachable, "length {length}");
    }
}

#[tokio::test]
async fn row_07_two_targets_in_one_run_are_two_runs() {
    let (nla, none) =
        (play("windows-2022-nla").await.to_string(), play("rdp-security-only").await.to_string());
    let together = json(&rdprobe(&[&nla, &none, "--format", "json"]).await.stdout);
    let alone = [
        json(&rdprobe(&[&nla, "--format", "json"]).await.stdout),
        json(&rdprobe(&[&none, "--format", "json"]).await.stdout),
    ];
    for (index, alone) in alone.into_iter().enumerate() {
        assert_eq!(timeless(together[index].clone()), timeless(alone));
    }
}

#[tokio::test]
async fn row_08_a_negotiation_failure_is_no_success() {
    let address = play("no-certificate").await.to_string();
    let output = rdprobe(&[&address, "--format", "json"]).await;
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output.stdout);
    assert_eq!(report["diagnosis"]["verdict"], "not_reachable");
    assert_eq!(report["evidence"]["routes"][0]["negotiate"][0]["seen"]["failure_code"]["code"], 3);
}

#[tokio::test]
async fn row_09_nla_required_is_read_from_code_5_and_nobody_logs_on() {
    let report = rehearse("windows-2022-nla", &patient()).await;
    assert_eq!(report.diagnosis.posture[0].nla, Nla::Required);
    let full = rdprobe::probe::Plan { full: true, ..patient() };
    let report = rehearse("windows-2022-nla", &full).await;
    assert_eq!(report.diagnosis.posture[0].nla, Nla::Required, "RDSTLS is no way around NLA");
    let report = rehearse("windows-2016-tls", &patient()).await;
    assert_eq!(report.diagnosis.posture[0].nla, Nla::Offered);
    let report = rehearse("unknown-bits-close", &patient()).await;
    assert_eq!(report.diagnosis.posture[0].nla, Nla::NotOffered);
    let heard = everything_under_tls().await;
    let (request, used) = TsRequest::decode(&heard).unwrap();
    assert_eq!(used, heard.len(), "more than one TSRequest was sent");
    assert_eq!(request.nego_tokens.len(), 1);
    assert_eq!(request.nego_tokens[0][..12], *b"NTLMSSP\0\x01\0\0\0", "not a NEGOTIATE");
    assert!(request.auth_info.is_none() && request.pub_key_auth.is_none());
}

#[test]
fn row_10_the_version_is_there_when_its_flag_says_so() {
    let challenge = ntlm::Challenge {
        flags: ntlm::NEGOTIATE_UNICODE,
        version: Some(ntlm::Version { major: 10, minor: 0, build: 20348, revision: 15 }),
        av_pairs: ntlm::AvPairs { netbios_computer_name: Some("VM".to_owned()), ..ntlm::AvPairs::default() },
        ..ntlm::Challenge::default()
    };
    let mut bytes = challenge.encode();
    // Another revision than 15, as some servers send: the flag counts, not the suffix.
    bytes[55] = 0x0A;
    let version = ntlm::Challenge::decode(&bytes).unwrap().version.unwrap();
    assert_eq!((version.build, version.revision), (20348, 0x0A));
    assert_eq!(windows::product(version.build), Some("Windows Server 2022"));
    for length in [48, 80] {
        let pairs = ntlm::AvPairs { single_host: Some(vec![0; length]), ..challenge.av_pairs.clone() };
        let bytes = ntlm::Challenge { av_pairs: pairs, ..challenge.clone() }.encode();
        let read = ntlm::Challenge::decode(&bytes).unwrap();
        assert_eq!(read.av_pairs.netbios_computer_name.as_deref(), Some("VM"));
        assert_eq!(read.av_pairs.single_host.map(|host| host.len()), Some(length));
    }
}

#[tokio::test]
async fn row_11_eleven_bytes_everywhere() {
    let full = rdprobe::probe::Plan { full: true, ..patient() };
    let report = rehearse("windows-xp", &full).await;
    let route = &report.evidence.routes[0];
    assert!(
        route.negotiate.iter().all(|row| row.verdict == RowVerdict::NoNegotiation),
        "{:?}",
        route.negotiate
    );
    assert_eq!(report.diagnosis.posture[0].negotiates, Some(false));
    assert_eq!(route.standard_security.seen().unwrap().mcs_result, 0);
    assert!(!text(&report, 2).is_empty());
}

#[tokio::test]
async fn row_12_nobody_is_told_that_a_logon_works() {
    for persona in ["windows-2022-nla", "windows-2016-tls", "unknown-bits-close"] {
        let report = rehearse(persona, &patient()).await;
        assert_eq!(report.diagnosis.verdict, Verdict::Reachable, "{persona}");
        assert!(!report.diagnosis.still_open.is_empty(), "{persona}: nothing is left open");
        let shown = text(&report, 0).to_lowercase();
        assert!(shown.contains("cannot") || shown.contains("still"), "{shown}");
        for lie in ["logon works", "authentication works", "credentials work", "login ok"] {
            assert!(!shown.contains(lie), "{shown}");
        }
    }
}

#[tokio::test]
async fn row_13_an_unknown_protocol_is_shown_in_hex() {
    let report = rehearse("unknown-selection", &patient()).await;
    let Some(Answer::Response { selected_protocol, .. }) =
        row(&report, 0x0B).reply.seen().map(|reply| reply.answer.clone())
    else {
        panic!("{:?}", row(&report, 0x0B));
    };
    assert_eq!(selected_protocol.name(), None);
    let shown = format!("{:#x}", selected_protocol.0);
    assert!(text(&report, 1).contains(&shown), "{}", text(&report, 1));
}

#[tokio::test]
async fn row_14_a_dead_address_beside_a_living_one_is_reported() {
    let living = play("windows-2022-nla").await;
    // Nothing listens on this address of loopback; the port is the living one's.
    let server = dns::Server::start(|question| match question.kind {
        dns::A => Reply::Records(vec![
            Record::Address("half-up.test", 60, "127.0.0.99"),
            Record::Address("half-up.test", 60, "127.0.0.1"),
        ]),
        _ => Reply::Records(Vec::new()),
    })
    .await;
    let target = Target {
        input: "half-up.test".to_owned(),
        host: Host::Name("half-up.test.".to_owned()),
        port: living.port(),
    };
    let plan = rdprobe::probe::Plan { resolver: Some(server.address), ..patient() };
    let report = Report::new(probe::probe(&target, &plan, &Quiet).await);
    let [dead, alive] = report.evidence.routes.as_slice() else { panic!("{:?}", report.evidence.routes) };
    assert!(matches!(dead.connect.failure(), Some(Failure::Refused { .. })));
    assert!(alive.credssp.seen().is_some());
    assert_eq!(report.diagnosis.verdict, Verdict::PartlyReachable);
    assert!(text(&report, 0).contains("127.0.0.99"), "{}", text(&report, 0));
}

#[tokio::test]
async fn row_15_what_is_not_rdp_is_named() {
    for (persona, banner, name) in [("http", Banner::Http, "HTTP"), ("ssh", Banner::Ssh, "SSH")] {
        let report = rehearse(persona, &patient()).await;
        match row(&report, 0x0B).reply.failure() {
            Some(Failure::NotRdp { looks_like, .. }) => assert_eq!(*looks_like, banner),
            other => panic!("{persona}: {other:?}"),
        }
        assert!(text(&report, 0).contains(name), "{}", text(&report, 0));
    }
}

#[tokio::test]
async fn row_16_a_close_on_an_unknown_bit_is_unsupported_and_harms_no_other_row() {
    let full = rdprobe::probe::Plan { full: true, ..patient() };
    let report = rehearse("unknown-bits-close", &full).await;
    let entra = row(&report, 0x10);
    assert_eq!(entra.verdict, RowVerdict::Unknown);
    assert!(matches!(entra.reply.failure(), Some(Failure::Disconnected { .. })), "{entra:?}");
    assert_eq!(row(&report, 0x0B).verdict, RowVerdict::Offered);
    assert_eq!(row(&report, 0x01).verdict, RowVerdict::Offered);
    assert_eq!(report.diagnosis.verdict, Verdict::Reachable);
}

/// Plays an NLA server by hand and returns all that a probe says under TLS on its one CredSSP connection.
async fn everything_under_tls() -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = acceptor();
    let probing = tokio::spawn(async move { report(address, &plan(Duration::from_secs(10))).await });
    let (heard, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let serving = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (acceptor, heard) = (acceptor.clone(), heard.clone());
            tokio::spawn(async move {
                let mut request = vec![0; 1024];
                assert!(stream.read(&mut request).await.unwrap() > 0);
                stream.write_all(&hex("030000130ed00000123400021f080008000000")).await.unwrap();
                let Ok(mut tls) = acceptor.accept(stream).await else { return };
                let mut said = vec![0; 4096];
                let count = tls.read(&mut said).await.unwrap_or(0);
                said.truncate(count);
                let challenge =
                    ntlm::Challenge { flags: ntlm::NEGOTIATE_UNICODE, ..ntlm::Challenge::default() };
                tls.write_all(&TsRequest::with_token(challenge.encode()).encode()).await.unwrap();
                drop(tls.read_to_end(&mut said).await);
                drop(heard.send(said));
            });
        }
    });
    let report = probing.await.unwrap();
    assert!(report.evidence.routes[0].credssp.seen().is_some(), "{:?}", report.evidence.routes[0].credssp);
    serving.abort();
    loop {
        let said = hears.recv().await.unwrap();
        if !said.is_empty() {
            return said;
        }
    }
}

fn acceptor() -> tokio_rustls::TlsAcceptor {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(vec!["vm".to_owned()]).unwrap().self_signed(&key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            rustls::pki_types::PrivateKeyDer::Pkcs8(key.serialize_der().into()),
        )
        .unwrap();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

fn hex(text: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)))
}

/// What differs from run to run beside the `_ms` fields: clocks, texts that quote times, and what a busy machine's
/// lost SYNs add.
const TIMES: [&str; 6] =
    ["started_at", "system_time", "random_time_s", "fact", "connections", "syn_retransmits"];

/// The report without what differs from run to run.
fn timeless(mut value: serde_json::Value) -> serde_json::Value {
    strip(&mut value);
    value
}

fn strip(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            map.retain(|key, _| !key.ends_with("_ms") && !TIMES.contains(&key.as_str()));
            map.values_mut().for_each(strip);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}
