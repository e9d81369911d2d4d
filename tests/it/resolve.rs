//! Resolving against a DNS server of the test's own: each way of failing has its own name.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use rdprobe::evidence::resolve::{Record as Family, Scope, Source};
use rdprobe::evidence::{Failure, Outcome, Resolution};
use rdprobe::probe::Plan;
use rdprobe::probe::plan::{Families, Timeouts};
use rdprobe::probe::resolve::resolve;
use rdprobe::target::Host;

use crate::dns::{A, AAAA, Question, Record, Reply, Server};

/// Long enough that only a broken deadline reaches it.
const NEVER: Duration = Duration::from_secs(60);

fn plan(resolver: SocketAddr, timeout: Duration) -> Plan {
    let timeouts = Timeouts { resolve: timeout, ..Timeouts::default() };
    Plan { resolver: Some(resolver), timeouts, ..Plan::default() }
}

async fn ask(resolver: SocketAddr, timeout: Duration) -> Outcome<Resolution> {
    resolve(&Host::Name("myvm.example".to_owned()), &plan(resolver, timeout)).await
}

fn seen(outcome: Outcome<Resolution>) -> Resolution {
    match outcome {
        Outcome::Seen(resolution) => resolution,
        other => panic!("not resolved: {other:?}"),
    }
}

fn failed(outcome: Outcome<Resolution>) -> Failure {
    match outcome {
        Outcome::Failed(failure) => failure,
        other => panic!("not failed: {other:?}"),
    }
}

fn addresses(resolution: &Resolution) -> Vec<String> {
    resolution.addresses.iter().map(|address| address.address.to_string()).collect()
}

fn code(code: u8) -> impl Fn(&Question) -> Reply {
    move |_| Reply::Code(code)
}

/// Both families, two addresses each, one of them twice.
fn dual(question: &Question) -> Reply {
    let address = |ttl, text| Record::Address("myvm.example", ttl, text);
    match question.kind {
        A => Reply::Records(vec![address(30, "10.0.0.5"), address(31, "10.0.0.4"), address(30, "10.0.0.5")]),
        _ => Reply::Records(vec![address(40, "2606:4700::2"), address(40, "fd00::1")]),
    }
}

#[tokio::test]
async fn both_families_are_seen_ipv6_first_and_each_address_once() {
    let server = Server::start(dual).await;
    let resolution = seen(ask(server.address, NEVER).await);
    assert_eq!(addresses(&resolution), ["2606:4700::2", "fd00::1", "10.0.0.5", "10.0.0.4"]);
    let ttls: Vec<_> = resolution.addresses.iter().map(|address| address.ttl_s).collect();
    assert_eq!(ttls, [Some(40), Some(40), Some(30), Some(31)]);
    let scopes: Vec<_> = resolution.addresses.iter().map(|address| address.scope).collect();
    assert_eq!(scopes, [Scope::Public, Scope::Private, Scope::Private, Scope::Private]);
    assert_eq!((resolution.query_name.as_str(), resolution.source), ("myvm.example", Source::Dns));
    let families: Vec<_> = resolution.families.iter().map(|f| (f.record, f.step.seen().copied())).collect();
    assert_eq!(families, [(Family::Aaaa, Some(2)), (Family::A, Some(2))]);
}

#[tokio::test]
async fn only_the_families_of_the_plan_are_asked() {
    for (families, kind, expected) in
        [(Families::V4, A, ["10.0.0.5", "10.0.0.4"]), (Families::V6, AAAA, ["2606:4700::2", "fd00::1"])]
    {
        let server = Server::start(dual).await;
        let plan = Plan { families, ..plan(server.address, NEVER) };
        let resolution = seen(resolve(&Host::Name("myvm.example".to_owned()), &plan).await);
        assert_eq!(addresses(&resolution), expected);
        assert!(server.asked().iter().all(|question| question.kind == kind));
    }
}

#[tokio::test]
async fn response_codes_are_told_apart() {
    let refused = |code: &str| Failure::ResolverFailed { code: code.to_owned() };
    let cases = [
        (0, Failure::NoAddress { cname_chain: Vec::new() }),
        (1, refused("FORMERR")),
        (2, refused("SERVFAIL")),
        (3, Failure::NoSuchName { cname_chain: Vec::new() }),
        (4, refused("NOTIMP")),
        (5, refused("REFUSED")),
        (9, refused("NOTAUTH")),
        (15, refused("RCODE 15")),
    ];
    for (number, expected) in cases {
        let server = Server::start(code(number)).await;
        assert_eq!(failed(ask(server.address, NEVER).await), expected, "code {number}");
    }
}

#[tokio::test]
async fn an_alias_of_nothing_is_kept() {
    let server =
        Server::start(|_| Reply::Dangling(vec![Record::Alias("myvm.example", 300, "gone.cloudapp.example")]))
            .await;
    let Failure::NoSuchName { cname_chain } = failed(ask(server.address, NEVER).await) else { panic!() };
    let [alias] = cname_chain.as_slice() else { panic!("{cname_chain:?}") };
    assert_eq!((alias.name.as_str(), alias.target.as_str()), ("myvm.example", "gone.cloudapp.example"));
    assert_eq!(alias.ttl_s, 300);
}

#[tokio::test]
async fn nothing_is_searched_beside_a_resolver_that_the_user_names() {
    let server = Server::start(code(3)).await;
    assert_eq!(failed(ask(server.address, NEVER).await), Failure::NoSuchName { cname_chain: Vec::new() });
    assert!(server.asked().iter().all(|question| question.name == "myvm.example"), "{:?}", server.asked());
}

#[tokio::test]
async fn silence_is_a_timeout_with_its_length() {
    let server = Server::start(|_| Reply::Silence).await;
    match failed(ask(server.address, Duration::from_millis(300)).await) {
        Failure::TimedOut { after_ms, bytes_read: 0 } => assert!(after_ms.0 >= 300.0, "{after_ms:?}"),
        other => panic!("{other:?}"),
    }
    assert!(!server.asked().is_empty());
}

#[tokio::test]
async fn a_closed_resolver_is_no_timeout() {
    // A socket that hears one peer alone: everybody else finds the port closed, and nobody can take it meanwhile.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect("127.0.0.1:9").unwrap();
    let closed = socket.local_addr().unwrap();
    match failed(ask(closed, NEVER).await) {
        Failure::NoResolver { detail } => assert!(detail.starts_with(&closed.to_string()), "{detail}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_silent_family_does_not_hide_the_other() {
    for (silent, answering, expected) in [(AAAA, Family::A, "10.0.0.5"), (A, Family::Aaaa, "2606:4700::2")] {
        let server = Server::start(move |question: &Question| match question.kind {
            kind if kind == silent => Reply::Silence,
            _ => dual(question),
        })
        .await;
        let resolution = seen(ask(server.address, NEVER).await);
        assert_eq!(addresses(&resolution)[0], expected);
        for family in &resolution.families {
            if family.record == answering {
                assert_eq!(family.step.seen(), Some(&2));
            } else {
                let Some(Failure::TimedOut { after_ms, .. }) = family.step.failure() else {
                    panic!("{family:?}")
                };
                assert!(after_ms.0 < 30_000.0, "the silent family held everything up: {after_ms:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_family_that_fails_says_how_beside_the_other() {
    let server = Server::start(|question: &Question| match question.kind {
        AAAA => Reply::Code(2),
        _ => dual(question),
    })
    .await;
    let resolution = seen(ask(server.address, NEVER).await);
    assert_eq!(addresses(&resolution), ["10.0.0.5", "10.0.0.4"]);
    let servfail = Failure::ResolverFailed { code: "SERVFAIL".to_owned() };
    assert_eq!(resolution.families[0].step.failure(), Some(&servfail));
}

#[tokio::test]
async fn an_error_outweighs_the_other_familys_empty_answer() {
    let server = Server::start(|question: &Question| match question.kind {
        AAAA => Reply::Records(Vec::new()),
        _ => Reply::Code(5),
    })
    .await;
    let refused = Failure::ResolverFailed { code: "REFUSED".to_owned() };
    assert_eq!(failed(ask(server.address, NEVER).await), refused);
}

#[tokio::test]
async fn aliases_are_followed_with_their_times_to_live() {
    let server = Server::start(|question: &Question| {
        let mut records = vec![
            Record::Alias("b.example", 60, "c.example"),
            Record::Alias("MYVM.example", 300, "b.example"),
        ];
        if question.kind == A {
            records.push(Record::Address("c.example", 10, "10.0.0.4"));
            records.push(Record::Address("unrelated.example", 10, "10.0.0.9"));
        }
        Reply::Records(records)
    })
    .await;
    let resolution = seen(ask(server.address, NEVER).await);
    let chain: Vec<_> =
        resolution.cname_chain.iter().map(|c| (c.name.as_str(), c.target.as_str(), c.ttl_s)).collect();
    assert_eq!(chain, [("myvm.example", "b.example", 300), ("b.example", "c.example", 60)]);
    assert_eq!(addresses(&resolution), ["10.0.0.4"]);
    assert_eq!(resolution.addresses[0].ttl_s, Some(10));
    let without = Failure::NoAddress { cname_chain: resolution.cname_chain.clone() };
    assert_eq!(resolution.families[0].step.failure(), Some(&without));
}

#[tokio::test]
async fn an_alias_that_leads_round_ends() {
    let server = Server::start(|_| {
        Reply::Records(vec![
            Record::Alias("myvm.example", 5, "b.example"),
            Record::Alias("b.example", 5, "myvm.example"),
        ])
    })
    .await;
    let Failure::NoAddress { cname_chain } = failed(ask(server.address, NEVER).await) else { panic!() };
    assert_eq!(cname_chain.len(), 2, "{cname_chain:?}");
}

#[tokio::test]
async fn a_truncated_answer_is_asked_for_again_over_tcp() {
    let server = Server::start(
        |question: &Question| if question.over_tcp { dual(question) } else { Reply::Truncated },
    )
    .await;
    let resolution = seen(ask(server.address, NEVER).await);
    assert_eq!(addresses(&resolution).len(), 4);
    assert!(server.asked().iter().any(|question| question.over_tcp));
}

#[tokio::test]
async fn a_truncated_answer_without_tcp_is_the_resolvers_fault() {
    let udp = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = udp.local_addr().unwrap();
    tokio::spawn(crate::dns::serve_udp(udp, |request| crate::dns::encode(request, &Reply::Truncated)));
    match failed(ask(address, NEVER).await) {
        Failure::NoResolver { detail } => assert!(detail.contains("over TCP"), "{detail}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_trailing_dot_makes_no_difference_to_the_name_asked() {
    let server = Server::start(dual).await;
    let host = Host::Name("myvm.example.".to_owned());
    let resolution = seen(resolve(&host, &plan(server.address, NEVER)).await);
    assert_eq!(resolution.query_name, "myvm.example");
}

#[tokio::test]
async fn an_address_is_its_own_answer() {
    let nobody: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let host = Host::Address("192.168.1.4".parse::<IpAddr>().unwrap());
    let resolution = seen(resolve(&host, &plan(nobody, NEVER)).await);
    assert_eq!(
        (resolution.source, addresses(&resolution)),
        (Source::Literal, vec!["192.168.1.4".to_owned()])
    );
    let plan = Plan { families: Families::V6, ..plan(nobody, NEVER) };
    assert_eq!(failed(resolve(&host, &plan).await), Failure::NoAddress { cname_chain: Vec::new() });
}

#[tokio::test]
async fn localhost_needs_no_resolver() {
    for resolver in [None, Some("127.0.0.1:9".parse().unwrap())] {
        let plan = Plan { resolver, ..Plan::default() };
        let resolution = seen(resolve(&Host::Name("localhost".to_owned()), &plan).await);
        assert!(addresses(&resolution).contains(&"127.0.0.1".to_owned()), "{resolution:?}");
        assert!(resolution.addresses.iter().all(|address| address.scope == Scope::Loopback));
    }
}

#[tokio::test]
async fn a_name_that_cannot_be_asked_for_is_not_said_to_be_missing() {
    let server = Server::start(dual).await;
    let outcome = resolve(&Host::Name("-myvm.example".to_owned()), &plan(server.address, NEVER)).await;
    let Failure::Local { detail, .. } = failed(outcome) else { panic!("somebody answered") };
    assert!(detail.contains("-myvm.example"), "{detail}");
    assert_eq!(server.asked(), []);
}
