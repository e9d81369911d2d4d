//! How much memory the binary takes while a peer never stops: hardly more than it takes of a peer that is fine.

#![cfg(target_os = "linux")]

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use super::NEVER;
use super::server::{CERTIFICATE, asked, flood, hello, negotiate, request, serve, tls};
use crate::rehearsal;

/// What a peer may cost beyond the usual, in KiB: eight connections, each with a stage's limit read several times over.
const BEYOND: u64 = 32 * 1024;

/// The most memory that a process had at any time so far, in KiB; none once it has ended.
fn peak(child: &Child) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}

/// Runs the binary against an address to its end; the most memory that it had, in KiB.
async fn memory_of(address: SocketAddr) -> u64 {
    let measuring = tokio::task::spawn_blocking(move || {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rdprobe"))
            .args(["--format", "ndjson", "--tls-timeout", "3s", &address.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (mut most, began) = (0, Instant::now());
        while child.try_wait().unwrap().is_none() {
            most = most.max(peak(&child).unwrap_or(0));
            assert!(began.elapsed() < NEVER, "it does not end");
            // How often it is looked at changes nothing: the kernel keeps the peak.
            std::thread::sleep(Duration::from_millis(2));
        }
        most
    });
    measuring.await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_peer_that_never_stops_costs_no_more_than_its_limits() {
    let usual = memory_of(rehearsal::play("windows-2022-nla").await).await;
    assert!(usual > 1024, "{usual} KiB is no process");
    let from_the_start = serve(|mut stream| async move { flood(&mut stream, &[0]).await }).await;
    let after_a_request = serve(|mut stream| async move {
        request(&mut stream).await?;
        stream.write_all(&[3, 0, 0xff, 0xff]).await?;
        flood(&mut stream, &[0]).await
    })
    .await;
    let after_a_hello = serve(|mut stream| async move {
        negotiate(&mut stream).await?;
        hello(&mut stream).await?;
        // Application data that no key opens.
        flood(&mut stream, &[&[22, 3, 3, 0x40, 0][..], &[11; 0x4000]].concat()).await
    })
    .await;
    let config = tls(&rustls::version::TLS13, &[CERTIFICATE], 0);
    let under_tls = serve(move |stream| {
        let config = config.clone();
        async move {
            let mut stream = asked(stream, config).await?;
            stream.write_all(&[0x30, 0x82, 0xff, 0xf0]).await?;
            flood(&mut stream, &[0]).await
        }
    })
    .await;
    for address in [from_the_start, after_a_request, after_a_hello, under_tls] {
        let most = memory_of(address).await;
        assert!(most < usual + BEYOND, "{most} KiB, {usual} KiB of a peer that is fine");
    }
}
