//! The metrics of a running monitor, on targets made up for the test.

use std::sync::{Arc, Mutex};

use rdprobe::diagnosis::Standing;
use rdprobe::monitor::history::Recorder;
use rdprobe::monitor::latency::{Latency, Phase};
use rdprobe::monitor::outage::Cause;
use rdprobe::monitor::state::{Availability, State};
use rdprobe::monitor::view::{ServerView, TargetView};
use rdprobe::serve::exposition::message::{BucketSpan, MetricFamily, MetricType};
use rdprobe::serve::monitor::{Pulse, Sources, Targets, monitor};

use super::*;

/// Targets that nobody probes.
#[derive(Default)]
pub(super) struct MadeUp(Mutex<Vec<(TargetView, Latency)>>);

impl Targets for MadeUp {
    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn view(&self, index: usize) -> Option<TargetView> {
        self.0.lock().unwrap().get(index).map(|(view, _)| view.clone())
    }

    fn latency(&self, index: usize, look: &mut dyn FnMut(&str, &Latency)) {
        if let Some((view, latency)) = self.0.lock().unwrap().get(index) {
            look(&view.target, latency);
        }
    }
}

pub(super) fn view(target: &str, state: State) -> TargetView {
    let since = "2026-11-21T10:00:00Z".parse().unwrap();
    TargetView {
        target: target.to_owned(),
        address: Some("192.0.2.7:3389".parse().unwrap()),
        state,
        since,
        why: String::new(),
        cause: None,
        rounds: 1000,
        lost: 3,
        own_side: 0,
        missed: 2,
        availability: Availability { up_s: 990.0, down_s: 8.0, unknown_s: 2.0 },
        recent_us: vec![Some(1000), None],
        latest: Vec::new(),
        overall: Vec::new(),
        outages: Vec::new(),
        outages_total: 1,
        server: ServerView::default(),
        held: None,
        patterns: Vec::new(),
    }
}

/// Values from 1 to 20 ms in each phase.
fn latency(values: u64) -> Latency {
    let mut latency = Latency::new(Duration::from_secs(1), "2026-11-21T10:00:00Z".parse().unwrap());
    for value in 0..values {
        for phase in [Phase::Connect, Phase::KernelRtt, Phase::X224, Phase::Total] {
            latency.record(phase, Duration::from_micros(1_000 + value * 19_000 / values));
        }
    }
    latency
}

pub(super) fn made_up(views: Vec<TargetView>, values: u64) -> Arc<MadeUp> {
    Arc::new(MadeUp(Mutex::new(views.into_iter().map(|view| (view, latency(values))).collect())))
}

/// Serves the metrics of these targets; it ends with the test's runtime.
fn served(targets: &Arc<MadeUp>, limit: Duration) -> SocketAddr {
    serve(targets, limit, None)
}

fn serve(targets: &Arc<MadeUp>, limit: Duration, recorder: Option<Arc<Recorder>>) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let pulse = Arc::new(Pulse::new(limit));
    let sources = Sources { targets: Arc::clone(targets), pulse, recorder };
    tokio::spawn(monitor(listener, sources, std::future::pending()));
    address
}

/// Serves with a record in a folder.
pub(super) fn recorded(targets: &Arc<MadeUp>, folder: &std::path::Path) -> SocketAddr {
    let recorder = Recorder::open(&folder.join("record.db"), Duration::from_secs(1)).unwrap();
    serve(targets, PATIENCE, Some(Arc::new(recorder)))
}

/// Targets of which everything is known that can be: vm1 is up, vm2 is down, and of vm3 nothing is known.
pub(super) fn everything() -> Arc<MadeUp> {
    let mut down = view("vm2", State::Down);
    down.cause = Some(Cause {
        id: "nsg-blocks-rdp".to_owned(),
        title: String::new(),
        standing: Standing::Possible,
        twins: 2,
        summary: String::new(),
        next_check: None,
    });
    let mut up = view("vm1", State::Up);
    up.server = ServerView {
        protocol: Some("HYBRID_EX".to_owned()),
        tls_version: Some("TLS 1.3".to_owned()),
        certificate_not_after: Some("2027-01-01T00:00:00Z".parse().unwrap()),
        thumbprint_sha1: Some("AB12".to_owned()),
        // What a hostile server calls itself.
        name: Some("evil\"} 1\n# TYPE x gauge\nx{a=\"\\".to_owned()),
        build: Some("10.0.20348".to_owned()),
        skew_ms: Some(-1500.0),
    };
    up.latest = latency(100).summaries();
    made_up(vec![up, down, view("vm3", State::Unknown)], 1000)
}

#[tokio::test]
async fn a_target_is_told_in_full() {
    let address = served(&everything(), PATIENCE);
    let seen = series(&get(address, "/metrics", "").await.body);
    for (name, value) in [
        ("rdprobe_targets", 3.0),
        ("rdprobe_target_state{target=\"vm1\",state=\"up\"}", 1.0),
        ("rdprobe_target_state{target=\"vm1\",state=\"down\"}", 0.0),
        ("rdprobe_target_state{target=\"vm2\",state=\"down\"}", 1.0),
        ("rdprobe_up{target=\"vm1\"}", 1.0),
        ("rdprobe_up{target=\"vm2\"}", 0.0),
        ("rdprobe_rounds_total{target=\"vm1\"}", 1000.0),
        ("rdprobe_rounds_lost_total{target=\"vm1\"}", 3.0),
        ("rdprobe_rounds_missed_total{target=\"vm1\"}", 2.0),
        ("rdprobe_outages_total{target=\"vm1\"}", 1.0),
        ("rdprobe_available_seconds_total{target=\"vm1\"}", 990.0),
        ("rdprobe_outage_seconds_total{target=\"vm1\"}", 8.0),
        ("rdprobe_unknown_seconds_total{target=\"vm1\"}", 2.0),
        ("rdprobe_certificate_expiry_timestamp_seconds{target=\"vm1\"}", 1_798_761_600.0),
        ("rdprobe_clock_skew_seconds{target=\"vm1\"}", -1.5),
        ("rdprobe_outage_cause_info{target=\"vm2\",cause=\"nsg-blocks-rdp\",standing=\"possible\"}", 1.0),
        ("rdprobe_latency_seconds_count{target=\"vm1\",phase=\"x224\"}", 1000.0),
        ("rdprobe_latency_seconds_bucket{target=\"vm1\",phase=\"total\",le=\"0.001\"}", 1.0),
        ("rdprobe_latency_seconds_bucket{target=\"vm1\",phase=\"total\",le=\"0.025\"}", 1000.0),
        ("rdprobe_latency_corrected_seconds_count{target=\"vm1\",phase=\"total\"}", 1000.0),
    ] {
        assert_eq!(seen.get(name), Some(&value), "{name}: {seen:#?}");
    }
    assert!(!seen.contains_key("rdprobe_up{target=\"vm3\"}"), "nobody knows");
    assert!(!seen.keys().any(|name| name.starts_with("x{") || name == "x"), "{seen:#?}");
    let states = seen.keys().filter(|name| name.starts_with("rdprobe_target_state{target=\"vm1\"")).count();
    assert_eq!(states, 5);
}

#[tokio::test]
async fn protobuf_has_classic_and_native_histograms() {
    let address = served(&made_up(vec![view("vm1", State::Up), view("vm2", State::Up)], 1000), PATIENCE);
    let accept =
        "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    let (_, bytes) = get_bytes(address, "/metrics", accept).await;
    let mut rest = bytes.as_slice();
    let mut families = BTreeMap::new();
    while !rest.is_empty() {
        let family = <MetricFamily as prost::Message>::decode_length_delimited(&mut rest).unwrap();
        assert!(families.insert(family.name().to_owned(), family).is_none(), "a family comes once");
    }
    let latency = &families["rdprobe_latency_seconds"];
    assert_eq!((latency.r#type(), latency.metric.len()), (MetricType::Histogram, 8));
    for metric in &latency.metric {
        let histogram = metric.histogram.as_ref().unwrap();
        assert_eq!(histogram.bucket.len(), 15);
        assert_eq!((histogram.schema(), histogram.sample_count()), (5, 1000));
        let (mut count, mut total) = (0, 0);
        for delta in &histogram.positive_delta {
            count += delta;
            total += count;
        }
        let buckets: u32 = histogram.positive_span.iter().map(BucketSpan::length).sum();
        assert_eq!((buckets as usize, total), (histogram.positive_delta.len(), 1000));
    }
}

#[tokio::test]
async fn counters_do_not_go_back_when_time_moves_between_states() {
    let targets = made_up(vec![view("vm1", State::Up)], 1000);
    let address = served(&targets, PATIENCE);
    let name = "rdprobe_available_seconds_total{target=\"vm1\"}";
    assert_eq!(series(&get(address, "/metrics", "").await.body)[name], 990.0);
    targets.0.lock().unwrap()[0].0.availability.up_s = 987.0;
    assert_eq!(series(&get(address, "/metrics", "").await.body)[name], 990.0);
}

#[tokio::test]
async fn a_thousand_targets_come_whole() {
    let views = (0..1000).map(|number| view(&format!("vm{number}.corp.example.com"), State::Up)).collect();
    let address = served(&made_up(views, 20), PATIENCE);
    let open = get(address, "/metrics", "Accept: application/openmetrics-text;version=1.0.0").await;
    assert!(open.body.ends_with("# EOF\n"));
    let seen = series(&get(address, "/metrics", "").await.body);
    assert_eq!(seen.keys().filter(|name| name.starts_with("rdprobe_latency_seconds_count")).count(), 4000);
}

#[tokio::test(start_paused = true)]
async fn health_is_whether_rounds_are_made() {
    let address = served(&made_up(vec![view("vm1", State::Up)], 1000), Duration::from_secs(30));
    assert_eq!(get(address, "/healthz", "").await.status, 200);
    tokio::time::advance(Duration::from_secs(31)).await;
    let answer = get(address, "/healthz", "").await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (503, "no round ended for 31 s, which is longer than 30 s\n")
    );
}
