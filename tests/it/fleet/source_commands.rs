//! Sources of `scan`, `check --targets` and `monitor --targets`, as their users meet them.

use std::io::Write;
use std::net::Ipv4Addr;
use std::process::{Command, Output, Stdio};

use rdprobe::simulate::{self, Server};
use serde_json::Value;

use super::process::Running;

/// No other port is tried.
const QUICK: &str = "--no-control-ports";

/// A healthy server for as long as the test runs, on an address that no other test has.
fn server(last: u8) -> String {
    let address = (Ipv4Addr::new(127, 30, 0, last), 0).into();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::bind(simulate::persona("windows-2022-nla").unwrap(), address).await.unwrap();
            tell.send(server.local_addr()).unwrap();
            drop(server.run().await);
        });
    });
    told.recv().unwrap().to_string()
}

/// Runs to the end with this on standard input.
fn run(command: &str, arguments: &[&str], stdin: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .arg(command)
        .args(arguments)
        .arg(QUICK)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    // Who refuses the arguments reads nothing.
    drop(input.write_all(stdin.as_bytes()));
    drop(input);
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_check_takes_a_source_in_every_format() {
    let (one, two) = (server(1), server(2));
    let list = format!("[\"{one}\", \"{two}\", \"{one}\"]");
    let output = run("check", &["--targets", "-", "--format", "json"], &list);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let targets: Vec<&Value> = checks.as_array().unwrap().iter().map(|check| &check["target"]).collect();
    assert_eq!(targets, [&Value::from(one.as_str()), &Value::from(two.as_str())]);
    let output = run("check", &[&one, "--targets", "-", "--format", "junit"], &list);
    assert_eq!(text(&output.stdout).matches("<testsuite ").count(), 2, "{}", text(&output.stdout));
}

#[test]
fn a_network_is_checked_without_what_is_excluded() {
    let one = server(9);
    let port = one.rsplit(':').next().unwrap();
    let output = run(
        "check",
        &["--targets", "127.30.0.8/31", "--port", port, "--exclude", "127.30.0.8", "--format", "ndjson"],
        "",
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let check: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(check["target"], one);
}

#[test]
fn exclusions_that_can_be_read_once_are_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let [list, pipe] = ["vms.txt", "never"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let one = server(12);
    std::fs::write(&list, format!("{one}\n127.30.0.13\n")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let scan = Running::scan(&[&list, "--exclude", &pipe, "--depth", "tcp", "--format", "ndjson"]);
    // Waits for who reads it, and is gone then.
    std::thread::spawn(move || std::fs::write(&pipe, "127.30.0.13\n"));
    let ended = scan.end();
    assert_eq!(ended.status.code(), Some(0), "{:#?}", ended.stderr);
    assert_eq!(ended.stdout.len(), 1, "{:#?}", ended.stdout);
}

#[test]
fn a_bad_line_is_told_by_number_and_is_no_success() {
    let one = server(3);
    let list = format!("# the fleet\n{one}\nhttp://\u{1b}[2Jmyvm\n");
    let output = run("check", &["--targets", "-", "--format", "ndjson"], &list);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout).lines().count(), 1);
    let told = text(&output.stderr);
    assert!(told.contains("rdprobe: -, line 3 is left out: a URL") && told.contains("hint: "), "{told}");
    assert!(!told.contains('\u{1b}'), "{told:?}");
    // A monitoring system reads the first line.
    let output = run("check", &["--targets", "-", "--format", "nagios"], &list);
    assert_eq!(output.status.code(), Some(3));
    let status = text(&output.stdout).lines().next().unwrap();
    assert!(status.starts_with("RDP UNKNOWN - 1 entry of the sources names no target, "), "{status}");
    // A missed expectation is worse.
    let output = run("check", &["--targets", "-", "--expect", "nla=none"], &list);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_file_of_nonsense_does_not_fill_the_terminal() {
    let one = server(4);
    let list = format!("{}{one}\n", "a b\n".repeat(5000));
    let output = run("check", &["--targets", "-"], &list);
    let told = text(&output.stderr);
    assert!(told.contains("4980 lines more left out"), "{told}");
    assert!(told.lines().count() < 100);
}

#[test]
fn mistakes_with_sources_are_usage_errors() {
    let cases: [(&str, &[&str], &str); 9] = [
        ("check", &["--targets", "-"], "there is no target to check"),
        ("check", &["--targets", "/nowhere.csv"], "cannot read /nowhere.csv"),
        ("check", &["--targets", "10.0.0.0/8"], "--i-mean-it"),
        ("check", &["--targets", "10.0.0.0/15", "--i-mean-it"], "rdprobe scan"),
        ("check", &["vm", "--port", "3390"], "--port says how --targets is read"),
        ("check", &["--targets", "10.0.0.0/30", "--exclude", "10.0.0.0/99"], "not a network"),
        ("check", &["--targets", "10.0.0.0/30", "--port", "0"], "--port"),
        ("monitor", &["--targets", "-"], "there is no target to watch"),
        ("monitor", &["vm", "--exclude", "vm"], "--exclude says how --targets is read"),
    ];
    for (command, arguments, told) in cases {
        let output = run(command, arguments, "# nobody\n");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(told), "{arguments:?}: {}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "");
    }
}

#[cfg(unix)]
#[test]
fn a_monitor_watches_a_source() {
    use std::io::Seek;

    use crate::monitor_cli::process::Running;

    let (one, two) = (server(5), server(6));
    let port = |target: &str| target.rsplit(':').next().unwrap().to_owned();
    let mut table = tempfile::tempfile().unwrap();
    write!(table, "host;port\n127.30.0.5;{}\n127.30.0.6;{}\n127.30.0.7;x\n", port(&one), port(&two)).unwrap();
    table.rewind().unwrap();
    let mut watching = Running::of(
        Command::new(env!("CARGO_BIN_EXE_rdprobe"))
            .args(["monitor", "--targets", "-", "--interval", "200ms", QUICK])
            .stdin(table),
    );
    for _ in [one, two] {
        watching.wait_for("UP: ");
    }
    let ended = watching.end_by("TERM");
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("2 targets watched"), "{}", ended.stdout);
    assert!(ended.stderr.contains("line 4 is left out: not a port"), "{}", ended.stderr);
}
