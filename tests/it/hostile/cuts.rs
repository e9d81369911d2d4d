//! A good conversation cut off, or changed, at each byte: never a panic, never a wait without an end, never "reachable".

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::StreamExt;
use rdprobe::diagnosis::Verdict;
use rdprobe::evidence::Failure;
use rdprobe::probe::Plan;
use rdprobe::report::Report;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::server::{serve, stay};
use super::{ended, route};
use crate::rehearsal;

/// The host that has nothing to hide: TLS 1.3, NLA, a challenge.
const PERSONA: &str = "windows-2022-nla";

/// How many probes are under way at a time.
const AT_ONCE: usize = 16;

/// What happens to the server's bytes on their way.
#[derive(Debug, Clone, Copy)]
enum Fate {
    /// All arrive.
    Whole,
    /// After so many comes a reset.
    Reset(usize),
    /// After so many comes an end in order.
    Close(usize),
    /// This one arrives with its bits turned round.
    Changed(usize),
}

/// Relays each connection to the persona. The largest number of bytes that its server said is kept in `longest`.
async fn relay(server: SocketAddr, fate: Fate, longest: Arc<AtomicUsize>) -> SocketAddr {
    serve(move |client| {
        let longest = longest.clone();
        async move {
            let (mut from_server, mut to_server) = TcpStream::connect(server).await?.into_split();
            client.set_nodelay(true)?;
            let (mut from_client, mut to_client) = client.into_split();
            let forward = async {
                tokio::io::copy(&mut from_client, &mut to_server).await.ok();
                to_server.shutdown().await
            };
            let back = pass(&mut from_server, &mut to_client, fate, &longest);
            // Whichever side is over, the other one is of no use any more.
            tokio::select! {
                back = back => back?,
                _ = forward => {}
            }
            let client = from_client.reunite(to_client).unwrap();
            match fate {
                Fate::Reset(_) => SockRef::from(&client).set_linger(Some(Duration::ZERO)),
                Fate::Whole | Fate::Close(_) | Fate::Changed(_) => {
                    let mut client = client;
                    client.shutdown().await?;
                    stay(client).await
                }
            }
        }
    })
    .await
}

/// Passes the server's bytes on as its fate has it, and keeps how many passed at most.
async fn pass(
    from: &mut (impl tokio::io::AsyncRead + Unpin),
    to: &mut (impl tokio::io::AsyncWrite + Unpin),
    fate: Fate,
    longest: &AtomicUsize,
) -> io::Result<()> {
    let mut passed = 0;
    let mut buffer = vec![0; 4096];
    loop {
        let room = match fate {
            Fate::Reset(most) | Fate::Close(most) if most == passed => return Ok(()),
            Fate::Reset(most) | Fate::Close(most) => buffer.len().min(most - passed),
            Fate::Whole | Fate::Changed(_) => buffer.len(),
        };
        let read = from.read(&mut buffer[..room]).await?;
        if read == 0 {
            return Ok(());
        }
        if let Fate::Changed(at) = fate
            && let Some(byte) = at.checked_sub(passed).and_then(|at| buffer[..read].get_mut(at))
        {
            *byte = !*byte;
        }
        to.write_all(&buffer[..read]).await?;
        passed += read;
        longest.fetch_max(passed, Ordering::Relaxed);
    }
}

/// One connection is enough to say where it broke off. What was broken off ends by itself, on a machine that stands
/// still too; a changed length may announce what never comes.
fn plan(fate: Fate) -> Plan {
    let patience = match fate {
        Fate::Whole | Fate::Reset(_) | Fate::Close(_) => Duration::from_secs(20),
        Fate::Changed(_) => Duration::from_secs(2),
    };
    Plan { lean: true, ..rehearsal::plan(patience) }
}

/// How many bytes the good conversation has at least, and what it comes to.
async fn whole(server: SocketAddr) -> usize {
    let longest = Arc::new(AtomicUsize::new(0));
    let report = ended(relay(server, Fate::Whole, longest.clone()).await, &plan(Fate::Whole)).await;
    assert_eq!(report.diagnosis.verdict, Verdict::Reachable, "{}", report.diagnosis.summary);
    longest.load(Ordering::Relaxed)
}

/// One probe a fate, several at a time.
async fn each(server: SocketAddr, fates: impl Iterator<Item = Fate>) -> Vec<(Fate, Report)> {
    let probes = fates.map(|fate| async move {
        let address = relay(server, fate, Arc::default()).await;
        (fate, ended(address, &plan(fate)).await)
    });
    futures_util::stream::iter(probes).buffer_unordered(AT_ONCE).collect().await
}

/// What the first connection came to where it broke off.
fn last_failure(report: &Report) -> Option<&Failure> {
    let route = route(report);
    let reply = route.negotiate.first().and_then(|row| row.reply.failure());
    reply.or(route.handshake.failure()).or(route.credssp.failure())
}

#[tokio::test]
async fn a_reset_after_each_byte_is_told_as_one() {
    let server = rehearsal::play(PERSONA).await;
    let length = whole(server).await;
    assert!(length > 500, "{length}");
    for (fate, report) in each(server, (0..length - SLACK).map(Fate::Reset)).await {
        assert_eq!(report.diagnosis.verdict, Verdict::NotReachable, "{fate:?}: {}", report.diagnosis.summary);
        let told = last_failure(&report);
        assert!(matches!(told, Some(Failure::Reset { .. })), "{fate:?}: {told:?}");
    }
}

#[tokio::test]
async fn an_end_after_some_bytes_is_told_as_one() {
    let server = rehearsal::play(PERSONA).await;
    let length = whole(server).await;
    for (fate, report) in each(server, (0..length - SLACK).step_by(7).map(Fate::Close)).await {
        assert_eq!(report.diagnosis.verdict, Verdict::NotReachable, "{fate:?}: {}", report.diagnosis.summary);
        let told = last_failure(&report);
        assert!(matches!(told, Some(Failure::Closed { .. })), "{fate:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_changed_byte_ends_the_probe_all_the_same() {
    let server = rehearsal::play(PERSONA).await;
    let length = whole(server).await;
    // In clear each byte, under encryption one in seven: whichever it is, the tag does not fit any more.
    let changed = (0..CLEAR).chain((CLEAR..length - SLACK).step_by(7));
    for (fate, report) in each(server, changed.map(Fate::Changed)).await {
        // Under encryption no change passes; in clear there are bytes that mean nothing.
        let Fate::Changed(at) = fate else { panic!() };
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap().diagnosis, report.diagnosis, "{at}");
        if at >= CLEAR {
            assert!(route(&report).credssp.seen().is_none(), "{at}: {:?}", route(&report).credssp);
        }
    }
}

/// Connection Confirm, ServerHello and change_cipher_spec: all that is in clear.
const CLEAR: usize = 19 + 5 + 122 + 6;

/// A certificate's serial number and signature may be a few bytes shorter in one conversation than in the next, and what
/// comes after the challenge (a close_notify) is not waited for.
const SLACK: usize = 64;
