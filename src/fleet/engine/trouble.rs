//! What this machine lacked: the one kind of failure that says nothing of the host.

use crate::evidence::failure::LocalTrouble;
use crate::evidence::{Evidence, Failure, Route, Step};

/// What this machine lacked for a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// File descriptors.
    Descriptors,
    /// Local ports, buffers or memory.
    Resources,
    /// A resolver that answers.
    Resolver,
}

impl Lack {
    /// In words, after "slowed down:".
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Descriptors => "this process has too few file descriptors",
            Self::Resources => "this machine has no more local ports or buffers",
            Self::Resolver => "the resolver fails or stays silent for many names",
        }
    }
}

/// What was lacking, if anything was.
#[must_use]
pub fn lack(evidence: &Evidence) -> Option<Lack> {
    evidence
        .resolve
        .failure()
        .and_then(of_resolve)
        .into_iter()
        .chain(evidence.routes.iter().flat_map(failures).filter_map(of_connection))
        .min()
}

const fn of_connection(failure: &Failure) -> Option<Lack> {
    match failure {
        Failure::Local { what: LocalTrouble::TooManyFiles, .. } => Some(Lack::Descriptors),
        Failure::Local { what: LocalTrouble::NoResources, .. } => Some(Lack::Resources),
        _ => None,
    }
}

/// Whether a name exists is the answer; everything else is no answer.
const fn of_resolve(failure: &Failure) -> Option<Lack> {
    match failure {
        Failure::NoSuchName { .. } | Failure::NoAddress { .. } | Failure::Interrupted => None,
        _ => Some(Lack::Resolver),
    }
}

/// Every failure of a route's steps.
fn failures(route: &Route) -> impl Iterator<Item = &Failure> {
    [
        route.connect.failure(),
        route.standard_security.failure(),
        route.handshake.failure(),
        route.credssp.failure(),
    ]
    .into_iter()
    .chain(route.negotiate.iter().map(|row| row.reply.failure()))
    .chain(route.tls_versions.iter().map(|attempt| Step::failure(&attempt.step)))
    .chain(route.control_ports.iter().map(|control| Step::failure(&control.step)))
    .flatten()
}
