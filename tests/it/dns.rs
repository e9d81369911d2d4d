//! A DNS server for one test: each question is answered by the test's own function.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

pub(crate) const A: u16 = 1;
pub(crate) const AAAA: u16 = 28;
const CNAME: u16 = 5;

/// What the server does with a question.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Says nothing.
    Silence,
    /// A response code without records.
    Code(u8),
    /// The truncation bit without records.
    Truncated,
    /// Records of the answer section, in order.
    Records(Vec<Record>),
    /// NXDOMAIN for what these aliases lead to.
    Dangling(Vec<Record>),
}

/// An owner name, a time to live and what the name stands for.
#[derive(Clone)]
pub(crate) enum Record {
    Address(&'static str, u32, &'static str),
    Alias(&'static str, u32, &'static str),
}

/// One question as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    pub(crate) name: String,
    pub(crate) kind: u16,
    pub(crate) over_tcp: bool,
}

/// A running server; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Question>>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    pub(crate) async fn start(answer: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answer).await
    }

    /// Starts a server, UDP and TCP on the same port.
    pub(crate) async fn start_at(
        address: SocketAddr,
        answer: impl Fn(&Question) -> Reply + Send + Sync + 'static,
    ) -> Self {
        // The port that TCP was given may be taken for UDP.
        let mut tries = 8;
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind(address).await.unwrap();
            match UdpSocket::bind(tcp.local_addr().unwrap()).await {
                Ok(udp) => break (udp, tcp),
                Err(error) => assert!(tries > 0, "{error}"),
            }
            tries -= 1;
        };
        let address = udp.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::new(answer);
        let reply = {
            let asked = Arc::clone(&asked);
            move |request: &[u8], over_tcp: bool| {
                let question = question(request, over_tcp);
                asked.lock().unwrap().push(question.clone());
                encode(request, &answer(&question))
            }
        };
        let over_udp = reply.clone();
        tokio::spawn(serve_udp(udp, move |request| over_udp(request, false)));
        tokio::spawn(serve_tcp(tcp, reply));
        Self { address, asked }
    }

    /// The questions so far.
    pub(crate) fn asked(&self) -> Vec<Question> {
        self.asked.lock().unwrap().clone()
    }
}

/// Answers each datagram on one socket.
pub(crate) async fn serve_udp(socket: UdpSocket, reply: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    let mut buffer = [0; 512];
    while let Ok((length, peer)) = socket.recv_from(&mut buffer).await {
        if let Some(response) = reply(&buffer[..length]) {
            socket.send_to(&response, peer).await.unwrap();
        }
    }
}

async fn serve_tcp(
    listener: TcpListener,
    reply: impl Fn(&[u8], bool) -> Option<Vec<u8>> + Clone + Send + 'static,
) {
    while let Ok((mut stream, _)) = listener.accept().await {
        let reply = reply.clone();
        tokio::spawn(async move {
            while let Ok(length) = stream.read_u16().await {
                let mut request = vec![0; usize::from(length)];
                stream.read_exact(&mut request).await.unwrap();
                if let Some(response) = reply(&request, true) {
                    stream.write_u16(u16::try_from(response.len()).unwrap()).await.unwrap();
                    stream.write_all(&response).await.unwrap();
                }
            }
        });
    }
}

/// The first question of a query (RFC 1035 4.1.2).
fn question(request: &[u8], over_tcp: bool) -> Question {
    let mut labels = Vec::new();
    let mut at = 12;
    while request[at] != 0 {
        let end = at + 1 + usize::from(request[at]);
        labels.push(String::from_utf8(request[at + 1..end].to_vec()).unwrap());
        at = end;
    }
    let kind = u16::from_be_bytes([request[at + 1], request[at + 2]]);
    Question { name: labels.join("."), kind, over_tcp }
}

/// The response to a request; nothing for silence.
pub(crate) fn encode(request: &[u8], reply: &Reply) -> Option<Vec<u8>> {
    let (code, truncated, records) = match reply {
        Reply::Silence => return None,
        Reply::Code(code) => (*code, 0, [].as_slice()),
        Reply::Truncated => (0, 2, [].as_slice()),
        Reply::Records(records) => (0, 0, records.as_slice()),
        Reply::Dangling(records) => (3, 0, records.as_slice()),
    };
    let question_end = 12 + request[12..].iter().position(|byte| *byte == 0).unwrap() + 5;
    let mut response = request[..2].to_vec();
    response.extend([
        0x81 | truncated,
        0x80 | code,
        0,
        1,
        0,
        u8::try_from(records.len()).unwrap(),
        0,
        0,
        0,
        0,
    ]);
    response.extend(&request[12..question_end]);
    for record in records {
        let (owner, ttl, kind, data) = match record {
            Record::Alias(owner, ttl, target) => (owner, ttl, CNAME, wire_name(target)),
            Record::Address(owner, ttl, address) => match address.parse().unwrap() {
                IpAddr::V4(address) => (owner, ttl, A, address.octets().to_vec()),
                IpAddr::V6(address) => (owner, ttl, AAAA, address.octets().to_vec()),
            },
        };
        response.extend(wire_name(owner));
        response.extend(kind.to_be_bytes());
        response.extend([0, 1]);
        response.extend(ttl.to_be_bytes());
        response.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        response.extend(data);
    }
    Some(response)
}

fn wire_name(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.') {
        bytes.push(u8::try_from(label.len()).unwrap());
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes
}
