//! The engine on real sockets: every target once, only so many at a time, and an end that waits for nobody.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rdprobe::diagnosis::Verdict;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::engine::{self, Finished, HOST_GAP, Load, Settings, Work};
use rdprobe::probe::Plan;
use rdprobe::report::Report;
use rdprobe::target::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

/// A connection confirm that chooses CredSSP (MS-RDPBCGR 2.2.1.2).
const CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0, 8, 0, 2, 0, 0, 0];

fn settings(depth: Depth, concurrency: usize) -> Settings {
    let plan = depth.plan(Plan { cookie: None, ..Plan::default() });
    Settings { plan, concurrency, rate: None, host_gap: Duration::ZERO }
}

/// So many addresses of loopback, on one port.
fn fleet(count: u64, port: u16) -> impl Iterator<Item = Work> {
    (0..count).map(move |position| {
        let [.., high, low] = position.to_be_bytes();
        let target = Target::parse(&format!("127.77.{high}.{low}:{port}")).unwrap();
        Work { position, target }
    })
}

/// Scans them all and returns what was seen, by position.
async fn scanned(work: impl Iterator<Item = Work> + Send + 'static, settings: Settings) -> Vec<Finished> {
    let (work_to, work_at) = mpsc::channel(16);
    let (finished_to, mut finished_at) = mpsc::channel(16);
    let (_halt, halted) = watch::channel(false);
    tokio::spawn(async move {
        for one in work {
            if work_to.send(one).await.is_err() {
                return;
            }
        }
    });
    tokio::spawn(engine::scan(work_at, finished_to, settings, Arc::default(), halted));
    let mut all = Vec::new();
    while let Some(finished) = finished_at.recv().await {
        all.push(finished);
    }
    all.sort_by_key(|finished| finished.position);
    all
}

#[tokio::test]
async fn every_target_is_finished_once_and_only_so_many_at_a_time() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (at_once, highest) = (Arc::clone(&now), Arc::clone(&most));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let at_once = Arc::clone(&at_once);
            highest.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut head = [0; 4];
                stream.read_exact(&mut head).await.unwrap();
                let mut rest = vec![0; usize::from(u16::from_be_bytes([head[2], head[3]])) - head.len()];
                stream.read_exact(&mut rest).await.unwrap();
                // Answered, the target may be done, and the next one be in flight.
                at_once.fetch_sub(1, Ordering::SeqCst);
                stream.write_all(&CONFIRM).await.ok();
                stream.read_to_end(&mut rest).await.ok();
            });
        }
    });
    let all = scanned(fleet(500, port), settings(Depth::X224, 8)).await;
    assert_eq!(
        all.iter().map(|finished| finished.position).collect::<Vec<_>>(),
        (0..500).collect::<Vec<_>>()
    );
    for Finished { evidence, position } in all {
        assert!(evidence.target.input.ends_with(&format!(".{}.{}:{port}", position / 256, position % 256)));
        assert_eq!(Report::new(evidence).diagnosis.verdict, Verdict::StagePassed);
    }
    assert!(most.load(Ordering::SeqCst) <= 8, "{most:?}");
}

#[tokio::test]
async fn the_depth_decides_what_is_said() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok(accepted) = listener.accept().await {
            held.push(accepted);
        }
    });
    let all = scanned(fleet(20, port), Settings { host_gap: HOST_GAP, ..settings(Depth::Tcp, 4) }).await;
    assert_eq!(all.len(), 20);
    for Finished { evidence, .. } in all {
        assert_eq!(evidence.routes[0].connections, 1);
        assert_eq!(Report::new(evidence).diagnosis.verdict, Verdict::StagePassed);
    }
}

#[tokio::test]
async fn after_a_halt_nothing_begins_and_what_waits_for_its_turn_is_left_undone() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let (work_to, work_at) = mpsc::channel(16);
    let (finished_to, mut finished_at) = mpsc::channel(100);
    let (halt, halted) = watch::channel(false);
    let load: Arc<Load> = Arc::default();
    // One connection a second: everything but the first waits.
    let settings = Settings { rate: NonZeroU32::new(1), ..settings(Depth::Tcp, 50) };
    let scan = tokio::spawn(engine::scan(work_at, finished_to, settings, Arc::clone(&load), halted));
    let feed = tokio::spawn(async move {
        let mut given = 0_u32;
        for one in fleet(1_000, port) {
            if work_to.send(one).await.is_err() {
                break;
            }
            given += 1;
        }
        given
    });
    let first = finished_at.recv().await.unwrap();
    // A moment passes from the turn to the connection, and no more than another turn from the end to the next.
    assert!(load.now().in_flight < 10, "who waits to begin is not in flight: {:?}", load.now());
    halt.send_replace(true);
    tokio::time::timeout(Duration::from_secs(20), scan).await.unwrap().unwrap();
    let mut finished = vec![first];
    while let Some(one) = finished_at.recv().await {
        finished.push(one);
    }
    assert!(finished.len() < 50, "{}", finished.len());
    assert!(feed.await.unwrap() < 1_000, "whoever feeds it learns of the end");
    assert!(finished.iter().all(|one| !one.evidence.interrupted), "nobody is told of half");
}

#[tokio::test]
async fn what_was_connected_to_is_probed_to_its_end_after_a_halt() {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (work_to, work_at) = mpsc::channel(16);
    let (finished_to, mut finished_at) = mpsc::channel(16);
    let (halt, halted) = watch::channel(false);
    // The rate keeps everything else from beginning, and the gap makes each further connection wait.
    let rate = NonZeroU32::new(2);
    let mut settings = Settings { rate, host_gap: Duration::from_millis(700), ..settings(Depth::Full, 50) };
    settings.plan.timeouts.negotiate = Duration::from_millis(300);
    for one in fleet(16, port) {
        work_to.send(one).await.unwrap();
    }
    let scan = tokio::spawn(engine::scan(work_at, finished_to, settings, Arc::default(), halted));
    let mut held = vec![listener.accept().await.unwrap()];
    halt.send_replace(true);
    tokio::spawn(async move {
        while let Ok(accepted) = listener.accept().await {
            held.push(accepted);
        }
    });
    let told = tokio::time::timeout(Duration::from_secs(120), finished_at.recv()).await.unwrap().unwrap();
    assert!(!told.evidence.interrupted);
    assert!(told.evidence.routes[0].connections > 1, "{:?}", told.evidence.routes);
    scan.await.unwrap();
    let mut others = 0;
    while finished_at.recv().await.is_some() {
        others += 1;
    }
    assert!(others < 15, "and nothing else begins");
}

#[tokio::test]
async fn a_desk_that_is_gone_ends_the_scan() {
    let (work_to, work_at) = mpsc::channel(1_000);
    let (finished_to, finished_at) = mpsc::channel(1);
    let (_halt, halted) = watch::channel(false);
    for one in fleet(500, 9) {
        work_to.send(one).await.unwrap();
    }
    drop(finished_at);
    let scan = engine::scan(work_at, finished_to, settings(Depth::Tcp, 4), Arc::default(), halted);
    tokio::time::timeout(Duration::from_secs(20), scan).await.unwrap();
}

#[tokio::test]
async fn a_silent_resolver_is_asked_again_and_then_nothing_is_said_of_the_host() {
    let resolver = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut settings = settings(Depth::X224, 4);
    settings.plan.resolver = Some(resolver.local_addr().unwrap());
    settings.plan.timeouts.resolve = Duration::from_millis(50);
    let load: Arc<Load> = Arc::default();
    let target = Target::parse("vm.example.").unwrap();
    let (work_to, work_at) = mpsc::channel(1);
    let (finished_to, mut finished_at) = mpsc::channel(1);
    let (_halt, halted) = watch::channel(false);
    work_to.send(Work { position: 0, target }).await.unwrap();
    drop(work_to);
    engine::scan(work_at, finished_to, settings, Arc::clone(&load), halted).await;
    let Finished { evidence, .. } = finished_at.recv().await.unwrap();
    assert_eq!(Report::new(evidence).diagnosis.verdict, Verdict::Undecided);
    assert_eq!(load.now().retried, 1);
}

/// Names that a resolver never answers for, then as many addresses.
fn names_first(names: u64, addresses: u64, port: u16) -> impl Iterator<Item = Work> {
    let target = |position| Target::parse(&format!("vm{position}.example.")).unwrap();
    let names = (0..names).map(move |position| Work { position, target: target(position) });
    let after = fleet(addresses, port).map(move |work| Work { position: work.position + 1_000_000, ..work });
    names.chain(after)
}

#[tokio::test]
async fn addresses_do_not_wait_for_names_that_nobody_answers_for() {
    let resolver = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut settings = settings(Depth::Tcp, 20);
    settings.plan.resolver = Some(resolver.local_addr().unwrap());
    // As good as never.
    settings.plan.timeouts.resolve = Duration::from_secs(3_000);
    settings.plan.timeouts.total = Duration::from_secs(9_000);
    let (work_to, work_at) = mpsc::channel(1);
    let (finished_to, mut finished_at) = mpsc::channel(16);
    let (_halt, halted) = watch::channel(false);
    tokio::spawn(async move {
        for one in names_first(300, 5, port) {
            work_to.send(one).await.unwrap();
        }
    });
    let scan = tokio::spawn(engine::scan(work_at, finished_to, settings, Arc::default(), halted));
    for _ in 0..5 {
        let Finished { position, evidence } =
            tokio::time::timeout(Duration::from_secs(60), finished_at.recv()).await.unwrap().unwrap();
        assert!(position >= 1_000_000, "{position}");
        assert_eq!(Report::new(evidence).diagnosis.verdict, Verdict::StagePassed);
    }
    scan.abort();
}

#[tokio::test(start_paused = true)]
async fn names_that_nobody_answers_for_do_not_stop_a_scan() {
    let resolver = tokio::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut settings = settings(Depth::Tcp, 200);
    settings.plan.resolver = Some(resolver.local_addr().unwrap());
    settings.plan.timeouts.resolve = Duration::from_secs(1);
    let began = tokio::time::Instant::now();
    let all = scanned(names_first(400, 0, 9), settings).await;
    // Each is asked for twice at least, by sixteen at a time: 50 seconds.
    assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
    assert_eq!(all.len(), 400);
    for Finished { evidence, .. } in all {
        assert!(evidence.elapsed_ms.0 < 2_000.0, "the wait for a place counts: {:?}", evidence.elapsed_ms);
        assert_eq!(Report::new(evidence).diagnosis.verdict, Verdict::Undecided);
    }
}
