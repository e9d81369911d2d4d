//! The errors of connect(2) and the ICMP messages behind them, as failures.

use std::io::{self, ErrorKind};
use std::time::Duration;

use crate::evidence::Failure;
use crate::evidence::failure::{Icmp, LocalTrouble, Unreachable};
use crate::probe::kernel::Author;

/// What is known beside the error.
pub(super) struct Circumstances {
    /// The system refused before anything could answer.
    pub(super) at_once: bool,
    /// How long the connect took.
    pub(super) waited: Duration,
    /// The ICMP message behind the error, if the system tells.
    pub(super) icmp: Option<(Icmp, Author)>,
    /// This machine has no way to the target, or no address of its family.
    pub(super) no_route: bool,
}

/// Why a connect ended with an error.
pub(super) fn of(error: &io::Error, circumstances: Circumstances) -> Failure {
    let errno = error.raw_os_error();
    let Circumstances { at_once, waited, icmp, no_route } = circumstances;
    if let Some((icmp, author)) = icmp {
        return of_icmp(icmp, author, errno);
    }
    let unreachable = |what| Failure::Unreachable { what, errno, icmp: None };
    let local = |what| local(what, errno, text(error, None));
    match error.kind() {
        ErrorKind::ConnectionRefused => Failure::Refused { errno, icmp: None },
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Failure::Reset { bytes_read: 0 },
        ErrorKind::TimedOut => Failure::TimedOut { after_ms: waited.into(), bytes_read: 0 },
        // Some seconds later: nobody answered ARP or neighbour discovery. At once: a route of type unreachable.
        ErrorKind::HostUnreachable if !at_once && !no_route => unreachable(Unreachable::Host),
        // Windows says so of its own routing table, without a packet, though not at once.
        ErrorKind::NetworkUnreachable if !at_once && !cfg!(windows) => unreachable(Unreachable::Network),
        ErrorKind::AddrNotAvailable if no_route => local(LocalTrouble::NoRoute),
        _ => of_local_error(error, None),
    }
}

/// Why the deadline came first: silence, unless an ICMP message had come that the system did not act upon.
pub(super) fn of_deadline(circumstances: Circumstances) -> Failure {
    match circumstances.icmp {
        Some((icmp, author)) => of_icmp(icmp, author, None),
        None => Failure::TimedOut { after_ms: circumstances.waited.into(), bytes_read: 0 },
    }
}

/// What this machine lacked, from an error that no packet brought. `about` names what it was wanted for.
pub(in crate::probe) fn of_local_error(error: &io::Error, about: Option<String>) -> Failure {
    let what = match error.kind() {
        // EINVAL is what a blackhole route gives, and a link-local address without an interface.
        ErrorKind::HostUnreachable
        | ErrorKind::NetworkUnreachable
        | ErrorKind::NetworkDown
        | ErrorKind::InvalidInput => LocalTrouble::NoRoute,
        ErrorKind::PermissionDenied => LocalTrouble::Denied,
        ErrorKind::AddrNotAvailable if about.is_some() => LocalTrouble::SourceNotHere,
        // EAGAIN is what a connect gives where no local port is free, or no room in the routing cache.
        ErrorKind::AddrNotAvailable
        | ErrorKind::AddrInUse
        | ErrorKind::OutOfMemory
        | ErrorKind::WouldBlock => LocalTrouble::NoResources,
        _ => error.raw_os_error().map_or(LocalTrouble::Other, of_errno),
    };
    local(what, error.raw_os_error(), text(error, about))
}

/// The numbers for which the standard library has no kind.
#[cfg(unix)]
fn of_errno(errno: i32) -> LocalTrouble {
    match errno {
        libc::EMFILE | libc::ENFILE => LocalTrouble::TooManyFiles,
        libc::ENOBUFS => LocalTrouble::NoResources,
        libc::EAFNOSUPPORT => LocalTrouble::NoRoute,
        _ => LocalTrouble::Other,
    }
}

/// The numbers for which the standard library has no kind (Winsock: WSAEMFILE, WSAENOBUFS, WSAEAFNOSUPPORT).
#[cfg(not(unix))]
const fn of_errno(errno: i32) -> LocalTrouble {
    match errno {
        10024 => LocalTrouble::TooManyFiles,
        10055 => LocalTrouble::NoResources,
        10047 => LocalTrouble::NoRoute,
        _ => LocalTrouble::Other,
    }
}

/// A failure of this machine.
pub(super) const fn local(what: LocalTrouble, errno: Option<i32>, detail: String) -> Failure {
    Failure::Local { what, errno, detail }
}

/// The system's text as a clause: without its number, which has a field of its own, and without Windows' full stop.
pub(super) fn text(error: &io::Error, about: Option<String>) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).trim_end_matches('.').to_lowercase();
    about.map_or_else(|| text.clone(), |about| format!("{about}: {text}"))
}

fn of_icmp(icmp: Icmp, author: Author, errno: Option<i32>) -> Failure {
    let what = unreachable(&icmp);
    if author == Author::ThisMachine {
        return match what {
            // Nobody answered ARP or neighbour discovery: no machine sent anything.
            Unreachable::Host => Failure::Unreachable { what, errno, icmp: None },
            _ => {
                let detail = format!("a rule of this machine rejects it (ICMP {}/{})", icmp.kind, icmp.code);
                local(LocalTrouble::Denied, errno, detail)
            }
        };
    }
    let icmp = Some(icmp);
    match what {
        Unreachable::Port => Failure::Refused { errno, icmp },
        _ => Failure::Unreachable { what, errno, icmp },
    }
}

/// What a message says: ICMP type 3 (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1), ICMPv6 type 1 (RFC 4443 3.1).
/// The sender's family tells the two apart: type 1 is unassigned in ICMP, and type 3 of ICMPv6 is "time exceeded".
fn unreachable(icmp: &Icmp) -> Unreachable {
    let v6 = icmp.from.is_some_and(|from| from.is_ipv6());
    match (v6, icmp.kind, icmp.code) {
        (false, 3, 0 | 6 | 11) | (true, 1, 0 | 6) => Unreachable::Network,
        (false, 3, 1 | 7 | 8 | 12) | (true, 1, 3) => Unreachable::Host,
        (false, 3, 2) => Unreachable::Protocol,
        (false, 3, 3) | (true, 1, 4) => Unreachable::Port,
        (false, 3, 9 | 10 | 13) | (true, 1, 1 | 5) => Unreachable::Prohibited,
        _ => Unreachable::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quiet(at_once: bool) -> Circumstances {
        Circumstances { at_once, waited: Duration::from_secs(3), icmp: None, no_route: false }
    }

    fn icmp(kind: u8, code: u8, from: &str) -> Icmp {
        Icmp { kind, code, from: Some(from.parse().unwrap()) }
    }

    #[test]
    fn every_icmp_message_has_its_word() {
        let v4 = [
            (0, Unreachable::Network),
            (1, Unreachable::Host),
            (2, Unreachable::Protocol),
            (3, Unreachable::Port),
            (5, Unreachable::Other),
            (9, Unreachable::Prohibited),
            (10, Unreachable::Prohibited),
            (13, Unreachable::Prohibited),
            (255, Unreachable::Other),
        ];
        for (code, what) in v4 {
            assert_eq!(unreachable(&icmp(3, code, "10.0.0.1")), what, "3/{code}");
        }
        let v6 = [
            (0, Unreachable::Network),
            (1, Unreachable::Prohibited),
            (2, Unreachable::Other),
            (3, Unreachable::Host),
            (4, Unreachable::Port),
            (5, Unreachable::Prohibited),
        ];
        for (code, what) in v6 {
            assert_eq!(unreachable(&icmp(1, code, "fd00::1")), what, "v6 1/{code}");
        }
        // Time exceeded, which in ICMPv6 has the number of ICMP's "unreachable".
        assert_eq!(unreachable(&icmp(11, 0, "10.0.0.1")), Unreachable::Other);
        assert_eq!(unreachable(&icmp(3, 0, "fd00::1")), Unreachable::Other);
    }

    #[test]
    fn an_icmp_message_outweighs_the_error_and_the_deadline() {
        let said = icmp(3, 13, "10.0.0.1");
        let error = io::Error::from(ErrorKind::HostUnreachable);
        let expected =
            |errno| Failure::Unreachable { what: Unreachable::Prohibited, errno, icmp: Some(said.clone()) };
        assert_eq!(
            of(&error, Circumstances { icmp: Some((said.clone(), Author::Network)), ..quiet(false) }),
            expected(None)
        );
        assert_eq!(
            of_deadline(Circumstances { icmp: Some((said.clone(), Author::Network)), ..quiet(false) }),
            expected(None)
        );
        let refused = icmp(3, 3, "10.0.0.1");
        let failure = of(
            &ErrorKind::ConnectionRefused.into(),
            Circumstances { icmp: Some((refused.clone(), Author::Network)), ..quiet(false) },
        );
        assert_eq!(failure, Failure::Refused { errno: None, icmp: Some(refused) });
    }

    #[test]
    fn this_machines_own_icmp_is_silence_of_the_neighbour_or_a_rule() {
        let own = |code| Some((icmp(3, code, "10.0.0.1"), Author::ThisMachine));
        let neighbour =
            of(&ErrorKind::HostUnreachable.into(), Circumstances { icmp: own(1), ..quiet(false) });
        let nobody = Failure::Unreachable { what: Unreachable::Host, errno: None, icmp: None };
        assert_eq!(neighbour, nobody);
        let rule = of(&ErrorKind::ConnectionRefused.into(), Circumstances { icmp: own(3), ..quiet(false) });
        assert!(matches!(rule, Failure::Local { what: LocalTrouble::Denied, .. }), "{rule:?}");
    }

    #[cfg(unix)]
    #[test]
    fn errors_without_icmp_are_the_hosts_or_this_machines() {
        let word = |errno: i32, circumstances| match of(&io::Error::from_raw_os_error(errno), circumstances) {
            Failure::Local { what, errno: Some(kept), .. } => {
                assert_eq!(kept, errno);
                format!("{what:?}")
            }
            Failure::Unreachable { what, icmp: None, .. } => format!("unreachable {what:?}"),
            other => format!("{other:?}"),
        };
        assert_eq!(word(libc::EHOSTUNREACH, quiet(false)), "unreachable Host");
        assert_eq!(word(libc::EHOSTUNREACH, quiet(true)), "NoRoute");
        assert_eq!(word(libc::EHOSTUNREACH, Circumstances { no_route: true, ..quiet(false) }), "NoRoute");
        assert_eq!(word(libc::ENETUNREACH, quiet(true)), "NoRoute");
        assert_eq!(word(libc::EINVAL, quiet(true)), "NoRoute");
        assert_eq!(word(libc::EAFNOSUPPORT, quiet(true)), "NoRoute");
        assert_eq!(word(libc::EACCES, quiet(true)), "Denied");
        assert_eq!(word(libc::EPERM, quiet(true)), "Denied");
        assert_eq!(word(libc::EMFILE, quiet(true)), "TooManyFiles");
        assert_eq!(word(libc::ENFILE, quiet(true)), "TooManyFiles");
        assert_eq!(word(libc::ENOBUFS, quiet(true)), "NoResources");
        assert_eq!(word(libc::EADDRNOTAVAIL, quiet(true)), "NoResources");
        assert_eq!(word(libc::EADDRNOTAVAIL, Circumstances { no_route: true, ..quiet(true) }), "NoRoute");
        assert_eq!(word(libc::EIO, quiet(true)), "Other");
        assert!(word(libc::ECONNRESET, quiet(false)).starts_with("Reset"));
        assert!(word(libc::ETIMEDOUT, quiet(false)).starts_with("TimedOut { after_ms: Millis(3000.0)"));
    }

    #[cfg(unix)]
    #[test]
    fn the_text_is_a_clause_without_the_number() {
        let error = io::Error::from_raw_os_error(libc::ENETUNREACH);
        assert_eq!(text(&error, None), "network is unreachable");
        assert_eq!(text(&error, Some("the source ::1".to_owned())), "the source ::1: network is unreachable");
        let windows = io::Error::other("An invalid argument was supplied. (os error 10022)");
        assert_eq!(text(&windows, None), "an invalid argument was supplied");
    }
}
