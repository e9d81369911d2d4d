//! What the network does to a connection: firewalls, routers, dead hosts, in network namespaces.

use super::{Running, probe_in, script};
use serde_json::{Value, json};

/// A client's namespace and a server's, with the faults loaded.
pub(super) fn namespaces(arguments: &[&str]) -> (Running, String, String) {
    let running = Running::start(script("ns.sh").args(arguments));
    let (client, server) = running.ready.split_once(' ').expect("two names");
    let (client, server) = (client.to_owned(), server.to_owned());
    (running, client, server)
}

fn rules() -> String {
    format!("{}/tests/lab/faults.nft", env!("CARGO_MANIFEST_DIR"))
}

/// Kind, what cannot be reached, ICMP type and code, and who sent it.
fn failure(connect: &Value) -> [Value; 5] {
    let failed = &connect["failed"];
    let icmp = &failed["icmp"];
    ["kind", "what"]
        .map(|field| failed[field].clone())
        .into_iter()
        .chain(["type", "code", "from"].map(|field| icmp[field].clone()))
        .collect::<Vec<_>>()
        .try_into()
        .expect("five values")
}

const QUICK: [&str; 3] = ["--no-control-ports", "--connect-timeout", "1500ms"];

#[test]
#[ignore = "needs network namespaces; run by tests/run"]
fn every_refusal_is_told_from_the_others() {
    let (_running, client, _server) = namespaces(&["--nft", &rules()]);
    for (port, expected) in [
        (3000, json!(["refused", null, null, null, null])),
        (3001, json!(["timed_out", null, null, null, null])),
        (3002, json!(["refused", null, null, null, null])),
        (3003, json!(["refused", null, 3, 3, "10.88.0.2"])),
        (3004, json!(["unreachable", "host", 3, 1, "10.88.0.2"])),
        (3005, json!(["unreachable", "prohibited", 3, 13, "10.88.0.2"])),
        (3006, json!(["unreachable", "network", 3, 0, "10.88.0.2"])),
        (3007, json!(["unreachable", "protocol", 3, 2, "10.88.0.2"])),
        (3008, json!(["unreachable", "prohibited", 3, 9, "10.88.0.2"])),
        (3009, json!(["unreachable", "prohibited", 3, 10, "10.88.0.2"])),
    ] {
        let probed = probe_in(&client, &format!("10.88.0.2:{port}"), &QUICK);
        let connect = &probed.route()["connect"];
        assert_eq!(json!(failure(connect)), expected, "port {port}: {connect:#}");
        probed.expect_verdict(1, "not_reachable");
    }
}

#[test]
#[ignore = "needs network namespaces; run by tests/run"]
fn version_6_refusals_are_told_too() {
    let (_running, client, _server) = namespaces(&["--nft", &rules()]);
    for (port, expected) in [
        (3000, json!(["refused", null, null, null, null])),
        (3003, json!(["refused", null, 1, 4, "fd88::2"])),
        (3004, json!(["unreachable", "host", 1, 3, "fd88::2"])),
        (3005, json!(["unreachable", "prohibited", 1, 1, "fd88::2"])),
    ] {
        let probed = probe_in(&client, &format!("[fd88::2]:{port}"), &QUICK);
        let connect = &probed.route()["connect"];
        assert_eq!(json!(failure(connect)), expected, "port {port}: {connect:#}");
    }
}

#[test]
#[ignore = "needs network namespaces; run by tests/run"]
fn a_silent_port_on_a_living_host_is_told_from_a_silent_host() {
    let (_running, client, _server) = namespaces(&["--nft", &rules()]);
    let filtered = probe_in(&client, "10.88.0.2:3001", &["--connect-timeout", "1500ms"]);
    let route = filtered.route();
    assert_eq!(route["connect"]["failed"]["kind"], "timed_out");
    let control = route["control_ports"].as_array().expect("control ports");
    assert!(!control.is_empty());
    for port in control {
        assert_eq!(port["failed"]["kind"], "refused", "{port:#}");
    }

    // No host answers to ARP there: the kernel says so after three seconds.
    let absent = probe_in(&client, "10.88.0.99:3389", &["--no-control-ports", "--connect-timeout", "20s"]);
    let connect = &absent.route()["connect"];
    assert_eq!(json!(failure(connect)), json!(["unreachable", "host", null, null, null]), "{connect:#}");
}

#[test]
#[ignore = "needs network namespaces; run by tests/run"]
fn no_route_here_is_this_machines_trouble() {
    let (_running, client, _server) = namespaces(&[]);
    let probed = probe_in(&client, "10.99.0.1:3389", &QUICK);
    let connect = &probed.route()["connect"];
    assert_eq!(connect["failed"]["kind"], "local", "{connect:#}");
    assert_eq!(connect["failed"]["what"], "no_route", "{connect:#}");
    probed.expect_verdict(3, "undecided");
}
