//! The stage that a machine is in, in words: the same words for the same stage, from a name that does not exist to NLA.

use crate::diagnosis::{Diagnosis, Nla, Posture, StandardRdp, Tls};
use crate::evidence::failure::{LocalTrouble, Unreachable};
use crate::evidence::{Evidence, Failure, Outcome as Came, Route, Stage};
use crate::policy::{Judged, Outcome};
use crate::report::Report;

/// How many expectations are named before the rest is counted.
const NAMED: usize = 3;

/// The stages that a machine goes through on its way up, the furthest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reached {
    /// Somebody ended the probe before it knew.
    CutShort,
    /// This machine has no resolver that works.
    NoResolver,
    /// The resolver does not answer.
    ResolverSilent,
    /// The resolver answers with an error of its own.
    ResolverFails,
    /// NXDOMAIN.
    NoSuchName,
    /// The name exists without an address.
    NoAddress,
    /// This machine could not even try.
    OwnTrouble,
    /// This machine has no route to the address.
    NoRoute,
    /// A router or filter says that there is no way.
    Unreachable,
    /// Neither RDP's port nor another one of the address answers.
    HostSilent,
    /// RDP's port does not answer; of the others nothing is known.
    Silent,
    /// RDP's port does not answer, another one of the same address does.
    PortSilent,
    /// Something is there, and nothing listens.
    Refused,
    /// TCP connects; nothing more was asked.
    Connects,
    /// TCP connects, and what listens does not answer as RDP does.
    NoRdp,
    /// RDP answers and agrees to nothing.
    NothingAgreed,
    /// RDP answers and has no certificate for TLS.
    NoCertificate,
    /// Standard RDP security only.
    WithoutTls,
    /// TLS is selected and fails.
    TlsFails,
    /// TLS without NLA.
    WithoutNla,
    /// NLA is selected and fails.
    NlaFails,
    /// NLA, and other ways beside it.
    NlaOffered,
    /// NLA and nothing less.
    NlaRequired,
}

impl Reached {
    /// The stage in a few words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CutShort => "ended before it was known",
            Self::NoResolver => "no resolver",
            Self::ResolverSilent => "resolver silent",
            Self::ResolverFails => "resolver fails",
            Self::NoSuchName => "no such name",
            Self::NoAddress => "name without address",
            Self::OwnTrouble => "trouble on this machine",
            Self::NoRoute => "no route from here",
            Self::Unreachable => "unreachable",
            Self::HostSilent => "host silent",
            Self::Silent => "silent",
            Self::PortSilent => "port silent, host alive",
            Self::Refused => "refused",
            Self::Connects => "connects",
            Self::NoRdp => "connects, no RDP",
            Self::NothingAgreed => "RDP, nothing agreed",
            Self::NoCertificate => "RDP without a certificate",
            Self::WithoutTls => "RDP without TLS",
            Self::TlsFails => "RDP, TLS fails",
            Self::WithoutNla => "RDP with TLS, without NLA",
            Self::NlaFails => "RDP with TLS, NLA fails",
            Self::NlaOffered => "NLA offered",
            Self::NlaRequired => "NLA required",
        }
    }

    /// Whether the server speaks RDP, so that it makes sense to say what it lacks.
    #[must_use]
    pub fn answers(self) -> bool {
        self >= Self::NothingAgreed
    }
}

/// The stage as a person waiting reads it: how far the machine is, and what an answering one still lacks.
#[must_use]
pub fn words(report: &Report, expectations: &[Judged]) -> String {
    let routes = routes(report);
    let furthest = reached(report);
    let mut words = furthest.words().to_owned();
    if routes.iter().any(|route| *route != furthest) {
        words.push_str(", not on every address");
    }
    if !furthest.answers() {
        return words;
    }
    let lacking: Vec<&str> = expectations
        .iter()
        .filter(|judged| judged.outcome > Outcome::Warning)
        .map(|judged| judged.expectation.as_str())
        .collect();
    if lacking.is_empty() {
        return words + ", as expected";
    }
    let named = lacking.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = lacking.len().saturating_sub(NAMED);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{words}, not yet {named}{tail}")
}

/// How far the furthest route of a target is.
#[must_use]
pub fn reached(report: &Report) -> Reached {
    routes(report).into_iter().max().unwrap_or_else(|| without_routes(&report.evidence))
}

fn routes(report: &Report) -> Vec<Reached> {
    let depth = report.evidence.depth;
    report.evidence.routes.iter().map(|route| of_route(route, depth, &report.diagnosis)).collect()
}

fn without_routes(evidence: &Evidence) -> Reached {
    match evidence.resolve.failure() {
        Some(Failure::NoSuchName { .. }) => Reached::NoSuchName,
        Some(Failure::NoAddress { .. }) => Reached::NoAddress,
        Some(Failure::NoResolver { .. }) => Reached::NoResolver,
        Some(Failure::TimedOut { .. }) => Reached::ResolverSilent,
        Some(Failure::Interrupted) => Reached::CutShort,
        Some(_) => Reached::ResolverFails,
        // The name has addresses, and none was asked for or of the family asked for.
        None => Reached::NoAddress,
    }
}

fn of_route(route: &Route, depth: Stage, diagnosis: &Diagnosis) -> Reached {
    match &route.connect.outcome {
        Came::Failed(failure) => return not_connected(failure, route, diagnosis),
        Came::Skipped(_) => return Reached::CutShort,
        Came::Seen(_) if depth <= Stage::Connect => return Reached::Connects,
        Came::Seen(_) => {}
    }
    if !route.negotiate.iter().any(|row| row.reply.seen().is_some()) {
        let cut = route.negotiate.iter().any(|row| row.reply.failure() == Some(&Failure::Interrupted));
        return if cut { Reached::CutShort } else { Reached::NoRdp };
    }
    match diagnosis.posture.iter().find(|posture| posture.address == route.address) {
        Some(posture) => secured(route, posture, diagnosis),
        None => Reached::NothingAgreed,
    }
}

fn not_connected(failure: &Failure, route: &Route, diagnosis: &Diagnosis) -> Reached {
    match failure {
        Failure::Interrupted => Reached::CutShort,
        Failure::Local { what: LocalTrouble::NoRoute, .. } => Reached::NoRoute,
        Failure::Local { .. } => Reached::OwnTrouble,
        Failure::TimedOut { .. } if observed(diagnosis, "host.alive-other-port", route) => {
            Reached::PortSilent
        }
        Failure::TimedOut { .. } if observed(diagnosis, "host.all-ports-silent", route) => {
            Reached::HostSilent
        }
        Failure::TimedOut { .. } => Reached::Silent,
        Failure::Unreachable { what: Unreachable::Port, .. } => Reached::Refused,
        Failure::Unreachable { .. } => Reached::Unreachable,
        // Only a refusal is left that ends a connect: somebody is there and does not listen.
        _ => Reached::Refused,
    }
}

/// How far a server that answers as RDP does goes in securing the connection.
fn secured(route: &Route, posture: &Posture, diagnosis: &Diagnosis) -> Reached {
    match posture.tls {
        Tls::Offered => over_tls(route, posture, diagnosis),
        Tls::Broken => Reached::NoCertificate,
        Tls::NotOffered | Tls::Unknown => match posture.standard_rdp {
            StandardRdp::Only | StandardRdp::Allowed => Reached::WithoutTls,
            StandardRdp::Refused | StandardRdp::Unknown => Reached::NothingAgreed,
        },
    }
}

fn over_tls(route: &Route, posture: &Posture, diagnosis: &Diagnosis) -> Reached {
    let flight = route.tls_versions.iter().any(|attempt| attempt.step.seen().is_some());
    if route.handshake.failure().is_some() && !flight {
        return Reached::TlsFails;
    }
    // A server that takes CredSSP and not NTLM is up all the same.
    let failed = route.credssp.failure().is_some() && !observed(diagnosis, "nla.no-ntlm", route);
    match posture.nla {
        Nla::Required | Nla::Offered | Nla::Selected if failed => Reached::NlaFails,
        Nla::Required => Reached::NlaRequired,
        Nla::Offered | Nla::Selected => Reached::NlaOffered,
        Nla::NotOffered | Nla::Unknown => Reached::WithoutNla,
    }
}

fn observed(diagnosis: &Diagnosis, id: &str, route: &Route) -> bool {
    diagnosis.observations.iter().any(|seen| seen.id == id && seen.address == Some(route.address))
}
