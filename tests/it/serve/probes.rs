//! What a probe on request answers: blackbox_exporter's metrics, ours, and expectations.

use super::*;
use crate::rehearsal::closed;

/// One of the values, 1 or 0 of a set.
#[track_caller]
fn only(series: &BTreeMap<String, f64>, family: &str) -> String {
    let of = series.iter().filter(|(name, value)| name.starts_with(&format!("{family}{{")) && **value == 1.0);
    let names: Vec<_> = of.map(|(name, _)| name.split('"').nth(1).unwrap().to_owned()).collect();
    assert_eq!(names.len(), 1, "{family}: {names:?}");
    names[0].clone()
}

#[tokio::test]
async fn a_sound_server_is_told_in_full() {
    let target = play("windows-2022-nla").await;
    let served = Served::start(&[&target.to_string()], "", 4);
    let seen = served.probe(&format!("target={target}")).await;
    for (name, value) in [
        ("probe_success", 1.0),
        ("probe_failed_due_to_expectation", 0.0),
        ("probe_ip_protocol", 4.0),
        ("probe_dns_lookup_time_seconds", 0.0),
        ("probe_rdp_routes", 1.0),
        ("probe_rdp_routes_up", 1.0),
        ("probe_tls_version_info{version=\"TLS 1.3\"}", 1.0),
        ("probe_rdp_tls_version_accepted{version=\"TLS 1.0\"}", 0.0),
        ("probe_rdp_tls_version_accepted{version=\"TLS 1.2\"}", 1.0),
        ("probe_rdp_selected_protocol_info{protocol=\"HYBRID_EX\"}", 1.0),
        (
            "probe_rdp_server_info{name=\"files22.corp.example\",domain=\"corp.example\",build=\"10.0.20348\"}",
            1.0,
        ),
    ] {
        assert_eq!(seen.get(name), Some(&value), "{name}: {seen:#?}");
    }
    assert_eq!(only(&seen, "probe_rdp_verdict"), "reachable");
    assert_eq!(only(&seen, "probe_rdp_nla"), "required");
    let now = jiff::Timestamp::now().as_duration().as_secs_f64();
    assert!(seen["probe_ssl_earliest_cert_expiry"] > now);
    assert!(seen["probe_rdp_clock_skew_seconds"].abs() < 60.0);
    let phases = ["connect", "x224", "tls", "credssp"];
    let times = phases.map(|phase| seen[&format!("probe_rdp_phase_duration_seconds{{phase=\"{phase}\"}}")]);
    assert!(times.iter().all(|time| (0.0..60.0).contains(time)), "{times:?}");
    assert!(times.iter().sum::<f64>() <= seen["probe_duration_seconds"]);
}

#[tokio::test]
async fn a_broken_server_has_its_stage_and_its_cause() {
    let target = play("no-certificate").await;
    let served = Served::start(&[&target.to_string()], "", 4);
    let seen = served.probe(&format!("target={target}")).await;
    assert_eq!(seen["probe_success"], 0.0);
    assert_eq!(only(&seen, "probe_rdp_verdict"), "not_reachable");
    assert_eq!(only(&seen, "probe_rdp_failed_stage"), "negotiate");
    let cause = only(&seen, "probe_rdp_cause_info");
    assert!(cause.starts_with("rdp-cert") || cause.contains("cert"), "{cause}");
    assert!(!seen.contains_key("probe_ssl_earliest_cert_expiry"));
}

#[tokio::test]
async fn nobody_there_is_no_success_on_any_module() {
    let target = closed();
    let served = Served::start(&[&target.to_string()], "", 4);
    for module in ["rdp", "tcp", "tls", "nla"] {
        let seen = served.probe(&format!("target={target}&module={module}")).await;
        assert_eq!(seen["probe_success"], 0.0, "{module}");
        assert_eq!(only(&seen, "probe_rdp_failed_stage"), "connect", "{module}");
    }
}

#[tokio::test]
async fn a_module_goes_as_deep_as_it_says() {
    let target = play("windows-2022-nla").await;
    let served = Served::start(&[&target.to_string()], "", 4);
    for (module, phases) in [("tcp", &["connect"][..]), ("tls", &["connect", "x224", "tls"])] {
        let seen = served.probe(&format!("target={target}&module={module}")).await;
        assert_eq!(seen["probe_success"], 1.0, "{module}");
        assert_eq!(only(&seen, "probe_rdp_verdict"), "stage_passed");
        let ran = seen.keys().filter(|name| name.starts_with("probe_rdp_phase_duration_seconds")).count();
        assert_eq!(ran, phases.len(), "{module}: {seen:#?}");
    }
}

#[tokio::test]
async fn success_is_what_the_module_expects() {
    let target = play("windows-2016-tls").await;
    let config =
        "[modules.lax]\nexpect = [\"reachable\"]\n[modules.strict]\nexpect = [\"reachable, nla=required\"]\n";
    let served = Served::start(&[&target.to_string()], config, 4);
    for (module, success) in [("rdp", 1.0), ("lax", 1.0), ("strict", 0.0), ("nla", 0.0)] {
        let seen = served.probe(&format!("target={target}&module={module}")).await;
        assert_eq!(seen["probe_success"], success, "{module}");
        assert_eq!(seen["probe_failed_due_to_expectation"], 1.0 - success, "{module}");
    }
    let seen = served.probe(&format!("target={target}&module=strict")).await;
    assert_eq!(seen["probe_rdp_expectation_met{expectation=\"reachable\"}"], 1.0);
    assert_eq!(seen["probe_rdp_expectation_met{expectation=\"nla=required\"}"], 0.0);
}

#[tokio::test]
async fn the_exporter_counts_how_its_requests_ended() {
    let target = play("windows-2022-nla").await;
    let served = Served::start(&[&target.to_string()], "", 4);
    served.probe(&format!("target={target}&module=tcp")).await;
    assert_eq!(served.get("/probe?target=").await.status, 400);
    assert_eq!(served.get("/probe?target=192.0.2.1").await.status, 403);
    let own = series(&served.get("/metrics").await.body);
    for (outcome, count) in [("success", 1.0), ("failure", 0.0), ("bad_request", 1.0), ("not_allowed", 1.0)] {
        assert_eq!(
            own[&format!("rdprobe_exporter_requests_total{{outcome=\"{outcome}\"}}")],
            count,
            "{outcome}"
        );
    }
    assert_eq!(own["rdprobe_exporter_probes_in_flight"], 0.0);
    assert!(own.keys().any(|name| name.starts_with("rdprobe_build_info{version=")));
    #[cfg(target_os = "linux")]
    assert!(own["process_resident_memory_bytes"] > 1e6 && own["process_open_fds"] > 3.0);
    assert_eq!(served.get("/healthz").await.body, "ok\n");
    assert!(served.get("/").await.body.contains("/probe?target="));
}

#[tokio::test]
async fn the_format_is_the_one_asked_for() {
    let target = play("windows-2022-nla").await;
    let served = Served::start(&[&target.to_string()], "", 4);
    let path = format!("/probe?target={target}&module=tcp");
    let open = get(served.address, &path, "Accept: application/openmetrics-text; version=1.0.0").await;
    assert!(open.head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{}", open.head);
    assert!(open.body.ends_with("# EOF\n"));
    let accept =
        "Accept: application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    let (head, body) = get_bytes(served.address, &path, accept).await;
    assert!(head.contains("proto=io.prometheus.client.metricfamily"), "{head}");
    let family: rdprobe::serve::exposition::message::MetricFamily =
        prost::Message::decode_length_delimited(body.as_slice()).unwrap();
    assert_eq!((family.name(), family.metric[0].gauge.unwrap().value()), ("probe_success", 1.0));
}
