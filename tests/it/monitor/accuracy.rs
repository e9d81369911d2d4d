//! Is the latency that is shown the latency that was? Against a server that measures what it adds.
//!
//! The truth of one round is the time from the moment at which the server's kernel had the request to the one at which
//! the server wrote the answer, plus what loopback itself takes: the median of what the barest client, a thread that
//! blocks, sees beyond that at the same time. What is shown may be off by 3 % or by 200 µs, whichever is more. Other
//! work on the machine may spoil a measurement: then the whole of it is made again.

use std::io::{IoSliceMut, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use jiff::Timestamp;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use rdprobe::evidence::{Round, Stage};
use rdprobe::monitor::latency::Phase;
use rdprobe::monitor::settings::Settings;
use rdprobe::probe::Plan;

use super::run::{Monitor, every};
use crate::rehearsal::target;

/// What the server did with one request.
#[derive(Debug, Clone, Copy)]
struct Answered {
    /// When the kernel had the request.
    got: Timestamp,
    /// From then to the answer.
    held: Duration,
}

/// A server on a thread of its own, one connection after the other.
struct Responder {
    address: SocketAddr,
    answered: Arc<Mutex<Vec<Answered>>>,
}

impl Responder {
    /// `wait` says how long to hold an answer back that was asked for so long after the server's beginning.
    fn start(wait: impl Fn(Duration) -> Duration + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        setsockopt(&listener, sockopt::ReceiveTimestampns, &true).unwrap();
        let address = listener.local_addr().unwrap();
        let answered = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&answered);
        std::thread::spawn(move || {
            let began = Instant::now();
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                stream.set_nodelay(true).unwrap();
                let Some(got) = request(&stream) else { continue };
                let wait = wait(began.elapsed());
                if !wait.is_zero() {
                    std::thread::sleep(wait);
                }
                let held = Timestamp::now().duration_since(got);
                let confirm = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];
                drop(stream.write_all(&confirm));
                kept.lock().unwrap().push(Answered { got, held: held.try_into().unwrap() });
                drop(stream.read(&mut [0; 64]));
            }
        });
        Self { address, answered }
    }

    fn answered(&self) -> Vec<Answered> {
        self.answered.lock().unwrap().clone()
    }
}

/// Waits for a request and returns when the kernel had it; none if the client left without one.
fn request(stream: &TcpStream) -> Option<Timestamp> {
    let mut bytes = [0; 1024];
    let mut buffers = [IoSliceMut::new(&mut bytes)];
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
    let message =
        recvmsg::<()>(stream.as_raw_fd(), &mut buffers, Some(&mut control), MsgFlags::empty()).ok()?;
    if message.bytes == 0 {
        return None;
    }
    let at = message.cmsgs().unwrap().find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(at) => Some(at),
        _ => None,
    });
    let at = at.expect("the kernel notes when a segment came");
    Some(Timestamp::new(at.tv_sec(), i32::try_from(at.tv_nsec()).unwrap()).unwrap())
}

/// What a client that does nothing else sees beyond the server's own time: the median of so many requests.
fn loopback(added: Duration) -> Duration {
    let server = Responder::start(move |_| added);
    let mut own: Vec<Duration> = (1..=41)
        .map(|count| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.set_nodelay(true).unwrap();
            let began = Instant::now();
            stream.write_all(&[0; 44]).unwrap();
            let _ = stream.read(&mut [0; 64]).unwrap();
            let took = began.elapsed();
            drop(stream);
            while server.answered().len() < count {
                std::thread::yield_now();
            }
            std::thread::sleep(Duration::from_millis(250));
            took.saturating_sub(server.answered().last().unwrap().held)
        })
        .collect();
    own.sort_unstable();
    own[own.len() / 2]
}

/// Rounds that negotiate; the deep probe beside only connects, so that every request is a round's.
fn settings(millis: u64) -> Settings {
    let settings = every(millis);
    let plan = Plan { depth: Stage::Connect, ..settings.plan.clone() };
    Settings { plan, ..settings }
}

const QUANTILES: [f64; 5] = [0.5, 0.75, 0.9, 0.95, 0.99];

fn histogram(micros: impl Iterator<Item = u64>) -> Histogram<u32> {
    let mut histogram = Histogram::new_with_bounds(1, 60_000_000, 3).unwrap();
    micros.for_each(|micros| histogram.record(micros.max(1)).unwrap());
    histogram
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap()
}

/// How far a percentile is off, if it is too far.
fn off(shown: &Histogram<u32>, truth: &Histogram<u32>, quantile: f64) -> Option<String> {
    let (shown, truth) = (shown.value_at_quantile(quantile), truth.value_at_quantile(quantile));
    let allowed = (truth * 3 / 100).max(200);
    (shown.abs_diff(truth) > allowed).then(|| format!("p{}: {shown} µs for {truth} µs", quantile * 100.0))
}

/// Makes a measurement up to so many times, until one is within its bars.
async fn measure(times: u32, mut once: impl AsyncFnMut() -> Vec<String>) {
    let mut wrong = Vec::new();
    for _ in 0..times {
        wrong = once().await;
        if wrong.is_empty() {
            return;
        }
        eprintln!("measured again: {}", wrong.join("; "));
    }
    panic!("{}", wrong.join("; "));
}

const ADDED_MS: [u64; 4] = [0, 5, 50, 200];

#[tokio::test]
#[ignore = "needs a quiet minute: run by tests/run"]
async fn every_percentile_is_the_delay_that_the_server_added() {
    measure(3, async || {
        let servers: Vec<Responder> = ADDED_MS
            .iter()
            .map(|added| Duration::from_millis(*added))
            .map(|added| Responder::start(move |_| added))
            .collect();
        let targets = servers.iter().map(|server| target(server.address)).collect();
        let own = ADDED_MS.map(|added| std::thread::spawn(move || loopback(Duration::from_millis(added))));
        let mut monitor = Monitor::start(targets, settings(250));
        let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); servers.len()];
        while rounds.iter().any(|rounds| rounds.len() < 120) {
            let (name, round) = monitor.round().await;
            let index = servers.iter().position(|server| server.address.to_string() == name).unwrap();
            assert!(round.negotiate.seen().is_some(), "{round:?}");
            rounds[index].push(round);
        }
        let shown: Vec<Histogram<u32>> = (0..servers.len())
            .map(|index| monitor.board.with(index, |watched| watched.latency().raw(Phase::X224)))
            .map(|shown| shown.unwrap().unwrap())
            .collect();
        monitor.stop().await;
        let own = own.map(|own| own.join().unwrap());
        let mut wrong = Vec::new();
        for ((((server, added), own), rounds), shown) in
            servers.iter().zip(ADDED_MS).zip(own).zip(&rounds).zip(&shown)
        {
            let answered = server.answered();
            if !(rounds.len()..=rounds.len() + 2).contains(&answered.len()) {
                wrong.push(format!("{} requests for {} rounds", answered.len(), rounds.len()));
            }
            assert!(answered.iter().all(|it| it.held >= Duration::from_millis(added)), "{answered:?}");
            let truth = histogram(answered.iter().map(|answered| micros(answered.held + own)));
            let quantiles = QUANTILES.iter().filter_map(|quantile| off(shown, &truth, *quantile));
            wrong.extend(quantiles.map(|off| format!("{added} ms added, {own:?} loopback: {off}")));
        }
        wrong
    })
    .await;
}

/// For two seconds of each minute nothing is answered.
fn stall(since: Duration) -> Duration {
    let (from, to) = (Duration::from_secs(20), Duration::from_secs(22));
    let within = Duration::from_secs_f64(since.as_secs_f64() % 60.0);
    if within >= from { to.saturating_sub(within) } else { Duration::ZERO }
}

/// A user who came at any time, not only when the stalled round let the next one go, waited like this.
#[tokio::test]
#[ignore = "needs two quiet minutes: run by tests/run"]
async fn a_stall_of_two_seconds_a_minute_shows_in_the_corrected_p99_and_not_in_the_raw_one() {
    measure(2, async || {
        let server = Responder::start(stall);
        let every = Duration::from_millis(20);
        let mut monitor = Monitor::start(vec![target(server.address)], settings(20));
        let first = monitor.round().await.1.due;
        let end = first + Duration::from_secs(120);
        while monitor.round().await.1.due < end {}
        let (raw, corrected) = monitor
            .board
            .with(0, |watched| (watched.latency().raw(Phase::X224), watched.latency().corrected(Phase::X224)))
            .unwrap();
        monitor.stop().await;
        let truth = everybody(first, end, every, &server.answered());
        let (raw, corrected) = (raw.unwrap(), corrected.unwrap());
        let (raw_p99, true_p99) = (raw.value_at_quantile(0.99), truth.value_at_quantile(0.99));
        let mut wrong: Vec<String> = off(&corrected, &truth, 0.99).into_iter().collect();
        if !(1_300_000..1_500_000).contains(&true_p99) {
            wrong.push(format!("{true_p99} µs: the stall is not what it should be"));
        }
        if raw_p99 * 10 > true_p99 {
            wrong.push(format!("the raw p99, {raw_p99} µs, hides nothing"));
        }
        wrong
    })
    .await;
}

/// How long each turn of the schedule would have waited: until the end of the stall that it fell into, if any.
fn everybody(first: Timestamp, end: Timestamp, every: Duration, answered: &[Answered]) -> Histogram<u32> {
    let stalls: Vec<(Timestamp, Timestamp)> = answered
        .iter()
        .filter(|answered| answered.held > Duration::from_millis(500))
        .map(|stalled| (stalled.got, stalled.got + stalled.held))
        .collect();
    let turns = std::iter::successors(Some(first), |turn| Some(*turn + every)).take_while(|turn| *turn < end);
    histogram(turns.map(|turn| {
        let stalled = stalls.iter().find(|(from, to)| turn >= *from - every && turn < *to);
        let wait = stalled.map_or(jiff::SignedDuration::ZERO, |(_, to)| to.duration_since(turn));
        u64::try_from(wait.as_micros()).unwrap()
    }))
}
