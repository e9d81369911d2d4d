//! Bytes without an end, at each stage: the stage's limit ends them, or the message that cannot be.

use rdprobe::evidence::Failure;
use rdprobe::wire::codes::tls::{CipherSuite, TlsVersion};
use rdprobe::wire::tls::server_flight::Flight;
use tokio::io::AsyncWriteExt;

use super::server::{CERTIFICATE, asked, flood, hello, negotiate, secured, serve, tls};
use super::{credssp, handshake, refused, route};
use crate::rehearsal::patient;

/// The handshake and every version's attempt must fail; returns how.
async fn in_clear(begin: Vec<u8>, then: Vec<u8>) -> Vec<Failure> {
    let address = serve(move |mut stream| {
        let (begin, then) = (begin.clone(), then.clone());
        async move {
            negotiate(&mut stream).await?;
            hello(&mut stream).await?;
            stream.write_all(&begin).await?;
            flood(&mut stream, &then).await
        }
    })
    .await;
    let report = refused(address, &patient()).await;
    let versions = route(&report).tls_versions.iter().map(|attempt| attempt.step.failure().unwrap().clone());
    std::iter::once(handshake(&report).clone()).chain(versions).collect()
}

/// A ServerHello of TLS 1.2, and no certificate yet.
fn server_hello() -> Vec<u8> {
    let flight = Flight {
        version: TlsVersion::TLS_1_2,
        cipher_suite: CipherSuite(0xc02f),
        random: [7; 32],
        session_id: vec![1; 32],
        extensions: vec![],
        certificates: vec![],
        hello_retry_request: false,
    };
    let mut records = flight.encode();
    // Without the ServerHelloDone at its end.
    records.truncate(records.len() - 4);
    let length = u16::try_from(records.len() - 5).unwrap().to_be_bytes();
    records[3..5].copy_from_slice(&length);
    records
}

/// A record of TLS 1.2.
fn record(kind: u8, fragment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(fragment.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], length.as_slice(), fragment].concat()
}

#[tokio::test]
async fn records_that_say_nothing_have_an_end() {
    let nothing = [
        ("empty handshake records", record(22, &[])),
        ("empty alerts", record(21, &[])),
        ("empty application data", record(23, &[])),
        ("change_cipher_spec", record(20, &[1])),
        ("warnings", record(21, &[1, 112])),
        ("HelloRequests", record(22, &[0, 0, 0, 0])),
    ];
    for (what, record) in nothing {
        for failure in in_clear(Vec::new(), record).await {
            assert!(is_told(&failure), "{what}: {failure:?}");
        }
    }
}

/// Whether it is told that what came was no handshake, or too much of one.
const fn is_told(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Malformed { .. }
            | Failure::TlsLibrary { .. }
            | Failure::TooMuch { .. }
            | Failure::Alert { .. }
    )
}

#[tokio::test]
async fn handshake_messages_after_the_hello_have_an_end() {
    // CertificateStatus (22) may stand there; ServerKeyExchange (12) too. Neither says anything again and again.
    for kind in [22, 12, 13] {
        for failure in in_clear(server_hello(), record(22, &[kind, 0, 0, 4, 1, 2, 3, 4])).await {
            assert!(is_told(&failure), "{kind}: {failure:?}");
        }
    }
}

#[tokio::test]
async fn a_chain_of_ten_megabytes_in_clear_is_not_read() {
    // Certificate: 10 MB of list, whose first certificate says that it has as much.
    let length = &10_000_000_u32.to_be_bytes()[1..];
    let begin = [length, length, length].concat();
    let begin = [server_hello(), record(22, &[&[11], begin.as_slice()].concat())].concat();
    for failure in in_clear(begin, record(22, &[0x30; 16 * 1024])).await {
        let told = matches!(
            failure,
            Failure::Malformed { .. } | Failure::TooMuch { .. } | Failure::TlsLibrary { .. }
        );
        assert!(told, "{failure:?}");
    }
}

#[tokio::test]
async fn a_chain_of_many_small_certificates_is_not_read() {
    let one = [&[0, 0, 4][..], &[0x30, 0x02, 0x05, 0x00]].concat();
    let list = one.repeat(30_000);
    let length = |len: usize| u32::try_from(len).unwrap().to_be_bytes()[1..].to_vec();
    let body = [length(list.len()), list].concat();
    let message = [vec![11], length(body.len()), body].concat();
    let records: Vec<u8> = message.chunks(16 * 1024).flat_map(|part| record(22, part)).collect();
    for failure in in_clear([server_hello(), records].concat(), record(22, &[14, 0, 0, 0])).await {
        let told = matches!(failure, Failure::Malformed { .. } | Failure::TlsLibrary { .. });
        assert!(told, "{failure:?}");
    }
}

#[tokio::test]
async fn a_chain_of_ten_megabytes_under_tls_1_3_is_not_read() {
    let big = [&[0x30, 0x83, 0x03, 0xd0, 0x90][..], &vec![0; 250_000]].concat();
    let chain: Vec<&[u8]> =
        std::iter::once(CERTIFICATE).chain(std::iter::repeat_n(big.as_slice(), 40)).collect();
    let config = tls(&rustls::version::TLS13, &chain, 0);
    let address = serve(move |stream| {
        let config = config.clone();
        async move { asked(stream, config).await.map(drop) }
    })
    .await;
    let report = refused(address, &patient()).await;
    let told = handshake(&report);
    assert!(
        matches!(told, Failure::Malformed { .. } | Failure::TooMuch { .. } | Failure::TlsLibrary { .. }),
        "{told:?}"
    );
}

/// Plays this after the handshake, under TLS 1.3.
async fn under_tls(bytes: Vec<u8>, forever: Vec<u8>) -> Failure {
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 0);
    let address = serve(move |stream| {
        let (config, bytes, forever) = (config.clone(), bytes.clone(), forever.clone());
        async move {
            let mut stream = asked(stream, config).await?;
            stream.write_all(&bytes).await?;
            flood(&mut stream, &forever).await
        }
    })
    .await;
    credssp(&refused(address, &patient()).await).clone()
}

#[tokio::test]
async fn a_ts_request_says_how_long_it_is_and_is_not_believed() {
    for claim in
        [&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff][..], &[0x30, 0x83, 1, 0, 0], &[0x30, 0x80], &[0x30, 0x89]]
    {
        let failure = under_tls(claim.to_vec(), vec![0]).await;
        assert!(matches!(failure, Failure::Malformed { .. }), "{claim:?}: {failure:?}");
    }
    // The longest that is read, and there is nothing in it.
    let failure = under_tls(vec![0x30, 0x82, 0xff, 0xf0], vec![0]).await;
    assert!(matches!(failure, Failure::Malformed { .. }), "{failure:?}");
}

#[tokio::test]
async fn plaintext_that_is_no_ts_request_is_not_read_on() {
    for byte in [0, b'A', 0x16, 0xff] {
        let failure = under_tls(vec![byte], vec![byte]).await;
        assert!(matches!(failure, Failure::Malformed { .. }), "{byte}: {failure:?}");
    }
}

#[tokio::test]
async fn key_updates_have_an_end() {
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 0);
    let address = serve(move |stream| {
        let config = config.clone();
        async move {
            let mut stream = asked(stream, config).await?;
            loop {
                let (_, tls) = stream.get_mut();
                tls.refresh_traffic_keys().map_err(std::io::Error::other)?;
                stream.flush().await?;
                tokio::task::yield_now().await;
            }
        }
    })
    .await;
    let report = refused(address, &patient()).await;
    let told = credssp(&report);
    assert!(matches!(told, Failure::TlsLibrary { .. } | Failure::TooMuch { .. }), "{told:?}");
}

#[tokio::test]
async fn session_tickets_have_an_end() {
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 8192);
    let address = serve(move |stream| {
        let config = config.clone();
        async move { super::server::stay(secured(stream, config).await?).await }
    })
    .await;
    let report = refused(address, &patient()).await;
    let told = credssp(&report);
    assert!(matches!(told, Failure::TooMuch { .. } | Failure::TlsLibrary { .. }), "{told:?}");
}
