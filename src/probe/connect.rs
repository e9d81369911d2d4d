//! TCP: one connect with its own deadline, and what the kernel and the network say of one that fails.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::Plan;
use super::kernel;
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Connected, Failure};

// The errors of connect(2) and the ICMP messages behind them, as failures.
pub(super) mod failure;

use failure::{Circumstances, local};

/// An established connection and what was seen while it was made.
#[derive(Debug)]
pub struct Connection {
    /// The connection, without delay of small segments (TCP_NODELAY).
    pub stream: TcpStream,
    /// What the kernel measured.
    pub facts: Connected,
}

/// Connects once, from the plan's source and through its interface, until the deadline.
///
/// # Errors
/// With what the network said: a reset, an ICMP message with its sender (Linux), silence until the deadline;
/// or with what this machine lacked.
pub async fn connect(address: SocketAddr, plan: &Plan, deadline: Instant) -> Result<Connection, Failure> {
    let began = Instant::now();
    let socket = open(address, plan)?;
    let circumstances = |socket: &Socket, at_once: bool, no_route: bool| Circumstances {
        at_once,
        waited: began.elapsed(),
        icmp: kernel::icmp(socket, address.ip()),
        no_route,
    };
    let failed = |socket: &Socket, error: &io::Error, at_once: bool| {
        let no_route = may_mean_no_route(error) && !has_route(address);
        failure::of(error, circumstances(socket, at_once, no_route))
    };
    // What fails before a packet can be answered is this machine's own doing: no route, a rule, no port.
    if let Err(error) = socket.connect(&address.into())
        && !is_under_way(&error)
    {
        return Err(failed(&socket, &error, true));
    }
    let stream = TcpStream::from_std(socket.into()).map_err(|error| failure::of_local_error(&error, None))?;
    let answered = async {
        stream.writable().await?;
        stream.take_error()
    };
    let result = match tokio::time::timeout_at(deadline, answered).await {
        Ok(Ok(None)) => established(&stream, address, plan),
        Ok(Ok(Some(error)) | Err(error)) => Err(error),
        Err(_) => return Err(failure::of_deadline(circumstances(&SockRef::from(&stream), false, false))),
    };
    match result {
        Ok(facts) => Ok(Connection { stream, facts }),
        Err(error) => Err(failed(&SockRef::from(&stream), &error, false)),
    }
}

/// Whether a connect that does not wait has only not ended yet (EINPROGRESS).
#[cfg(unix)]
fn is_under_way(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::EINPROGRESS)
}

/// Whether a connect that does not wait has only not ended yet (WSAEWOULDBLOCK).
#[cfg(not(unix))]
fn is_under_way(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::WouldBlock
}

fn established(stream: &TcpStream, address: SocketAddr, plan: &Plan) -> io::Result<Connected> {
    let local_address = stream.local_addr()?;
    if local_address == address {
        // A SYN to an unused local port may meet itself (simultaneous open, RFC 9293 3.5); nobody listens there.
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    let handshake = kernel::handshake(stream);
    Ok(Connected {
        rtt_ms: handshake.round_trip.map(Into::into),
        syn_retransmits: handshake.syn_retransmits,
        local_address: local_address.ip(),
        interface: plan.interface.clone(),
    })
}

/// A socket with the plan's options, not yet connected.
fn open(address: SocketAddr, plan: &Plan) -> Result<Socket, Failure> {
    let unopened = |error: io::Error| failure::of_local_error(&error, None);
    let socket =
        Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP)).map_err(unopened)?;
    socket.set_nonblocking(true).map_err(unopened)?;
    socket.set_tcp_nodelay(true).map_err(unopened)?;
    kernel::note_arrivals(&socket);
    kernel::keep_icmp_errors(&socket, address);
    if let Some(name) = &plan.interface {
        bind_to_interface(&socket, name, address)?;
    }
    if let Some(source) = plan.source {
        if source.is_ipv4() != address.is_ipv4() {
            let detail =
                format!("the source {source} and the target {} are of different families", address.ip());
            return Err(local(LocalTrouble::SourceNotHere, None, detail));
        }
        kernel::leave_port_to_connect(&socket);
        socket
            .bind(&SocketAddr::new(source, 0).into())
            .map_err(|error| failure::of_local_error(&error, Some(format!("the source {source}"))))?;
    }
    Ok(socket)
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia"))]
fn bind_to_interface(socket: &Socket, name: &str, _: SocketAddr) -> Result<(), Failure> {
    socket.bind_device(Some(name.as_bytes())).map_err(|error| no_interface(&error, name))
}

#[cfg(target_os = "macos")]
fn bind_to_interface(socket: &Socket, name: &str, address: SocketAddr) -> Result<(), Failure> {
    let index = nix::net::if_::if_nametoindex(name).map_err(|error| no_interface(&error.into(), name))?;
    let index = std::num::NonZeroU32::new(index);
    let bound = match address {
        SocketAddr::V4(_) => socket.bind_device_by_index_v4(index),
        SocketAddr::V6(_) => socket.bind_device_by_index_v6(index),
    };
    bound.map_err(|error| no_interface(&error, name))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "fuchsia", target_os = "macos")))]
fn bind_to_interface(_: &Socket, name: &str, _: SocketAddr) -> Result<(), Failure> {
    let detail =
        format!("this system cannot bind a connection to an interface: {name}; give a source address");
    Err(local(LocalTrouble::SourceNotHere, None, detail))
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "fuchsia", target_os = "macos"))]
fn no_interface(error: &io::Error, name: &str) -> Failure {
    let about = Some(format!("the interface {name}"));
    match failure::of_local_error(error, about.clone()) {
        denied @ Failure::Local { what: LocalTrouble::Denied, .. } => denied,
        _ => local(LocalTrouble::SourceNotHere, error.raw_os_error(), failure::text(error, about)),
    }
}

/// Whether an error that a packet may have brought may also come from this machine's own routing table.
fn may_mean_no_route(error: &io::Error) -> bool {
    match error.kind() {
        io::ErrorKind::AddrNotAvailable => true,
        // Linux would say so at once; on Windows every error of a connect comes later.
        io::ErrorKind::HostUnreachable => cfg!(windows),
        _ => false,
    }
}

/// Whether this machine has a way and an address of its own to reach the target from. Sends nothing.
fn has_route(address: SocketAddr) -> bool {
    let any: IpAddr = match address {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    UdpSocket::bind((any, 0)).and_then(|socket| socket.connect(address)).is_ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_source_takes_no_port_before_it_is_known_whom_to_connect_to() {
        for (source, address) in [("127.0.0.2", "127.0.0.1:9"), ("::1", "[::1]:9")] {
            let plan = Plan { source: Some(source.parse().unwrap()), ..Plan::default() };
            let socket = open(address.parse().unwrap(), &plan).unwrap();
            let local = socket.local_addr().unwrap().as_socket().unwrap();
            assert_eq!((local.ip().to_string().as_str(), local.port()), (source, 0));
        }
    }
}
