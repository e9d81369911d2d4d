//! Too much, too slow, too late: the exporter stays bounded, and says why.

use super::*;

/// A module that waits for longer than any test.
const SLOW: &str = "[modules.slow]\ntimeout = \"4m\"\nnegotiate-timeout = \"4m\"";

/// Waits until so many probes are under way.
async fn under_way(served: &Served, count: f64) {
    let seen = async {
        while series(&served.get("/metrics").await.body)["rdprobe_exporter_probes_in_flight"] != count {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("the probe begins");
}

#[tokio::test]
async fn beyond_the_concurrency_a_probe_is_put_off() {
    let target = play("silent").await;
    let served = Served::start(&[&target.to_string()], SLOW, 1);
    let path = format!("/probe?target={target}&module=slow");
    let (address, asked) = (served.address, path.clone());
    let first = tokio::spawn(async move { get(address, &asked, "").await });
    under_way(&served, 1.0).await;
    let second = served.get(&path).await;
    assert_eq!(second.status, 503, "{}", second.body);
    assert!(second.head.contains("retry-after: 1"), "{}", second.head);
    first.abort();
    under_way(&served, 0.0).await;
    // Where there is room again it begins.
    let third = tokio::spawn(async move { get(address, &path, "").await });
    under_way(&served, 1.0).await;
    third.abort();
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_probe_along() {
    let target = play("silent").await;
    let served = Served::start(&[&target.to_string()], SLOW, 1);
    let mut client = TcpStream::connect(served.address).await.unwrap();
    let request = format!("GET /probe?target={target}&module=slow HTTP/1.1\r\nHost: exporter\r\n\r\n");
    client.write_all(request.as_bytes()).await.unwrap();
    under_way(&served, 1.0).await;
    drop(client);
    under_way(&served, 0.0).await;
}

#[tokio::test]
async fn the_scrape_timeout_ends_a_probe_before_prometheus_does() {
    let target = play("silent").await;
    let served = Served::start(&[&target.to_string()], SLOW, 4);
    let path = format!("/probe?target={target}&module=slow");
    let answer = get(served.address, &path, "X-Prometheus-Scrape-Timeout-Seconds: 1").await;
    let seen = series(&answer.body);
    assert_eq!(seen["probe_success"], 0.0);
    // The module alone would wait for four minutes.
    assert!(seen["probe_duration_seconds"] < 30.0, "{}", seen["probe_duration_seconds"]);
    let answer = get(served.address, &path, "X-Prometheus-Scrape-Timeout-Seconds: soon").await;
    assert_eq!((answer.status, answer.body.lines().next()), (400, Some("no time to wait: soon")));
}

#[tokio::test]
async fn bad_requests_have_their_own_answers() {
    let served = Served::start(&["vm.example"], "", 4);
    for (path, status) in [
        ("/probe", 400),
        ("/probe?target=vm.example&module=none", 400),
        ("/probe?target=vm.example:0", 400),
        ("/probe?target=%00%0d%0a", 400),
        ("/probe?target=vm.example&target=vm.example", 400),
        ("/probe/", 404),
        ("/etc/passwd", 404),
    ] {
        let answer = served.get(path).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    }
    let long = format!("/probe?target={}", "a".repeat(20_000));
    let reply =
        String::from_utf8(talk(served.address, format!("GET {long} HTTP/1.1\r\n\r\n").as_bytes()).await)
            .unwrap();
    assert!(reply.starts_with("HTTP/1.1 4"), "{reply}");
    let reply = talk(
        served.address,
        b"POST /probe HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    )
    .await;
    let reply = String::from_utf8(reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 405") && reply.ends_with("only GET is answered here\n"), "{reply}");
    let reply = talk(
        served.address,
        b"HEAD /probe?target=vm.example HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    )
    .await;
    assert!(reply.starts_with(b"HTTP/1.1 405"), "{}", String::from_utf8_lossy(&reply));
    let missing = served.get("/none").await;
    assert_eq!(missing.body, "nothing is here\nhint: / tells what there is\n");
    let local = served.get("/probe?target=fe80::1%25lo").await;
    assert!(!local.body.contains("--"), "a hint for a command line: {}", local.body);
    let reply = talk(
        served.address,
        b"\x03\x00\x00\x13\x0e\xe0\x00\x00\x00\x00\x00\x01\x00\x08\x00\x03\x00\x00\x00\r\n\r\n",
    )
    .await;
    assert!(reply.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&reply));
}

#[tokio::test]
async fn who_only_occupies_a_place_makes_room() {
    let served = Served::start(&["vm.example"], "", 4);
    let mut idle = Vec::new();
    for _ in 0..128 {
        idle.push(TcpStream::connect(served.address).await.unwrap());
    }
    assert_eq!(served.get("/healthz").await.status, 200);
    // The first one made room, and the others need not.
    let mut bytes = [0; 1];
    let first = tokio::time::timeout(PATIENCE, idle[0].read(&mut bytes)).await.expect("it made no room");
    assert!(!matches!(first, Ok(1..)), "{first:?}");
    let open = idle.iter().skip(1).filter(|stream| {
        stream.try_read(&mut [0; 1]).is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock)
    });
    assert!(open.count() >= 126, "more made room than had to");
}

/// On a clock that jumps as soon as nobody has anything to do.
#[tokio::test(start_paused = true)]
async fn a_client_that_sends_half_a_header_is_hung_up_on() {
    let served = Served::start(&["vm.example"], "", 4);
    for half in [&b""[..], b"GET /probe?target=vm.example HTTP/1.1\r\nHost: "] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(half).await.unwrap();
        let mut reply = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(60), stream.read_to_end(&mut reply)).await;
        assert!(ended.is_ok(), "still open after a minute");
    }
}

#[tokio::test]
async fn a_stop_ends_it_at_once_and_calls_no_probe_a_failure() {
    let target = play("silent").await;
    let served = Served::start(&[&target.to_string()], SLOW, 4);
    let (address, path) = (served.address, format!("/probe?target={target}&module=slow"));
    let waiting = tokio::spawn(async move { get(address, &path, "").await });
    let idle = TcpStream::connect(address).await.unwrap();
    under_way(&served, 1.0).await;
    served.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(30), served.task).await.expect("it ends").unwrap().unwrap();
    assert_eq!(waiting.await.unwrap().status, 503);
    drop(idle);
    assert!(TcpStream::connect(address).await.is_err(), "it still listens");
}
