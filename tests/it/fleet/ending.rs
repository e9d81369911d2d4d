//! How a scan ends before its time, and goes on: signals, readers that go away, full disks.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use rdprobe::simulate::{self, Server};

use super::process::Running;

/// So many machines say nothing.
const SILENT: usize = 60;

/// So many answer, and are asked before those.
const ANSWER: usize = 4;

/// A persona on every address of loopback; its port.
async fn everywhere(persona: &str) -> u16 {
    let any: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let server = Server::bind(simulate::persona(persona).unwrap(), any).await.unwrap();
    let port = server.local_addr().port();
    tokio::spawn(server.run());
    port
}

/// So many machines at that port.
fn range(many: usize, port: u16) -> String {
    format!("127.0.9.1-{many}:{port}")
}

/// The places of the targets in a file, in order.
fn positions(file: &Path) -> Vec<u64> {
    let text = std::fs::read_to_string(file).unwrap();
    let position =
        |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["position"].as_u64().unwrap();
    let mut positions: Vec<u64> = text.lines().map(position).collect();
    positions.sort_unstable();
    positions
}

fn all() -> Vec<u64> {
    (0..u64::try_from(ANSWER + SILENT).unwrap()).collect()
}

/// A scan of them that keeps a journal, a few at a time.
struct Kept {
    folder: tempfile::TempDir,
    ranges: [String; 2],
}

impl Kept {
    async fn new() -> Self {
        let (answering, silent) = (everywhere("windows-2022-nla").await, everywhere("silent").await);
        let ranges = [range(ANSWER, answering), range(SILENT, silent)];
        Self { folder: tempfile::tempdir().unwrap(), ranges }
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn start(&self, patience: &str) -> Running {
        let (json, csv) =
            (format!("ndjson={}", self.file("all.ndjson")), format!("csv={}", self.file("all.csv")));
        Running::scan(&[
            &self.ranges[0],
            &self.ranges[1],
            "--resume",
            &self.file("journal"),
            "--format",
            "table",
            "--format",
            &json,
            "--format",
            &csv,
            "--concurrency",
            "4",
            "--depth",
            "x224",
            "--no-cookie",
            "--no-control-ports",
            "--negotiate-timeout",
            patience,
        ])
    }

    fn positions(&self) -> Vec<u64> {
        positions(Path::new(&self.file("all.ndjson")))
    }

    fn all_of_it(&self) -> Vec<String> {
        let names = ["all.ndjson", "all.csv", "journal"];
        names.iter().map(|name| std::fs::read_to_string(self.file(name)).unwrap()).collect()
    }

    /// Goes on to the end: then every target stands once, in every file.
    fn finish(&self) {
        let ended = tokio::task::block_in_place(|| self.start("50ms").end());
        assert_eq!(ended.status.code(), Some(1), "{:#?}", ended.stderr);
        assert_eq!(self.positions(), all());
        let mut csv = csv::Reader::from_path(self.file("all.csv")).unwrap();
        let mut rows: Vec<u64> = csv.records().map(|row| row.unwrap()[0].parse().unwrap()).collect();
        rows.sort_unstable();
        assert_eq!(rows, all());
        let sum = ended.stdout.iter().find(|line| line.contains("targets")).unwrap();
        assert!(sum.starts_with(&format!("{} targets", ANSWER + SILENT)) && sum.contains("before"), "{sum}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_finishes_what_is_in_flight_and_resume_goes_on() {
    let kept = Kept::new().await;
    let mut running = kept.start("2s");
    running.wait_for("FAILED");
    running.signal("INT");
    running.wait_for_talk("Ctrl-C again ends at once");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(1), "{:#?}", ended.stderr);
    let sum = ended.stdout.iter().find(|line| line.contains("targets in")).unwrap();
    assert!(sum.starts_with("ended early"), "{sum}");
    assert!(ended.stdout.iter().any(|line| line.contains("--resume")), "{:#?}", ended.stdout);
    let done = kept.positions();
    assert!(!done.is_empty() && done.len() < all().len(), "{}", done.len());
    kept.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_ctrl_c_ends_at_once_and_resume_goes_on_all_the_same() {
    let kept = Kept::new().await;
    let mut running = kept.start("5m");
    running.wait_for("passed ");
    running.signal("TERM");
    running.wait_for_talk("Ctrl-C again ends at once");
    running.signal("INT");
    let ended = running.end();
    assert!(ended.stdout.iter().any(|line| line.starts_with("ended early")), "{:#?}", ended.stdout);
    kept.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_scan_that_is_begun_again_leaves_its_files_alone() {
    let kept = Kept::new().await;
    let ended = tokio::task::block_in_place(|| kept.start("50ms").end());
    assert_eq!(ended.status.code(), Some(1), "{:#?}", ended.stderr);
    let before = kept.all_of_it();
    for _ in 0..2 {
        kept.finish();
        assert_eq!(kept.all_of_it(), before);
    }
}

/// A file that was turned over, or written by another scan, has the name only.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_another_one_by_now_is_not_gone_on_with() {
    let kept = Kept::new().await;
    let mut running = kept.start("2s");
    running.wait_for("FAILED");
    running.signal("INT");
    running.end();
    let path = kept.file("all.ndjson");
    let ours = std::fs::read_to_string(&path).unwrap();
    let begun = ours.find('\n').unwrap();
    let lines = std::iter::repeat_n(&ours[..=begun], 2 * ours.lines().count());
    for other in [ours.replacen("position", "POSITION", 1), lines.collect(), "\n".to_owned()] {
        std::fs::write(&path, &other).unwrap();
        let ended = kept.start("50ms").end();
        assert_eq!(ended.status.code(), Some(2), "{:#?}", ended.stderr);
        assert!(ended.stderr.iter().any(|line| line.contains("cannot write ndjson")), "{:#?}", ended.stderr);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), other, "it is as it was");
    }
    std::fs::write(&path, &ours).unwrap();
    kept.finish();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_goes_on_only_as_it_was_begun() {
    let port = everywhere("windows-2022-nla").await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let policy = |expected: &str| {
        std::fs::write(path("policy.toml"), format!("[profile.ours]\nexpect = [\"{expected}\"]\n")).unwrap();
    };
    let scan = |others: &[&str]| {
        let (range, journal, policy) = (range(2, port), path("journal"), path("policy.toml"));
        let mut all = vec!["scan", &range, "--resume", &journal, "--policy", &policy, "--depth", "full"];
        all.extend(others);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"));
        let output = tokio::task::block_in_place(|| command.args(all).output()).unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    policy("nla=required");
    assert_eq!(scan(&[]).0, Some(0));
    for (others, differs) in
        [(&["-6"][..], "it has none, this command --ipv6"), (&["--no-cookie"], "--cookie rdprobe")]
    {
        let (code, talk) = scan(others);
        assert!(code == Some(2) && talk.contains(differs), "{talk}");
    }
    policy("nla=none");
    let (code, talk) = scan(&[]);
    assert!(
        code == Some(2) && talk.contains("--expect nla=required, this command --expect nla=none"),
        "{talk}"
    );
    policy("nla=required");
    assert_eq!(scan(&["--tls-timeout", "20s", "--concurrency", "3"]).0, Some(0), "patience is no part of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_told_where_files_end_with_it() {
    let port = everywhere("windows-2022-nla").await;
    let folder = tempfile::tempdir().unwrap();
    let file = format!("ndjson={}", folder.path().join("all.ndjson").display());
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args(["scan", &range(SILENT, port), "--format", "csv", "--format", &file, "--depth", "x224"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(talk.contains("nobody reads standard output any more") && talk.contains("--resume"), "{talk}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_ends_the_scan_quietly() {
    let port = everywhere("windows-2022-nla").await;
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args(["scan", &range(SILENT, port), "--format", "ndjson", "--concurrency", "1"])
        .args(["--depth", "x224"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // As `head -0` does.
    drop(child.stdout.take());
    let output = tokio::task::block_in_place(|| child.wait_with_output()).unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert!(!talk.contains("rdprobe:") && !talk.contains("panicked"), "{talk}");
    assert_eq!(output.status.code(), Some(3), "what was not written, nobody knows");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_ends_the_scan_and_is_told() {
    let port = everywhere("windows-2022-nla").await;
    let scan = Running::scan(&[&range(SILENT, port), "--format", "ndjson=/dev/full", "--depth", "x224"]);
    let ended = tokio::task::block_in_place(|| scan.end());
    assert_eq!(ended.status.code(), Some(3), "{:#?}", ended.stderr);
    let talk = ended.stderr.join("\n");
    assert!(talk.contains("cannot write ndjson to /dev/full: the disk is full"), "{talk}");
    assert!(talk.contains("hint: "), "{talk}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_ends_with_a_whole_line() {
    let port = everywhere("windows-2022-nla").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.ndjson");
    // Who ignores the signal is told by the system call. So many blocks hold a few lines.
    let limited = "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\"";
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", limited, env!("CARGO_BIN_EXE_rdprobe"), "scan", &range(SILENT, port), "--depth", "x224"])
        .args(["--concurrency", "1", "--format", &format!("ndjson={}", file.display())]);
    let output = tokio::task::block_in_place(|| command.output()).unwrap();
    let talk = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{talk}");
    assert!(talk.contains("cannot write ndjson to"), "{talk}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    let lines = positions(&file).len();
    assert!(lines > 0 && lines < SILENT, "{lines}");
}
