//! The driver against servers on loopback: when rounds are made, what a stall costs, what orders do.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rdprobe::evidence::{Because, Failure, Outcome, Round, Stage};
use rdprobe::monitor::board::Board;
use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::health::Health;
use rdprobe::monitor::hold::Ending;
use rdprobe::monitor::latency::Interval;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::run::{self, Order};
use rdprobe::monitor::settings::{Hold, Settings};
use rdprobe::monitor::state::State;
use rdprobe::probe::Plan;
use rdprobe::target::{Host, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::dns::{self, Record, Reply};
use crate::rehearsal::{patient, play, play_again, target};

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
const FAR: Duration = Duration::from_secs(60);

impl Monitor {
    pub(crate) fn start(targets: Vec<Target>, settings: Settings) -> Self {
        Self::with(targets, settings, Vec::new())
    }

    /// One that tells these too.
    pub(crate) fn with(
        targets: Vec<Target>,
        settings: Settings,
        mut listeners: Vec<Arc<dyn Listener>>,
    ) -> Self {
        let board = Arc::new(Board::new(targets, &settings));
        let (ear, heard) = mpsc::unbounded_channel();
        let (orders, ordered) = mpsc::channel(1);
        listeners.push(Arc::new(Ear(ear)));
        let task = tokio::spawn(run::run(Arc::clone(&board), settings, listeners, ordered));
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
        tokio::time::timeout(FAR, self.task).await.expect("it did not stop").unwrap();
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
    let (mut phases, mut off) = (Vec::new(), Vec::new());
    for rounds in rounds.values() {
        let first = micros(&rounds[0]);
        for round in rounds {
            assert!(round.negotiate.seen().is_some(), "{round:?}");
            assert_eq!(round.depth, Stage::Negotiate);
            assert!(!round.handshake.ran(), "{round:?}");
            off.push((micros(round) - first + 50_000).rem_euclid(100_000) - 50_000);
        }
        phases.push(first.rem_euclid(100_000));
    }
    assert_on_schedule(off);
    phases.sort_unstable();
    phases.dedup();
    assert_eq!(phases.len(), 3, "they march in step: {phases:?}");
}

/// The wall clock is read beside the one that the schedule goes by: a machine that turns to something else just then
/// puts one of them off, and a schedule that drifts all of them.
fn assert_on_schedule(mut off_us: Vec<i64>) {
    off_us.sort_unstable_by_key(|off| off.abs());
    let usual = off_us[off_us.len() / 2];
    assert!(usual.abs() < 20_000, "off the schedule: {off_us:?} µs");
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
    let (mut missed, mut off) = (0, Vec::new());
    for pair in rounds.windows(2) {
        let apart = micros(&pair[1]) - micros(&pair[0]);
        let turns = (apart + 50_000) / 100_000;
        assert!(turns >= 3, "{turns} intervals between two rounds of 250 ms");
        off.push(apart - turns * 100_000);
        assert!(pair[0].negotiate.elapsed_ms.0 >= 249.0, "{:?}", pair[0]);
        missed += turns - 1;
    }
    assert_on_schedule(off);
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

impl Monitor {
    /// Waits for an event and gives what is wanted of it.
    pub(crate) async fn event<R>(&mut self, wanted: impl Fn(&What) -> Option<R>) -> R {
        let waiting = async {
            loop {
                if let Heard::Event(event) = self.hear().await
                    && let Some(found) = wanted(&event.what)
                {
                    return found;
                }
            }
        };
        tokio::time::timeout(FAR, waiting).await.expect("no such event")
    }
}

/// A persona at an address of its own, that can be ended and played again there.
async fn play_at(address: SocketAddr) -> (SocketAddr, JoinHandle<()>) {
    let server = play_again("windows-2022-nla", address).await;
    let address = server.local_addr();
    (address, tokio::spawn(async move { drop(server.run().await) }))
}

#[tokio::test]
async fn an_outage_is_seen_explained_and_ended_by_the_deep_probes_beside() {
    let (address, playing) = play_at("127.0.0.1:0".parse().unwrap()).await;
    let mut monitor = Monitor::start(vec![target(address)], every(50));
    let up = |what: &What| match what {
        What::State { to: State::Up, outage, .. } => Some(outage.clone()),
        _ => None,
    };
    assert!(monitor.event(up).await.is_none(), "the first state ends no outage");
    while monitor.board.views()[0].server.build.is_none() {
        monitor.round().await;
    }
    playing.abort();
    drop(playing.await);
    let since = monitor
        .event(|what| match what {
            What::State { to: State::Down, since, .. } => Some(*since),
            _ => None,
        })
        .await;
    let cause = monitor
        .event(|what| match what {
            What::Diagnosed { state: State::Down, cause, .. } => Some(cause.clone()),
            _ => None,
        })
        .await;
    let cause = cause.expect("a refused connection has causes");
    let (again, _playing) = play_at(address).await;
    assert_eq!(again, address);
    let outage = monitor.event(up).await.expect("it ends the outage");
    assert_eq!((outage.start, outage.cause), (since, Some(cause)));
    assert!(outage.end.is_some_and(|end| end > since), "{since} to {:?}", outage.end);
    monitor.stop().await;
}

/// One server, and a name that leads to it until it leads elsewhere or nowhere.
#[tokio::test]
async fn after_a_failure_the_name_is_asked_again_and_the_rounds_follow_it() {
    let (first, playing) = play_at("127.0.0.1:0".parse().unwrap()).await;
    let moved = SocketAddr::new("127.0.0.2".parse().unwrap(), first.port());
    let (moved, playing_there) = play_at(moved).await;
    let state = Arc::new(AtomicUsize::new(0));
    let dns = {
        let state = Arc::clone(&state);
        dns::Server::start(move |question| match (question.kind, state.load(Ordering::SeqCst)) {
            (dns::A, 0) => Reply::Records(vec![Record::Address("rdp.test", 3600, "127.0.0.1")]),
            (dns::A, 1) => Reply::Records(vec![Record::Address("rdp.test", 3600, "127.0.0.2")]),
            (_, 0 | 1) => Reply::Records(Vec::new()),
            _ => Reply::Code(3),
        })
        .await
    };
    let settings = every(100);
    let plan = Plan { resolver: Some(dns.address), ..settings.plan.clone() };
    let named = Target { input: "rdp.test".into(), host: Host::Name("rdp.test".into()), port: first.port() };
    let mut monitor = Monitor::start(vec![named], Settings { plan, ..settings });
    let resolved = monitor.round_until(|round| round.resolve.seen().is_some()).await;
    assert_eq!(resolved.address, Some(first));
    assert!(resolved.negotiate.seen().is_some(), "{resolved:?}");
    let known = monitor.round_until(|round| !round.resolve.ran()).await;
    assert_eq!((known.address, known.resolve.outcome), (Some(first), Outcome::Skipped(Because::NotAsked)));

    state.store(1, Ordering::SeqCst);
    playing.abort();
    drop(playing.await);
    let lost = monitor.round_until(|round| round.connect.failure().is_some()).await;
    assert_eq!(lost.address, Some(first), "an hour's TTL is believed until it fails");
    // On a busy machine a round may have failed before.
    monitor.round_until(|round| round.negotiate.seen().is_some() && round.address == Some(moved)).await;

    state.store(2, Ordering::SeqCst);
    playing_there.abort();
    let gone = monitor.round_until(|round| round.resolve.failure().is_some()).await;
    assert!(matches!(gone.resolve.failure(), Some(Failure::NoSuchName { .. })), "{gone:?}");
    assert_eq!((gone.address, gone.connect.ran()), (None, false));
    let asked = dns.asked().len();
    monitor.stop().await;
    assert!(asked < 60, "{asked} questions: the resolver is not the target");
}

#[tokio::test]
async fn a_held_connection_is_watched_beside_the_rounds() {
    let address = slow_server(Duration::ZERO).await;
    let hold = Hold {
        idle_steps: vec![Duration::from_secs(1)],
        keep_alive: Duration::from_secs(1),
        patience: Duration::from_secs(1),
    };
    let mut monitor = Monitor::start(vec![target(address)], Settings { hold: Some(hold), ..every(100) });
    while monitor.board.views()[0].held.is_none() {
        monitor.round().await;
    }
    let held = monitor.board.views()[0].held.clone().unwrap();
    assert_eq!(held.ending, Ending::Survived);
    assert!(held.age_s >= 1.0, "{held:?}");
    assert!(held.noticed > held.opened, "{held:?}");
    monitor.stop().await;
}
