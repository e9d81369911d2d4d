//! Name to addresses: the hosts file, the search domains and the DNS, each answer told apart.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::proto::rr::{Name, RecordType};
use tokio::time::Instant;

use super::Plan;
use super::connect::failure::of_local_error;
use super::plan::Families;
use crate::evidence::failure::LocalTrouble;
use crate::evidence::resolve::{Cname, FamilyOutcome, Record, ResolvedAddress, Source};
use crate::evidence::{Failure, Millis, Outcome, Resolution, Step};
use crate::target::Host;

// What kind of address it is.
mod scope;

// Whom to ask and under which names: resolv.conf, the registry, the hosts file, or the resolver the user names.
mod setup;

// One question to one family: the servers raced, the answer read.
mod query;

// What a response says of a name.
pub mod answer;

// UDP sockets that hear when the resolver's port is closed.
mod transport;

pub use scope::scope;

use answer::Answer;
pub use setup::Setup;

/// How much longer a silent family is waited for once the other has given addresses.
const GRACE: Duration = Duration::from_millis(1500);

/// Resolves a host: a literal address at once, a name through the hosts file and the DNS.
///
/// The plan's resolve timeout applies inside, so that each family has an outcome of its own: one that stays silent
/// while the other answers costs 1.5 seconds and is told as timed out. Times count from the start of the resolve.
pub async fn resolve(host: &Host, plan: &Plan) -> Outcome<Resolution> {
    resolve_with(host, plan, None).await
}

/// As [`resolve`], with a setup that was read before, for many hosts.
pub(super) async fn resolve_with(host: &Host, plan: &Plan, setup: Option<&Setup>) -> Outcome<Resolution> {
    match (host, setup) {
        (Host::Address(address), _) => literal(*address, plan.families),
        (Host::Name(name), Some(setup)) => named(name, plan, setup).await,
        (Host::Name(name), None) => match Setup::read(plan.resolver) {
            Ok(setup) => named(name, plan, &setup).await,
            Err(lack) => Outcome::Failed(lack),
        },
    }
}

/// What this machine lacked, where the error says that and nothing of a resolver.
fn lack(error: &io::Error, about: &str) -> Option<Failure> {
    match of_local_error(error, Some(about.to_owned())) {
        lack @ Failure::Local { what: LocalTrouble::TooManyFiles | LocalTrouble::NoResources, .. } => {
            Some(lack)
        }
        _ => None,
    }
}

fn literal(address: IpAddr, families: Families) -> Outcome<Resolution> {
    if !families.admits(address) {
        return Outcome::Failed(Failure::NoAddress { cname_chain: Vec::new() });
    }
    Outcome::Seen(Resolution {
        query_name: address.to_string(),
        source: Source::Literal,
        cname_chain: Vec::new(),
        addresses: vec![ResolvedAddress { address, ttl_s: None, scope: scope(address) }],
        families: Vec::new(),
    })
}

/// The name as given, or with the search domains: in glibc's order, and ending where glibc ends.
async fn named(name: &str, plan: &Plan, setup: &Setup) -> Outcome<Resolution> {
    if let Some(resolution) = setup.static_answer(name, plan.families) {
        return Outcome::Seen(resolution);
    }
    let servers = match &setup.servers {
        Ok(servers) => servers,
        Err(detail) => return Outcome::Failed(Failure::NoResolver { detail: detail.clone() }),
    };
    let deadline = Instant::now() + plan.timeouts.resolve;
    let candidates = setup.candidates(name);
    let unasked = || Failure::Local {
        what: LocalTrouble::Other,
        errno: None,
        detail: format!("bug: no resolver can be asked for this name: {name}"),
    };
    let given_first = candidates.first().is_some_and(|candidate| candidate.as_given);
    let mut verdict: Option<Failure> = None;
    for candidate in candidates {
        let families = both_families(&candidate.name, plan.families, servers, deadline).await;
        let failure = match gather(&candidate.name, families) {
            Ok(resolution) => return Outcome::Seen(resolution),
            Err(failure) => failure,
        };
        if ends_the_search(&failure) {
            return Outcome::Failed(failure);
        }
        verdict = Some(match verdict {
            // What the name as the user wrote it gave says more than what the search domains made of it.
            Some(earlier) if given_first || !matches!(earlier, Failure::NoSuchName { .. }) => earlier,
            _ => failure,
        });
    }
    // What nobody was asked for may well exist.
    Outcome::Failed(verdict.unwrap_or_else(unasked))
}

/// Silence, a refusal or no resolver at all would meet the next name as well.
fn ends_the_search(failure: &Failure) -> bool {
    match failure {
        Failure::NoSuchName { .. } | Failure::NoAddress { .. } => false,
        Failure::ResolverFailed { code } => code != query::SERVFAIL,
        _ => true,
    }
}

/// One family's question: which record, how long it took, and what came.
struct Asked {
    record: Record,
    elapsed: Duration,
    answer: Result<Answer, Failure>,
}

/// Asks both families side by side; once one has addresses, the other has [`GRACE`] left.
async fn both_families(
    name: &Name,
    families: Families,
    servers: &[SocketAddr],
    deadline: Instant,
) -> Vec<Asked> {
    let ask = |record: Record, until: Instant| async move {
        let began = Instant::now();
        let kind = match record {
            Record::A => RecordType::A,
            Record::Aaaa => RecordType::AAAA,
        };
        let answer = query::ask(name, kind, servers, until).await;
        Asked { record, elapsed: began.elapsed(), answer }
    };
    match families {
        Families::V4 => return vec![ask(Record::A, deadline).await],
        Families::V6 => return vec![ask(Record::Aaaa, deadline).await],
        Families::Any => {}
    }
    let began = Instant::now();
    let v6 = ask(Record::Aaaa, deadline);
    let v4 = ask(Record::A, deadline);
    tokio::pin!(v6, v4);
    tokio::select! {
        first = &mut v6 => {
            let until = grace(&first, deadline);
            let second = or_silent(Record::A, began, until, &mut v4).await;
            vec![first, second]
        }
        first = &mut v4 => {
            let until = grace(&first, deadline);
            let second = or_silent(Record::Aaaa, began, until, &mut v6).await;
            vec![second, first]
        }
    }
}

fn grace(first: &Asked, deadline: Instant) -> Instant {
    match &first.answer {
        Ok(answer) if !answer.addresses.is_empty() => deadline.min(Instant::now() + GRACE),
        _ => deadline,
    }
}

async fn or_silent(
    record: Record,
    began: Instant,
    until: Instant,
    ask: impl Future<Output = Asked>,
) -> Asked {
    tokio::time::timeout_at(until, ask).await.unwrap_or_else(|_| {
        let elapsed = began.elapsed();
        Asked { record, elapsed, answer: Err(Failure::TimedOut { after_ms: elapsed.into(), bytes_read: 0 }) }
    })
}

/// Both families in one resolution, or the one failure that says most about the name.
fn gather(name: &Name, families: Vec<Asked>) -> Result<Resolution, Failure> {
    let mut addresses: Vec<ResolvedAddress> = Vec::new();
    let mut cname_chain: Vec<Cname> = Vec::new();
    let mut outcomes = Vec::new();
    for Asked { record, elapsed, answer } in families {
        let outcome = match answer {
            Ok(Answer { addresses, cname_chain, .. }) if addresses.is_empty() => {
                Outcome::Failed(Failure::NoAddress { cname_chain })
            }
            Ok(answer) => {
                if cname_chain.is_empty() {
                    cname_chain = answer.cname_chain;
                }
                let before = addresses.len();
                for address in answer.addresses {
                    if addresses.iter().all(|known| known.address != address.address) {
                        addresses.push(address);
                    }
                }
                let count = u32::try_from(addresses.len().saturating_sub(before)).unwrap_or(u32::MAX);
                Outcome::Seen(count.saturating_add(answer.left_out))
            }
            Err(failure) => Outcome::Failed(failure),
        };
        let step = Step { start_ms: Millis::ZERO, elapsed_ms: elapsed.into(), outcome };
        outcomes.push(FamilyOutcome { record, step });
    }
    if addresses.is_empty() {
        return Err(outcomes
            .into_iter()
            .filter_map(|family| family.step.failure().cloned())
            .max_by_key(weight)
            .unwrap_or(Failure::NoAddress { cname_chain: Vec::new() }));
    }
    Ok(Resolution {
        query_name: answer::shown(name),
        source: Source::Dns,
        cname_chain,
        addresses,
        families: outcomes,
    })
}

/// NXDOMAIN is about the name, whichever record was asked for; "no such record" is what is left when nothing failed.
const fn weight(failure: &Failure) -> u8 {
    match failure {
        Failure::NoSuchName { .. } => 5,
        // Asked again, the other answers may be others.
        Failure::Local { .. } => 4,
        Failure::ResolverFailed { .. } => 3,
        Failure::TimedOut { .. } => 2,
        Failure::NoAddress { .. } => 0,
        _ => 1,
    }
}
