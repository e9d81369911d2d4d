//! dns.*: what the resolver said, and what kind of address it gave.

use super::{Notes, duration};
use crate::evidence::resolve::{Record, Scope, Source};
use crate::evidence::{Evidence, Failure, Outcome, Resolution};

pub(super) fn observe(evidence: &Evidence, notes: &mut Notes) {
    match &evidence.resolve.outcome {
        Outcome::Seen(resolution) => seen(resolution, notes),
        Outcome::Failed(failure) => failed(&evidence.target.input, failure, notes),
        Outcome::Skipped(_) => {}
    }
    if let Some(route) = evidence.routes.iter().find(|route| route.scope == Scope::Special) {
        notes.add("dns.special", format!("{} is an address where no machine can be", route.address.ip()));
    }
    let named = evidence.resolve.seen().is_some_and(|resolution| resolution.source != Source::Literal);
    if named && let Some(route) = evidence.routes.iter().find(|route| route.scope == Scope::Private) {
        notes.add("dns.private", format!("{} is a private address", route.address.ip()));
    }
}

fn seen(resolution: &Resolution, notes: &mut Notes) {
    if resolution.source == Source::Literal {
        return;
    }
    let addresses: Vec<String> = resolution.addresses.iter().map(|entry| entry.address.to_string()).collect();
    notes.add("dns.ok", format!("{} is {}", resolution.query_name, addresses.join(", ")));
    if resolution.source == Source::HostsFile {
        notes.add("dns.hosts-file", format!("{} comes from the hosts file", resolution.query_name));
    }
    for family in &resolution.families {
        let record = match family.record {
            Record::A => "A",
            Record::Aaaa => "AAAA",
        };
        if let Some(Failure::TimedOut { after_ms, .. }) = family.step.failure() {
            let fact = format!("the {record} query got no answer for {}", duration(*after_ms));
            notes.add("dns.family-silent", fact);
        }
    }
}

fn failed(name: &str, failure: &Failure, notes: &mut Notes) {
    match failure {
        Failure::NoSuchName { cname_chain } => notes.add(
            "dns.nxdomain",
            match cname_chain.last() {
                Some(alias) => {
                    format!("{name} is an alias of {}, which does not exist, says the resolver", alias.target)
                }
                // Windows clients look further for a name without a dot than the DNS does.
                None if !name.contains('.') => format!(
                    "the resolver says that {name} does not exist; LLMNR and NetBIOS, which may know a short name, were \
                     not asked"
                ),
                None => format!("the resolver says that {name} does not exist"),
            },
        ),
        Failure::NoAddress { .. } => notes.add("dns.nodata", format!("{name} exists but has no address")),
        Failure::TimedOut { after_ms, .. } => {
            notes.add("dns.timeout", format!("the resolver did not answer for {}", duration(*after_ms)));
        }
        Failure::ResolverFailed { code } => {
            notes.add("dns.servfail", format!("the resolver answered {code}"));
        }
        Failure::NoResolver { detail } => {
            notes.add("dns.no-resolver", format!("no resolver works: {detail}"));
        }
        Failure::Local { detail, .. } => {
            notes.add("dns.no-resolver", format!("this machine could not ask a resolver: {detail}"));
        }
        Failure::Interrupted => notes.add("probe.interrupted", "the probe was ended while resolving"),
        // What is left are answers that no resolver should give.
        _ => notes.add("dns.servfail", "the resolver's answer was of no use"),
    }
}
