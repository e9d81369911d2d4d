//! What each part of a scan costs for one healthy target, in one thread: the probe, the diagnosis, the line of JSON.

use std::hint::black_box;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use rdprobe::evidence::Evidence;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::scanned::Scanned;
use rdprobe::probe::{Plan, Quiet, probe};
use rdprobe::report::Report;
use rdprobe::target::{Host, Target};

use super::Ended;

/// How many targets, asked one after the other.
const PROBES: u32 = 300;
/// How often each other part is done.
const TURNS: u32 = 2_000;

/// Prints microseconds a target: for each depth the probe (the server's time included), the diagnosis, what is told
/// of it, and the JSON.
pub(crate) fn run(first: SocketAddr) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("| depth | probe, µs | Report::new, µs | Scanned::of, µs | to JSON, µs | JSON, bytes |");
    println!("|---|---|---|---|---|---|");
    for (name, depth) in [
        ("tcp", Depth::Tcp),
        ("x224", Depth::X224),
        ("tls", Depth::Tls),
        ("nla", Depth::Nla),
        ("full", Depth::Full),
    ] {
        let target =
            Target { input: first.ip().to_string(), host: Host::Address(first.ip()), port: first.port() };
        let plan = depth.plan(Plan::default());
        let mut evidence = runtime.block_on(probe(&target, &plan, &Quiet));
        let began = Instant::now();
        for _ in 0..PROBES {
            evidence = runtime.block_on(probe(&target, &plan, &Quiet));
        }
        let probed = began.elapsed() / PROBES;
        let [judged, told, written, bytes] = shown(depth, &evidence)?;
        println!("| {name} | {} | {judged} | {told} | {written} | {bytes} |", micros(probed));
    }
    Ok(())
}

fn shown(depth: Depth, evidence: &Evidence) -> Result<[String; 4], serde_json::Error> {
    let copied = time(|| drop(black_box(evidence.clone())));
    let judged = time(|| drop(black_box(Report::new(evidence.clone())))).saturating_sub(copied);
    let report = Report::new(evidence.clone());
    let told = time(|| drop(black_box(Scanned::of(0, depth, &report, Vec::new()))));
    let scanned = Scanned::of(0, depth, &report, Vec::new());
    let written = time(|| drop(black_box(serde_json::to_vec(&scanned))));
    let bytes = serde_json::to_vec(&scanned)?.len();
    Ok([micros(judged), micros(told), micros(written), bytes.to_string()])
}

fn time(work: impl Fn()) -> Duration {
    let began = Instant::now();
    (0..TURNS).for_each(|_| work());
    began.elapsed() / TURNS
}

fn micros(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e6)
}
