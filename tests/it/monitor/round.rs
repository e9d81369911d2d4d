//! One round against every kind of peer: as deep as asked, on one connection, ended without a reset.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use rdprobe::evidence::{Answer, Because, Failure, Outcome, Round, Stage, Step};
use rdprobe::probe::round::{Farewell, Manner, Turn};
use rdprobe::probe::{Plan, round};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::rehearsal::{self, patient, play, target};

/// A Connection Confirm that selects TLS with CredSSP.
const CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];

/// An X.224 Disconnect Request.
const DISCONNECT: [u8; 11] = [3, 0, 0, 11, 6, 0x80, 0, 0, 0, 0, 0];

async fn one(address: SocketAddr, depth: Stage, plan: &Plan) -> (Round, Farewell) {
    asked(address, depth, plan, &Manner::usual(plan)).await
}

async fn asked(address: SocketAddr, depth: Stage, plan: &Plan, manner: &Manner) -> (Round, Farewell) {
    let plan = Plan { depth, ..plan.clone() };
    let (_stop, halt) = watch::channel(false);
    let turn = Turn {
        target: &target(address),
        address: Some(address),
        resolve: Step::skipped(Because::AddressGiven),
        plan: &plan,
        manner,
        due: Timestamp::now(),
        missed: 0,
        late: Duration::ZERO,
        began: Instant::now(),
    };
    round::round(turn, halt).await
}

#[tokio::test]
async fn a_round_goes_as_deep_as_asked_and_no_further() {
    let address = play("windows-2022-nla").await;
    for depth in [Stage::Connect, Stage::Negotiate, Stage::Tls, Stage::Credssp] {
        let (round, farewell) = one(address, depth, &patient()).await;
        farewell.say().await;
        let ran = [
            (Stage::Connect, round.connect.seen().is_some(), round.connect.ran()),
            (Stage::Negotiate, round.negotiate.seen().is_some(), round.negotiate.ran()),
            (Stage::Tls, round.handshake.seen().is_some(), round.handshake.ran()),
            (Stage::Credssp, round.credssp.seen().is_some(), round.credssp.ran()),
        ];
        for (stage, seen, ran) in ran {
            assert_eq!(seen, stage <= depth, "{stage:?} of a round to {depth:?}: {round:?}");
            assert_eq!(ran, stage <= depth, "{stage:?} of a round to {depth:?}: {round:?}");
        }
        assert_eq!(round.certificate_sha256.is_some(), depth >= Stage::Tls);
        assert_eq!((round.depth, round.address), (depth, Some(address)));
        let parts = round.connect.elapsed_ms.0 + round.negotiate.elapsed_ms.0 + round.credssp.elapsed_ms.0;
        assert!(round.elapsed_ms.0 >= parts, "{round:?}");
    }
}

#[tokio::test]
async fn a_server_without_tls_has_no_tls_stage() {
    let (round, farewell) = one(play("rdp-security-only").await, Stage::Credssp, &patient()).await;
    farewell.say().await;
    let Outcome::Seen(reply) = &round.negotiate.outcome else { panic!("{round:?}") };
    assert!(matches!(reply.answer, Answer::Failure { .. }), "{reply:?}");
    assert_eq!(round.handshake.outcome, Outcome::Skipped(Because::ServerRefused));
    assert_eq!(round.credssp.outcome, Outcome::Skipped(Because::ServerRefused));
}

#[tokio::test]
async fn what_fails_is_what_the_round_saw() {
    let (round, farewell) = one(rehearsal::closed(), Stage::Negotiate, &patient()).await;
    assert!(matches!(round.connect.failure(), Some(Failure::Refused { .. })), "{round:?}");
    assert_eq!(round.negotiate.outcome, Outcome::Skipped(Because::EarlierStageFailed));
    assert!(farewell.is_needless());

    let (round, _) = one(play("reset-after-request").await, Stage::Negotiate, &patient()).await;
    assert!(matches!(round.negotiate.failure(), Some(Failure::Reset { .. })), "{round:?}");

    let silent = rehearsal::plan(Duration::from_millis(50));
    let (round, _) = one(play("silent").await, Stage::Negotiate, &silent).await;
    assert!(matches!(round.negotiate.failure(), Some(Failure::TimedOut { .. })), "{round:?}");
}

#[tokio::test]
async fn a_round_ends_when_it_is_halted() {
    let address = play("silent").await;
    let plan = Plan { depth: Stage::Negotiate, ..rehearsal::plan(Duration::from_secs(600)) };
    let (stop, halt) = watch::channel(false);
    let turn = Turn {
        target: &target(address),
        address: Some(address),
        resolve: Step::skipped(Because::AddressGiven),
        plan: &plan,
        manner: &Manner::usual(&plan),
        due: Timestamp::now(),
        missed: 0,
        late: Duration::ZERO,
        began: Instant::now(),
    };
    let ((round, _), ()) = tokio::join!(round::round(turn, halt), async {
        stop.send(true).unwrap();
    });
    assert!(
        matches!(round.connect.failure().or(round.negotiate.failure()), Some(Failure::Interrupted)),
        "{round:?}"
    );
}

#[tokio::test]
async fn a_server_is_asked_in_the_way_that_its_answers_taught() {
    for persona in ["cookie-required", "one-row-resets", "windows-2022-nla"] {
        let plan = patient();
        let address = play(persona).await;
        let report = rehearsal::report(address, &plan).await;
        let manner = Manner::learned(&plan, &report.evidence.routes[0]);
        let (round, farewell) = asked(address, Stage::Negotiate, &plan, &manner).await;
        farewell.say().await;
        assert!(
            matches!(round.negotiate.seen().map(|reply| &reply.answer), Some(Answer::Response { .. })),
            "{persona}: {manner:?} {round:?}"
        );
    }
}

/// A server that answers with more than was asked for, and goes on talking after the client's last words.
#[tokio::test]
async fn the_farewell_is_a_disconnect_request_and_never_a_reset() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 1024];
        assert!(stream.read(&mut request).await.unwrap() > 0);
        stream.write_all(&CONFIRM).await.unwrap();
        let mut last_words = Vec::new();
        stream.read_to_end(&mut last_words).await.unwrap();
        // The client has said all; what it must not do is to answer this with a reset.
        for _ in 0..4 {
            stream.write_all(&vec![0; 32 * 1024]).await.unwrap();
            stream.flush().await.unwrap();
        }
        stream.shutdown().await.unwrap();
        (last_words, stream.read(&mut [0; 1]).await)
    });
    let (round, farewell) = one(address, Stage::Negotiate, &patient()).await;
    assert!(round.negotiate.seen().is_some(), "{round:?}");
    farewell.say().await;
    let (last_words, after) = server.await.unwrap();
    assert_eq!(last_words, DISCONNECT);
    assert_eq!(after.unwrap(), 0, "the client's side ended in order");
}

#[tokio::test]
async fn the_farewell_to_a_peer_that_never_closes_is_bounded() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
        stream.write_all(&CONFIRM).await.unwrap();
        stream
    });
    let (_, farewell) = one(address, Stage::Negotiate, &patient()).await;
    tokio::time::timeout(Duration::from_secs(30), farewell.say()).await.unwrap();
    let mut last_words = Vec::new();
    server.await.unwrap().read_to_end(&mut last_words).await.unwrap();
    assert_eq!(last_words, DISCONNECT);
}

#[tokio::test]
async fn the_name_alone_can_be_resolved() {
    let (_stop, halt) = watch::channel(false);
    let target =
        rdprobe::target::Target { input: "localhost".into(), ..target("127.0.0.1:3389".parse().unwrap()) };
    let skipped = round::resolve(&target.host, &patient(), halt.clone()).await;
    assert_eq!(skipped.outcome, Outcome::Skipped(Because::AddressGiven));
    let name = rdprobe::target::Target { host: rdprobe::target::Host::Name("localhost".into()), ..target };
    let step = round::resolve(&name.host, &patient(), halt).await;
    let addresses = round::addresses(&name, &patient(), &step);
    assert!(addresses.contains(&"127.0.0.1:3389".parse().unwrap()), "{step:?}");
}
