//! Small servers that are scripted by the test: one function plays each connection.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rdprobe::wire::codes::negotiation::Protocol;
use rdprobe::wire::nego::Negotiation;
use rdprobe::wire::x224::{ConnectionConfirm, ConnectionRequest};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The simulator's key, which is worth nothing.
const KEY: &str = include_str!("../../../src/simulate/keys/rehearsal-rsa-2048.pem");

/// A certificate under that key.
pub(super) const CERTIFICATE: &[u8] = include_bytes!("../../../src/simulate/keys/windows-2008r2-sha1.der");

/// Plays each connection for as long as the test's runtime lives. That a peer leaves is the end of a play.
pub(super) async fn serve<F, P>(play: F) -> SocketAddr
where
    F: Fn(TcpStream) -> P + Send + Sync + 'static,
    P: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(play(stream));
        }
    });
    address
}

/// Reads a Connection Request and selects NLA, or TLS where only that is asked for; refuses standard RDP security.
pub(super) async fn negotiate(stream: &mut TcpStream) -> io::Result<Protocol> {
    let requested = request(stream).await?;
    let selected = [Protocol::HYBRID, Protocol::SSL].into_iter().find(|it| requested & it.0 != 0);
    let Some(selected) = selected else {
        stream
            .write_all(&data_encoding::HEXLOWER.decode(b"030000130ed000001234000300080005000000").unwrap())
            .await?;
        return Err(io::ErrorKind::Unsupported.into());
    };
    let confirm = ConnectionConfirm {
        dst_ref: 0,
        src_ref: 0x1234,
        class: 0,
        negotiation: Some(Negotiation::Response { flags: 0x1f, selected }),
        trailing_bytes: 0,
    };
    stream.write_all(&confirm.encode()).await?;
    Ok(selected)
}

/// Reads a Connection Request: the protocols that it asks for.
pub(super) async fn request(stream: &mut TcpStream) -> io::Result<u32> {
    let mut frame = vec![0; 4];
    stream.read_exact(&mut frame).await?;
    frame.resize(usize::from(u16::from_be_bytes([frame[2], frame[3]])), 0);
    stream.read_exact(&mut frame[4..]).await?;
    let request = ConnectionRequest::decode(&frame).unwrap();
    Ok(request.negotiation.map_or(0, |negotiation| negotiation.requested))
}

/// Reads one TLS record, the hello.
pub(super) async fn hello(stream: &mut TcpStream) -> io::Result<()> {
    let mut header = [0; 5];
    stream.read_exact(&mut header).await?;
    let mut body = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
    stream.read_exact(&mut body).await?;
    Ok(())
}

/// A server under TLS that shows these certificates.
pub(super) fn tls(
    version: &'static SupportedProtocolVersion,
    chain: &[&[u8]],
    tickets: usize,
) -> Arc<ServerConfig> {
    let key = PrivateKeyDer::from_pem_slice(KEY.as_bytes()).unwrap();
    let key = ring::sign::any_supported_type(&key).unwrap();
    let chain = chain.iter().map(|der| CertificateDer::from(der.to_vec())).collect();
    let shown = SingleCertAndKey::from(CertifiedKey::new(chain, key));
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    config.send_tls13_tickets = tickets;
    Arc::new(config)
}

/// Negotiates and completes the handshake; clients that survey one version are left behind here.
pub(super) async fn secured(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
) -> io::Result<TlsStream<TcpStream>> {
    negotiate(&mut stream).await?;
    TlsAcceptor::from(config).accept(stream).await
}

/// As [`secured`], and reads what the client says first.
pub(super) async fn asked(stream: TcpStream, config: Arc<ServerConfig>) -> io::Result<TlsStream<TcpStream>> {
    let mut stream = secured(stream, config).await?;
    let mut request = vec![0; 4096];
    if stream.read(&mut request).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(stream)
}

/// Writes the same until the peer leaves.
pub(super) async fn flood(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    // As much at a time as a socket takes at once.
    let many = bytes.repeat((64 * 1024 / bytes.len()).max(1));
    loop {
        stream.write_all(&many).await?;
    }
}

/// Writes a byte each 100 ms until the peer leaves; the last one again and again.
pub(super) async fn drip(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    loop {
        let (byte, after) = rest.split_first().unwrap();
        stream.write_all(&[*byte]).await?;
        stream.flush().await?;
        rest = if after.is_empty() { rest } else { after };
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Says nothing more until the peer leaves.
pub(super) async fn stay(mut stream: impl tokio::io::AsyncRead + Unpin) -> io::Result<()> {
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await?;
    Ok(())
}
