//! TLS: which version is answered how.

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use super::certificate::{self, bug};
use super::conversation::Script;
use super::line::Line;
use super::persona::{End, Persona, Tls, VersionAnswer};
use super::{credssp, flight};
use crate::wire::codes::negotiation::Protocol;
use crate::wire::codes::tls::{AlertDescription, TlsVersion};
use crate::wire::tls::offered_hello::OfferedHello;
use crate::wire::tls::record;

/// The longest ClientHello that is read, in bytes: one record.
const MOST_HELLO: usize = record::HEADER_LEN + record::MAX_FRAGMENT;

/// How much a client may say, in bytes, where nobody listens any more.
const MOST_IGNORED: u64 = 1 << 20;

/// The certificate of a persona and how it is shown.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) certificate: CertificateDer<'static>,
    /// Absent where no version is answered by a handshake.
    handshake: Option<Arc<ServerConfig>>,
}

impl Identity {
    /// Makes the certificate; `None` for a persona without TLS.
    pub(super) fn of(persona: &Persona) -> io::Result<Option<Self>> {
        let (Some(recipe), Some(tls)) = (&persona.certificate, &persona.tls) else { return Ok(None) };
        let certificate = certificate::make(recipe)?;
        let handshake = configuration(tls, &certificate)?;
        Ok(Some(Self { certificate, handshake }))
    }
}

fn configuration(tls: &Tls, certificate: &CertificateDer<'static>) -> io::Result<Option<Arc<ServerConfig>>> {
    let versions = [(tls.v1_2, &rustls::version::TLS12), (tls.v1_3, &rustls::version::TLS13)];
    let versions: Vec<_> = versions
        .into_iter()
        .filter_map(|(answer, version)| (answer == VersionAnswer::Handshake).then_some(version))
        .collect();
    if versions.is_empty() {
        return Ok(None);
    }
    let key = ring::sign::any_supported_type(&certificate::key()?).map_err(bug)?;
    // Not `with_single_cert`: it reads the certificate, and that of a persona may be broken.
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate.clone()], key));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&versions)
        .map_err(bug)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    Ok(Some(Arc::new(config)))
}

/// Answers the ClientHello, and what follows it if the handshake is a full one.
pub(super) async fn play(script: &Script, line: &mut Line, selected: Protocol) -> io::Result<End> {
    let (Some(identity), Some(tls)) = (&script.identity, &script.persona.tls) else { return Ok(End::Silent) };
    let Some(record) = line.read_message(MOST_HELLO, record::frame_len).await? else { return Ok(End::Close) };
    let Ok(hello) = OfferedHello::decode(&record) else { return Ok(End::Close) };
    let (version, answer) = answer(tls, &hello);
    match answer {
        VersionAnswer::Handshake => {
            line.put_back(record);
            handshake(script, line, selected).await
        }
        VersionAnswer::Flight => match flight::make(script.persona, tls, identity, version, &hello)? {
            Some(flight) => {
                line.write_all(&flight).await?;
                Ok(End::Silent)
            }
            None => Ok(tls.mismatch),
        },
        VersionAnswer::Alert { code } => {
            line.write_all(&record::alert(version, FATAL, AlertDescription(code))).await?;
            Ok(End::Close)
        }
        VersionAnswer::Nothing { end } => Ok(end),
    }
}

/// The highest version offered that the persona goes on with, or else its answer to the highest one offered.
fn answer(tls: &Tls, hello: &OfferedHello) -> (TlsVersion, VersionAnswer) {
    let versions = [
        (TlsVersion::TLS_1_3, tls.v1_3),
        (TlsVersion::TLS_1_2, tls.v1_2),
        (TlsVersion::TLS_1_1, tls.v1_1),
        (TlsVersion::TLS_1_0, tls.v1_0),
    ];
    let mut offered = versions.into_iter().filter(|(version, _)| offers(hello, *version));
    let highest = offered.clone().next().unwrap_or((TlsVersion::TLS_1_0, tls.v1_0));
    let goes_on = |answer: VersionAnswer| matches!(answer, VersionAnswer::Handshake | VersionAnswer::Flight);
    let (version, answer) = offered.find(|(_, answer)| goes_on(*answer)).unwrap_or(highest);
    if answer == VersionAnswer::Handshake && version == TlsVersion::TLS_1_2 && flight::is_survey(tls, hello) {
        return (version, VersionAnswer::Flight);
    }
    (version, answer)
}

/// Without `supported_versions` a hello offers its own version and every older one.
fn offers(hello: &OfferedHello, version: TlsVersion) -> bool {
    if hello.extensions.contains(&SUPPORTED_VERSIONS) {
        hello.versions.contains(&version)
    } else {
        version <= hello.legacy_version.min(TlsVersion::TLS_1_2)
    }
}

/// The full handshake, then CredSSP where it was selected and the persona has it.
async fn handshake(script: &Script, line: &mut Line, selected: Protocol) -> io::Result<End> {
    let config = script.identity.as_ref().and_then(|identity| identity.handshake.clone());
    let Some(config) = config else { return Ok(End::Close) };
    // The alert is sent by then.
    let Ok(mut stream) = TlsAcceptor::from(config).accept(line).await else { return Ok(End::Close) };
    let is_nla = selected == Protocol::HYBRID || selected == Protocol::HYBRID_EX;
    let end = match &script.persona.credssp {
        Some(credssp) if is_nla => credssp::play(script.persona, credssp, &mut stream).await?,
        _ => End::Silent,
    };
    match end {
        End::Reset => return Ok(End::Reset),
        End::Close => {}
        End::Silent => {
            // A client that leaves without close_notify is an error here, and no news.
            tokio::io::copy(&mut (&mut stream).take(MOST_IGNORED), &mut tokio::io::sink()).await.ok();
        }
    }
    stream.shutdown().await?;
    Ok(End::Close)
}

const FATAL: u8 = 2;
const SUPPORTED_VERSIONS: u16 = 43;
