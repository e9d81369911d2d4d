//! Prometheus itself scrapes both endpoints, by the configuration of the examples, and promtool reads what they write.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use rdprobe::monitor::board::Board;
use rdprobe::monitor::run::{self, Order};
use rdprobe::monitor::settings::Settings as MonitorSettings;
use rdprobe::serve::monitor::{Pulse, Sources, monitor};
use serde_json::Value;
use tokio::sync::mpsc;

use super::*;
use crate::rehearsal::target;

/// A monitor that makes ten rounds a second.
struct Watching {
    metrics: SocketAddr,
    orders: mpsc::Sender<Order>,
}

fn watch(address: SocketAddr) -> Watching {
    let settings = MonitorSettings { interval: Duration::from_millis(100), ..MonitorSettings::default() };
    let board = Arc::new(Board::new(vec![target(address)], &settings));
    let pulse = Arc::new(Pulse::new(PATIENCE));
    let (orders, inbox) = mpsc::channel(1);
    tokio::spawn(run::run(Arc::clone(&board), settings, vec![pulse.clone()], inbox));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let metrics = listener.local_addr().unwrap();
    let sources = Sources { targets: board, pulse, recorder: None };
    tokio::spawn(monitor(listener, sources, std::future::pending()));
    Watching { metrics, orders }
}

/// A Prometheus of this test.
struct Prometheus {
    child: Child,
    api: SocketAddr,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Prometheus {
    /// Starts one; it listens when this returns.
    async fn start(folder: &Path, options: &[&str]) -> Self {
        let path = folder.join("log");
        let log = std::fs::File::create(&path).unwrap();
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg("--web.listen-address=127.0.0.1:0")
            .args(options)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("prometheus");
        let mut started = Self { child, api: ([127, 0, 0, 1], 0).into() };
        let listens = async {
            loop {
                let log = std::fs::read_to_string(&path).unwrap();
                assert_eq!(started.child.try_wait().unwrap(), None, "{log}");
                if let Some(address) = listens_at(&log) {
                    return address;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        started.api =
            tokio::time::timeout(PATIENCE, listens).await.expect("prometheus says where it listens");
        started
    }

    /// The value of the one series of an expression; none if there is none, or nobody answers yet.
    async fn value(&self, expression: &str) -> Option<f64> {
        let encoded = expression.bytes().fold(String::new(), |text, byte| text + &format!("%{byte:02X}"));
        let answer = get(self.api, &format!("/api/v1/query?query={encoded}"), "").await;
        let body: Value = serde_json::from_str(&answer.body).ok()?;
        let results = body["data"]["result"].as_array()?;
        assert!(results.len() < 2, "{expression}: {body}");
        results.first()?["value"][1].as_str()?.parse().ok()
    }

    /// Waits until an expression gives a value that is wanted.
    async fn gives(&self, expression: &str, wanted: impl Fn(f64) -> bool) {
        let mut last = None;
        let waits = async {
            loop {
                last = self.value(expression).await;
                if last.is_some_and(&wanted) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, waits).await.is_ok(), "{expression}: {last:?}");
    }
}

/// The port that it was given, as its log says.
fn listens_at(log: &str) -> Option<SocketAddr> {
    let line = log.lines().find(|line| line.contains("Listening on"))?;
    line.split_once("address=")?.1.split_whitespace().next()?.parse().ok()
}

/// The examples' configuration, for the ports and the patience of this test.
fn configure(folder: &Path, metrics: SocketAddr, exporter: SocketAddr, target: SocketAddr) {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prometheus");
    let written = std::fs::read_to_string(examples.join("prometheus.yml")).unwrap();
    let config = written
        .replace("127.0.0.1:9339", &metrics.to_string())
        .replace("127.0.0.1:9338", &exporter.to_string())
        .replace("- vm1.corp.example.com\n", &format!("- \"{target}\"\n"))
        .replace("          - vm2.corp.example.com:3390\n", "")
        .replace("scrape_interval: 1m", "scrape_interval: 2s")
        .replace("scrape_timeout: 10s", "scrape_timeout: 2s")
        .replace("15s", "1s");
    assert!(!config.contains("- vm") && !config.contains("\"127.0.0.1:933"), "{config}");
    std::fs::write(folder.join("prometheus.yml"), config).unwrap();
    std::fs::copy(examples.join("rdprobe.rules.yml"), folder.join("rdprobe.rules.yml")).unwrap();
}

async fn scraped(native: bool) {
    let address = play("windows-2022-nla").await;
    let (watching, served) = (watch(address), Served::start(&[&address.to_string()], "", 4));
    let folder = tempfile::tempdir().unwrap();
    configure(folder.path(), watching.metrics, served.address, address);
    let options: &[&str] = if native { &["--enable-feature=native-histograms"] } else { &[] };
    let prometheus = Prometheus::start(folder.path(), options).await;
    for job in ["rdprobe-monitor", "rdprobe", "rdprobe-exporter"] {
        prometheus.gives(&format!("up{{job=\"{job}\"}}"), |up| up == 1.0).await;
    }
    prometheus.gives(&format!("probe_success{{instance=\"{address}\"}}"), |success| success == 1.0).await;
    prometheus.gives("rdprobe_up", |up| up == 1.0).await;
    prometheus.gives("increase(rdprobe_rounds_total[10s])", |rounds| rounds > 10.0).await;
    let between = |low: f64, high: f64| move |value: f64| value > low && value < high;
    if native {
        prometheus
            .gives("histogram_count(rdprobe_latency_seconds{phase=\"x224\"})", |count| count > 20.0)
            .await;
        let quantile = "histogram_quantile(0.5, rate(rdprobe_latency_seconds{phase=\"x224\"}[10s]))";
        prometheus.gives(quantile, between(1e-6, 1.0)).await;
    } else {
        prometheus
            .gives("rdprobe_latency_seconds_bucket{phase=\"x224\",le=\"+Inf\"}", |count| count > 20.0)
            .await;
        let quantile = "histogram_quantile(0.5, rate(rdprobe_latency_seconds_bucket{phase=\"x224\"}[10s]))";
        prometheus.gives(quantile, between(1e-6, 1.0)).await;
    }
    // The rules of the examples over what was really scraped.
    prometheus.gives("target:rdprobe_x224_seconds:p99_15m", between(1e-6, 5.0)).await;
    let rules = get(prometheus.api, "/api/v1/rules", "").await.body;
    assert!(rules.contains("\"health\":\"ok\"") && !rules.contains("\"health\":\"err\""), "{rules}");
    watching.orders.send(Order::Stop).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn prometheus_scrapes_both_endpoints_with_native_histograms() {
    scraped(true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn prometheus_scrapes_both_endpoints_as_it_does_without_asking() {
    scraped(false).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs prometheus"]
async fn promtool_has_nothing_to_say_of_any_page() {
    let address = play("windows-2022-nla").await;
    let broken = play("no-certificate").await;
    let served = Served::start(&[&address.to_string(), &broken.to_string()], "", 4);
    let made_up = monitored::everything();
    let folder = tempfile::tempdir().unwrap();
    let monitored = monitored::recorded(&made_up, folder.path());
    let mut pages = vec![get(monitored, "/metrics", "").await.body, served.get("/metrics").await.body];
    for target in [address, broken] {
        pages.push(served.get(&format!("/probe?target={target}&module=nla")).await.body);
    }
    for page in pages {
        let mut promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("promtool");
        promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
        let output = promtool.wait_with_output().unwrap();
        let said =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{said}\n{page}");
    }
}
