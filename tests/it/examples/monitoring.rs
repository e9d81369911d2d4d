//! systemd, Nagios, Icinga 2 and Checkmk: the commands run as those run them.

use std::process::Command;

use super::{Place, said, sound, source};
use crate::rehearsal::{Kept, play};

/// Where the examples take the binary to be.
const INSTALLED: &str = "/usr/local/bin/rdprobe";

/// The unit with the binary of this test.
fn unit(name: &str) -> String {
    source(&format!("examples/systemd/{name}")).replace(INSTALLED, env!("CARGO_BIN_EXE_rdprobe"))
}

#[tokio::test]
async fn the_service_checks_its_instance() {
    let unit = unit("rdprobe@.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let target = sound().await;
    // What systemd replaces: %i is the instance as written, %I the same unescaped.
    let script = line.replace("%i", "instance").replace("%I", &format!("'{target}'"));
    let place = Place::new();
    let state = place.folder.path().to_str().unwrap().to_owned();
    let environment = [("STATE_DIRECTORY", state.as_str()), ("RDPROBE_OPTIONS", "--profile secure")];
    let output = place.run_beside("sh", &script, &environment).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(place.read("instance.json").contains("rdprobe.check/1"));
}

/// The monitor's unit, started as systemd would: ready, then reloaded and stopped by its own lines.
#[test]
fn the_monitor_is_a_service_that_says_when_it_is_ready() {
    use std::os::unix::net::UnixDatagram;
    let unit = unit("rdprobe-monitor.service");
    let place = Place::new();
    let state = place.folder.path().to_str().unwrap().to_owned();
    std::fs::write(place.path("targets"), "127.0.0.1:1 # nobody listens\n").unwrap();
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let script = format!("exec {}", line.replace("/etc/rdprobe", &state).replace(":9339", ":0"));
    let notify = place.path("notify");
    let socket = UnixDatagram::bind(&notify).unwrap();
    socket.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
    let environment = [
        ("STATE_DIRECTORY", state.as_str()),
        ("RDPROBE_OPTIONS", "--interval 100ms"),
        ("NOTIFY_SOCKET", notify.to_str().unwrap()),
    ];
    let mut service = Kept(place.command("sh", &script, &environment).spawn().unwrap());
    let wait_for = |wanted: &str| {
        let mut bytes = [0; 4096];
        loop {
            let length = socket.recv(&mut bytes).unwrap();
            if String::from_utf8_lossy(&bytes[..length]).contains(wanted) {
                return;
            }
        }
    };
    wait_for("READY=1");
    wait_for("STATUS=1 target: 1 down");
    let id = service.id().to_string();
    let reload = unit.lines().find_map(|line| line.strip_prefix("ExecReload=")).unwrap();
    assert!(place.run("sh", reload, &[("MAINPID", &id)]).status.success());
    wait_for("RELOADING=1");
    assert!(place.run("sh", "kill $MAINPID", &[("MAINPID", &id)]).status.success());
    wait_for("STOPPING=1");
    let code = service.wait().unwrap().code().unwrap().to_string();
    let fine = unit.lines().find_map(|line| line.strip_prefix("SuccessExitStatus=")).unwrap();
    assert!(fine.split(' ').any(|it| it == code), "{code}");
    assert!(place.path("rdp.db").exists());
}

#[test]
#[ignore = "needs systemd-analyze"]
fn systemd_accepts_the_units() {
    let place = Place::new();
    let names = ["rdprobe@.service", "rdprobe@.timer", "rdprobe-monitor.service"];
    for name in names {
        std::fs::write(place.path(name), unit(name)).unwrap();
    }
    let units = names.map(|name| place.path(name));
    let output = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .args(units)
        .output()
        .expect("systemd-analyze");
    assert!(output.status.success(), "{}", said(&output));
    assert!(!said(&output).contains("rdprobe"), "{}", said(&output));
}

/// The directives of a `define` block.
fn directive(text: &str, block: &str, name: &str) -> String {
    let from = text.find(&format!("define {block} {{")).unwrap();
    let body = text[from..].split('}').next().unwrap();
    let line = body.lines().map(str::trim).find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().to_owned()
}

/// A plugin's first line: a status word, and numbers after a bar.
#[track_caller]
fn is_plugin_output(output: &std::process::Output, status: &str) {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let first = text.lines().next().unwrap_or_default();
    assert!(first.contains(status) && first.contains('|'), "{}", said(output));
}

#[tokio::test]
async fn nagios() {
    let text = source("examples/nagios/rdprobe.cfg");
    let check = directive(&text, "service", "check_command");
    let parts: Vec<&str> = check.split('!').collect();
    let [command, expect, port] = parts.as_slice() else { panic!("{check}") };
    assert_eq!(directive(&text, "command", "command_name"), *command);
    assert_eq!(*port, "3389");
    for (persona, code, status) in [("windows-2022-nla", 0, "OK"), ("rdp-security-only", 2, "CRITICAL")] {
        let address = play(persona).await;
        let line = directive(&text, "command", "command_line")
            .replace(INSTALLED, env!("CARGO_BIN_EXE_rdprobe"))
            .replace("$ARG1$", expect)
            .replace("$HOSTADDRESS$", &address.ip().to_string())
            .replace("$ARG2$", &address.port().to_string());
        assert!(!line.contains('$'), "{line}");
        let output = Place::new().run_beside("sh", &line, &[]).await;
        assert_eq!(output.status.code(), Some(code), "{}", said(&output));
        is_plugin_output(&output, status);
    }
}

#[tokio::test]
async fn icinga_2() {
    let text = source("examples/icinga2/rdprobe.conf");
    assert_eq!(text.matches('{').count(), text.matches('}').count());
    let command = text.split_once("command = [").unwrap().1.split(']').next().unwrap();
    let words: Vec<&str> = command.split(',').map(|word| word.trim().trim_matches('"')).collect();
    assert_eq!(words[0], INSTALLED);
    let expect = text.split_once("vars.rdprobe_expect = [").unwrap().1.split(']').next().unwrap();
    let expect = expect.split(',').map(|word| word.trim().trim_matches('"'));
    let target = sound().await;
    // Each argument that the file names, as Icinga puts it on the line.
    for option in ["--profile", "--expect", "--timeout"] {
        assert!(text.contains(&format!("\"{option}\" = ")), "{option}");
    }
    let expect: Vec<String> = expect.map(|one| format!("--expect '{one}'")).collect();
    let line = format!(
        "'{}' {} --profile secure {} --timeout 30s '{target}'",
        env!("CARGO_BIN_EXE_rdprobe"),
        words[1..].join(" "),
        expect.join(" ")
    );
    let output = Place::new().run_beside("sh", &line, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    is_plugin_output(&output, "OK");
}

#[tokio::test]
async fn checkmk() {
    let text = source("examples/checkmk/mrpe.cfg");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let [line] = lines.as_slice() else { panic!("{text}") };
    // NAME (key=value) COMMAND
    let (name, rest) = line.split_once(' ').unwrap();
    assert!(name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_'), "{name}");
    let command = rest.split_once(") ").unwrap().1;
    let script =
        command.replace(INSTALLED, env!("CARGO_BIN_EXE_rdprobe")).replace("myvm.example.net", &sound().await);
    let output = Place::new().run_beside("sh", &script, &[]).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    is_plugin_output(&output, "OK");
}
