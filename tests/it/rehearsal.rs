//! Plays a persona, or a few scripted bytes, on loopback and probes it.

use std::io;
use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};
use std::process::{Child, Command, Output};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rdprobe::evidence::MatrixRow;
use rdprobe::probe::plan::Timeouts;
use rdprobe::probe::{self, Plan, Quiet};
use rdprobe::report::Report;
use rdprobe::simulate::{self, Server};
use rdprobe::target::{Host, Target};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// A plan for loopback: what never comes is not waited for long.
pub(crate) fn plan(patience: Duration) -> Plan {
    let timeouts = Timeouts {
        connect: patience,
        negotiate: patience,
        tls: patience,
        credssp: patience,
        ..Timeouts::default()
    };
    Plan { timeouts, ..Plan::default() }
}

/// The plan for peers that answer: the patience of a busy machine.
pub(crate) fn patient() -> Plan {
    plan(Duration::from_secs(10))
}

/// A target that is this address.
pub(crate) fn target(address: SocketAddr) -> Target {
    Target { input: address.to_string(), host: Host::Address(address.ip()), port: address.port() }
}

/// Starts a persona; it ends with the test's runtime.
pub(crate) async fn play(persona: &str) -> SocketAddr {
    let persona = simulate::persona(persona).unwrap_or_else(|| panic!("no persona {persona}"));
    let server = Server::bind(persona, "127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = server.local_addr();
    tokio::spawn(server.run());
    address
}

/// Starts a persona where another one, or nobody, was a moment ago. A child of another test that is just being started
/// holds the old socket until it is its own program.
pub(crate) async fn play_again(persona: &str, address: SocketAddr) -> Server {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        match Server::bind(simulate::persona(persona).unwrap(), address).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            bound => return bound.unwrap(),
        }
    }
}

/// An address of loopback on which nobody listens, nor will before the tests end.
pub(crate) fn closed() -> SocketAddr {
    hold_closed("127.0.0.1:0".parse().unwrap()).unwrap()
}

/// Keeps everybody from listening at an address. It never listened itself: a child that another test is just starting
/// would take such a socket along for a while.
pub(crate) fn hold_closed(address: SocketAddr) -> io::Result<SocketAddr> {
    static HELD: Mutex<Vec<Socket>> = Mutex::new(Vec::new());
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.bind(&address.into())?;
    let address = socket.local_addr()?.as_socket().unwrap();
    HELD.lock().unwrap().push(socket);
    Ok(address)
}

/// A process that does not outlive its test, however that ends.
pub(crate) struct Kept(pub(crate) Child);

impl Deref for Kept {
    type Target = Child;

    fn deref(&self) -> &Child {
        &self.0
    }
}

impl DerefMut for Kept {
    fn deref_mut(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Plays a persona and probes it.
pub(crate) async fn rehearse(persona: &str, plan: &Plan) -> Report {
    let address = play(persona).await;
    report(address, plan).await
}

/// Probes an address.
pub(crate) async fn report(address: SocketAddr, plan: &Plan) -> Report {
    Report::new(probe::probe(&target(address), plan, &Quiet).await)
}

/// The row that asked for these protocols.
pub(crate) fn row(report: &Report, requested: u32) -> &MatrixRow {
    report.evidence.routes[0]
        .negotiate
        .iter()
        .find(|row| row.requested_protocols == requested && !row.restricted_admin)
        .unwrap_or_else(|| panic!("no row asked for {requested:#x}"))
}

/// A server that answers whatever comes first with these bytes, and hands on all that comes after.
pub(crate) async fn scripted(answer: Vec<u8>) -> (SocketAddr, mpsc::UnboundedReceiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, hears) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer_once(stream, answer.clone(), heard.clone()));
        }
    });
    (address, hears)
}

async fn answer_once(mut stream: TcpStream, answer: Vec<u8>, heard: mpsc::UnboundedSender<Vec<u8>>) {
    let mut request = vec![0; 1024];
    if stream.read(&mut request).await.is_ok_and(|count| count > 0) {
        drop(stream.write_all(&answer).await);
        let mut after = Vec::new();
        drop(stream.read_to_end(&mut after).await);
        drop(heard.send(after));
    }
}

/// Runs the binary against what this test's runtime plays.
pub(crate) async fn rdprobe(arguments: &[&str]) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
    tokio::task::spawn_blocking(move || {
        Command::new(env!("CARGO_BIN_EXE_rdprobe")).args(arguments).output().unwrap()
    })
    .await
    .unwrap()
}
