//! How much responder and machine would give: a client that does nothing beyond the bytes that the depth takes.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::ntlm;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Ended;
use super::certificate::machine;

/// Connection Request for TLS, HYBRID and HYBRID_EX, without a cookie.
const REQUEST: [u8; 19] = [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 0x0b, 0, 0, 0];

/// How deep to ask.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Tcp,
    X224,
    Nla,
}

impl FromStr for Depth {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "tcp" => Ok(Self::Tcp),
            "x224" => Ok(Self::X224),
            "nla" => Ok(Self::Nla),
            _ => Err("the depths are tcp, x224 and nla"),
        }
    }
}

/// Asks `count` addresses from the first one on, so many at a time, from two event loops; prints how many answered
/// rightly, the seconds, and targets a second.
pub(crate) fn run(depth: Depth, first: SocketAddrV4, count: u32, in_flight: u32) -> Ended {
    let (next, right) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let config = Arc::new(config()?);
    let began = Instant::now();
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (next, right, config) = (Arc::clone(&next), Arc::clone(&right), Arc::clone(&config));
            std::thread::spawn(move || -> Ended {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                let local = tokio::task::LocalSet::new();
                for _ in 0..in_flight.div_ceil(2) {
                    let (next, right, config) = (Arc::clone(&next), Arc::clone(&right), Arc::clone(&config));
                    local.spawn_local(async move {
                        loop {
                            let index = next.fetch_add(1, Ordering::Relaxed);
                            if index >= count {
                                return;
                            }
                            let ip = Ipv4Addr::from(u32::from(*first.ip()) + index);
                            let address = SocketAddrV4::new(ip, first.port());
                            if ask(depth, address, &config).await.unwrap_or(false) {
                                right.fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
                runtime.block_on(local);
                Ok(())
            })
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| "a thread crashed")??;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!("{} {seconds:.3} {:.0}", right.load(Ordering::Relaxed), f64::from(count) / seconds);
    Ok(())
}

type Asked = Result<bool, Box<dyn std::error::Error + Send + Sync>>;

/// Whether the machine answers as it should.
async fn ask(depth: Depth, address: SocketAddrV4, config: &Arc<ClientConfig>) -> Asked {
    let mut stream = TcpStream::connect(SocketAddr::V4(address)).await?;
    if depth == Depth::Tcp {
        return Ok(true);
    }
    stream.set_nodelay(true)?;
    stream.write_all(&REQUEST).await?;
    let mut confirm = [0; 19];
    stream.read_exact(&mut confirm).await?;
    if depth == Depth::X224 || confirm[11..16] != [2, 0x1f, 8, 0, 2] {
        return Ok(confirm[11..16] == [2, 0x1f, 8, 0, 2]);
    }
    let name: Vec<u8> = machine(*address.ip()).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let told = challenge(&mut stream, config, *address.ip()).await?;
    Ok(told.windows(name.len()).any(|window| window == name))
}

/// The server's TSRequest.
async fn challenge(
    stream: &mut TcpStream,
    config: &Arc<ClientConfig>,
    ip: Ipv4Addr,
) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut tls =
        ClientConnection::new(Arc::clone(config), ServerName::IpAddress(std::net::IpAddr::V4(ip).into()))?;
    tls.writer().write_all(&TsRequest::with_token(ntlm::negotiate()).encode())?;
    let (mut out, mut buffer) = (Vec::with_capacity(1024), [0; 4096]);
    loop {
        while tls.wants_write() {
            tls.write_tls(&mut out)?;
        }
        if !out.is_empty() {
            stream.write_all(&out).await?;
            out.clear();
        }
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Err("closed".into());
        }
        tls.read_tls(&mut &buffer[..count])?;
        let state = tls.process_new_packets()?;
        if state.plaintext_bytes_to_read() > 0 {
            let mut told = vec![0; state.plaintext_bytes_to_read()];
            let read = tls.reader().read(&mut told)?;
            told.truncate(read);
            return Ok(told);
        }
    }
}

fn config() -> Result<ClientConfig, Box<dyn std::error::Error + Send + Sync>> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Unchecked))
        .with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    config.enable_sni = false;
    Ok(config)
}

/// Checks nothing: the least that a client can do.
#[derive(Debug)]
struct Unchecked;

impl ServerCertVerifier for Unchecked {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::RSA_PSS_SHA256]
    }
}
