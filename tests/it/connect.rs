//! One TCP connect: what is seen of one that works, and what is told of one that fails.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rdprobe::evidence::Failure;
use rdprobe::evidence::failure::LocalTrouble;
use rdprobe::probe::Plan;
use rdprobe::probe::connect::{Connection, connect};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;

use crate::rehearsal::{closed, hold_closed};

async fn try_with(address: SocketAddr, plan: &Plan) -> Result<Connection, Failure> {
    connect(address, plan, Instant::now() + Duration::from_secs(60)).await
}

async fn failed(address: SocketAddr, plan: &Plan) -> Failure {
    try_with(address, plan).await.expect_err("nobody is there")
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_connection_carries_bytes_and_what_the_kernel_measured() {
    for address in ["127.0.0.1", "::1"] {
        let listener = TcpListener::bind((ip(address), 0)).await.unwrap();
        let plan = Plan::default();
        let connecting = try_with(listener.local_addr().unwrap(), &plan);
        let (accepted, connection) = tokio::join!(listener.accept(), connecting);
        let Connection { mut stream, facts } = connection.unwrap();
        assert_eq!(facts.local_address, ip(address));
        assert_eq!(facts.interface, None);
        assert!(stream.nodelay().unwrap());
        if cfg!(target_os = "linux") {
            let rtt = facts.rtt_ms.expect("Linux measures").0;
            assert!(rtt > 0.0 && rtt < 60_000.0, "{rtt}");
            assert_eq!(facts.syn_retransmits, Some(0));
        } else {
            assert_eq!((facts.rtt_ms, facts.syn_retransmits), (None, None));
        }
        let mut peer = accepted.unwrap().0;
        stream.write_all(b"ping").await.unwrap();
        drop(stream);
        let mut received = Vec::new();
        // No second handle keeps the connection open once the stream is gone.
        peer.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, b"ping");
    }
}

#[tokio::test]
async fn a_closed_port_refuses_by_reset() {
    for address in ["127.0.0.1", "::1"] {
        match failed(hold_closed((ip(address), 0).into()).unwrap(), &Plan::default()).await {
            Failure::Refused { errno, icmp: None } => assert!(errno.is_some()),
            other => panic!("{address}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn the_source_is_the_plans() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plan = Plan { source: Some(ip("127.0.0.2")), ..Plan::default() };
    let connection = try_with(listener.local_addr().unwrap(), &plan).await.unwrap();
    assert_eq!(connection.facts.local_address, ip("127.0.0.2"));
}

#[tokio::test]
async fn a_source_that_is_not_here_says_so() {
    for (source, said) in
        [("192.0.2.7", "the source 192.0.2.7: "), ("::1", "the source ::1 and the target 127.0.0.1 ")]
    {
        let plan = Plan { source: Some(ip(source)), ..Plan::default() };
        match failed(closed(), &plan).await {
            Failure::Local { what: LocalTrouble::SourceNotHere, detail, .. } => {
                assert!(detail.starts_with(said), "{detail}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn an_interface_that_is_not_here_says_so() {
    let plan = Plan { interface: Some("nosuch0".to_owned()), ..Plan::default() };
    match failed(closed(), &plan).await {
        Failure::Local { what: LocalTrouble::SourceNotHere, detail, .. } => {
            assert!(detail.contains("nosuch0"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_interface_is_the_plans() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let plan = Plan { interface: Some("lo".to_owned()), ..Plan::default() };
    let connection = try_with(listener.local_addr().unwrap(), &plan).await.unwrap();
    assert_eq!(connection.facts.interface.as_deref(), Some("lo"));
}

/// A full backlog swallows SYNs: a peer that is silent without any privilege.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn silence_is_a_timeout_with_its_length() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let _only_place = try_with(address, &Plan::default()).await.unwrap();
    match connect(address, &Plan::default(), Instant::now() + Duration::from_millis(200)).await {
        Err(Failure::TimedOut { after_ms, bytes_read: 0 }) => assert!(after_ms.0 >= 200.0, "{after_ms:?}"),
        other => panic!("{other:?}"),
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_link_local_address_needs_an_interface() {
    match failed("[fe80::1]:3389".parse().unwrap(), &Plan::default()).await {
        Failure::Local { what: LocalTrouble::NoRoute, errno: Some(_), .. } => {}
        other => panic!("{other:?}"),
    }
}
