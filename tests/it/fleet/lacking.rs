//! Too few file descriptors for the names of a scan, or a resolver that throttles: none is told for what this machine
//! lacks.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Instant;

use rdprobe::diagnosis::Verdict;
use rdprobe::fleet::scanned::Scanned;
use tokio::net::TcpListener;

use crate::dns::{AAAA, Record, Reply, Server};
use crate::rehearsal::hold_closed;

const NAMES: usize = 300;

/// Every name has an address that nobody listens at, and one that somebody does.
fn half_alive(question: &crate::dns::Question) -> Reply {
    let name: &'static str = question.name.clone().leak();
    let address = if question.kind == AAAA { "::1" } else { "127.0.0.7" };
    Reply::Records(vec![Record::Address(name, 60, address)])
}

/// A list of that many names at a port.
fn names(folder: &Path, many: usize, port: u16) -> PathBuf {
    let list = folder.join("targets");
    let mut targets = String::new();
    (0..many).for_each(|name| writeln!(targets, "vm{name}.example.:{port}").unwrap());
    std::fs::write(&list, targets).unwrap();
    list
}

/// Scans the list as that command does, and returns what was told, and what was said beside it.
async fn told(mut scan: Command) -> (Vec<Scanned>, String) {
    scan.args(["--format", "ndjson"]).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || scan.output()).await.unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let told = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (told, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test]
async fn names_are_resolved_for_both_families_with_few_descriptors() {
    let resolver = Server::start(half_alive).await;
    let (listener, port) = loop {
        let listener = TcpListener::bind("[::1]:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Nobody else must listen on that number, where the names' other address is.
        if hold_closed(([127, 0, 0, 7], port).into()).is_ok() {
            break (listener, port);
        }
    };
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let folder = tempfile::tempdir().unwrap();
    let list = names(folder.path(), NAMES, port);
    let mut scan = Command::new("sh");
    scan.args(["-c", "ulimit -n 48 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_rdprobe"), "scan"])
        .arg(&list)
        .args(["--resolver", &resolver.address.to_string(), "--depth", "tcp", "--concurrency", "100"])
        .args(["--resolve-timeout", "30s"]);
    let (told, talk) = told(scan).await;
    assert_eq!(told.len(), NAMES, "{talk}");
    // One family alone would be told as well, or as unreachable.
    let is_wrong = |it: &&Scanned| it.verdict != Verdict::PartlyReachable;
    let wrong: Vec<&Scanned> = told.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {NAMES}: {:#?}", wrong.len(), wrong.first());
}

/// Answers so many questions a second, and fails at once for whatever is beyond.
struct Throttle {
    a_second: f64,
    /// What may be asked now, and since when.
    has: Mutex<(f64, Instant)>,
}

impl Throttle {
    fn new(a_second: f64) -> Self {
        Self { a_second, has: Mutex::new((a_second / 4.0, Instant::now())) }
    }

    fn answer(&self, question: &crate::dns::Question) -> Reply {
        const SERVFAIL: u8 = 2;
        let mut has = self.has.lock().unwrap();
        let now = Instant::now();
        let more = (now - has.1).as_secs_f64() * self.a_second;
        *has = ((has.0 + more).min(self.a_second / 4.0), now);
        if has.0 < 1.0 {
            return Reply::Code(SERVFAIL);
        }
        has.0 -= 1.0;
        let name: &'static str = question.name.clone().leak();
        let address = Record::Address(name, 60, "127.0.0.7");
        Reply::Records(if question.kind == AAAA { Vec::new() } else { vec![address] })
    }
}

#[tokio::test]
async fn a_resolver_that_fails_for_what_is_beyond_its_pace_is_asked_more_slowly() {
    let throttle = Throttle::new(100.0);
    let resolver = Server::start(move |question| throttle.answer(question)).await;
    let listener = TcpListener::bind("127.0.0.7:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let folder = tempfile::tempdir().unwrap();
    let mut scan = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    scan.arg("scan").arg(names(folder.path(), NAMES, port));
    scan.args(["--resolver", &resolver.address.to_string(), "--depth", "tcp"]);
    let (told, talk) = told(scan).await;
    let open = told.iter().filter(|it| it.verdict == Verdict::StagePassed).count();
    assert_eq!((told.len(), open), (NAMES, NAMES), "{talk}");
}
