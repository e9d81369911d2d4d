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
    let families = evidence.resolve.seen().into_iter().flat_map(|resolution| &resolution.families);
    let lacking = families
        .filter_map(|family| family.step.failure())
        .chain(evidence.routes.iter().flat_map(failures))
        .filter_map(of_this_machine);
    evidence.resolve.failure().and_then(of_resolve).into_iter().chain(lacking).min()
}

const fn of_this_machine(failure: &Failure) -> Option<Lack> {
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
        // What else is this machine's own will be the same next time, a crash of the probe above all.
        Failure::Local { .. } => of_this_machine(failure),
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::evidence::resolve::{FamilyOutcome, Record, Source};
    use crate::evidence::{Millis, Outcome, Resolution, Stage};
    use crate::target::Target;

    fn step<T>(outcome: Outcome<T>) -> Step<T> {
        Step { start_ms: Millis::ZERO, elapsed_ms: Millis::ZERO, outcome }
    }

    fn resolved(outcome: Outcome<Resolution>) -> Evidence {
        Evidence {
            target: Target::parse("vm.example").unwrap(),
            started_at: Timestamp::UNIX_EPOCH,
            elapsed_ms: Millis::ZERO,
            depth: Stage::Connect,
            interrupted: false,
            resolve: step(outcome),
            routes: Vec::new(),
            testimony: Vec::new(),
        }
    }

    fn local(what: LocalTrouble) -> Failure {
        Failure::Local { what, errno: None, detail: String::new() }
    }

    /// One family answered, the other did not for this.
    fn one_family(failure: Failure) -> Evidence {
        let family = |record, outcome| FamilyOutcome { record, step: step(outcome) };
        resolved(Outcome::Seen(Resolution {
            query_name: "vm.example".to_owned(),
            source: Source::Dns,
            cname_chain: Vec::new(),
            addresses: Vec::new(),
            families: vec![
                family(Record::Aaaa, Outcome::Failed(failure)),
                family(Record::A, Outcome::Seen(1)),
            ],
        }))
    }

    #[test]
    fn a_resolve_tells_whose_fault_it_was() {
        let of = |failure| lack(&resolved(Outcome::Failed(failure)));
        assert_eq!(of(local(LocalTrouble::TooManyFiles)), Some(Lack::Descriptors));
        assert_eq!(of(local(LocalTrouble::NoResources)), Some(Lack::Resources));
        assert_eq!(of(local(LocalTrouble::Other)), None, "a probe that crashed");
        assert_eq!(of(Failure::ResolverFailed { code: "SERVFAIL".to_owned() }), Some(Lack::Resolver));
        assert_eq!(of(Failure::NoSuchName { cname_chain: Vec::new() }), None);
    }

    #[test]
    fn half_a_resolution_counts_as_lacking_only_where_this_machine_lacked() {
        assert_eq!(lack(&one_family(local(LocalTrouble::TooManyFiles))), Some(Lack::Descriptors));
        let silent = Failure::TimedOut { after_ms: Millis::ZERO, bytes_read: 0 };
        assert_eq!(lack(&one_family(silent)), None);
    }
}
