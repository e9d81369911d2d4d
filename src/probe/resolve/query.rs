//! One question to one family: the servers raced, the answer read.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::net::NetError;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsHandle, FirstAnswer};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, DnsResponse, Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::answer::{Answer, read};
use super::transport::Transport;
use crate::evidence::Failure;

/// How long a server may be silent before the next one is asked beside it.
const HEDGE: Duration = Duration::from_secs(1);
/// How soon a question is sent again: a datagram may be lost.
const RESEND: Duration = Duration::from_secs(1);
/// How often at most, the first time included.
const MAX_SENDS: u8 = 8;
/// The deadline is the caller's; this only keeps the library's own from coming first.
const LONG: Duration = Duration::from_secs(3600);
/// The one response code that a search list goes on after (as in glibc).
pub(super) const SERVFAIL: &str = "SERVFAIL";

/// Asks the servers in their order: the next when one fails, or beside it when one stays silent for [`HEDGE`].
/// An answer and "no such name" are final; of failures the weightiest is told.
pub(super) async fn ask(
    name: &Name,
    kind: RecordType,
    servers: &[SocketAddr],
    deadline: Instant,
) -> Result<Answer, Failure> {
    let began = Instant::now();
    let mut waiting = servers.iter();
    let mut asked = JoinSet::new();
    let mut failures: Vec<Failure> = Vec::new();
    loop {
        if let Some(server) = waiting.next() {
            asked.spawn(ask_one(*server, name.clone(), kind));
        }
        let next_hedge = if waiting.len() == 0 { deadline } else { deadline.min(Instant::now() + HEDGE) };
        match tokio::time::timeout_at(next_hedge, asked.join_next()).await {
            Ok(Some(Ok(Ok(answer)))) => return Ok(answer),
            Ok(Some(Ok(Err(failure @ Failure::NoSuchName { .. })))) => return Err(failure),
            Ok(Some(Ok(Err(failure)))) => failures.push(failure),
            Ok(Some(Err(crash))) => failures.push(Failure::NoResolver { detail: crash.to_string() }),
            Ok(None) => break,
            Err(_) if Instant::now() >= deadline => {
                let after_ms = began.elapsed().into();
                failures.push(Failure::TimedOut { after_ms, bytes_read: 0 });
                break;
            }
            Err(_) => {}
        }
    }
    failures.sort_by_key(super::weight);
    Err(failures.pop().unwrap_or(Failure::NoAddress { cname_chain: Vec::new() }))
}

async fn ask_one(server: SocketAddr, name: Name, kind: RecordType) -> Result<Answer, Failure> {
    let began = Instant::now();
    let mut response = exchange(server, &name, kind, true).await;
    if let Ok(message) = &response
        && matches!(message.response_code, ResponseCode::FormErr | ResponseCode::NotImp)
    {
        // A server from before EDNS may call the question malformed (RFC 6891 7).
        response = exchange(server, &name, kind, false).await;
    }
    match response {
        Ok(message) => match message.response_code {
            ResponseCode::NoError => Ok(read(&name, kind, &message)),
            ResponseCode::NXDomain => {
                Err(Failure::NoSuchName { cname_chain: read(&name, kind, &message).cname_chain })
            }
            code => Err(Failure::ResolverFailed { code: code_name(code) }),
        },
        Err(NetError::Timeout) => Err(Failure::TimedOut { after_ms: began.elapsed().into(), bytes_read: 0 }),
        Err(error) => Err(unasked(server, &error)),
    }
}

/// Why a server could not be asked: for what this machine lacked, or for what the network says.
fn unasked(server: SocketAddr, error: &NetError) -> Failure {
    let lack = match error {
        NetError::Io(error) => super::lack(error, &format!("the resolver {server}")),
        _ => None,
    };
    lack.unwrap_or_else(|| Failure::NoResolver { detail: format!("{server}: {error}") })
}

/// One question over UDP, and over TCP if the answer did not fit.
async fn exchange(
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
    use_edns: bool,
) -> Result<DnsResponse, NetError> {
    let mut options = DnsRequestOptions::default();
    options.use_edns = use_edns;
    options.retry_interval = RESEND;
    let request = DnsRequest::from_query(Query::query(name.clone(), kind), options);
    // Each exchange has sockets and background tasks of its own, which end with it.
    let transport = Transport::default();
    let over_udp = UdpClientStream::builder(server, transport.clone())
        .with_timeout(Some(LONG))
        .with_os_port_selection(true)
        .with_max_retries(MAX_SENDS)
        .exchange();
    let response = over_udp.send(request.clone()).first_answer().await?;
    if !response.truncation {
        return Ok(response);
    }
    let over_tcp =
        TcpClientStream::exchange(server, None, LONG, None, transport).await.map_err(
            |error| match error {
                NetError::Io(error) if super::lack(&error, "").is_some() => NetError::Io(error),
                error => {
                    NetError::Msg(format!("the answer does not fit a UDP datagram, and over TCP: {error}"))
                }
            },
        )?;
    over_tcp.send(request).first_answer().await
}

/// The code's name in the IANA DNS RCODEs registry.
fn code_name(code: ResponseCode) -> String {
    match code {
        ResponseCode::ServFail => SERVFAIL.to_owned(),
        ResponseCode::FormErr => "FORMERR".to_owned(),
        ResponseCode::NotImp => "NOTIMP".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::YXDomain => "YXDOMAIN".to_owned(),
        ResponseCode::NotAuth => "NOTAUTH".to_owned(),
        ResponseCode::NotZone => "NOTZONE".to_owned(),
        ResponseCode::BADVERS => "BADVERS".to_owned(),
        ResponseCode::BADCOOKIE => "BADCOOKIE".to_owned(),
        other => format!("RCODE {}", u16::from(other)),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::io;

    use super::*;
    use crate::evidence::failure::LocalTrouble;

    #[test]
    fn what_this_machine_lacks_is_not_the_resolvers_fault() {
        let server = "192.0.2.53:53".parse().unwrap();
        let of = |errno| unasked(server, &io::Error::from_raw_os_error(errno).into());
        for (errno, lacking) in [
            (libc::EMFILE, LocalTrouble::TooManyFiles),
            (libc::ENFILE, LocalTrouble::TooManyFiles),
            (libc::ENOBUFS, LocalTrouble::NoResources),
        ] {
            let Failure::Local { what, detail, .. } = of(errno) else { panic!("{:?}", of(errno)) };
            assert_eq!(what, lacking);
            assert!(detail.starts_with("the resolver 192.0.2.53:53: "), "{detail}");
        }
        assert!(matches!(of(libc::ECONNREFUSED), Failure::NoResolver { .. }));
        assert!(matches!(of(libc::ENETUNREACH), Failure::NoResolver { .. }));
    }
}
