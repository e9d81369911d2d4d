//! What is kept of a target for later: the facts of a server that change only when somebody changes them.
//!
//! Nothing is kept of what differs from run to run by itself: times, clocks, order, the suite of one handshake.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::diagnosis::{Diagnosis, Nla, Posture, StandardRdp, Tls, Verdict};
use crate::evidence::credssp::Membership;
use crate::evidence::{Answer, Challenge, Evidence, Failure, Outcome, Route, VersionAttempt};

// Two baselines to what differs between them.
mod changes;

pub use changes::{NAMES, changes};

/// The name and version of the format.
pub const BASELINE_SCHEMA: &str = "rdprobe.baseline/1";

/// A file of baselines, one a target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Baselines {
    /// Always `rdprobe.baseline/1`; additions only within a version.
    #[schemars(extend("const" = BASELINE_SCHEMA))]
    schema: String,
    /// The version of rdprobe that wrote it.
    #[serde(default)]
    rdprobe_version: String,
    /// Each target as the user wrote it.
    targets: BTreeMap<String, Baseline>,
}

/// What is kept of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Baseline {
    /// When it was seen (UTC).
    #[schemars(with = "String")]
    pub taken_at: jiff::Timestamp,
    /// Whether it was reachable.
    pub verdict: Verdict,
    /// What each address showed; empty if the name did not resolve.
    pub addresses: BTreeMap<SocketAddr, Shown>,
}

/// What one address showed; null for what was not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default)]
pub struct Shown {
    /// The certificate.
    pub certificate: Option<KeptCertificate>,
    /// The answer to the first request: the protocol by name, `refused: CODE` or `no negotiation`.
    pub protocol: Option<String>,
    /// Whether NLA is required, offered or not.
    pub nla: Option<Nla>,
    /// Whether TLS is offered.
    pub tls: Option<Tls>,
    /// Whether standard RDP security is taken.
    pub standard: Option<StandardRdp>,
    /// The TLS versions accepted, oldest first; empty if every one was refused.
    pub tls_versions: Option<Vec<String>>,
    /// The machine's name, DNS before NetBIOS.
    pub name: Option<String>,
    /// The domain it is in; empty in a workgroup.
    pub domain: Option<String>,
    /// Version and build: `10.0.20348`.
    pub build: Option<String>,
    /// The version in its TSRequest.
    pub credssp: Option<u32>,
}

/// What is kept of a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct KeptCertificate {
    /// SHA-1 thumbprint, upper-case hex.
    pub thumbprint_sha1: String,
    /// SHA-256 thumbprint, upper-case hex.
    pub thumbprint_sha256: String,
    /// Issuer, RFC 4514 text.
    pub issuer: String,
    /// Valid until (UTC).
    #[schemars(with = "String")]
    pub not_after: jiff::Timestamp,
}

/// Why a file is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// Not JSON at all.
    #[error("it is no JSON: {0}")]
    NoJson(String),
    /// JSON of no format that is named.
    #[error("it has no \"schema\"")]
    NoSchema,
    /// JSON of another format, or of a version to come.
    #[error("its format is {0:?}, and this rdprobe reads {BASELINE_SCHEMA}")]
    OtherSchema(String),
    /// The right name, and something else than the format says.
    #[error("it breaks the format: {0}")]
    Broken(String),
}

impl FromIterator<(String, Baseline)> for Baselines {
    /// Where a target is there twice, the last one stands.
    fn from_iter<I: IntoIterator<Item = (String, Baseline)>>(targets: I) -> Self {
        Self {
            schema: BASELINE_SCHEMA.to_owned(),
            rdprobe_version: env!("CARGO_PKG_VERSION").to_owned(),
            targets: targets.into_iter().collect(),
        }
    }
}

impl Baselines {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is none, and what it is instead.
    pub fn read(bytes: &[u8]) -> Result<Self, BaselineError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let document: serde_json::Value =
            serde_json::from_slice(bytes).map_err(|error| BaselineError::NoJson(error.to_string()))?;
        Self::from_document(document)
    }

    /// Reads a JSON document.
    ///
    /// # Errors
    /// If it is of another format, or breaks this one.
    pub fn from_document(document: serde_json::Value) -> Result<Self, BaselineError> {
        match document.get("schema").and_then(serde_json::Value::as_str) {
            Some(BASELINE_SCHEMA) => {
                serde_json::from_value(document).map_err(|error| BaselineError::Broken(error.to_string()))
            }
            Some(other) => Err(BaselineError::OtherSchema(other.to_owned())),
            None => Err(BaselineError::NoSchema),
        }
    }

    /// What is kept of a target, by what the user wrote.
    #[must_use]
    pub fn of_target(&self, written: &str) -> Option<&Baseline> {
        self.targets.get(written)
    }

    /// Every target as written, in order, with what is kept of it.
    #[must_use]
    pub fn targets(&self) -> impl ExactSizeIterator<Item = (&str, &Baseline)> {
        self.targets.iter().map(|(written, baseline)| (written.as_str(), baseline))
    }
}

impl Baseline {
    /// What is to be kept of this.
    #[must_use]
    pub fn of(evidence: &Evidence, diagnosis: &Diagnosis) -> Self {
        let posture = |route: &Route| diagnosis.posture.iter().find(|it| it.address == route.address);
        Self {
            taken_at: evidence.started_at,
            verdict: diagnosis.verdict,
            addresses: evidence
                .routes
                .iter()
                .map(|route| (route.address, Shown::of(route, posture(route))))
                .collect(),
        }
    }
}

impl Shown {
    fn of(route: &Route, posture: Option<&Posture>) -> Self {
        let challenge = route.credssp.seen();
        Self {
            certificate: route.certificate.seen().map(|certificate| KeptCertificate {
                thumbprint_sha1: certificate.thumbprint_sha1.clone(),
                thumbprint_sha256: certificate.thumbprint_sha256.clone(),
                issuer: certificate.issuer.clone(),
                not_after: certificate.not_after,
            }),
            protocol: protocol(route),
            nla: posture.map(|posture| posture.nla).filter(|nla| *nla != Nla::Unknown),
            tls: posture.map(|posture| posture.tls).filter(|tls| *tls != Tls::Unknown),
            standard: posture
                .map(|posture| posture.standard_rdp)
                .filter(|standard| *standard != StandardRdp::Unknown),
            tls_versions: tls_versions(&route.tls_versions),
            name: challenge.and_then(name),
            domain: challenge.and_then(domain),
            build: challenge
                .and_then(|challenge| challenge.os.as_ref())
                .map(|os| format!("{}.{}.{}", os.major, os.minor, os.build)),
            credssp: challenge.map(|challenge| challenge.ts_request_version),
        }
    }
}

/// What the server said to the request that a client makes.
fn protocol(route: &Route) -> Option<String> {
    let reply = route.negotiate.first()?.reply.seen()?;
    Some(match &reply.answer {
        Answer::Response { selected_protocol, .. } => selected_protocol.to_string(),
        Answer::Failure { failure_code } => format!("refused: {failure_code}"),
        Answer::None => "no negotiation".to_owned(),
    })
}

/// The versions accepted, if every one offered was put to the server.
fn tls_versions(attempts: &[VersionAttempt]) -> Option<Vec<String>> {
    if attempts.is_empty() || !attempts.iter().all(was_put) {
        return None;
    }
    let accepted =
        |attempt: &&VersionAttempt| attempt.step.seen().is_some_and(|it| it.version == attempt.offered);
    let mut versions: Vec<_> = attempts.iter().filter(accepted).map(|attempt| attempt.offered).collect();
    versions.sort_unstable();
    Some(versions.iter().map(ToString::to_string).collect())
}

/// Whether the version reached the server, so that what came of it is the server's answer.
fn was_put(attempt: &VersionAttempt) -> bool {
    match &attempt.step.outcome {
        Outcome::Seen(_) => true,
        // Silence is no refusal: the path may have been cut in between.
        Outcome::Failed(Failure::Interrupted | Failure::Local { .. } | Failure::TimedOut { .. })
        | Outcome::Skipped(_) => false,
        Outcome::Failed(_) => attempt.connect_ms.is_some(),
    }
}

fn name(challenge: &Challenge) -> Option<String> {
    challenge.dns_computer_name.clone().or_else(|| challenge.netbios_computer_name.clone())
}

fn domain(challenge: &Challenge) -> Option<String> {
    match challenge.membership {
        Membership::Workgroup => Some(String::new()),
        Membership::Domain | Membership::Unknown => {
            challenge.dns_domain_name.clone().or_else(|| challenge.netbios_domain_name.clone())
        }
    }
}
