//! Every machine of a fleet in one process: NLA required, TLS 1.2 and 1.3, and each tells the name of its own address.
//!
//! One listener and one event loop a thread (SO_REUSEPORT), one task a connection, nothing shared but the keys.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::ntlm::{AvPairs, Challenge, TARGET_TYPE_DOMAIN, Version, filetime_from_unix};
use rustls::crypto::ring::{default_provider, sign::any_ecdsa_type};
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::{CertifiedKey, SigningKey};
use rustls::{ServerConfig, ServerConnection};
use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::Ended;
use super::certificate::{Authority, DOMAIN, machine};

/// How long a client that falls silent keeps its connection.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than any client has under way; the kernel cuts it to net.core.somaxconn.
const BACKLOG: i32 = 65_535;

/// PROTOCOL_HYBRID in requestedProtocols.
const HYBRID: u32 = 2;
/// Connection Confirm that selects HYBRID, with the flags of Windows.
const CONFIRM: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 2, 0x1f, 8, 0, 2, 0, 0, 0];
/// HYBRID_REQUIRED_BY_SERVER.
const REFUSAL: [u8; 19] = [3, 0, 0, 19, 14, 0xd0, 0, 0, 0x12, 0x34, 0, 3, 0, 8, 0, 5, 0, 0, 0];

/// Serves until the process is ended.
pub(crate) fn run(address: SocketAddr, threads: usize) -> Ended {
    let fleet = Arc::new(Fleet::new()?);
    let mut running = Vec::new();
    for _ in 0..threads.max(1) {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_port(true)?;
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        let fleet = Arc::clone(&fleet);
        running.push(std::thread::spawn(move || -> Ended {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(accept(socket, fleet))
        }));
    }
    println!("ready");
    for thread in running {
        thread.join().map_err(|_| "a thread of the responder crashed")??;
    }
    Ok(())
}

async fn accept(socket: Socket, fleet: Arc<Fleet>) -> Ended {
    let listener = TcpListener::from_std(socket.into())?;
    loop {
        let (stream, _) = listener.accept().await?;
        let fleet = Arc::clone(&fleet);
        // A client that breaks off ends its own task only.
        tokio::spawn(async move { tokio::time::timeout(PATIENCE, converse(stream, &fleet)).await.ok() });
    }
}

/// What all machines have in common.
struct Fleet {
    authority: Authority,
    key: Arc<dyn SigningKey>,
    config: ServerConfig,
}

impl Fleet {
    fn new() -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let authority = Authority::new()?;
        let key = any_ecdsa_type(&authority.private)?;
        let first = CertifiedKey::new(vec![authority.certificate(Ipv4Addr::UNSPECIFIED)?], Arc::clone(&key));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(One(Arc::new(first))));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Self { authority, key, config })
    }

    /// TLS as the machine at this address.
    fn session(
        &self,
        address: Ipv4Addr,
    ) -> Result<ServerConnection, Box<dyn std::error::Error + Send + Sync>> {
        let certificate = self.authority.certificate(address)?;
        let own = CertifiedKey::new(vec![certificate], Arc::clone(&self.key));
        let mut config = self.config.clone();
        config.cert_resolver = Arc::new(One(Arc::new(own)));
        Ok(ServerConnection::new(Arc::new(config))?)
    }
}

/// The one certificate that there is.
#[derive(Debug)]
struct One(Arc<CertifiedKey>);

impl ResolvesServerCert for One {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

async fn converse(mut stream: TcpStream, fleet: &Fleet) -> Ended {
    stream.set_nodelay(true)?;
    let IpAddr::V4(address) = stream.local_addr()?.ip() else { return Err("IPv4 only".into()) };
    let mut buffer = [0; 4096];
    let mut filled = 0;
    while filled < 4 || filled < usize::from(u16::from_be_bytes([buffer[2], buffer[3]])) {
        match stream.read(&mut buffer[filled..]).await? {
            0 => return Ok(()),
            count => filled += count,
        }
    }
    if requested(&buffer[..filled]) & HYBRID == 0 {
        stream.write_all(&REFUSAL).await?;
        // It hangs up, as Windows does, and hears the client out.
        stream.shutdown().await?;
        while stream.read(&mut buffer).await? > 0 {}
        return Ok(());
    }
    stream.write_all(&CONFIRM).await?;
    let count = stream.read(&mut buffer).await?;
    match buffer.first() {
        Some(0x16) if count > 0 => secure(stream, fleet.session(address)?, &mut buffer, count, address).await,
        // A Disconnect Request, or the end.
        _ => {
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        }
    }
}

/// requestedProtocols of the rdpNegReq ([MS-RDPBCGR] 2.2.1.1.1), none if there is none.
fn requested(request: &[u8]) -> u32 {
    let at = request.windows(4).rposition(|window| window[0] == 1 && window[2..4] == [8, 0]);
    let protocols = at.and_then(|at| request.get(at + 4..at + 8)).and_then(|bytes| bytes.try_into().ok());
    protocols.map_or(0, u32::from_le_bytes)
}

/// The handshake, the challenge, and the client's leave.
async fn secure(
    mut stream: TcpStream,
    mut tls: ServerConnection,
    buffer: &mut [u8; 4096],
    mut count: usize,
    address: Ipv4Addr,
) -> Ended {
    let mut out = Vec::with_capacity(2048);
    while count > 0 {
        let mut came = &buffer[..count];
        let mut taken = Ok(());
        while !came.is_empty() && taken.is_ok() {
            tls.read_tls(&mut came)?;
            taken = tls.process_new_packets().map(|state| {
                let mut text = vec![0; state.plaintext_bytes_to_read()];
                let read = tls.reader().read(&mut text).unwrap_or(0);
                if text[..read].windows(7).any(|window| window == b"NTLMSSP") {
                    // Into memory, which takes everything.
                    drop(tls.writer().write_all(&challenge(address)));
                }
            });
        }
        while tls.wants_write() {
            tls.write_tls(&mut out)?;
        }
        if !out.is_empty() {
            stream.write_all(&out).await?;
            out.clear();
        }
        taken?;
        count = stream.read(buffer).await?;
    }
    Ok(())
}

/// A TSRequest with the challenge of the machine at this address, a Windows Server 2022 in a domain.
fn challenge(address: Ipv4Addr) -> Vec<u8> {
    let name = machine(address);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let challenge = Challenge {
        target_name: Some("FLEET".to_owned()),
        flags: 0xe288_8235 | TARGET_TYPE_DOMAIN,
        server_challenge: u64::from(u32::from(address)).to_le_bytes(),
        version: Some(Version { major: 10, minor: 0, build: 20348, revision: 15 }),
        av_pairs: AvPairs {
            dns_computer_name: Some(format!("{name}.{DOMAIN}")),
            netbios_computer_name: Some(name),
            netbios_domain_name: Some("FLEET".to_owned()),
            dns_domain_name: Some(DOMAIN.to_owned()),
            dns_tree_name: Some(DOMAIN.to_owned()),
            timestamp: Some(filetime_from_unix(i128::try_from(now).unwrap_or_default())),
            ..AvPairs::default()
        },
    };
    TsRequest::with_token(challenge.encode()).encode()
}
