//! Five thousand machines of every persona in one scan, with few descriptors, killed three times: each is told once, and
//! as it is told when it is probed alone.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::scanned::Scanned;
use rdprobe::probe::{Plan, Quiet, probe};
use rdprobe::report::Report;
use rdprobe::simulate::{Persona, Server, personas};
use rdprobe::target::Target;

const HOSTS: usize = 5_000;

/// After so many lines it is killed.
const KILLED_AT: [usize; 3] = [600, 1_900, 3_400];

/// More than the descriptors that it has.
const CONCURRENCY: &str = "400";

/// How long a silent machine is waited for; a busy one is quicker than this.
const PATIENCE: Duration = Duration::from_secs(20);

/// Silent machines are waited for in vain: their personas are in one round of so many only.
const SILENT_EVERY: usize = 20;

/// What a persona deserves.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    verdict: String,
    failing_stage: String,
    causes: Vec<String>,
    observations: Vec<String>,
}

impl Told {
    fn of(scanned: &Scanned) -> Self {
        Self {
            verdict: format!("{:?}", scanned.verdict),
            failing_stage: format!("{:?}", scanned.failing_stage),
            causes: scanned.causes.iter().map(|cause| cause.id.clone()).collect(),
            observations: scanned.observations.clone(),
        }
    }
}

/// Every persona but one: a reset right after the accept races with the end of the connect, alone as in a crowd.
fn cast() -> Vec<&'static Persona> {
    personas().iter().filter(|persona| persona.name != "accept-reset").collect()
}

/// Plays them all, each on a port of its own at every address of loopback; they play until the tests end.
fn play(cast: &[&'static Persona]) -> Vec<u16> {
    let (tell, told) = mpsc::channel();
    for (part, personas) in cast.chunks(cast.len().div_ceil(3)).enumerate() {
        let (personas, tell) = (personas.to_vec(), tell.clone());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut ports = Vec::new();
                for persona in personas {
                    let server = Server::bind(persona, (Ipv4Addr::UNSPECIFIED, 0).into()).await.unwrap();
                    ports.push(server.local_addr().port());
                    tokio::spawn(server.for_at_most(1_000).run());
                }
                tell.send((part, ports)).unwrap();
                std::future::pending::<()>().await;
            });
        });
    }
    drop(tell);
    let mut parts: Vec<(usize, Vec<u16>)> = told.into_iter().take(3).collect();
    parts.sort_unstable();
    parts.into_iter().flat_map(|(_, ports)| ports).collect()
}

/// Which persona each host has: all of them in turn, round after round.
fn fleet(silent: &[bool]) -> Vec<usize> {
    let rounds = (0..HOSTS).flat_map(|round| {
        let is_there = move |persona: &usize| round % SILENT_EVERY == 0 || !silent[*persona];
        (0..silent.len()).filter(is_there)
    });
    rounds.take(HOSTS).collect()
}

fn address(host: usize, port: u16) -> SocketAddr {
    let (high, low) = (u8::try_from(host / 250).unwrap(), u8::try_from(host % 250).unwrap());
    (Ipv4Addr::new(127, 100, high, low + 1), port).into()
}

/// What one host of each persona comes to alone, and whether it is waited for in vain.
async fn alone(ports: &[u16]) -> Vec<(Told, bool)> {
    let mut plan = Depth::Nla.plan(Plan::default());
    plan.timeouts.negotiate = PATIENCE;
    plan.timeouts.tls = PATIENCE;
    plan.timeouts.credssp = PATIENCE;
    let plan = &plan;
    futures_util::stream::iter(ports.iter().map(|port| async move {
        let target = Target::parse(&format!("127.101.0.1:{port}")).unwrap();
        let began = Instant::now();
        let report = Report::new(probe(&target, plan, &Quiet).await);
        (Told::of(&Scanned::of(0, Depth::Nla, &report, Vec::new())), began.elapsed() >= PATIENCE)
    }))
    .buffered(16)
    .collect()
    .await
}

fn scan(folder: &Path) -> Child {
    let file = |name: &str| folder.join(name).display().to_string();
    let patience = format!("{}s", PATIENCE.as_secs());
    Command::new("sh")
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_rdprobe"), "scan"])
        .args([file("targets"), "--depth".to_owned(), "nla".to_owned()])
        .args(["--resume".to_owned(), file("journal")])
        .args(["--format".to_owned(), format!("ndjson={}", file("lines"))])
        .args(["--concurrency", CONCURRENCY])
        .args(["--negotiate-timeout", &patience, "--tls-timeout", &patience, "--credssp-timeout", &patience])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::options().create(true).append(true).open(folder.join("talk")).unwrap())
        .spawn()
        .unwrap()
}

fn lines(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join("lines")).unwrap_or_default().matches('\n').count()
}

/// Kills it as soon as so many lines are there.
fn killed_at(count: usize, mut scan: Child, folder: &Path) {
    let deadline = Instant::now() + Duration::from_secs(600);
    while lines(folder) < count {
        assert!(scan.try_wait().unwrap().is_none(), "it ended by itself: {}", talk(folder));
        assert!(Instant::now() < deadline, "{} lines only: {}", lines(folder), talk(folder));
        std::thread::sleep(Duration::from_millis(20));
    }
    // SIGKILL.
    scan.kill().unwrap();
    scan.wait().unwrap();
}

fn talk(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("talk")).unwrap_or_default()
}

#[tokio::test]
#[ignore = "needs minutes"]
async fn every_machine_is_told_once_and_as_it_is_told_alone() {
    let cast = cast();
    assert!(cast.len() >= 30);
    let ports = play(&cast);
    let (deserved, silent): (Vec<Told>, Vec<bool>) = alone(&ports).await.into_iter().unzip();
    let fleet = fleet(&silent);
    assert_eq!(fleet.len(), HOSTS);
    let folder = tempfile::tempdir().unwrap();
    let mut targets = String::new();
    for (host, persona) in fleet.iter().enumerate() {
        writeln!(targets, "{}", address(host, ports[*persona])).unwrap();
    }
    std::fs::write(folder.path().join("targets"), targets).unwrap();

    for count in KILLED_AT {
        killed_at(count, scan(folder.path()), folder.path());
    }
    let status = scan(folder.path()).wait().unwrap();
    assert_eq!(status.code(), Some(1), "{}", talk(folder.path()));

    let text = std::fs::read_to_string(folder.path().join("lines")).unwrap();
    let mut told: BTreeMap<u64, Vec<Scanned>> = BTreeMap::new();
    for line in text.lines() {
        let scanned: Scanned = serde_json::from_str(line).unwrap();
        told.entry(scanned.position).or_default().push(scanned);
    }
    let mut wrong = Vec::new();
    for (host, persona) in fleet.into_iter().enumerate() {
        let target = address(host, ports[persona]).to_string();
        let name = cast[persona].name;
        match told.remove(&u64::try_from(host).unwrap()).as_deref() {
            Some([one]) if one.target == target => {
                let (is, should_be) = (Told::of(one), &deserved[persona]);
                if is != *should_be {
                    wrong.push(format!("{name} {target}: {is:?}, alone {should_be:?}"));
                }
            }
            other => wrong.push(format!("{name} {target}: told as {other:?}")),
        }
    }
    let first: Vec<&String> = wrong.iter().take(10).collect();
    assert!(wrong.is_empty(), "{} of {HOSTS}: {first:#?}", wrong.len());
    assert!(told.is_empty(), "{told:?}");
}
