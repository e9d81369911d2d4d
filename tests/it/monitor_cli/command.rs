//! `rdprobe monitor` as a user, a log and a service manager meet it.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::process::{Ended, PATIENCE, Running};
use crate::rehearsal::{self, Kept, play};

/// Rounds so close that a state is decided at once.
const QUICK: [&str; 2] = ["--interval", "100ms"];

/// The promise is two seconds; a machine that builds beside it, or stands still, gets more.
const END: Duration = Duration::from_secs(15);

fn closed() -> String {
    rehearsal::closed().to_string()
}

fn quick<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &QUICK].concat()
}

/// Watches until the target is told up, off the runtime that plays the server, and ends it.
async fn run_until_up(arguments: Vec<String>) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command.arg("monitor").args(arguments).env_remove("RUST_LOG");
    end_when_up(command).await
}

async fn end_when_up(mut command: Command) -> Ended {
    let run = move || {
        let mut running = Running::of(&mut command);
        running.wait_for("UP: ");
        running.end_by("TERM")
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

#[test]
fn wrong_usage_is_exit_2_with_a_hint_before_anything_is_watched() {
    for (arguments, told) in [
        ("", "<TARGET>"),
        ("http://myvm", "hint: "),
        ("myvm --interval 10ms", "1s is polite"),
        ("myvm --interval 2h", "longer than"),
        ("myvm --depth deep", "x224"),
        ("myvm --down-after 0", "1..=1000"),
        ("myvm --deep-every 1s", "at every change of state"),
        ("myvm --hold --hold-steps 4m,2m", "ascend"),
        ("myvm --hold-steps 1m,2m", "--hold"),
        ("myvm --summary-every 10ms", "1m is usual"),
        ("myvm --on-change /nowhere/at/all", "no such program"),
        ("myvm --hdr /nowhere/at/all.hdr", "cannot write to"),
        ("myvm --record /nowhere/at/all.db", "cannot record to"),
        ("--targets /nowhere/at/all", "cannot read"),
        ("myvm --control http://x", "hint: "),
    ] {
        let ended = Running::start(
            &words(arguments).iter().map(String::as_str).filter(|it| !it.is_empty()).collect::<Vec<_>>(),
            &[],
        )
        .wait();
        assert_eq!(ended.status.code(), Some(2), "{arguments}: {}", ended.stderr);
        assert!(ended.stderr.contains(told), "{arguments}: {}", ended.stderr);
        assert_eq!(ended.stdout, "", "{arguments}");
    }
}

#[test]
fn the_list_of_machines_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("t.txt").to_str().unwrap().to_owned();
    let line = format!("{}\n", closed());
    std::fs::write(&list, &line).unwrap();
    for option in ["--hdr", "--record"] {
        let ended = Running::start(&["--targets", &list, option, &list], &[]).wait();
        assert_eq!(ended.status.code(), Some(2), "{option}: {}", ended.stderr);
        assert!(ended.stderr.contains("would be written over, and the monitor reads it"), "{}", ended.stderr);
        assert_eq!(std::fs::read_to_string(&list).unwrap(), line, "{option}");
    }
}

#[tokio::test]
async fn a_good_server_is_exit_0_and_ends_with_a_table() {
    let target = play("windows-2022-nla").await.to_string();
    let ended = run_until_up(words(&format!("{target} --interval 200ms --summary-every 10m"))).await;
    assert_eq!(ended.status.code(), Some(0), "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("UP: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("TARGET"), "{}", ended.stdout);
    assert!(ended.stderr.contains("a connection every 200ms"), "{}", ended.stderr);
}

#[test]
fn a_closed_port_is_exit_1_with_the_cause_and_the_next_command() {
    let target = closed();
    let mut running = Running::start(&quick(&[&target]), &[]);
    let down = running.wait_for("DOWN since");
    assert!(down.contains(&target) && down.contains("reset"), "{down}");
    let cause = running.wait_for("cause: ");
    assert!(cause.contains("rdprobe explain ") && cause.contains("next: "), "{cause}");
    let ended = running.end_by("INT");
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
}

#[test]
fn too_short_a_look_decides_nothing() {
    let target = closed();
    let ended = Running::start(&[&target, "--for", "1s", "--interval", "10s"], &[]).wait();
    assert_eq!(ended.status.code(), Some(3), "{}", ended.stdout);
}

#[test]
fn ndjson_is_nothing_but_events_and_the_table_is_talk() {
    let target = closed();
    let mut running = Running::start(&quick(&[&target, "--format", "ndjson"]), &[]);
    running.wait_for("\"diagnosed\"");
    let ended = running.end_by("TERM");
    let events: Vec<Value> = ended.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.iter().all(|event| event["schema"] == "rdprobe.event/1"), "{events:?}");
    assert_eq!(events[0]["event"], "state");
    assert_eq!(events[0]["to"], "down");
    assert!(ended.stderr.contains("TARGET"), "{}", ended.stderr);
}

/// A name server that never answers must not hold the end up either.
#[test]
fn sigterm_ends_within_two_seconds_with_a_summary_whatever_hangs() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let resolver = silent.local_addr().unwrap().to_string();
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let deaf_target = deaf.local_addr().unwrap().to_string();
    let closed = closed();
    let arguments =
        quick(&[&closed, &deaf_target, "name.example", "--resolver", &resolver, "--hold", "--depth", "nla"]);
    let mut running = Running::start(&arguments, &[]);
    running.wait_for("DOWN since");
    let ended = running.end_by("TERM");
    assert!(ended.stdout.contains("AVAILABLE"), "{}", ended.stdout);
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.after < END, "{:?}", ended.after);
}

/// Each of them hangs for longer than the end may take.
#[test]
fn a_locked_record_and_hooks_that_hang_share_the_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (record, hdr) = (file("rdp.db"), file("rdp.hdr"));
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", deaf.local_addr().unwrap());
    let closed = closed();
    let arguments =
        ["--record", &record, "--hdr", &hdr, "--on-change", "sleep 60", "--webhook", &url, closed.as_str()];
    let mut running = Running::start(&quick(&arguments), &[]);
    running.wait_for("DOWN since");
    let locked = rusqlite::Connection::open(&record).unwrap();
    locked.busy_timeout(PATIENCE).unwrap();
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ended = running.end_by("TERM");
    assert!(ended.stdout.contains("AVAILABLE"), "{}", ended.stdout);
    for told in ["the record: ", "--on-change was not run", "the webhook did not take everything"] {
        assert!(ended.stderr.contains(told), "{told}: {}", ended.stderr);
    }
    assert!(ended.after < END, "{:?}", ended.after);
}

#[test]
fn sigusr1_prints_the_table() {
    let target = closed();
    let mut running = Running::start(&quick(&[&target, "--summary-every", "10m"]), &[]);
    running.wait_for("cause: ");
    running.signal("USR1");
    running.wait_for("AVAILABLE");
    running.end_by("TERM");
}

#[test]
fn sighup_reads_the_targets_again_and_a_bad_line_costs_only_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("targets");
    let (one, two) = (closed(), closed());
    std::fs::write(&path, format!("{one}\n")).unwrap();
    let mut running = Running::start(&quick(&["--targets", path.to_str().unwrap()]), &[]);
    running.wait_for("cause: ");
    std::fs::write(&path, format!("# two of them\n{one}\nhttp://no\n{two} # the new one\n")).unwrap();
    running.signal("HUP");
    running.wait_for(&format!("{two}  DOWN"));
    std::fs::remove_file(&path).unwrap();
    running.signal("HUP");
    running.wait_until_said("the targets stay as they were");
    running.signal("USR1");
    running.wait_for("2 targets watched");
    let ended = running.end_by("TERM");
    assert!(ended.stderr.contains("line 3 is left out"), "{}", ended.stderr);
    // It was known already, so it went down once.
    assert_eq!(ended.stdout.matches(&format!("{one}  DOWN")).count(), 1, "{}", ended.stdout);
}

#[test]
fn a_target_that_the_list_has_no_more_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("targets");
    let (one, two) = (closed(), closed());
    std::fs::write(&path, format!("{one}\n{two}\n")).unwrap();
    let mut running = Running::start(&quick(&["--targets", path.to_str().unwrap()]), &[]);
    running.wait_for(&format!("{two}  DOWN"));
    std::fs::write(&path, format!("{one}\nhttp://{two}\n")).unwrap();
    running.signal("HUP");
    running.wait_until_said(&format!("no longer watched: {two}\n"));
    running.end_by("TERM");
}

/// As a file system that hangs does, a pipe into which nobody writes holds up whoever opens it.
#[test]
fn a_list_that_hangs_holds_up_neither_the_rounds_nor_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("targets");
    std::fs::write(&path, format!("{}\n", closed())).unwrap();
    let mut running = Running::start(&quick(&["--targets", path.to_str().unwrap()]), &[]);
    running.wait_for("cause: ");
    std::fs::remove_file(&path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    running.signal("HUP");
    running.signal("USR1");
    running.wait_for("1 target watched");
    let ended = running.end_by("TERM");
    assert_eq!(ended.status.code(), Some(1), "{}", ended.stderr);
    assert!(ended.after < END, "{:?}", ended.after);
}

#[test]
fn sighup_without_a_file_means_that_the_terminal_is_gone() {
    let target = closed();
    let mut running = Running::start(&quick(&[&target]), &[]);
    running.wait_for("DOWN");
    assert_eq!(running.end_by("HUP").status.code(), Some(1));
}

#[test]
fn a_reader_who_leaves_ends_it() {
    let target = closed();
    let script = format!(
        "'{}' monitor {target} --interval 100ms --summary-every 1s | head -n 1",
        env!("CARGO_BIN_EXE_rdprobe")
    );
    let mut child = Kept(Command::new("sh").args(["-c", &script]).spawn().unwrap());
    let deadline = std::time::Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(std::time::Instant::now() < deadline, "it goes on for nobody");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[tokio::test]
async fn the_hdr_log_is_read_by_its_library_and_goes_on_after_a_restart() {
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
    let target = play("windows-2022-nla").await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rdp.hdr");
    for _ in 0..2 {
        let arguments = format!("{target} --interval 100ms --hdr {}", path.to_str().unwrap());
        let ended = run_until_up(words(&arguments)).await;
        assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    }
    let log = std::fs::read(&path).unwrap();
    let entries: Vec<LogEntry<'_>> = IntervalLogIterator::new(&log).map(Result::unwrap).collect();
    let starts = entries.iter().filter(|entry| matches!(entry, LogEntry::StartTime(_))).count();
    let tags: Vec<&str> = entries
        .iter()
        .filter_map(|entry| match entry {
            LogEntry::Interval(interval) => interval.tag().map(|tag| tag.as_str()),
            LogEntry::StartTime(_) | LogEntry::BaseTime(_) => None,
        })
        .collect();
    assert_eq!(starts, 1);
    assert_eq!(tags.iter().filter(|tag| **tag == format!("{target}/x224")).count(), 2, "{tags:?}");
}

/// A limit on the length of files fails in the midst of a line, as a full disk does.
#[cfg(unix)]
#[tokio::test]
async fn an_hdr_log_that_meets_a_full_disk_and_a_kill_has_whole_lines_only() {
    let target = play("windows-2022-nla").await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rdp.hdr");
    let arguments = format!("{target} --interval 100ms --hdr {}", path.to_str().unwrap());
    // Blocks of 512 bytes; the header takes less than one.
    let script =
        format!("trap '' XFSZ; ulimit -f 1; exec '{}' monitor {arguments}", env!("CARGO_BIN_EXE_rdprobe"));
    let mut limited = Command::new("sh");
    limited.args(["-c", &script]);
    let said = end_when_up(limited).await.stderr;
    assert!(said.contains("its latency is lost until it can be"), "{said}");
    let header = std::fs::read_to_string(&path).unwrap();
    assert!(header.starts_with('#') && header.ends_with("Histogram\"\n"), "{header:?}");
    std::fs::write(&path, format!("{header}Tag={target}/x224,1.0,0.")).unwrap();
    let ended = run_until_up(words(&arguments)).await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    assert!(read_by_the_crate(&std::fs::read(&path).unwrap()).contains_key(&format!("{target}/x224")));
}

#[tokio::test]
#[ignore = "needs PyPI's hdrhistogram; run by tests/run"]
async fn the_hdr_log_is_read_by_another_library_with_the_same_values() {
    let target = play("windows-2022-nla").await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rdp.hdr").to_str().unwrap().to_owned();
    let ended = run_until_up(words(&format!("{target} --interval 100ms --hdr {path}"))).await;
    assert_eq!(ended.status.code(), Some(0), "{}", ended.stderr);
    let root = env!("CARGO_MANIFEST_DIR");
    let output = std::process::Command::new("python3")
        .args([&format!("{root}/tests/lab/read_hdr.py"), &path])
        .env("PYTHONPATH", format!("{root}/target/lab/hdrhistogram"))
        .output()
        .unwrap();
    let theirs: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let ours = read_by_the_crate(&std::fs::read(&path).unwrap());
    assert!(ours.len() >= 4, "{ours:?}");
    for (tag, (count, greatest)) in &ours {
        assert_eq!(theirs[tag], serde_json::json!([count, greatest]), "{tag}: {theirs}");
    }
    assert_eq!(theirs.as_object().unwrap().len(), ours.len());
}

/// How many values each tag has, and the greatest.
fn read_by_the_crate(log: &[u8]) -> std::collections::BTreeMap<String, (u64, u64)> {
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
    let mut tags = std::collections::BTreeMap::new();
    for entry in IntervalLogIterator::new(log).map(Result::unwrap) {
        let LogEntry::Interval(interval) = entry else { continue };
        let bytes = data_encoding::BASE64.decode(interval.encoded_histogram().as_bytes()).unwrap();
        let histogram: hdrhistogram::Histogram<u64> =
            Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
        let sum = tags.entry(interval.tag().unwrap().as_str().to_owned()).or_insert((0, 0));
        *sum = (sum.0 + histogram.len(), sum.1.max(histogram.max()));
    }
    tags
}

#[test]
fn rust_log_is_obeyed_and_a_wrong_one_told() {
    let target = closed();
    let ended = |log| {
        let mut running = Running::start(&quick(&[&target]), &[("RUST_LOG", log)]);
        running.wait_for("DOWN");
        running.end_by("TERM")
    };
    assert!(ended("rdprobe=debug").stderr.contains("DEBUG"), "a debug log says something");
    assert!(!ended("off").stderr.contains("DEBUG"));
    assert!(ended("rdprobe=loud").stderr.contains("RUST_LOG is not understood"));
}

#[test]
fn help_has_examples_signals_and_exit_codes() {
    let ended = Running::start(&["--help"], &[]).wait();
    for told in ["Examples:", "SIGUSR1", "Exit codes:", "RDPROBE_WEBHOOK_URL", "an outage was seen"] {
        assert!(ended.stdout.contains(told), "{told}: {}", ended.stdout);
    }
}
