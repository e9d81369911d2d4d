//! What a monitor calls at a change: the webhook, posted to a server of the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rdprobe::monitor::event::{Event, What};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;
use rdprobe::monitor::webhook::Webhook;

/// Far above anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(60);

const HURRIED: [Duration; 4] = [Duration::from_millis(5); 4];

fn event(target: &str) -> Event {
    let what = What::Diagnosed { state: State::Down, summary: "nobody answers".to_owned(), cause: None };
    Event::new(jiff::Timestamp::UNIX_EPOCH, target, what)
}

/// One request as it came.
struct Asked {
    line: String,
    headers: String,
    body: String,
}

/// A server that gives these answers, one a request, and hands on the requests.
fn server(answers: &'static [&'static str]) -> (SocketAddr, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let mut stream = BufReader::new(listener.accept().unwrap().0);
            let (mut line, mut headers) = (String::new(), String::new());
            stream.read_line(&mut line).unwrap();
            while !headers.ends_with("\r\n\r\n") {
                stream.read_line(&mut headers).unwrap();
            }
            let headers = headers.to_ascii_lowercase();
            let length = headers.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).unwrap();
            let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.get_mut().write_all(answer.as_bytes()).unwrap();
            let body = String::from_utf8(body).unwrap();
            if tell.send(Asked { line, headers, body }).is_err() {
                return;
            }
        }
    });
    (address, asked)
}

#[test]
fn an_event_is_posted_as_json() {
    let (address, asked) = server(&["204 No Content"]);
    let webhook = Webhook::start(&format!("http://{address}/hook/T0?token=abc")).unwrap();
    webhook.event(&event("vm1"));
    let asked = asked.recv_timeout(PATIENCE).unwrap();
    assert_eq!(asked.line, "POST /hook/T0?token=abc HTTP/1.1\r\n");
    assert!(asked.headers.contains("content-type: application/json\r\n"), "{}", asked.headers);
    assert!(asked.headers.contains("user-agent: rdprobe/"), "{}", asked.headers);
    assert_eq!(serde_json::from_str::<Event>(&asked.body).unwrap(), event("vm1"));
    webhook.finish(PATIENCE);
}

#[test]
fn trouble_that_may_pass_is_tried_again_and_nothing_is_lost() {
    let (address, asked) = server(&["503 Busy", "500 Oh", "429 Slow down", "200 OK", "200 OK"]);
    let webhook = Webhook::with_pauses(&format!("http://{address}/"), &HURRIED).unwrap();
    webhook.event(&event("vm1"));
    webhook.event(&event("vm2"));
    let targets: Vec<String> = (0..5)
        .map(|_| serde_json::from_str::<Event>(&asked.recv_timeout(PATIENCE).unwrap().body).unwrap().target)
        .collect();
    assert_eq!(targets, ["vm1", "vm1", "vm1", "vm1", "vm2"]);
    webhook.finish(PATIENCE);
}

#[test]
fn five_tries_are_all() {
    let (address, asked) = server(&["503 a", "503 b", "503 c", "503 d", "503 e", "200 OK"]);
    let webhook = Webhook::with_pauses(&format!("http://{address}/"), &HURRIED).unwrap();
    webhook.event(&event("vm1"));
    webhook.event(&event("vm2"));
    let mut targets = Vec::new();
    for _ in 0..6 {
        targets
            .push(serde_json::from_str::<Event>(&asked.recv_timeout(PATIENCE).unwrap().body).unwrap().target);
    }
    assert_eq!(targets, ["vm1", "vm1", "vm1", "vm1", "vm1", "vm2"]);
    webhook.finish(PATIENCE);
}

#[test]
fn what_is_refused_is_not_tried_again_and_a_redirect_is_not_followed() {
    let bystander = TcpListener::bind("127.0.0.1:0").unwrap();
    bystander.set_nonblocking(true).unwrap();
    // Long enough to live as long as the server.
    let redirect: &'static str =
        format!("307 Elsewhere\r\nLocation: http://{}/", bystander.local_addr().unwrap()).leak();
    let (address, asked) = server(vec!["404 None", redirect, "200 OK"].leak());
    let webhook = Webhook::with_pauses(&format!("http://{address}/"), &HURRIED).unwrap();
    for target in ["vm1", "vm2", "vm3"] {
        webhook.event(&event(target));
    }
    for target in ["vm1", "vm2", "vm3"] {
        let body = asked.recv_timeout(PATIENCE).unwrap().body;
        assert_eq!(serde_json::from_str::<Event>(&body).unwrap().target, target);
    }
    webhook.finish(PATIENCE);
    assert!(bystander.accept().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
}

#[test]
fn https_is_tls_and_an_end_does_not_wait_for_the_next_try() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let webhook = Webhook::with_pauses(&url, &[Duration::from_secs(24 * 60 * 60)]).unwrap();
    webhook.event(&event("vm1"));
    let (mut stream, _) = listener.accept().unwrap();
    let mut first = [0; 1];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(first, [0x16], "no TLS handshake record");
    drop(stream);
    let began = std::time::Instant::now();
    webhook.finish(PATIENCE);
    assert!(began.elapsed() < PATIENCE, "it waited for the pause");
}

#[test]
fn a_server_that_is_gone_costs_the_oldest_events_only() {
    let webhook = Webhook::with_pauses(
        &format!("http://{}/", crate::rehearsal::closed()),
        &[Duration::from_secs(24 * 60 * 60)],
    )
    .unwrap();
    for number in 0..1500 {
        webhook.event(&event(&format!("vm{number}")));
    }
    assert!((499..=500).contains(&webhook.dropped()), "{}", webhook.dropped());
    webhook.finish(PATIENCE);
}

/// `rdprobe monitor` itself, against a server that is there: the first event is that it is up.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_monitor_calls_both_hooks() {
    let target = crate::rehearsal::play("windows-2022-nla").await.to_string();
    let (address, asked) = server(&["200 OK"]);
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command
        .args(["monitor", "--format", "lines", "--interval", "200ms", "--on-change"])
        .arg(format!("tee '{}'", heard.display()))
        .arg(&target)
        .env("RDPROBE_WEBHOOK_URL", format!("http://{address}/T0"))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut child = crate::rehearsal::Kept(command.spawn().unwrap());
    let posted = tokio::task::spawn_blocking(move || asked.recv_timeout(PATIENCE)).await.unwrap();
    let ran = async {
        // `tee` makes the file before it writes to it.
        while !std::fs::read_to_string(&heard).is_ok_and(|text| text.ends_with('\n')) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let ran = tokio::time::timeout(PATIENCE, ran).await;
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let ended = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
    ran.expect("the command is run");
    let posted = posted.expect("the webhook is called");
    let event: Event = serde_json::from_str(&posted.body).unwrap();
    assert!(matches!(event.what, What::State { to: State::Up, .. }), "{event:?}");
    assert_eq!(event.target, target);
    let first = std::fs::read_to_string(&heard).unwrap();
    let first: Event = serde_json::from_str(first.lines().next().unwrap()).unwrap();
    assert_eq!(first.target, target);
}
