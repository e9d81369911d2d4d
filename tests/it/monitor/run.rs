//! The driver against servers on loopback: when rounds are made, what a stall costs, what orders do.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rdprobe::evidence::{Failure, Round, Stage};
use rdprobe::monitor::board::Board;
use rdprobe::monitor::event::Event;
use rdprobe::monitor::health::Health;
use rdprobe::monitor::latency::Interval;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::run::{self, Order};
use rdprobe::monitor::settings::Settings;
use rdprobe::target::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::rehearsal::{patient, play, target};

/// What a listener heard.
#[derive(Debug)]
pub(crate) enum Heard {
    Round(String, Box<Round>),
    Interval(String, Box<Interval>),
    Event(Box<Event>),
}

struct Ear(mpsc::UnboundedSender<Heard>);

impl Listener for Ear {
    fn round(&self, target: &str, round: &Round, _: &Health) {
        drop(self.0.send(Heard::Round(target.to_owned(), Box::new(round.clone()))));
    }

    fn interval(&self, target: &str, interval: &Interval) {
        drop(self.0.send(Heard::Interval(target.to_owned(), Box::new(interval.clone()))));
    }

    fn event(&self, event: &Event) {
        drop(self.0.send(Heard::Event(Box::new(event.clone()))));
    }
}

/// A monitor at work.
pub(crate) struct Monitor {
    pub(crate) board: Arc<Board>,
    pub(crate) orders: mpsc::Sender<Order>,
    heard: mpsc::UnboundedReceiver<Heard>,
    task: JoinHandle<()>,
}

/// Nothing on loopback takes that long.
const FAR: Duration = Duration::from_mins(1);

impl Monitor {
    pub(crate) fn start(targets: Vec<Target>, settings: Settings) -> Self {
        let board = Arc::new(Board::new(targets, &settings));
        let (ear, heard) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::channel(1);
        let task = tokio::spawn(run::run(Arc::clone(&board), settings, vec![Arc::new(Ear(ear))], ordered));
        Self { board, orders, heard, task }
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        tokio::time::timeout(FAR, self.heard.recv()).await.expect("the monitor fell silent").unwrap()
    }

    /// The next round of any target.
    pub(crate) async fn round(&mut self) -> (String, Round) {
        loop {
            if let Heard::Round(target, round) = self.hear().await {
                return (target, *round);
            }
        }
    }

    /// Waits for a round that is as wanted.
    pub(crate) async fn round_until(&mut self, wanted: impl Fn(&Round) -> bool) -> Round {
        let waiting = async {
            loop {
                let (_, round) = self.round().await;
                if wanted(&round) {
                    return round;
                }
            }
        };
        tokio::time::timeout(FAR, waiting).await.expect("no such round")
    }

    /// Stops it and returns what was still said.
    pub(crate) async fn stop(mut self) -> Vec<Heard> {
        self.orders.send(Order::Stop).await.unwrap();
        // Two seconds are promised; a busy machine may take longer to see them through.
        tokio::time::timeout(Duration::from_secs(5), self.task).await.expect("it did not stop").unwrap();
        let mut rest = Vec::new();
        while let Ok(heard) = self.heard.try_recv() {
            rest.push(heard);
        }
        rest
    }
}

/// Rounds every so many milliseconds.
pub(crate) fn every(millis: u64) -> Settings {
    Settings { interval: Duration::from_millis(millis), plan: patient(), ..Settings::default() }
}

fn micros(round: &Round) -> i64 {
    round.due.as_microsecond()
}

#[tokio::test]
async fn each_target_has_its_own_turns_on_one_schedule() {
    let mut targets = Vec::new();
    for _ in 0..3 {
        targets.push(target(play("windows-2022-nla").await));
    }
    let mut monitor = Monitor::start(targets, every(100));
    let mut rounds: BTreeMap<String, Vec<Round>> = BTreeMap::new();
    while rounds.len() < 3 || rounds.values().any(|rounds| rounds.len() < 6) {
        let (target, round) = monitor.round().await;
        rounds.entry(target).or_default().push(round);
    }
    monitor.stop().await;
    let mut phases = Vec::new();
    for rounds in rounds.values() {
        let first = micros(&rounds[0]);
        for round in rounds {
            assert!(round.negotiate.seen().is_some(), "{round:?}");
            assert_eq!(round.depth, Stage::Negotiate);
            assert!(!round.handshake.ran(), "{round:?}");
            // The wall clock is read beside the one that the schedule goes by.
            let off = (micros(round) - first + 50_000).rem_euclid(100_000) - 50_000;
            assert!(off.abs() < 20_000, "{off} µs off the schedule");
        }
        phases.push(first.rem_euclid(100_000));
    }
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases.len(), 3, "they march in step: {phases:?}");
}

/// Answers each request after a time.
async fn slow_server(delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 1024];
                if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
                    tokio::time::sleep(delay).await;
                    let confirm = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];
                    drop(stream.write_all(&confirm).await);
                    drop(stream.read_to_end(&mut request).await);
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_stalled_round_leaves_out_turns_and_shifts_none() {
    let address = slow_server(Duration::from_millis(250)).await;
    let mut monitor = Monitor::start(vec![target(address)], every(100));
    let mut rounds = Vec::new();
    while rounds.len() < 4 {
        rounds.push(monitor.round().await.1);
    }
    let mut missed = 0;
    for pair in rounds.windows(2) {
        let apart = micros(&pair[1]) - micros(&pair[0]);
        let turns = (apart + 50_000) / 100_000;
        assert!(turns >= 3, "{turns} intervals between two rounds of 250 ms");
        assert!((apart - turns * 100_000).abs() < 20_000, "{apart} µs is off the schedule");
        assert!(pair[0].negotiate.elapsed_ms.0 >= 249.0, "{:?}", pair[0]);
        missed += turns - 1;
    }
    let seen = monitor.board.views()[0].missed;
    assert!(seen >= u64::try_from(missed).unwrap(), "{seen} of {missed}");
    monitor.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_no_silent_server() {
    let monitor = Monitor::start(vec![target(play("silent").await)], every(50));
    // Only what ended is told: a round that the stop cut short says nothing of the target.
    let rest = monitor.stop().await;
    for heard in rest {
        if let Heard::Round(_, round) = heard {
            assert!(!matches!(round.negotiate.failure(), Some(Failure::Interrupted)), "{round:?}");
        }
    }
}

#[tokio::test]
async fn targets_come_and_go_and_the_others_keep_their_history() {
    let mut targets = Vec::new();
    for _ in 0..3 {
        targets.push(target(play("windows-2022-nla").await));
    }
    let [first, second, third] = [0, 1, 2].map(|index| targets[index].clone());
    let mut monitor = Monitor::start(vec![first.clone(), second.clone(), second.clone()], every(50));
    assert_eq!(monitor.board.len(), 2, "one given twice is there once");
    while monitor.board.views().iter().any(|view| view.rounds < 3) {
        monitor.round().await;
    }
    monitor.orders.send(Order::Targets(vec![third.clone(), second.clone()])).await.unwrap();
    loop {
        if let Heard::Interval(target, interval) = monitor.hear().await {
            assert_eq!(target, first.input, "the one that is gone has its last interval");
            assert!(interval.rounds >= 3, "{interval:?}");
            break;
        }
    }
    while monitor.round().await.0 != third.input {}
    let views = monitor.board.views();
    assert_eq!(views.iter().map(|view| &view.target).collect::<Vec<_>>(), [&third.input, &second.input]);
    assert!(views[1].rounds >= 3, "{}", views[1].rounds);
    let rest = monitor.stop().await;
    let mut last: Vec<_> = rest
        .iter()
        .filter_map(|heard| if let Heard::Interval(target, _) = heard { Some(target) } else { None })
        .collect();
    last.sort();
    let mut expected = [&second.input, &third.input];
    expected.sort();
    assert_eq!(last, expected, "the last interval ends with the monitor");
}
