//! `rdprobe check` against real servers: one that is started late, one that NLA guards.

use std::io::{BufRead, BufReader, Read};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Certificates, Running, own_address, script};

/// From the start of one probe to the start of the next.
const EVERY: Duration = Duration::from_secs(2);

fn check(target: &str, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command.args(["check", target, "--format", "json"]).args(options);
    command
}

#[test]
#[ignore = "needs xrdp; run by tests/run"]
fn xrdp_started_late_is_ready_within_one_interval_of_its_first_good_answer() {
    let certificates = Certificates::make(&["good"]);
    let address = own_address();
    let port = TcpListener::bind((address.as_str(), 0)).unwrap().local_addr().unwrap().port();
    let target = format!("{address}:{port}");
    let began = Instant::now();
    let mut waiting = check(&target, &["--wait", "2m", "--every", "2s", "--no-control-ports"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("rdprobe runs");
    let mut log = BufReader::new(waiting.stderr.take().expect("stderr is piped"));
    let mut first = String::new();
    log.read_line(&mut first).expect("a line");
    assert!(first.contains("  refused: "), "{first}");

    let _xrdp = Running::start(
        script("xrdp.sh")
            .arg(&target)
            .arg(format!("certificate={}", certificates.path("good.crt")))
            .arg(format!("key_file={}", certificates.path("good.key"))),
    );
    // The script says ready when xrdp listens, so that from now on every probe gets a good answer.
    let ready = Instant::now();
    assert!(TcpStream::connect(&target).is_ok(), "xrdp listens on {target}");
    let mut printed = String::new();
    waiting.stdout.take().expect("stdout is piped").read_to_string(&mut printed).expect("text");
    let took = ready.elapsed();
    let exit = waiting.wait().expect("it ends").code();
    let check: Value = serde_json::from_str(&printed).expect("a check");
    assert_eq!(exit, Some(0), "{:#}", check["report"]["diagnosis"]);
    // The first probe of all, one for each interval until xrdp was ready, and the one that then sees it.
    let most = 2 + (ready - began).as_secs() / EVERY.as_secs();
    let probes = check["wait"]["probes"].as_u64().expect("a count");
    assert!(probes <= most, "{probes} probes, {most} at most");
    // A machine that stands still leaves out a turn or two.
    assert!(took <= 5 * EVERY, "{took:?}");
    let turns = check["wait"]["turns"].as_array().expect("turns");
    let stages: Vec<&str> = turns.iter().filter_map(|turn| turn["stage"].as_str()).collect();
    assert_eq!(stages, ["refused", "RDP with TLS, without NLA, as expected"]);
}

#[test]
#[ignore = "needs FreeRDP's shadow server; run by tests/run"]
fn the_shadow_server_with_nla_passes_secure_but_for_what_openssl_leaves_open() {
    let server = Running::start(script("shadow.sh").arg(format!("{}:0", own_address())).arg("nla"));
    let output = check(&server.ready, &["--profile", "secure"]).output().expect("rdprobe runs");
    let check: Value = serde_json::from_slice(&output.stdout).expect("a check");
    let expectations = check["expectations"].as_array().expect("expectations");
    let not_met: Vec<(&Value, &Value)> = expectations
        .iter()
        .filter(|judged| judged["outcome"] != "met")
        .map(|judged| (&judged["expectation"], &judged["outcome"]))
        .collect();
    // OpenSSL's security level answers TLS 1.0 and 1.1 with internal_error, which no honest reader takes for a no.
    assert_eq!(not_met, [(&"tls>=1.2".into(), &"undecided".into())], "{expectations:#?}");
    assert_eq!(expectations.len(), 8);
    assert_eq!(output.status.code(), Some(3));
}
