//! Where the exporter connects, and where not: nobody makes a port scanner of it.

use std::net::{IpAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::dns::{A, Record, Reply, Server};

/// Somebody on an address who must never be called.
struct Bystander(TcpListener);

impl Bystander {
    fn at(address: &str, port: u16) -> Self {
        let listener = TcpListener::bind((address.parse::<IpAddr>().unwrap(), port)).unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    /// A connection to loopback is in the queue before connect() returns, so that there is nothing to wait for.
    #[track_caller]
    fn was_left_alone(&self) {
        let called = self.0.accept().map(|(_, peer)| peer);
        assert!(
            called.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "{called:?}"
        );
    }
}

#[tokio::test]
async fn an_address_or_a_port_that_is_not_allowed_is_never_called() {
    let bystander = Bystander::at("127.0.0.2", 0);
    let port = bystander.0.local_addr().unwrap().port();
    for allow in [format!("127.0.0.1:{port}"), "127.0.0.0/8".to_owned(), format!("vm.example:{port}")] {
        let served = Served::start(&[&allow], "", 4);
        for host in ["127.0.0.2", "[::ffff:127.0.0.2]"] {
            let answer = served.get(&format!("/probe?target={host}:{port}")).await;
            assert_eq!(answer.status, 403, "{allow}: {}", answer.body);
            assert!(answer.body.contains("\nhint: "), "{}", answer.body);
        }
    }
    bystander.was_left_alone();
}

/// An exporter that asks this test's resolver, and allows one address.
fn with_resolver(resolver: &Server, allow: &str) -> Served {
    let config = format!(
        "[modules.named]\ndepth = \"connect\"\nfamilies = \"ipv4\"\nresolver = \"{}\"",
        resolver.address
    );
    Served::start(&[allow], &config, 4)
}

fn addresses(addresses: &[&'static str]) -> Reply {
    Reply::Records(addresses.iter().map(|address| Record::Address("vm.example", 0, address)).collect())
}

#[tokio::test]
async fn a_name_that_is_not_allowed_stands_or_falls_with_all_its_addresses() {
    let target = play("windows-2022-nla").await;
    let bystander = Bystander::at("127.0.0.2", target.port());
    for (leads_to, status) in
        [(&["127.0.0.1"][..], 200), (&["127.0.0.2"], 403), (&["127.0.0.1", "127.0.0.2"], 403)]
    {
        let resolver = Server::start(move |_| addresses(leads_to)).await;
        let served = with_resolver(&resolver, &target.to_string());
        let answer = served.get(&format!("/probe?target=vm.example.:{}&module=named", target.port())).await;
        assert_eq!(answer.status, status, "{leads_to:?}: {}", answer.body);
        if status == 200 {
            assert_eq!(series(&answer.body)["probe_success"], 1.0, "{}", answer.body);
        }
        assert!(!answer.body.contains("127.0.0.2"), "{}", answer.body);
    }
    bystander.was_left_alone();
}

#[tokio::test]
async fn the_addresses_that_were_checked_are_the_ones_that_are_called() {
    let target = play("windows-2022-nla").await;
    let bystander = Bystander::at("127.0.0.2", target.port());
    // The second answer leads elsewhere: DNS rebinding.
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let resolver = Server::start(move |question| {
        assert_eq!(question.kind, A);
        addresses(if counted.fetch_add(1, Ordering::SeqCst) == 0 { &["127.0.0.1"] } else { &["127.0.0.2"] })
    })
    .await;
    let served = with_resolver(&resolver, &target.to_string());
    let query = format!("target=vm.example.:{}&module=named", target.port());
    assert_eq!(served.probe(&query).await["probe_success"], 1.0);
    assert_eq!(asked.load(Ordering::SeqCst), 1, "asked more than once in one probe");
    assert_eq!(served.get(&format!("/probe?{query}")).await.status, 403);
    bystander.was_left_alone();
}

#[tokio::test]
async fn a_name_that_is_allowed_is_trusted_wherever_it_leads() {
    let target = play("windows-2022-nla").await;
    let resolver = Server::start(|_| addresses(&["127.0.0.1"])).await;
    for (allow, status) in [("vm.example", 200), ("*.example", 200), ("other.example", 403)] {
        let served = with_resolver(&resolver, &format!("{allow}:{}", target.port()));
        let answer = served.get(&format!("/probe?target=VM.example.:{}&module=named", target.port())).await;
        assert_eq!(answer.status, status, "{allow}: {}", answer.body);
        if status == 200 {
            assert_eq!(series(&answer.body)["probe_success"], 1.0, "{allow}");
        }
    }
    // No name is asked for unless it or a network is allowed: the resolver tells nobody which names there are.
    let before = resolver.asked().len();
    let served = with_resolver(&resolver, "other.example");
    assert_eq!(served.get("/probe?target=vm.example.&module=named").await.status, 403);
    assert_eq!(resolver.asked().len(), before);
}
