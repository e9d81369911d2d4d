//! DNS responses that loop, flood, lie about their length or belong to another question.

use std::net::SocketAddr;
use std::time::Duration;

use rdprobe::evidence::resolve::{Record, Scope};
use rdprobe::evidence::{Failure, Outcome, Resolution};
use rdprobe::probe::Plan;
use rdprobe::probe::plan::{Families, Timeouts};
use rdprobe::probe::resolve::answer::{MAX_ADDRESSES, MAX_ALIASES};
use rdprobe::probe::resolve::resolve;
use rdprobe::render::escape::needs_escape;
use rdprobe::target::Host;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

use super::NEVER;
use super::server::{drip, flood};
use crate::dns::serve_udp;

const A: u16 = 1;
const CNAME: u16 = 5;
const AAAA: u16 = 28;

/// A pointer to the name in the question.
const ASKED: [u8; 2] = [0xc0, 12];

/// Long enough for an answer on a busy machine; a datagram that is dropped costs as much.
const DEADLINE: Duration = Duration::from_millis(1500);

/// Asks for one family, which must end by its deadline.
async fn ask(server: SocketAddr, families: Families, deadline: Duration) -> Outcome<Resolution> {
    let timeouts = Timeouts { resolve: deadline, ..Timeouts::default() };
    let plan = Plan { resolver: Some(server), timeouts, families, ..Plan::default() };
    let host = Host::Name("myvm.example".to_owned());
    tokio::time::timeout(NEVER, resolve(&host, &plan)).await.expect("an end")
}

/// The header and the question of a response: flags, and how many records it says to have.
fn head(request: &[u8], flags: u16, records: u16) -> Vec<u8> {
    let question_end = 12 + request[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let counts = [1, records, 0, 0].map(u16::to_be_bytes).concat();
    [&request[..2], &flags.to_be_bytes(), &counts, &request[12..question_end]].concat()
}

fn record(owner: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    [owner, &kind.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, data].concat()
}

fn name(labels: &[&[u8]]) -> Vec<u8> {
    let label = |label: &&[u8]| [&[u8::try_from(label.len()).unwrap()], *label].concat();
    [labels.iter().flat_map(label).collect(), vec![0]].concat()
}

/// A server that answers each datagram by this.
async fn over_udp(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(serve_udp(socket, move |request| Some(answer(request))));
    address
}

/// A server that says "too long for UDP", and plays each TCP connection after its question was read.
async fn over_tcp<P>(play: impl Fn(tokio::net::TcpStream, Vec<u8>) -> P + Send + 'static) -> SocketAddr
where
    P: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let (udp, tcp) = loop {
        let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // The port that TCP was given may be taken for UDP.
        if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
            break (udp, tcp);
        }
    };
    let address = udp.local_addr().unwrap();
    tokio::spawn(serve_udp(udp, |request| Some(head(request, 0x8380, 0))));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.unwrap();
            let mut request = vec![0; usize::from(length)];
            stream.read_exact(&mut request).await.unwrap();
            tokio::spawn(play(stream, request));
        }
    });
    address
}

#[tokio::test]
async fn pointers_that_lead_nowhere_end() {
    // To itself, forward, to the pointer that points back, beyond the end, a reserved label type.
    for owner in
        [&[0xc0, 30][..], &[0xc0, 60], &[0xc0, 32, 0xc0, 30], &[0xff, 0xff], &[0x80, 1], &[1, b'x', 0xc0, 30]]
    {
        let owner = owner.to_vec();
        let server = over_udp(move |request| {
            let owner = owner.clone();
            [head(request, 0x8180, 1), record(&owner, A, &[10, 0, 0, 4])].concat()
        })
        .await;
        let outcome = ask(server, Families::V4, DEADLINE).await;
        assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn aliases_in_a_circle_and_without_an_end_are_followed_so_far() {
    let circle = over_udp(|request| {
        let other = name(&[b"b", b"example"]);
        let records = [record(&ASKED, CNAME, &other), record(&other, CNAME, &ASKED)].concat();
        [head(request, 0x8180, 2), records].concat()
    })
    .await;
    let Outcome::Failed(Failure::NoAddress { cname_chain }) = ask(circle, Families::V4, NEVER).await else {
        panic!()
    };
    assert_eq!(cname_chain.len(), 2);
    let chain = over_udp(|request| {
        let alias = |n: u8| name(&[&[b'a' + n / 10, b'0' + n % 10], b"example"]);
        let first = record(&ASKED, CNAME, &alias(0));
        let rest = (0..90).flat_map(|n| record(&alias(n), CNAME, &alias(n + 1)));
        let records: Vec<u8> =
            first.into_iter().chain(rest).chain(record(&alias(90), A, &[10, 0, 0, 4])).collect();
        [head(request, 0x8180, 92), records].concat()
    })
    .await;
    // What does not fit into a datagram is not heard at all.
    match ask(chain, Families::V4, DEADLINE).await {
        Outcome::Failed(Failure::NoAddress { cname_chain }) => assert_eq!(cname_chain.len(), MAX_ALIASES),
        Outcome::Failed(failure) => assert!(!matches!(failure, Failure::NoSuchName { .. }), "{failure:?}"),
        seen => panic!("{seen:?}"),
    }
}

#[tokio::test]
async fn of_thousands_of_addresses_a_few_are_connected_to() {
    let server = over_tcp(|mut stream, request| async move {
        let addresses = (0..4_000_u16).map(|n| [10, 7, n.to_be_bytes()[0], n.to_be_bytes()[1]]);
        let records: Vec<u8> = addresses.flat_map(|address| record(&ASKED, A, &address)).collect();
        let response = [head(&request, 0x8180, 4_000), records].concat();
        stream.write_u16(u16::try_from(response.len()).unwrap()).await?;
        stream.write_all(&response).await?;
        super::server::stay(stream).await
    })
    .await;
    let Outcome::Seen(resolution) = ask(server, Families::V4, NEVER).await else { panic!() };
    assert_eq!(resolution.addresses.len(), MAX_ADDRESSES);
    let [family] = resolution.families.as_slice() else { panic!("{:?}", resolution.families) };
    assert_eq!((family.record, family.step.seen()), (Record::A, Some(&4_000)));
}

#[tokio::test]
async fn more_records_than_there_are_is_no_answer() {
    let answer = |request: &[u8]| [head(request, 0x8180, 0xffff), record(&ASKED, A, &[10, 0, 0, 4])].concat();
    let outcome = ask(over_udp(answer).await, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    let server = over_tcp(move |mut stream, request| async move {
        let response = answer(&request);
        stream.write_u16(u16::try_from(response.len()).unwrap()).await?;
        stream.write_all(&response).await?;
        super::server::stay(stream).await
    })
    .await;
    let outcome = ask(server, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_tcp_response_that_never_ends_ends_at_the_deadline() {
    let drips = over_tcp(|mut stream, _| async move { drip(&mut stream, &[0xff, 0xff, 0]).await }).await;
    assert!(matches!(ask(drips, Families::V4, DEADLINE).await, Outcome::Failed(_)));
    let floods = over_tcp(|mut stream, _| async move { flood(&mut stream, &[0]).await }).await;
    assert!(matches!(ask(floods, Families::V4, DEADLINE).await, Outcome::Failed(_)));
    let silent = over_tcp(|stream, _| async move { super::server::stay(stream).await }).await;
    assert!(matches!(ask(silent, Families::V4, DEADLINE).await, Outcome::Failed(_)));
}

#[tokio::test]
async fn an_answer_to_another_question_is_none() {
    let address = [10, 0, 0, 4];
    let foreign = |owner: Vec<u8>| {
        move |request: &[u8]| [head(request, 0x8180, 1), record(&owner, A, &address)].concat()
    };
    let outcome = ask(over_udp(foreign(name(&[b"other", b"example"]))).await, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
    // Another id, and another name in the question itself.
    let wrong_id = |request: &[u8]| {
        let mut response = [head(request, 0x8180, 1), record(&ASKED, A, &[10, 0, 0, 4])].concat();
        response[0] = !response[0];
        response
    };
    let outcome = ask(over_udp(wrong_id).await, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(Failure::TimedOut { .. })), "{outcome:?}");
    let wrong_question = |request: &[u8]| {
        let mut response = [head(request, 0x8180, 1), record(&ASKED, A, &[10, 0, 0, 4])].concat();
        response[13] = b'z';
        response
    };
    let outcome = ask(over_udp(wrong_question).await, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
}

/// Noise does not keep a question alive beyond its deadline.
#[tokio::test]
async fn datagrams_without_an_end_end_at_the_deadline() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let server = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut request = [0; 512];
        let (_, peer) = socket.recv_from(&mut request).await.unwrap();
        loop {
            // The peer's socket is gone at the end.
            socket.send_to(&[0x5a; 400], peer).await.ok();
            tokio::task::yield_now().await;
        }
    });
    let outcome = ask(server, Families::V4, DEADLINE).await;
    assert!(matches!(outcome, Outcome::Failed(_)), "{outcome:?}");
}

#[tokio::test]
async fn names_with_strange_bytes_are_shown_by_number() {
    let strange: [Vec<u8>; 4] = [
        name(&[b"\x1b[2J\x00.\xc2\x9b", b"\xe2\x80\xae", b"example"]),
        name(&[b"a b\"c\\d", b"<b>", b"example"]),
        // 126 labels, all that fit into 255 bytes.
        name(&vec![b"x".as_slice(); 126]),
        name(&[&[b'l'; 63], &[b'\n'; 63], &[0; 63], &[0x80; 61]]),
    ];
    for target in strange {
        let server = over_udp(move |request| {
            let records = [record(&ASKED, CNAME, &target), record(&target, A, &[10, 0, 0, 4])].concat();
            [head(request, 0x8180, 2), records].concat()
        })
        .await;
        let Outcome::Seen(resolution) = ask(server, Families::V4, NEVER).await else { panic!() };
        let [alias] = resolution.cname_chain.as_slice() else { panic!("{:?}", resolution.cname_chain) };
        assert!(alias.target.is_ascii() && !alias.target.contains(needs_escape), "{:?}", alias.target);
        assert!(alias.target.len() <= 4 * 255, "{}", alias.target.len());
    }
}

#[tokio::test]
async fn an_ipv4_address_within_ipv6_has_the_scope_of_the_ipv4_address() {
    let mapped: [u8; 16] = "::ffff:127.0.0.1".parse::<std::net::Ipv6Addr>().unwrap().octets();
    let server =
        over_udp(move |request| [head(request, 0x8180, 1), record(&ASKED, AAAA, &mapped)].concat()).await;
    let Outcome::Seen(resolution) = ask(server, Families::V6, NEVER).await else { panic!() };
    assert_eq!(resolution.addresses[0].scope, Scope::Loopback);
}

#[tokio::test]
async fn an_address_of_the_wrong_length_is_no_address() {
    for length in [0, 3, 5, 16] {
        let server = over_udp(move |request| {
            [head(request, 0x8180, 1), record(&ASKED, A, &vec![10; length])].concat()
        })
        .await;
        let outcome = ask(server, Families::V4, DEADLINE).await;
        assert!(matches!(outcome, Outcome::Failed(_)), "{length}: {outcome:?}");
    }
}
