//! Is it the target or this machine's own network? In namespaces, where the way can be cut at either end. As root.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

use crate::lab::{Lab, ip, rule, run};

/// A monitor in the client's namespace, and its events.
struct Monitor {
    process: Child,
    events: Receiver<Value>,
}

impl Monitor {
    fn start(lab: &Lab, arguments: &str) -> Self {
        let mut process = Command::new("ip")
            .args(["netns", "exec", &lab.client, env!("CARGO_BIN_EXE_rdprobe"), "monitor"])
            .args(["--format", "ndjson", "--interval", "200ms"])
            // A busy machine makes every round slow for some seconds, which is no change that was made here.
            .args(["--slower-by", "0"])
            .args(arguments.split(' '))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(process.stdout.take().unwrap());
        let (tell, events) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                drop(tell.send(serde_json::from_str(&line).unwrap()));
            }
        });
        Self { process, events }
    }

    /// The next change of state: to which, and why.
    fn state(&self) -> (String, String) {
        loop {
            let event = self.events.recv_timeout(Duration::from_secs(60)).expect("no change of state");
            if event["event"] == "state" {
                return (event["to"].as_str().unwrap().to_owned(), event["why"].as_str().unwrap().to_owned());
            }
        }
    }
}

impl Monitor {
    /// Waits for a state. On the way to another one, "unknown" is as true: a gateway that would have answered has not,
    /// because the machine stood still.
    fn until(&self, wanted: &str) {
        loop {
            let (state, why) = self.state();
            if state == wanted {
                return;
            }
            assert_eq!(state, "unknown", "instead of {wanted:?}: {why}");
        }
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The server's namespace as the client's gateway, with a target behind it.
fn behind_a_gateway() -> Lab {
    let mut lab = Lab::new();
    ip(&format!("-n {} addr add 10.78.0.1/32 dev lo", lab.server));
    ip(&format!("-n {} route add default via 10.77.0.2", lab.client));
    lab.listen("10.78.0.1:3389");
    lab
}

/// Takes the rules of a namespace away again.
fn no_rules(namespace: &str) {
    run(&format!("ip netns exec {namespace} nft flush ruleset"));
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_silent_target_behind_a_gateway_that_answers_is_down() {
    let lab = behind_a_gateway();
    let monitor = Monitor::start(&lab, "10.78.0.1");
    monitor.until("up");
    rule(&lab.server, "input", "ip daddr 10.78.0.1 drop");
    monitor.until("down");
    no_rules(&lab.server);
    monitor.until("up");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn with_the_gateway_silent_too_nothing_is_known_of_the_target() {
    let lab = behind_a_gateway();
    let monitor = Monitor::start(&lab, "10.78.0.1");
    monitor.until("up");
    rule(&lab.server, "input", "ip daddr { 10.78.0.1, 10.77.0.2 } drop");
    let (state, why) = monitor.state();
    assert_eq!(state, "unknown");
    assert!(why.contains("gateway 10.77.0.2"), "{why}");
    no_rules(&lab.server);
    monitor.until("up");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn with_the_cable_pulled_at_either_end_nothing_is_known_of_the_target() {
    for (namespace, device) in [("client", "vc"), ("server", "vs")] {
        let lab = behind_a_gateway();
        let monitor = Monitor::start(&lab, "10.78.0.1");
        monitor.until("up");
        let end = if namespace == "client" { &lab.client } else { &lab.server };
        ip(&format!("-n {end} link set {device} down"));
        let (state, why) = monitor.state();
        assert_eq!(state, "unknown", "{namespace}: {why}");
    }
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_gateway_that_never_answers_tells_nothing() {
    let lab = behind_a_gateway();
    rule(&lab.server, "input", "ip daddr 10.77.0.2 drop");
    let monitor = Monitor::start(&lab, "10.78.0.1");
    assert_eq!(monitor.state().0, "up");
    rule(&lab.server, "prerouting", "ip daddr 10.78.0.1 drop");
    assert_eq!(monitor.state().0, "down");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_target_in_the_own_network_needs_no_gateway() {
    let mut lab = Lab::new();
    ip(&format!("-n {} route add default via 10.77.0.9", lab.client));
    lab.listen("10.77.0.2:3389");
    let monitor = Monitor::start(&lab, "10.77.0.2");
    assert_eq!(monitor.state().0, "up");
    rule(&lab.server, "input", "drop");
    assert_eq!(monitor.state().0, "down");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_control_target_is_asked_instead_of_the_gateway() {
    let lab = behind_a_gateway();
    ip(&format!("-n {} addr add 10.79.0.1/32 dev lo", lab.server));
    // The gateway is silent all the time, and the control target refuses, which is an answer.
    rule(&lab.server, "input", "ip daddr 10.77.0.2 drop");
    let monitor = Monitor::start(&lab, "10.78.0.1 --control 10.79.0.1:443");
    monitor.until("up");
    rule(&lab.server, "prerouting", "ip daddr 10.78.0.1 drop");
    monitor.until("down");
    no_rules(&lab.server);
    monitor.until("up");
    rule(&lab.server, "input", "drop");
    let (state, why) = monitor.state();
    assert_eq!(state, "unknown", "{why}");
    assert!(why.contains("10.79.0.1:443"), "{why}");
}

/// The local port of the one connection that is there for seconds: the held one, since rounds end at once.
fn held_port(lab: &Lab) -> u16 {
    let ports = || -> Vec<u16> {
        let output = Command::new("ip")
            .args(["netns", "exec", &lab.client, "ss", "-Htn", "state", "established", "dport", "=", ":3389"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let local = text.lines().filter_map(|line| line.split_whitespace().nth(2));
        local.filter_map(|local| local.rsplit(':').next()?.parse().ok()).collect()
    };
    for _ in 0..60 {
        let mut lasting = ports();
        for _ in 0..2 {
            std::thread::sleep(Duration::from_secs(1));
            let now = ports();
            lasting.retain(|port| now.contains(port));
        }
        if let [port] = lasting[..] {
            return port;
        }
    }
    panic!("no connection is held");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_held_connection_that_the_path_forgets_is_silence_while_the_rounds_go_on() {
    let mut lab = Lab::new();
    lab.listen("10.77.0.2:3389");
    let monitor = Monitor::start(&lab, "10.77.0.2 --hold");
    assert_eq!(monitor.state().0, "up");
    let port = held_port(&lab);
    rule(&lab.server, "input", &format!("tcp sport {port} drop"));
    rule(&lab.server, "output", &format!("tcp dport {port} drop"));
    let lost = loop {
        let event = monitor.events.recv_timeout(Duration::from_secs(60)).expect("nothing was lost");
        assert!(event["event"] != "state" || event["to"] != "down", "the rounds go on: {event}");
        if event["event"] == "held_lost" {
            break event;
        }
    };
    assert_eq!(lost["held"]["ending"], "silence", "{lost}");
    assert!(lost["held"]["age_s"].as_f64().unwrap() >= 5.0, "{lost}");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_gateway_that_answers_on_one_port_alone_keeps_no_round_waiting() {
    let lab = behind_a_gateway();
    let monitor = Monitor::start(&lab, "10.78.0.1");
    monitor.until("up");
    rule(&lab.server, "input", "ip daddr 10.77.0.2 tcp dport 80 drop; ip daddr 10.78.0.1 drop");
    monitor.until("down");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_control_target_tells_of_the_own_network_too() {
    let mut lab = Lab::new();
    ip(&format!("-n {} addr add 10.79.0.1/32 dev lo", lab.server));
    ip(&format!("-n {} route add 10.79.0.1 via 10.77.0.2", lab.client));
    lab.listen("10.77.0.2:3389");
    let monitor = Monitor::start(&lab, "10.77.0.2 --control 10.79.0.1:443");
    monitor.until("up");
    rule(&lab.server, "input", "ip daddr 10.77.0.2 drop");
    monitor.until("down");
    no_rules(&lab.server);
    monitor.until("up");
    rule(&lab.server, "input", "drop");
    let (state, why) = monitor.state();
    assert_eq!(state, "unknown", "{why}");
}

#[test]
#[ignore = "needs root and nft: run by tests/run"]
fn a_silent_control_target_excuses_nobody_while_another_target_answers() {
    let mut lab = Lab::new();
    for own in ["10.77.0.3", "10.77.0.4"] {
        ip(&format!("-n {} addr add {own}/24 dev vs", lab.server));
    }
    lab.listen("10.77.0.2:3389");
    lab.listen("10.77.0.3:3389");
    let monitor = Monitor::start(&lab, "10.77.0.2 10.77.0.3 --control 10.77.0.4:443");
    assert_eq!((monitor.state().0, monitor.state().0), ("up".to_owned(), "up".to_owned()));
    rule(&lab.server, "input", "ip daddr { 10.77.0.2, 10.77.0.4 } drop");
    let (state, why) = monitor.state();
    assert_eq!(state, "down", "{why}");
    // With all of them silent it is this machine's own.
    rule(&lab.server, "input", "drop");
    for _ in 0..2 {
        let (state, why) = monitor.state();
        assert_eq!(state, "unknown", "{why}");
    }
}
