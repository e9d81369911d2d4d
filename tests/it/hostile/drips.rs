//! One byte each 100 ms, at each stage: the stage ends by its own deadline, and by no later one.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use std::{iter, thread};

use rdprobe::evidence::{Failure, Route};
use rdprobe::probe::Plan;
use rdprobe::probe::hold::{self, End, Holding};
use rdprobe::probe::plan::Timeouts;
use rdprobe::probe::round::Manner;
use tokio::io::AsyncWriteExt;
use tokio::sync::{oneshot, watch};

use super::server::{CERTIFICATE, asked, drip, flood, hello, negotiate, request, serve, stay, tls};
use super::{NEVER, credssp, first_reply, refused, route};

/// What a stage may take here; without an end of its own a drip would go on for hours.
const STAGE: Duration = Duration::from_millis(450);

fn plan() -> Plan {
    let timeouts = Timeouts {
        connect: NEVER,
        negotiate: STAGE,
        tls: STAGE,
        credssp: STAGE,
        total: NEVER,
        ..Timeouts::default()
    };
    Plan { timeouts, ..Plan::default() }
}

/// The plan for a drip at one stage, on a busy machine: the stages before it have all the time that they want.
fn patient_until(drips: impl Fn(&mut Timeouts)) -> Plan {
    let mut plan = plan();
    (plan.timeouts.negotiate, plan.timeouts.tls, plan.timeouts.credssp) = (NEVER, NEVER, NEVER);
    drips(&mut plan.timeouts);
    plan
}

/// Whether it went on until the deadline, and some of the drip had come by then.
fn dripped(failure: Option<&Failure>) -> bool {
    let Some(Failure::TimedOut { after_ms, bytes_read }) = failure else { return false };
    assert!(after_ms.0 >= STAGE.as_secs_f64() * 1e3, "{after_ms:?}");
    (1..200).contains(bytes_read)
}

/// Probes until it ended amid the drip in all these stages. A machine that stands still for as long as a stage may take
/// lets nothing drip, or cuts off an earlier stage: that is looked at again.
async fn ends_amid(address: SocketAddr, plan: &Plan, stages: fn(&Route) -> Vec<Option<&Failure>>) {
    let mut seen = Vec::new();
    for _ in 0..5 {
        let report = refused(address, plan).await;
        let told = stages(route(&report));
        if told.iter().all(|failure| dripped(*failure)) {
            return;
        }
        seen.push(format!("{told:?}"));
    }
    panic!("not once amid the drip: {seen:#?}");
}

#[tokio::test]
async fn in_a_connection_confirm() {
    let address = serve(|mut stream| async move {
        request(&mut stream).await?;
        drip(&mut stream, &[3, 0, 0xff, 0xff, 0]).await
    })
    .await;
    ends_amid(address, &plan(), |route| vec![route.negotiate[0].reply.failure()]).await;
}

#[tokio::test]
async fn before_a_request_is_read() {
    let address = serve(|mut stream| async move { drip(&mut stream, b"SSH-2.0-x").await }).await;
    let report = refused(address, &plan()).await;
    // The first four bytes say that it is no RDP, and the rest of a banner is waited for no longer than a moment.
    let told = first_reply(&report);
    assert!(matches!(told, Failure::NotRdp { .. } | Failure::TimedOut { .. }), "{told:?}");
}

#[tokio::test]
async fn in_the_answer_to_a_hello() {
    let address = serve(|mut stream| async move {
        negotiate(&mut stream).await?;
        hello(&mut stream).await?;
        drip(&mut stream, &[22, 3, 3, 0x40, 0, 2, 0, 0x3f, 0xfc, 3, 3, 0]).await
    })
    .await;
    let plan = patient_until(|timeouts| timeouts.tls = STAGE);
    ends_amid(address, &plan, |route| {
        let attempts = route.tls_versions.iter().map(|attempt| attempt.step.failure());
        iter::once(route.handshake.failure()).chain(attempts).collect()
    })
    .await;
}

#[tokio::test]
async fn in_a_frame_in_clear_where_tls_should_begin() {
    let address = serve(|mut stream| async move {
        negotiate(&mut stream).await?;
        hello(&mut stream).await?;
        drip(&mut stream, &[3, 0, 0xff, 0xff, 2, 0xf0, 0x80, 0]).await
    })
    .await;
    let plan = patient_until(|timeouts| timeouts.tls = STAGE);
    ends_amid(address, &plan, |route| vec![route.handshake.failure()]).await;
}

#[tokio::test]
async fn in_a_ts_request() {
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 0);
    let address = serve(move |stream| {
        let config = config.clone();
        async move { drip(&mut asked(stream, config).await?, &[0x30, 0x82, 0xff, 0, 0]).await }
    })
    .await;
    let plan = patient_until(|timeouts| timeouts.credssp = STAGE);
    let report = refused(address, &plan).await;
    let Failure::TimedOut { after_ms, .. } = credssp(&report) else { panic!("{:?}", credssp(&report)) };
    assert!(after_ms.0 >= STAGE.as_secs_f64() * 1e3, "{after_ms:?}");
}

#[tokio::test]
async fn in_an_mcs_connect_response() {
    let address = serve(|mut stream| async move {
        request(&mut stream).await?;
        stream.write_all(&[3, 0, 0, 11, 6, 0xd0, 0, 0, 0x12, 0x34, 0]).await?;
        drip(&mut stream, &[3, 0, 0xff, 0xff, 2, 0xf0, 0x80, 0]).await
    })
    .await;
    ends_amid(address, &plan(), |route| vec![route.standard_security.failure()]).await;
}

/// The whole probe has an end too, whatever its stages may take.
#[tokio::test]
async fn the_whole_probe_ends_at_its_own_deadline() {
    let address = serve(|mut stream| async move {
        request(&mut stream).await?;
        drip(&mut stream, &[3, 0, 0xff, 0xff, 0]).await
    })
    .await;
    let mut plan = patient_until(|_| {});
    plan.timeouts.total = STAGE;
    let began = Instant::now();
    let report = super::ended(address, &plan).await;
    assert!(report.evidence.interrupted);
    assert!(began.elapsed() < NEVER / 4, "{:?}", began.elapsed());
}

/// Nothing depends on the peer's side of a farewell.
#[tokio::test]
async fn after_the_last_words() {
    let address = serve(|mut stream| async move {
        request(&mut stream).await?;
        stream
            .write_all(&data_encoding::HEXLOWER.decode(b"030000130ed000001234000300080005000000").unwrap())
            .await?;
        flood(&mut stream, &[0]).await
    })
    .await;
    let began = Instant::now();
    refused(address, &patient_until(|_| {})).await;
    assert!(began.elapsed() < NEVER / 4, "{:?}", began.elapsed());
}

/// A peer that never stops talking does not hold a held connection beyond its time.
#[tokio::test]
async fn a_flood_over_a_held_connection() {
    let address = serve(|mut stream| async move {
        negotiate(&mut stream).await?;
        flood(&mut stream, &[0]).await
    })
    .await;
    let (plan, (_halt, halted)) = (patient_until(|_| {}), watch::channel(false));
    let mut held = hold::open(address, &plan, &Manner::usual(&plan), halted).await.unwrap();
    let holding = Holding {
        keep_alive: Some(Duration::from_secs(1)),
        for_at_most: STAGE,
        patience: Duration::from_secs(1),
    };
    let ended = tokio::time::timeout(NEVER, held.hold(&holding)).await.expect("an end");
    assert_eq!(ended.end, End::Survived);
    assert!(ended.age < NEVER / 4, "{ended:?}");
    tokio::time::timeout(NEVER, held.leave()).await.expect("an end of the farewell");
}

/// Nor is it read on for as long as there is something to read: the reads after the end of its time would each be ready
/// at once, so that no timer is ever asked.
#[tokio::test]
async fn what_waits_to_be_read_at_the_end_of_a_hold_is_left() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = oneshot::channel();
    let peer = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).unwrap(), 0);
        stream.write_all(&[3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0]).unwrap();
        // As much as fits on the way.
        stream.set_nonblocking(true).unwrap();
        while stream.write(&[0; 8 * 1024]).is_ok() {}
        tell.send(()).unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.read(&mut [0; 1024]).map_err(|error| error.kind())
    });
    let (plan, (_halt, halted)) = (patient_until(|_| {}), watch::channel(false));
    let mut held = hold::open(address, &plan, &Manner::usual(&plan), halted).await.unwrap();
    told.await.unwrap();
    let over = Holding {
        keep_alive: Some(Duration::from_secs(1)),
        for_at_most: Duration::ZERO,
        patience: Duration::from_secs(1),
    };
    assert_eq!(held.hold(&over).await.end, End::Survived);
    drop(held);
    // Whoever closes with bytes unread resets.
    assert_eq!(peer.join().unwrap(), Err(ErrorKind::ConnectionReset));
}

/// A peer that takes nothing: its window is closed.
#[tokio::test]
async fn a_peer_that_reads_nothing() {
    let address = serve(|stream| async move {
        tokio::time::sleep(NEVER).await;
        stay(stream).await
    })
    .await;
    let report = refused(address, &plan()).await;
    assert!(
        matches!(first_reply(&report), Failure::TimedOut { bytes_read: 0, .. }),
        "{:?}",
        first_reply(&report)
    );
}
