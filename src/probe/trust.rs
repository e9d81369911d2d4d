//! Would a client trust this chain? The roots of this machine decide, the name is judged apart.

use std::sync::Arc;
use std::sync::OnceLock;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, RootCertStore};

use super::tls::handshake::provider;
use crate::evidence::certificate::Chain;

/// Loads this machine's roots, once a process, on a thread of its own, so that no probe waits for the disk.
pub(super) fn preload() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        // Should no thread be had, the first use loads them.
        drop(std::thread::Builder::new().name("roots".to_owned()).spawn(verifier));
    });
}

/// Checks the chain, leaf first, at a time in Unix seconds.
pub(super) fn check(chain: &[Vec<u8>], at_s: u64) -> Chain {
    let verifier = match verifier() {
        Ok(verifier) => verifier,
        Err(reason) => return Chain::NotChecked { reason: reason.clone() },
    };
    let Some((leaf, intermediates)) = chain.split_first() else {
        return Chain::NotChecked { reason: "the server sent no certificate".to_owned() };
    };
    let leaf = CertificateDer::from(leaf.as_slice());
    let intermediates: Vec<CertificateDer<'_>> =
        intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    // Any name will do: the verifier checks the name last, and a wrong name proves that the chain is good.
    let name = ServerName::IpAddress(std::net::Ipv4Addr::UNSPECIFIED.into());
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at_s));
    match verifier.verify_server_cert(&leaf, &intermediates, &name, &[], at) {
        Ok(_) => Chain::Trusted,
        Err(rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        )) => Chain::Trusted,
        Err(rustls::Error::InvalidCertificate(error)) => Chain::Untrusted { reason: words(&error) },
        Err(error) => Chain::Untrusted { reason: error.to_string() },
    }
}

fn verifier() -> &'static Result<Arc<WebPkiServerVerifier>, String> {
    static VERIFIER: OnceLock<Result<Arc<WebPkiServerVerifier>, String>> = OnceLock::new();
    VERIFIER.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("this machine has no root certificates".to_owned());
        }
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| error.to_string())
    })
}

fn words(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "no root of this machine has issued it".to_owned(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".to_owned()
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "it is not made for a server".to_owned()
        }
        CertificateError::BadEncoding => "its encoding is broken".to_owned(),
        CertificateError::BadSignature => "its signature does not verify".to_owned(),
        other => other.to_string(),
    }
}
