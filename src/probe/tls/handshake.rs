//! The full handshake, by rustls: any certificate is accepted and recorded, nothing is trusted because of it.

use std::io::{Read, Write};
use std::sync::{Arc, LazyLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ClientConnection, Resumption};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};

use super::answered_in_clear;
use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Failure, Handshake};
use crate::probe::stream::{Line, evidence};
use crate::target::Host;
use crate::wire::codes::tls::{AlertDescription, CipherSuite, TlsVersion};

/// A connection under TLS.
pub(crate) struct Session {
    line: Line,
    tls: ClientConnection,
}

/// What a handshake gave: the facts, the certificates as DER, leaf first.
pub(crate) struct Agreed {
    /// Version and suite.
    pub(crate) facts: Handshake,
    /// The server's certificates.
    pub(crate) chain: Vec<Vec<u8>>,
}

impl Session {
    /// Prepares a session over a negotiated connection.
    pub(crate) fn new(line: Line, host: &Host) -> Result<Self, Failure> {
        let tls = ClientConnection::new(CONFIG.clone(), server_name(host)).map_err(|e| library(&e))?;
        Ok(Self { line, tls })
    }

    /// The connection beneath, to give a stage its deadline.
    pub(crate) fn line(&mut self) -> &mut Line {
        &mut self.line
    }

    /// Runs the handshake to its end.
    pub(crate) async fn handshake(&mut self) -> Result<Agreed, Failure> {
        self.flush().await?;
        if self.line.pending().is_empty() {
            self.line.fill().await?;
        }
        if let Some(failure) = answered_in_clear(&mut self.line).await {
            return Err(failure);
        }
        loop {
            self.digest()?;
            self.flush().await?;
            if !self.tls.is_handshaking() {
                break;
            }
            self.line.fill().await?;
        }
        let chain: Vec<Vec<u8>> =
            self.tls.peer_certificates().unwrap_or_default().iter().map(|der| der.to_vec()).collect();
        Ok(Agreed { facts: self.facts(chain.len())?, chain })
    }

    /// Sends plaintext, as one record if it is below 16 KiB.
    pub(crate) async fn send(&mut self, plaintext: &[u8]) -> Result<(), Failure> {
        self.tls
            .writer()
            .write_all(plaintext)
            .map_err(|error| Failure::TlsLibrary { detail: error.to_string() })?;
        self.flush().await
    }

    /// Reads plaintext onto the end of `into`, at least one byte.
    pub(crate) async fn receive(&mut self, into: &mut Vec<u8>) -> Result<(), Failure> {
        let before = into.len();
        loop {
            let state = self.tls.process_new_packets().map_err(|error| self.refused(&error))?;
            let waiting = state.plaintext_bytes_to_read();
            let closed = state.peer_has_closed();
            if waiting > 0 {
                let mut plaintext = vec![0; waiting];
                self.tls
                    .reader()
                    .read_exact(&mut plaintext)
                    .map_err(|error| Failure::TlsLibrary { detail: error.to_string() })?;
                into.append(&mut plaintext);
            }
            if into.len() > before {
                return Ok(());
            }
            if closed {
                return Err(Failure::Alert { description: AlertDescription::CLOSE_NOTIFY, encrypted: true });
            }
            self.line.fill().await?;
            self.digest()?;
        }
    }

    /// The connection beneath and the close_notify to end it with.
    pub(crate) fn into_last_words(mut self) -> (Line, Vec<u8>) {
        self.tls.send_close_notify();
        let mut last_words = Vec::new();
        // Writing to memory does not fail; without the words the connection just ends.
        drop(self.tls.write_tls(&mut last_words));
        (self.line, last_words)
    }

    /// Gives rustls what has come, all of it.
    fn digest(&mut self) -> Result<(), Failure> {
        let bytes = self.line.take();
        let mut rest = bytes.as_slice();
        while !rest.is_empty() {
            self.tls
                .read_tls(&mut rest)
                .map_err(|error| Failure::TlsLibrary { detail: error.to_string() })?;
            if let Err(error) = self.tls.process_new_packets() {
                return Err(match error {
                    rustls::Error::InvalidMessage(_) => {
                        Failure::Malformed { detail: error.to_string(), bytes: evidence(&bytes) }
                    }
                    _ => self.refused(&error),
                });
            }
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        while self.tls.wants_write() {
            self.tls
                .write_tls(&mut bytes)
                .map_err(|error| Failure::TlsLibrary { detail: error.to_string() })?;
        }
        if bytes.is_empty() { Ok(()) } else { self.line.write(&bytes).await }
    }

    fn refused(&self, error: &rustls::Error) -> Failure {
        match error {
            rustls::Error::AlertReceived(alert) => Failure::Alert {
                description: AlertDescription(u8::from(*alert)),
                encrypted: !self.tls.is_handshaking(),
            },
            _ => library(error),
        }
    }

    fn facts(&self, certificates: usize) -> Result<Handshake, Failure> {
        let (Some(version), Some(suite)) = (self.tls.protocol_version(), self.tls.negotiated_cipher_suite())
        else {
            return Err(Failure::TlsLibrary { detail: "handshake done without version or suite".to_owned() });
        };
        Ok(Handshake {
            version: TlsVersion(u16::from(version)),
            cipher_suite: CipherSuite(u16::from(suite.suite())),
            certificates,
        })
    }
}

/// The provider that every use of rustls here shares.
pub(crate) fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    static PROVIDER: LazyLock<Arc<rustls::crypto::CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::ring::default_provider()));
    PROVIDER.clone()
}

static CONFIG: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let mut config = match ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
    {
        Ok(builder) => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate))
            .with_no_client_auth(),
        Err(error) => unreachable!("bug: the ring provider has no suite for TLS 1.2 and 1.3: {error}"),
    };
    // CredSSP binds to the key of this very handshake; a resumed one would also hide the certificate.
    config.resumption = Resumption::disabled();
    Arc::new(config)
});

fn server_name(host: &Host) -> ServerName<'static> {
    match host {
        Host::Address(address) => ServerName::IpAddress((*address).into()),
        // A name that TLS cannot carry (underscores are fine, other odd bytes are not) is sent as no name at all.
        Host::Name(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
            .unwrap_or_else(|_| ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into())),
    }
}

fn library(error: &rustls::Error) -> Failure {
    match error {
        rustls::Error::FailedToGetRandomBytes => {
            Failure::Local { what: LocalTrouble::Other, errno: None, detail: error.to_string() }
        }
        _ => Failure::TlsLibrary { detail: error.to_string() },
    }
}

/// Accepts every certificate: the probe records what is shown and judges it elsewhere.
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
        use SignatureScheme as S;
        vec![
            S::ECDSA_NISTP256_SHA256,
            S::ECDSA_NISTP384_SHA384,
            S::ECDSA_NISTP521_SHA512,
            S::ED25519,
            S::RSA_PSS_SHA256,
            S::RSA_PSS_SHA384,
            S::RSA_PSS_SHA512,
            S::RSA_PKCS1_SHA256,
            S::RSA_PKCS1_SHA384,
            S::RSA_PKCS1_SHA512,
            S::RSA_PKCS1_SHA1,
            S::ECDSA_SHA1_Legacy,
        ]
    }
}
