//! Held connections: closed by the server, left alone, reset, and cut off on the way.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdprobe::monitor::event::What;
use rdprobe::monitor::settings::{Hold, Settings};
use rdprobe::monitor::state::State;
use rdprobe::probe::hold::{self, End, Ended, Held, Holding};
use rdprobe::probe::round::Manner;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::run::{Heard, Monitor, every};
use crate::rehearsal::{closed, patient, target};

/// A Connection Confirm that selects CredSSP.
const CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];

/// What the server does with a negotiated connection, when told to.
#[derive(Clone)]
enum Then {
    Keep,
    Close(Arc<Notify>),
    Reset(Arc<Notify>),
    SayOnce(Arc<Notify>),
}

async fn server(then: Then) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, then.clone()));
        }
    });
    address
}

async fn serve(mut stream: TcpStream, then: Then) {
    let mut request = vec![0; 1024];
    assert!(stream.read(&mut request).await.unwrap() > 0);
    stream.write_all(&CONFIRM).await.unwrap();
    match then {
        Then::Keep => {}
        Then::Close(now) => return now.notified().await,
        Then::Reset(now) => {
            now.notified().await;
            return SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
        }
        Then::SayOnce(now) => {
            now.notified().await;
            stream.write_all(b"?").await.unwrap();
        }
    }
    drop(stream.read_to_end(&mut request).await);
}

async fn open(address: SocketAddr) -> Held {
    let (_stop, halt) = watch::channel(false);
    let plan = patient();
    hold::open(address, &plan, &Manner::usual(&plan), halt).await.unwrap()
}

async fn held(address: SocketAddr, holding: Holding) -> Ended {
    let mut held = open(address).await;
    let ended = held.hold(&holding).await;
    held.leave().await;
    ended
}

/// Holds a connection whose server is told to go on so long after it was open; also how long before
/// the end it was told.
async fn held_until(then: fn(Arc<Notify>) -> Then, after: Duration, holding: Holding) -> (Ended, Duration) {
    let now = Arc::new(Notify::new());
    let mut held = open(server(then(now.clone())).await).await;
    let told = async {
        tokio::time::sleep(after).await;
        let told = Instant::now();
        now.notify_one();
        told
    };
    let (ended, told) = tokio::join!(held.hold(&holding), told);
    let since = told.elapsed();
    held.leave().await;
    (ended, since)
}

const fn idle(for_at_most: Duration) -> Holding {
    Holding { keep_alive: None, for_at_most, patience: Duration::from_secs(1) }
}

#[tokio::test]
async fn a_close_and_a_reset_are_told_apart_and_timed() {
    let after = Duration::from_millis(300);
    let (closed, _) = held_until(Then::Close, after, idle(Duration::from_secs(60))).await;
    let (reset, _) = held_until(Then::Reset, after, idle(Duration::from_secs(60))).await;
    assert_eq!((closed.end, reset.end), (End::Fin, End::Reset));
    for ended in [closed, reset] {
        assert!(ended.age >= after && ended.age < Duration::from_secs(30), "{ended:?}");
        assert!(ended.idle <= ended.age, "{ended:?}");
    }
}

#[tokio::test]
async fn what_is_still_there_at_the_end_survived() {
    let for_at_most = Duration::from_millis(500);
    let ended = held(server(Then::Keep).await, idle(for_at_most)).await;
    assert_eq!(ended.end, End::Survived);
    assert!(ended.idle >= for_at_most, "{ended:?}");
    // It was asked at the end, which takes its time.
    assert!(ended.age >= ended.idle + Duration::from_secs(2), "{ended:?}");

    let kept = Holding { keep_alive: Some(Duration::from_secs(1)), ..idle(Duration::from_millis(2_500)) };
    let ended = held(server(Then::Keep).await, kept).await;
    assert_eq!((ended.end, ended.idle), (End::Survived, Duration::ZERO));
    assert!(ended.age >= kept.for_at_most, "{ended:?}");
}

/// The server's own limit falls into the question after the idle time: that is no path that cuts.
#[tokio::test]
async fn a_close_after_the_idle_time_is_not_held_against_the_path() {
    let asked = Holding { patience: Duration::from_secs(20), ..idle(Duration::from_millis(500)) };
    let after = Duration::from_secs(2);
    let (closed, _) = held_until(Then::Close, after, asked).await;
    let (reset, _) = held_until(Then::Reset, after, asked).await;
    assert_eq!((closed.end, reset.end), (End::Survived, End::Reset));
    assert!(closed.idle < after && closed.age >= after, "{closed:?}");
}

#[tokio::test]
async fn what_the_peer_says_ends_the_idleness_and_not_the_hold() {
    let holding = idle(Duration::from_secs(2));
    let (ended, since_said) = held_until(Then::SayOnce, Duration::from_millis(400), holding).await;
    // The idleness ends when the path is asked, which takes two seconds and the patience.
    let since_said = since_said.saturating_sub(2 * Duration::from_secs(1) + holding.patience);
    assert_eq!(ended.end, End::Survived);
    assert!(ended.idle <= since_said, "{ended:?}, {since_said:?}");
}

#[tokio::test]
async fn nothing_is_held_where_nothing_answers() {
    let (_stop, halt) = watch::channel(false);
    let plan = patient();
    let failure = hold::open(closed(), &plan, &Manner::usual(&plan), halt).await.unwrap_err();
    assert!(matches!(failure, rdprobe::evidence::Failure::Refused { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_server_that_goes_down_is_an_outage_and_no_lost_connection_beside_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let mut all = JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            all.spawn(serve(stream, Then::Keep));
        }
    });
    let second = Duration::from_secs(1);
    let hold = Hold { idle_steps: vec![2 * second], keep_alive: second, patience: second };
    let mut monitor = Monitor::start(vec![target(address)], Settings { hold: Some(hold), ..every(1_000) });
    // The first shows that there is no limit, the second that idleness is allowed; the third is guarded.
    let mut ended = BTreeSet::new();
    while ended.len() < 2 {
        monitor.round().await;
        let held = monitor.board.with(0, |watched| watched.view().held).unwrap();
        ended.extend(held.map(|held| held.opened));
    }
    monitor.round().await;
    monitor.round().await;
    // Its end comes at once, and the next round most of a second later.
    server.abort();
    loop {
        let Heard::Event(event) = monitor.hear().await else { continue };
        assert!(!matches!(event.what, What::HeldLost { .. }), "{event:?}");
        if matches!(event.what, What::State { to: State::Down, .. }) {
            break;
        }
    }
    monitor.round().await;
    let lost = |heard: &Heard| matches!(heard, Heard::Event(it) if matches!(it.what, What::HeldLost { .. }));
    let rest = monitor.stop().await;
    assert!(!rest.iter().any(lost), "{rest:?}");
}
