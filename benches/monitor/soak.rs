//! The two sides of the soak: `soak respond COUNT PORT` plays servers, `soak watch COUNT PORT SECONDS` watches them.

#![expect(clippy::print_stdout, reason = "figures, and that it is ready, for soak.sh")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hdrhistogram::Histogram;
use rdprobe::evidence::Round;
use rdprobe::monitor::board::Board;
use rdprobe::monitor::health::Health;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::run::{self, Order};
use rdprobe::monitor::settings::Settings;
use rdprobe::simulate::{self, Server};
use rdprobe::target::{Host, Target};
use tokio::sync::mpsc;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["respond", count, port] => runtime.block_on(respond(count.parse()?, port.parse()?)),
        ["watch", count, port, seconds] => {
            runtime.block_on(watch(count.parse()?, port.parse()?, Duration::from_secs(seconds.parse()?)))
        }
        _ => {
            Err("soak respond COUNT PORT | soak watch COUNT PORT SECONDS; see benches/monitor/soak.sh".into())
        }
    }
}

/// So many loopback addresses.
fn addresses(count: u16, port: u16) -> impl Iterator<Item = SocketAddr> {
    (0..count).map(move |index| {
        let [high, low] = index.to_be_bytes();
        SocketAddr::new(Ipv4Addr::new(127, 77, high, low).into(), port)
    })
}

async fn respond(count: u16, port: u16) -> Result<(), Box<dyn std::error::Error>> {
    let persona = simulate::persona("windows-2022-nla").ok_or("no such persona")?;
    for address in addresses(count, port) {
        let server = Server::bind(persona, address).await?;
        tokio::spawn(server.run());
    }
    println!("ready");
    std::future::pending().await
}

/// What the rounds came to.
struct Tally(Mutex<Counts>);

struct Counts {
    late_us: Histogram<u64>,
    total_us: Histogram<u64>,
    failed: u64,
}

impl Listener for Tally {
    fn round(&self, _: &str, round: &Round, health: &Health) {
        let Ok(mut counts) = self.0.lock() else { return };
        counts.late_us.saturating_record(micros(round.late_ms.0));
        match health {
            Health::Good | Health::Lesser(_) => counts.total_us.saturating_record(micros(round.elapsed_ms.0)),
            Health::Bad(_) | Health::OwnSide(_) => counts.failed += 1,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::as_conversions, reason = "a time")]
fn micros(millis: f64) -> u64 {
    (millis * 1e3).max(0.0) as u64
}

async fn watch(count: u16, port: u16, limit: Duration) -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::default();
    let targets = addresses(count, port)
        .map(|address| Target { input: address.to_string(), host: Host::Address(address.ip()), port })
        .collect();
    let board = Arc::new(Board::new(targets, &settings));
    let counts = Counts { late_us: Histogram::new(3)?, total_us: Histogram::new(3)?, failed: 0 };
    let tally = Arc::new(Tally(Mutex::new(counts)));
    let (orders, ordered) = mpsc::channel(1);
    let listeners: Vec<Arc<dyn Listener>> = vec![Arc::<Tally>::clone(&tally)];
    let stop = async {
        tokio::time::sleep(limit).await;
        orders.send(Order::Stop).await
    };
    let ((), stopped) = tokio::join!(run::run(Arc::clone(&board), settings, listeners, ordered), stop);
    stopped?;
    let missed: u64 = board.views().iter().map(|view| view.missed).sum();
    let counts = tally.0.lock().map_err(|_| "a listener crashed")?;
    println!(
        "rounds {} failed {} missed {missed}; late p50 {} p99 {} p99.9 {} max {} us; took p50 {} p99 {} max {} us",
        counts.late_us.len(),
        counts.failed,
        counts.late_us.value_at_quantile(0.5),
        counts.late_us.value_at_quantile(0.99),
        counts.late_us.value_at_quantile(0.999),
        counts.late_us.max(),
        counts.total_us.value_at_quantile(0.5),
        counts.total_us.value_at_quantile(0.99),
        counts.total_us.max(),
    );
    Ok(())
}
