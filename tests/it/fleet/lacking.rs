//! Too few file descriptors for the names of a scan: none is told for what this machine lacks.

use std::fmt::Write as _;
use std::process::{Command, Stdio};

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
    let list = folder.path().join("targets");
    let mut targets = String::new();
    (0..NAMES).for_each(|name| writeln!(targets, "vm{name}.example.:{port}").unwrap());
    std::fs::write(&list, targets).unwrap();

    let mut scan = Command::new("sh");
    scan.args(["-c", "ulimit -n 48 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_rdprobe"), "scan"])
        .arg(&list)
        .args(["--resolver", &resolver.address.to_string(), "--depth", "tcp", "--concurrency", "100"])
        .args(["--resolve-timeout", "30s", "--format", "ndjson"])
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || scan.output()).await.unwrap().unwrap();
    let talk = String::from_utf8_lossy(&output.stderr);
    let lines = String::from_utf8(output.stdout).unwrap();
    let told: Vec<Scanned> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.len(), NAMES, "{talk}");
    // One family alone would be told as well, or as unreachable.
    let is_wrong = |it: &&Scanned| it.verdict != Verdict::PartlyReachable;
    let wrong: Vec<&Scanned> = told.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {NAMES}: {:#?}", wrong.len(), wrong.first());
}
