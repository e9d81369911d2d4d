//! Prometheus and Grafana: every metric that the examples name is one that rdprobe has, and promtool takes the files.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::{document, said, source, string};
use crate::serve::exposed_names;

/// What an expression names of ours: the samples of a histogram by the name of their family.
fn ours(expression: &str) -> BTreeSet<String> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    expression
        .split(|c| !word(c))
        .filter(|name| ["rdprobe_", "probe_", "process_"].iter().any(|start| name.starts_with(start)))
        .map(|name| {
            let of_histogram = name.starts_with("rdprobe_latency");
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            family.filter(|_| of_histogram).unwrap_or(name).to_owned()
        })
        .collect()
}

#[track_caller]
fn are_exposed(expressions: &[String], exposed: &BTreeSet<String>, of: &str) {
    let named: BTreeSet<String> = expressions.iter().flat_map(|expression| ours(expression)).collect();
    assert!(named.len() > 8, "{of}: {named:?}");
    // Names that the rules record themselves.
    let recorded =
        |name: &String| name.starts_with("rdprobe_x224_seconds") || name.starts_with("rdprobe_availability");
    let strange: Vec<_> = named.iter().filter(|name| !exposed.contains(*name) && !recorded(name)).collect();
    assert!(strange.is_empty(), "{of} names what rdprobe does not have: {strange:?}");
}

#[tokio::test]
async fn every_metric_in_rules_and_dashboard_is_exposed() {
    let exposed = exposed_names().await;
    let rules = document("examples/prometheus/rdprobe.rules.yml");
    let mut expressions = Vec::new();
    for group in rules["groups"].as_array().unwrap() {
        for rule in group["rules"].as_array().unwrap() {
            expressions.push(string(&rule["expr"]));
            // Names in annotations are queried too.
            expressions.extend(rule["annotations"]["description"].as_str().map(str::to_owned));
        }
    }
    are_exposed(&expressions, &exposed, "the rules");
    let dashboard: Value = serde_json::from_str(&source("examples/grafana/rdprobe.json")).unwrap();
    let mut expressions = Vec::new();
    collect(&dashboard, &mut expressions);
    are_exposed(&expressions, &exposed, "the dashboard");
}

/// Every `expr` and `definition` of a document.
fn collect(value: &Value, expressions: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(text) if name == "expr" || name == "definition" => {
                        expressions.push(text.clone())
                    }
                    other => collect(other, expressions),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, expressions)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn the_dashboards_panels_have_their_own_ids_and_places() {
    let dashboard: Value = serde_json::from_str(&source("examples/grafana/rdprobe.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let mut taken = BTreeSet::new();
    for panel in panels {
        let at = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        for x in at("x")..at("x") + at("w") {
            for y in at("y")..at("y") + at("h") {
                assert!(x < 24 && taken.insert((x, y)), "{} overlaps", panel["title"]);
            }
        }
    }
}

#[test]
fn the_modules_of_the_example_are_read() {
    let config =
        rdprobe::serve::exporter::module::Config::read(&source("examples/prometheus/serve.toml")).unwrap();
    assert!(config.modules.contains_key("production") && config.modules.contains_key("quick"));
    rdprobe::serve::exporter::allow::Allow::read(&config.allow, &config.allow_ports).unwrap();
    assert!(!config.allow.is_empty());
}

#[test]
fn the_scrape_configuration_asks_where_the_program_listens() {
    let help = |command: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_rdprobe")).args([command, "--help"]).output().unwrap();
        said(&output)
    };
    let config = source("examples/prometheus/prometheus.yml");
    assert!(help("serve").contains("127.0.0.1:9338") && config.contains("127.0.0.1:9338"));
    assert!(help("monitor").contains("127.0.0.1:9339") && config.contains("127.0.0.1:9339"));
}

#[test]
#[ignore = "needs prometheus"]
fn promtool_takes_the_files_and_their_tests_hold() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prometheus");
    for arguments in [
        ["check", "config", "prometheus.yml"],
        ["check", "rules", "rdprobe.rules.yml"],
        ["test", "rules", "rdprobe.rules.test.yml"],
    ] {
        let output =
            Command::new("promtool").args(arguments).current_dir(&folder).output().expect("promtool");
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    }
}
