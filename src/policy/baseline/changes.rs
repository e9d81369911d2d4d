//! Two baselines to what differs between them, each difference once.
//!
//! Only what both saw is compared: a host that is down has changed its verdict, not lost its certificate.

use std::collections::BTreeSet;

use super::{Baseline, KeptCertificate, Shown};
use crate::diagnosis::{Nla, StandardRdp, Tls, Verdict};
use crate::policy::Change;

/// What can change, by the names that `--ignore` takes: the verdict, the addresses, and every row of the table of facets.
pub const NAMES: [&str; 12] = [
    "verdict",
    "address",
    "protocol",
    "nla",
    "tls",
    "standard",
    "thumbprint",
    "issuer",
    "name",
    "domain",
    "build",
    "credssp",
];

/// Something that an address shows, in words; `None` if it was not seen.
type Facet = (&'static str, fn(&Shown) -> Option<String>);

/// What is compared address by address.
const FACETS: [Facet; 10] = [
    ("protocol", |shown| shown.protocol.clone()),
    ("nla", |shown| shown.nla.and_then(nla_word)),
    ("tls", tls_text),
    ("standard", |shown| shown.standard.and_then(standard_word)),
    ("thumbprint", |shown| shown.certificate.as_ref().map(thumbprint_text)),
    ("issuer", |shown| shown.certificate.as_ref().map(|certificate| certificate.issuer.clone())),
    ("name", |shown| shown.name.clone()),
    ("domain", |shown| shown.domain.as_deref().map(domain_text)),
    ("build", |shown| shown.build.clone()),
    ("credssp", |shown| shown.credssp.map(|version| format!("TSRequest version {version}"))),
];

/// What changed, in the order of [`NAMES`]. What the user asked to ignore is there too, and marked.
#[must_use]
pub fn changes(before: &Baseline, after: &Baseline, ignore: &[String]) -> Vec<Change> {
    let facets = FACETS.iter().filter_map(|facet| facet_change(before, after, facet));
    let mut changes: Vec<Change> = verdict_change(before.verdict, after.verdict)
        .into_iter()
        .chain(address_change(before, after))
        .chain(facets)
        .collect();
    for change in &mut changes {
        change.ignored = ignore.contains(&change.what);
    }
    changes
}

fn verdict_change(before: Verdict, after: Verdict) -> Option<Change> {
    // Where one probe was told to stop early and did well, that is no word against the server.
    let good = [Verdict::Reachable, Verdict::StagePassed];
    let same = before == after || (good.contains(&before) && good.contains(&after));
    (!same).then(|| change("verdict", Some(verdict_word(before)), Some(verdict_word(after))))
}

/// A name that did not resolve has not lost its addresses: the verdict tells.
fn address_change(before: &Baseline, after: &Baseline) -> Option<Change> {
    let (was, now) = (addresses(before), addresses(after));
    let compared = !was.is_empty() && !now.is_empty();
    (compared && was != now).then(|| change("address", joined(&was), joined(&now)))
}

fn addresses(baseline: &Baseline) -> BTreeSet<String> {
    baseline.addresses.keys().map(ToString::to_string).collect()
}

/// An address is held against itself; a new one against everything known, which it may well repeat.
/// One that is gone is a change of address only.
fn facet_change(before: &Baseline, after: &Baseline, (what, of): &Facet) -> Option<Change> {
    let known: BTreeSet<String> = before.addresses.values().filter_map(of).collect();
    let moved = !after.addresses.keys().any(|address| before.addresses.contains_key(address));
    let (mut was, mut now) = (BTreeSet::new(), BTreeSet::new());
    for (address, shown) in &after.addresses {
        let Some(value) = of(shown) else { continue };
        match before.addresses.get(address).map(of) {
            Some(Some(earlier)) if earlier != value => {
                was.insert(earlier);
                now.insert(value);
            }
            None if !known.is_empty() && !known.contains(&value) => {
                if moved {
                    was.extend(known.iter().cloned());
                }
                now.insert(value);
            }
            Some(Some(_) | None) | None => {}
        }
    }
    (was != now).then(|| change(what, joined(&was), joined(&now)))
}

fn change(what: &str, before: Option<String>, after: Option<String>) -> Change {
    Change { what: what.to_owned(), before, after, ignored: false }
}

fn joined(values: &BTreeSet<String>) -> Option<String> {
    (!values.is_empty()).then(|| values.iter().map(String::as_str).collect::<Vec<_>>().join("; "))
}

fn verdict_word(verdict: Verdict) -> String {
    match verdict {
        Verdict::Reachable => "reachable",
        Verdict::PartlyReachable => "partly reachable",
        Verdict::NotReachable => "not reachable",
        Verdict::Undecided => "undecided",
        Verdict::StagePassed => "every stage asked for passed",
    }
    .to_owned()
}

fn nla_word(nla: Nla) -> Option<String> {
    match nla {
        Nla::Required => Some("required".to_owned()),
        Nla::Offered => Some("optional".to_owned()),
        Nla::NotOffered => Some("not offered".to_owned()),
        // That it is taken is not all that a whole probe knows: nothing to hold against each other.
        Nla::Selected | Nla::Unknown => None,
    }
}

fn standard_word(standard: StandardRdp) -> Option<String> {
    match standard {
        StandardRdp::Only => Some("nothing else is taken".to_owned()),
        StandardRdp::Allowed => Some("allowed".to_owned()),
        StandardRdp::Refused => Some("refused".to_owned()),
        StandardRdp::Unknown => None,
    }
}

fn tls_text(shown: &Shown) -> Option<String> {
    match shown.tls {
        Some(Tls::NotOffered) => Some("not offered".to_owned()),
        Some(Tls::Broken) => Some("broken: the server has no certificate that it can use".to_owned()),
        Some(Tls::Offered | Tls::Unknown) | None => {
            let versions = shown.tls_versions.as_ref()?;
            Some(if versions.is_empty() { "no version accepted".to_owned() } else { versions.join(", ") })
        }
    }
}

fn thumbprint_text(certificate: &KeptCertificate) -> String {
    let KeptCertificate { thumbprint_sha1, thumbprint_sha256, not_after, .. } = certificate;
    let until = not_after.strftime("%Y-%m-%d");
    format!("{thumbprint_sha1} (SHA-256 {thumbprint_sha256}) until {until}")
}

fn domain_text(domain: &str) -> String {
    if domain.is_empty() { "none".to_owned() } else { domain.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_table() {
        let table: Vec<&str> = FACETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(NAMES[..2], ["verdict", "address"]);
        assert_eq!(NAMES[2..], table);
    }
}
