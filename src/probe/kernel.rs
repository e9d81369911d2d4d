//! What the kernel knows of a socket beyond its errors: TCP_INFO, the queue of ICMP errors, when bytes came. Linux tells,
//! others do not.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use socket2::{SockAddr, Socket};

use crate::evidence::failure::Icmp;

/// What the kernel measured while a connection was made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Handshake {
    /// The round trip from SYN to SYN-ACK; none where the system does not tell or could not measure.
    pub(super) round_trip: Option<Duration>,
    /// How often the SYN was sent again.
    pub(super) syn_retransmits: Option<u32>,
}

/// The last ICMP error about a socket, and whether this machine wrote it to itself: it does when nobody answers
/// ARP or neighbour discovery, and when a rule of its own firewall rejects the SYN.
pub(super) fn icmp(socket: &Socket, target: IpAddr) -> Option<(Icmp, Author)> {
    let icmp = platform::last_icmp_error(socket)?;
    let address = |address: io::Result<SockAddr>| Some(address.ok()?.as_socket()?.ip());
    let own = address(socket.local_addr());
    let author = match icmp.from {
        // A probe of this very machine: it is the peer as well.
        from if from == Some(target) => Author::Network,
        from if from.is_some() && from == own => Author::ThisMachine,
        _ => Author::Network,
    };
    Some((icmp, author))
}

/// Who wrote an ICMP message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Author {
    /// The peer or a machine on the way.
    Network,
    /// This machine's kernel.
    ThisMachine,
}

pub(super) use platform::{handshake, keep_icmp_errors, leave_port_to_connect, note_arrivals, receive};

#[cfg(target_os = "linux")]
mod platform {
    use std::io::{self, IoSliceMut};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
    use std::os::fd::{AsFd, AsRawFd};
    use std::time::{Duration, SystemTime};

    use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt};
    use socket2::Socket;

    use super::Handshake;
    use crate::evidence::failure::Icmp;

    /// More errors than these about one SYN would be a flood.
    const MAX_ERRORS: usize = 8;

    /// Asks the kernel to keep ICMP errors for the socket. One that cannot leaves it at errno.
    pub(in crate::probe) fn keep_icmp_errors(socket: &Socket, address: SocketAddr) {
        let _ = match address {
            SocketAddr::V4(_) => setsockopt(socket, sockopt::Ipv4RecvErr, &true),
            SocketAddr::V6(_) => setsockopt(socket, sockopt::Ipv6RecvErr, &true),
        };
    }

    /// Asks the kernel to choose the port of a socket with a source only when it connects: then one port serves for many
    /// peers. One that cannot takes a port for itself alone, until a minute after its end.
    pub(in crate::probe) fn leave_port_to_connect(socket: &Socket) {
        let _ = setsockopt(socket, sockopt::IpBindAddressNoPort, &true);
    }

    pub(in crate::probe) fn last_icmp_error(socket: &Socket) -> Option<Icmp> {
        let mut last = None;
        for _ in 0..MAX_ERRORS {
            let mut quoted_packet = [0; 512];
            let mut buffers = [IoSliceMut::new(&mut quoted_packet)];
            // The time that `note_arrivals` asks for comes with each of them too.
            let mut control =
                nix::cmsg_space!(nix::sys::time::TimeSpec, libc::sock_extended_err, libc::sockaddr_in6);
            let flags = MsgFlags::MSG_ERRQUEUE | MsgFlags::MSG_DONTWAIT;
            let Ok(message) =
                recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut buffers, Some(&mut control), flags)
            else {
                break;
            };
            last = message.cmsgs().ok()?.find_map(|control| icmp(&control)).or(last);
        }
        last
    }

    /// Asks the kernel to note when segments come. One that cannot leaves it to this process to look at its clock.
    pub(in crate::probe) fn note_arrivals(socket: &Socket) {
        let _ = setsockopt(socket, sockopt::ReceiveTimestampns, &true);
    }

    /// Reads what has come: how many bytes, and how long ago the last of them did.
    pub(in crate::probe) fn receive(socket: &impl AsRawFd, into: &mut [u8]) -> io::Result<(usize, Duration)> {
        let mut buffers = [IoSliceMut::new(into)];
        let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec);
        let message =
            recvmsg::<()>(socket.as_raw_fd(), &mut buffers, Some(&mut control), MsgFlags::MSG_DONTWAIT)?;
        let came = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
            _ => None,
        });
        // Both are readings of the clock that is set from outside, moments apart.
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let ago = came.map_or(Duration::ZERO, |came| now.saturating_sub(came));
        Ok((message.bytes, ago))
    }

    fn icmp(control: &ControlMessageOwned) -> Option<Icmp> {
        let (error, from) = match control {
            ControlMessageOwned::Ipv4RecvErr(error, from) => {
                let address = |from: libc::sockaddr_in| Ipv4Addr::from(u32::from_be(from.sin_addr.s_addr));
                (error, from.map(|from| IpAddr::V4(address(from))))
            }
            ControlMessageOwned::Ipv6RecvErr(error, from) => {
                (error, from.map(|from| IpAddr::V6(Ipv6Addr::from(from.sin6_addr.s6_addr))))
            }
            _ => return None,
        };
        matches!(error.ee_origin, libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6).then_some(Icmp {
            kind: error.ee_type,
            code: error.ee_code,
            from,
        })
    }

    /// Reads TCP_INFO right after the connect, when the one sample is the handshake's (tcp(7)).
    pub(in crate::probe) fn handshake(socket: &impl AsFd) -> Handshake {
        tcp_info(socket).map_or_else(Handshake::default, |info| Handshake {
            // Zero: a repeated SYN leaves no sample, because nobody knows which one was answered.
            round_trip: Some(Duration::from_micros(info.tcpi_rtt.into())).filter(|rtt| !rtt.is_zero()),
            syn_retransmits: Some(info.tcpi_total_retrans),
        })
    }

    #[expect(unsafe_code, reason = "neither std, socket2 nor nix reads TCP_INFO")]
    fn tcp_info(socket: &impl AsFd) -> Option<libc::tcp_info> {
        // SAFETY: `tcp_info` is plain integers, for which all zeros is a value.
        let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
        let mut length = libc::socklen_t::try_from(size_of::<libc::tcp_info>()).ok()?;
        // SAFETY: the descriptor is borrowed and so open; the kernel writes at most `length` bytes, the size of
        // `info`; an older kernel writes fewer and leaves the rest zero.
        let result = unsafe {
            libc::getsockopt(
                socket.as_fd().as_raw_fd(),
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                (&raw mut info).cast(),
                &raw mut length,
            )
        };
        (result == 0).then_some(info)
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::io::{self, Read};
    use std::net::SocketAddr;
    use std::time::Duration;

    use socket2::{SockRef, Socket};
    use tokio::net::TcpStream;

    use super::Handshake;
    use crate::evidence::failure::Icmp;

    pub(in crate::probe) const fn keep_icmp_errors(_: &Socket, _: SocketAddr) {}

    pub(in crate::probe) const fn leave_port_to_connect(_: &Socket) {}

    pub(in crate::probe) const fn last_icmp_error(_: &Socket) -> Option<Icmp> {
        None
    }

    pub(in crate::probe) const fn note_arrivals(_: &Socket) {}

    pub(in crate::probe) fn receive(socket: &TcpStream, into: &mut [u8]) -> io::Result<(usize, Duration)> {
        Ok(((&*SockRef::from(socket)).read(into)?, Duration::ZERO))
    }

    pub(in crate::probe) const fn handshake<T>(_: &T) -> Handshake {
        Handshake { round_trip: None, syn_retransmits: None }
    }
}
