//! Why: from what was seen to the documented causes, and what to run next. Pure.

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

use crate::evidence::{Evidence, Route, Stage};

// The negotiation matrix read as a whole.
pub(crate) mod matrix;

// Evidence -> observation ids, each with the fact that proves it.
pub mod observation;

// Which security the server offers, in words.
pub mod posture;

// The answer to the one question, and the stage that failed.
mod verdict;

pub use verdict::last_stage;

// What the user's client displayed, as testimony.
pub mod says;

// One file per documented cause.
pub mod catalogue;

// What is done to a machine whatever the cause: snapshot, reset, restart, redeploy.
pub mod procedure;

// A code, an event, a name, a message -> what it means and the causes that go with it.
pub mod lookup;

// What Azure says of a machine -> testimony.
pub mod azure;

// What Windows tools print inside the guest -> testimony.
pub mod guest;

// Observations x catalogue -> ranked findings.
pub mod rank;

// The order of fixes for a report.
pub mod repair;

// What a good handshake cannot rule out.
pub mod open;

/// What the evidence means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Diagnosis {
    /// The answer to the one question.
    pub verdict: Verdict,
    /// The answer in one clause.
    pub summary: String,
    /// The first stage that failed, on the worst route.
    pub failing_stage: Option<Stage>,
    /// Which security the server offers, one entry a route.
    pub posture: Vec<Posture>,
    /// What was observed, by stable id, each with the fact that proves it.
    pub observations: Vec<Observation>,
    /// The causes that explain it, best first.
    pub findings: Vec<Finding>,
    /// What to run, in the order to try it: the gentlest first, a snapshot before any repair in the guest.
    #[serde(default)]
    pub repairs: Vec<Repair>,
    /// What a good handshake cannot rule out, as questions; empty when something failed.
    pub still_open: Vec<String>,
}

/// Can it be reached by Remote Desktop?
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// RDP negotiated and its security layer answered on every route.
    Reachable,
    /// Some routes do and some do not.
    PartlyReachable,
    /// No route does.
    NotReachable,
    /// This machine's own network, resolver or limits forbid a verdict, or the user ended the probe.
    Undecided,
    /// Everything that `--only` asked for went well; RDP as a whole was not tested.
    StagePassed,
}

/// Which security the server offers at one address, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Posture {
    /// Which address.
    pub address: SocketAddr,
    /// NLA (CredSSP).
    pub nla: Nla,
    /// TLS.
    pub tls: Tls,
    /// Standard RDP security.
    pub standard_rdp: StandardRdp,
    /// Whether the server negotiates at all; null if no row told.
    pub negotiates: Option<bool>,
}

/// Whether NLA is required, offered or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Nla {
    /// A request for TLS alone was refused with HYBRID_REQUIRED_BY_SERVER.
    Required,
    /// Selected when offered, not demanded.
    Offered,
    /// Selected when offered; nobody asked without it, so that it may be demanded.
    Selected,
    /// Offered by us, not selected.
    NotOffered,
    /// No row decided it.
    Unknown,
}

/// Whether TLS is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// The server selects a protocol over TLS.
    Offered,
    /// It selects none, or refuses with SSL_NOT_ALLOWED_BY_SERVER.
    NotOffered,
    /// It wants to and cannot: SSL_CERT_NOT_ON_SERVER.
    Broken,
    /// No row decided it.
    Unknown,
}

/// Whether standard RDP security is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandardRdp {
    /// Nothing else is.
    Only,
    /// Beside others: a man in the middle can force it.
    Allowed,
    /// Refused.
    Refused,
    /// No row decided it.
    Unknown,
}

/// Something seen, by a stable id, with the fact that proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Observation {
    /// `tcp.timeout`, `x224.negfail.5`, `cert.expired`, ...
    pub id: String,
    /// On which route; null when it holds for the whole target.
    pub address: Option<SocketAddr>,
    /// The fact that proves it, one clause.
    pub fact: String,
}

/// One cause that explains what was observed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Finding {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// Its title.
    pub title: String,
    /// How sure it is.
    pub standing: Standing,
    /// How sure the link between cause and signature is.
    pub confidence: Confidence,
    /// The observations that speak for it.
    pub evidence_for: Vec<String>,
    /// The observations that speak against it, though they do not rule it out.
    pub evidence_against: Vec<String>,
    /// Causes that look the same from here.
    pub twins: Vec<String>,
    /// The one cheapest check that would tell it from its twins.
    pub next_check: Option<String>,
    /// The first fix: what to run, on which channel.
    pub fix: Option<Fix>,
    /// The vendor's pages.
    pub docs: Vec<String>,
}

/// Commands that mend a cause, on one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Fix {
    /// `serial-console-cmd`, `serial-console-powershell`, `portal`, `az-cli`, `az-powershell`, `offline-disk`;
    /// `client` is the machine that rdprobe runs on, `server` one that is not Windows.
    pub channel: String,
    /// The commands, in order.
    pub commands: Vec<String>,
    /// What they cost, where they lower security or interrupt users.
    pub warning: Option<String>,
}

/// One step of the order of fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Repair {
    /// The cause or the procedure that it belongs to: `rdprobe explain` tells more of it.
    pub explain: String,
    /// Its title.
    pub title: String,
    /// Where to run the commands, as in [`Fix::channel`].
    pub channel: String,
    /// What running them does to the machine and its users.
    pub impact: catalogue::Impact,
    /// The commands, in order.
    pub commands: Vec<String>,
    /// What they cost, where they lower security or interrupt users.
    pub warning: Option<String>,
    /// What to see when it has worked.
    pub expect: Option<String>,
    /// What to do next, to learn whether it helped.
    pub then: String,
}

/// How sure a finding is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Proved by the server's own word or by the guest's.
    Confirmed,
    /// The only one left that explains what was seen.
    Likely,
    /// Shares its signature with its twins.
    Possible,
}

/// How sure the link between a cause and its signature is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A vendor text or a specification says so.
    Documented,
    /// Seen in a capture or a concrete report.
    Observed,
    /// Follows from how the layers work.
    Inferred,
}

/// Judges the evidence.
#[must_use]
pub fn diagnose(evidence: &Evidence) -> Diagnosis {
    let observations = observation::observe(evidence);
    let judgement = verdict::judge(evidence, &observations);
    let still_open = match judgement.verdict {
        Verdict::Reachable => open::still_open(evidence),
        _ => Vec::new(),
    };
    let findings = rank::rank(&observations, answers(judgement.verdict));
    Diagnosis {
        verdict: judgement.verdict,
        summary: with_the_guests_word(judgement.summary, &findings),
        failing_stage: judgement.failing_stage,
        posture: evidence.routes.iter().filter(|it| !it.negotiate.is_empty()).map(posture::posture).collect(),
        repairs: repair::order(&findings),
        findings,
        observations,
        still_open,
    }
}

/// Whether everything that was asked for went well at one address.
#[must_use]
pub fn went_well(route: &Route, depth: Stage) -> bool {
    matches!(verdict::state(route, depth), verdict::State::Reachable | verdict::State::Passed)
}

/// Whether Remote Desktop answers on some route, as far as was asked.
const fn answers(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Reachable | Verdict::PartlyReachable | Verdict::StagePassed => true,
        Verdict::NotReachable | Verdict::Undecided => false,
    }
}

/// What the guest proves goes into the one clause that everybody reads.
fn with_the_guests_word(summary: String, findings: &[Finding]) -> String {
    let proved = findings.iter().find(|finding| {
        finding.standing == Standing::Confirmed
            && finding.evidence_for.iter().any(|id| observation::is_told(id))
    });
    match proved {
        Some(finding) => format!("{summary}; the guest confirms: {}", finding.title),
        None => summary,
    }
}
