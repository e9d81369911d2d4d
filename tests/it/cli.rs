//! The binary as a user meets it: arguments, hints, exit codes.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output, Stdio};

use crate::rehearsal::{closed, play, rdprobe};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn wrong_usage_is_exit_2_with_a_hint_and_nothing_on_stdout() {
    for (arguments, hint) in [
        (vec!["foo bar"], "hint: "),
        (vec!["http://myvm.example.net"], "hint: "),
        (vec!["myvm:99999"], "hint: "),
        (vec!["[2001:db8::1"], "hint: "),
        (vec!["/nowhere/at/all.rdp"], "hint: "),
        (vec!["--ful", "myvm"], "--full"),
        (vec!["--only", "tcp", "myvm"], "connect"),
        (vec!["--timeout", "soon", "myvm"], "500ms"),
        (vec!["--resolver", "dns.example", "myvm"], "address"),
        (vec!["--correlation-id", "12", "myvm"], "32 hex digits"),
        (vec!["-4", "-6", "myvm"], "cannot be used with"),
        (vec!["--says", "it is broken", "myvm"], "0x904"),
        (vec!["--says", "Local Authority contacted", "myvm"], "Security Authority cannot be contacted"),
        (vec!["simulate", "--persona", "windows-95"], "--list"),
        (vec!["demo", "windows-95"], "--list"),
        (vec!["explain", "nsg"], "nsg-blocks-rdp"),
        (vec![], "--help"),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(hint), "{arguments:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{arguments:?}");
    }
}

#[test]
fn help_has_examples_and_the_exit_codes() {
    for flag in ["-h", "--help"] {
        let output = run(&[flag]);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("rdprobe demo"), "{flag}");
        assert!(stdout(&output).contains("could not decide"), "{flag}");
    }
    assert!(stdout(&run(&["--version"])).starts_with("rdprobe "));
}

#[test]
fn a_closed_port_is_exit_1_and_says_what_refused() {
    let target = closed().to_string();
    let output = run(&[&target]);
    assert_eq!(output.status.code(), Some(1));
    let shown = stdout(&output);
    assert!(shown.contains("NOT REACHABLE") && shown.contains("FAILED"), "{shown}");
    assert!(shown.lines().count() <= 24, "{shown}");
    assert_eq!(stderr(&output), "");
}

#[tokio::test]
async fn a_good_server_is_exit_0() {
    let target = play("windows-2022-nla").await.to_string();
    let output = rdprobe(&[&target]).await;
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).contains("REACHABLE by Remote Desktop"));
}

#[test]
fn an_open_port_is_not_called_reachable() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let output = run(&[&listener.local_addr().unwrap().to_string(), "--only", "connect"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!stdout(&output).contains("REACHABLE by"), "{}", stdout(&output));
    assert!(stdout(&output).contains("not tested"), "{}", stdout(&output));
}

#[test]
fn a_source_that_is_not_here_is_this_machines_fault() {
    let target = closed().to_string();
    let output = run(&[&target, "--source", "192.0.2.1"]);
    assert_eq!(output.status.code(), Some(3), "{}", stdout(&output));
    assert!(stdout(&output).contains("UNDECIDED"), "{}", stdout(&output));
}

#[test]
fn json_is_an_object_for_one_target_an_array_for_two_and_ndjson_lines() {
    let (one, two) = (closed().to_string(), closed().to_string());
    let value = |output: &Output| serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap();
    let single = value(&run(&[&one, "--format", "json"]));
    assert_eq!(single["schema"], "rdprobe.report/1");
    let both = value(&run(&[&one, &two, "--format", "json"]));
    assert_eq!(both.as_array().unwrap().len(), 2);
    assert_eq!(both[1]["evidence"]["target"]["input"], two.as_str());
    let lines = stdout(&run(&[&one, &two, "--format", "ndjson"]));
    assert_eq!(lines.lines().count(), 2);
    assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
}

#[test]
fn no_colour_leaves_the_program_unless_asked_for() {
    let target = closed().to_string();
    assert!(!stdout(&run(&[&target])).contains('\u{1b}'));
    assert!(stdout(&run(&[&target, "--color", "always"])).contains('\u{1b}'));
}

#[test]
fn an_rdp_file_is_a_target() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("My server.rdp");
    let port = closed().port();
    std::fs::write(&path, format!("screen mode id:i:2\r\nfull address:s:127.0.0.1:{port}\r\n")).unwrap();
    let output = run(&[path.to_str().unwrap(), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["evidence"]["target"]["port"], port);
}

#[test]
fn a_reader_who_leaves_changes_no_exit_code() {
    let target = closed().to_string();
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .arg(&target)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert_eq!(said, "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_is_not_success() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args([&closed().to_string(), "--format", "json"])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("cannot write"), "{}", stderr(&output));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn ctrl_c_ends_with_what_is_known() {
    let target = play("silent").await;
    let child = tokio::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args([&target.to_string(), "--format", "json", "--negotiate-timeout", "60s", "--timeout", "60s"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // Connected is what shows that the probe has begun to wait for the silent server.
    wait_for_connection(target).await;
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("sh").args(["-c", "kill -INT $0", &pid]).status().unwrap().success());
    let output = child.wait_with_output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(20), output).await.unwrap().unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["evidence"]["interrupted"], true);
    assert_eq!(report["evidence"]["routes"][0]["negotiate"][0]["failed"]["kind"], "interrupted");
    assert_eq!(output.status.code(), Some(3));
}

/// Waits until somebody holds a connection to the address, by the system's own table.
#[cfg(target_os = "linux")]
async fn wait_for_connection(address: std::net::SocketAddr) {
    let wanted = format!(":{:04X} 01", address.port());
    tokio::time::timeout(std::time::Duration::from_secs(20), async {
        while !std::fs::read_to_string("/proc/net/tcp").unwrap().contains(&wanted) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[test]
fn what_the_client_displays_stands_in_the_report_as_testimony() {
    let target = closed().to_string();
    let output = run(&[&target, "--format", "json", "--says", "0x904/0x7", "--says", "Une erreur interne"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let told = report["evidence"]["testimony"].as_array().unwrap();
    let ids: Vec<&str> = told.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["says.code.904", "says.extended.7", "says.internal-error"]);
    assert!(told.iter().all(|it| it["witness"] == "client"));
    let seen = report["diagnosis"]["observations"].as_array().unwrap();
    assert!(seen.iter().any(|it| it["id"] == "says.internal-error"), "{seen:?}");
}

#[test]
fn the_schema_is_printed() {
    let schema: serde_json::Value = serde_json::from_slice(&run(&["generate", "schema"]).stdout).unwrap();
    assert_eq!(schema["title"], "rdprobe.report/1");
}

/// A terminal has no tables: each row is a line of its own.
#[test]
fn explain_prints_the_errors_of_a_service_one_a_line() {
    let page = stdout(&run(&["explain", "termservice-not-running"]));
    let line = |start: &str| page.lines().any(|line| line.trim_start().starts_with(start));
    assert!(line("1053: it did not respond in time") && line("1058: it is disabled"), "{page}");
    assert!(!page.contains("|---|"), "{page}");
}

#[test]
fn the_demo_plays_and_diagnoses() {
    let output = run(&["demo", "windows-2022-nla", "no-certificate"]);
    assert_eq!(output.status.code(), Some(0));
    let shown = stdout(&output);
    assert!(shown.contains("SSL_CERT_NOT_ON_SERVER") && shown.contains("==== In short"), "{shown}");
}
