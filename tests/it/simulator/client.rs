//! What the tests talk to the simulator with: a raw client and a TLS client of today.

use rdprobe::simulate::{Persona, Server, persona};
use rdprobe::wire::codes::tls::TlsVersion;
use rdprobe::wire::credssp::TsRequest;
use rdprobe::wire::nego::NegotiationRequest;
use rdprobe::wire::ntlm::negotiate;
use rdprobe::wire::tls::client_hello::ClientHello;
use rdprobe::wire::tls::server_flight::{Flight, FlightReader, Progress};
use rdprobe::wire::x224::ConnectionRequest;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Plays a persona for as long as the test's runtime lives.
pub(super) async fn start(name: &str) -> SocketAddr {
    let persona: &'static Persona = persona(name).unwrap_or_else(|| panic!("no persona {name}"));
    let server = Server::bind(persona, (Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    let address = server.local_addr();
    tokio::spawn(server.run());
    address
}

/// A connection that has sent its request with a cookie; a peer may be gone by then.
pub(super) async fn request(address: SocketAddr, requested: u32) -> TcpStream {
    // Blocking, so that no task of the server runs before the connection is there: it may reset at once.
    let stream = std::net::TcpStream::connect(address).unwrap();
    stream.set_nonblocking(true).unwrap();
    let mut stream = TcpStream::from_std(stream).unwrap();
    let request = ConnectionRequest {
        cookie: Some("rdprobe".into()),
        negotiation: Some(NegotiationRequest { flags: 0, requested }),
        correlation_id: None,
    };
    stream.write_all(&request.encode()).await.ok();
    stream
}

pub(super) async fn read_hex(stream: &mut TcpStream, length: usize) -> String {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).await.unwrap();
    data_encoding::HEXLOWER.encode(&bytes)
}

pub(super) async fn read_frame(stream: &mut TcpStream) -> Vec<u8> {
    let mut frame = vec![0; 4];
    stream.read_exact(&mut frame).await.unwrap();
    let length = rdprobe::wire::tpkt::frame_len(&frame).unwrap().unwrap();
    frame.resize(length, 0);
    stream.read_exact(&mut frame[4..]).await.unwrap();
    frame
}

pub(super) async fn assert_reset(stream: &mut TcpStream, name: &str) {
    let error = stream.read(&mut [0; 1]).await.map(|read| panic!("{name}: {read} bytes instead of a reset"));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::ConnectionReset, "{name}");
}

/// A connection that has said a hello for exactly one version.
pub(super) async fn say_hello(name: &str, version: TlsVersion) -> TcpStream {
    let mut stream = request(start(name).await, 0x0b).await;
    read_frame(&mut stream).await;
    let hello = ClientHello {
        version,
        server_name: Some("vm.example".into()),
        random: [0x5a; 32],
        session_id: [0x5b; 32],
        key_share: [0x5c; 32],
    };
    stream.write_all(&hello.encode()).await.unwrap();
    stream
}

pub(super) async fn survey(name: &str, version: TlsVersion) -> Progress {
    let mut stream = say_hello(name, version).await;
    let mut reader = FlightReader::new();
    loop {
        let mut bytes = vec![0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert_ne!(read, 0, "{name}: closed before the flight ended");
        match reader.push(&bytes[..read]).unwrap() {
            Progress::NeedMore => {}
            progress => return progress,
        }
    }
}

pub(super) async fn flight(name: &str, version: TlsVersion) -> Flight {
    match survey(name, version).await {
        Progress::Flight(flight) => flight,
        other => panic!("{name}: {other:?}"),
    }
}

/// The full handshake of a client of today, which takes any certificate that parses.
pub(super) async fn handshake(address: SocketAddr, requested: u32) -> std::io::Result<TlsStream<TcpStream>> {
    let mut stream = request(address, requested).await;
    read_frame(&mut stream).await;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from("vm.example").unwrap(), stream).await
}

pub(super) async fn credssp(name: &str) -> TsRequest {
    let mut stream = handshake(start(name).await, 0x0b).await.unwrap();
    stream.write_all(&TsRequest::with_token(negotiate()).encode()).await.unwrap();
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "{name}: closed instead of a TSRequest");
        if TsRequest::frame_len(&bytes).unwrap().is_some_and(|length| bytes.len() >= length) {
            return TsRequest::decode(&bytes).unwrap().0;
        }
    }
}

pub(super) fn unix_seconds() -> i128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().into()
}

#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
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
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}
