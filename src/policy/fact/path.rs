//! Addresses, times, and whether RDP answers.

use std::net::IpAddr;

use super::{Fact, Reading, Span, duration, fact, unseen};
use crate::diagnosis::{Diagnosis, Verdict};
use crate::evidence::resolve::Record;
use crate::evidence::{Because, Evidence, Failure, Millis, Outcome, Resolution, Route, Stage};

/// The verdict decides; where only some stages were asked for, RDP as a whole was not tried.
pub(in crate::policy) fn reachable(_: &Evidence, diagnosis: &Diagnosis) -> Reading<bool> {
    let summary = diagnosis.summary.clone();
    match diagnosis.verdict {
        Verdict::Reachable => fact(true, summary),
        Verdict::PartlyReachable | Verdict::NotReachable => fact(false, summary),
        Verdict::Undecided | Verdict::StagePassed => Err(summary),
    }
}

pub(in crate::policy) fn addresses(evidence: &Evidence, _: &Diagnosis) -> Reading<Span<u32>> {
    let addresses = addresses_of(evidence)?;
    let count = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let unanswered = evidence.resolve.seen().and_then(|resolution| {
        [Record::A, Record::Aaaa].into_iter().find(|record| answered(resolution, *record) == Some(false))
    });
    let text = match count {
        0 => "no address".to_owned(),
        1 => "one address".to_owned(),
        _ => format!("{count} addresses"),
    };
    match unanswered {
        None => fact(Span::exactly(count), text),
        Some(record) => fact(
            Span { least: count, most: u32::MAX },
            format!("{text}, and {} records were asked for in vain", record_name(record)),
        ),
    }
}

pub(in crate::policy) fn ipv4(evidence: &Evidence, _: &Diagnosis) -> Reading<bool> {
    family(evidence, Record::A, IpAddr::is_ipv4)
}

pub(in crate::policy) fn ipv6(evidence: &Evidence, _: &Diagnosis) -> Reading<bool> {
    family(evidence, Record::Aaaa, IpAddr::is_ipv6)
}

fn family(evidence: &Evidence, record: Record, is_of_it: fn(&IpAddr) -> bool) -> Reading<bool> {
    let addresses = addresses_of(evidence)?;
    if let Some(address) = addresses.iter().find(|address| is_of_it(address)) {
        return fact(true, format!("{address} is one"));
    }
    let name = record_name(record);
    match evidence.resolve.seen().map(|resolution| answered(resolution, record)) {
        Some(None) => Err(format!("no {name} records were asked for")),
        Some(Some(false)) => Err(format!("{name} records were asked for in vain")),
        Some(Some(true)) => fact(false, format!("there are no {name} records")),
        None => fact(false, "no address of the target is one"),
    }
}

/// The addresses of the target; none where the resolver said so.
fn addresses_of(evidence: &Evidence) -> Result<Vec<IpAddr>, String> {
    match &evidence.resolve.outcome {
        Outcome::Seen(resolution) => Ok(resolution.addresses.iter().map(|it| it.address).collect()),
        Outcome::Failed(Failure::NoSuchName { .. } | Failure::NoAddress { .. }) => Ok(Vec::new()),
        Outcome::Skipped(Because::AddressGiven) => {
            Ok(evidence.routes.iter().map(|route| route.address.ip()).collect())
        }
        Outcome::Failed(_) | Outcome::Skipped(_) => Err(unseen(&evidence.resolve, Stage::Resolve)),
    }
}

/// Whether the resolver answered for a family, with addresses or with the word that there are none; null if it was not
/// asked.
fn answered(resolution: &Resolution, record: Record) -> Option<bool> {
    let family = resolution.families.iter().find(|family| family.record == record)?;
    Some(matches!(
        family.step.outcome,
        Outcome::Seen(_) | Outcome::Failed(Failure::NoAddress { .. } | Failure::NoSuchName { .. })
    ))
}

const fn record_name(record: Record) -> &'static str {
    match record {
        Record::A => "A",
        Record::Aaaa => "AAAA",
    }
}

pub(in crate::policy) fn connect(route: &Route, _: &Evidence) -> Reading<Span<f64>> {
    match route.connect.seen() {
        Some(_) => Ok(seconds(route.connect.elapsed_ms, "the connection came about in")),
        None => Err(unseen(&route.connect, Stage::Connect)),
    }
}

pub(in crate::policy) fn rtt(route: &Route, _: &Evidence) -> Reading<Span<f64>> {
    let Some(connected) = route.connect.seen() else { return Err(unseen(&route.connect, Stage::Connect)) };
    match connected.rtt_ms {
        Some(rtt) => Ok(seconds(rtt, "the round trip takes")),
        None => Err("this system does not tell the round-trip time".to_owned()),
    }
}

fn seconds(time: Millis, lead: &str) -> Fact<Span<f64>> {
    let seconds = time.0 / 1000.0;
    Fact { value: Span::exactly(seconds), text: format!("{lead} {}", duration(seconds)) }
}
