//! `rdprobe serve` and the monitor's `/metrics`, over real sockets on loopback.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use rdprobe::serve::exporter::allow::Allow;
use rdprobe::serve::exporter::module::Config;
use rdprobe::serve::exporter::{Settings, exporter};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::rehearsal::play;

// What a probe on request answers.
mod probes;

// Where it connects, and where not.
mod allowed;

// Too much, too slow, too late.
mod limits;

// The metrics of a running monitor.
mod monitored;

// Prometheus itself, and promtool.
mod prometheus;

/// Far above anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(60);

/// An exporter of this test.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Starts one; `config` is its file of settings.
    fn start(allow: &[&str], config: &str, concurrency: usize) -> Self {
        let settings = Settings {
            allow: Allow::read(allow, &[]).unwrap(),
            modules: Config::read(config).unwrap().modules,
            concurrency,
        };
        let (stop, stopped) = oneshot::channel();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stopped = async { drop(stopped.await) };
        Self { address, stop, task: tokio::spawn(exporter(listener, settings, stopped)) }
    }

    async fn get(&self, path: &str) -> Answer {
        get(self.address, path, "").await
    }

    /// Probes, and takes it that an answer with metrics comes.
    async fn probe(&self, query: &str) -> BTreeMap<String, f64> {
        let answer = self.get(&format!("/probe?{query}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        series(&answer.body)
    }
}

/// What came back.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// One GET; `header` is a header line more, or none.
async fn get(address: SocketAddr, path: &str, header: &str) -> Answer {
    let (head, body) = get_bytes(address, path, header).await;
    let status =
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_else(|| panic!("{head}"));
    Answer { status, head, body: String::from_utf8(body).unwrap() }
}

/// Head and body.
async fn get_bytes(address: SocketAddr, path: &str, header: &str) -> (String, Vec<u8>) {
    let line = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    let request = format!("GET {path} HTTP/1.1\r\nHost: exporter\r\nConnection: close\r\n{line}\r\n");
    let reply = talk(address, request.as_bytes()).await;
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(reply[..end].to_vec()).unwrap().to_ascii_lowercase();
    let body = reply[end + 4..].to_vec();
    (head.clone(), if head.contains("transfer-encoding: chunked") { joined(&body) } else { body })
}

/// The chunks of a body, put together.
fn joined(mut chunked: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = chunked.windows(2).position(|window| window == b"\r\n").expect("a chunk's length");
        let length = usize::from_str_radix(std::str::from_utf8(&chunked[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&chunked[line + 2..line + 2 + length]);
        chunked = &chunked[line + 4 + length..];
    }
}

/// Sends bytes and reads until the peer closes.
async fn talk(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut reply = Vec::new();
    tokio::time::timeout(PATIENCE, stream.read_to_end(&mut reply)).await.expect("an answer").unwrap();
    reply
}

/// The samples of text 0.0.4 by name and labels; every one must stand under the head of its family, and only once.
fn series(text: &str) -> BTreeMap<String, f64> {
    let mut all = BTreeMap::new();
    let (mut helped, mut typed, mut kind) = ("", "", "");
    for line in text.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, words) = help.split_once(' ').expect("a help");
            assert!(name > "" && !words.is_empty() && !words.ends_with('.'), "{line}");
            helped = name;
        } else if let Some(of) = line.strip_prefix("# TYPE ") {
            (typed, kind) = of.split_once(' ').expect("a type");
            assert_eq!(typed, helped);
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("{line}"));
            let bare = name.split('{').next().unwrap();
            let family = match kind {
                "histogram" => ["_bucket", "_sum", "_count"].iter().find_map(|end| bare.strip_suffix(end)),
                _ => Some(bare),
            };
            assert_eq!(family, Some(typed), "{line}");
            let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
            assert!(all.insert(name.to_owned(), value).is_none(), "twice: {line}");
        }
    }
    all
}

/// The names of all families that there are, on any page.
pub(crate) async fn exposed_names() -> BTreeSet<String> {
    let (sound, broken) = (play("windows-2022-nla").await, play("no-certificate").await);
    let served = Served::start(&[&sound.to_string(), &broken.to_string()], "", 4);
    let folder = tempfile::tempdir().unwrap();
    let monitored = monitored::recorded(&monitored::everything(), folder.path());
    let mut pages = vec![get(monitored, "/metrics", "").await.body, served.get("/metrics").await.body];
    for target in [sound, broken] {
        pages.push(served.get(&format!("/probe?target={target}&module=nla")).await.body);
    }
    let heads = pages.iter().flat_map(|page| page.lines()).filter_map(|line| line.strip_prefix("# TYPE "));
    heads.filter_map(|head| Some(head.split_once(' ')?.0.to_owned())).collect()
}
