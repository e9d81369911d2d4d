//! cert.*: the leaf certificate.

use super::Notes;
use crate::evidence::certificate::{NameMatch, Validity};
use crate::evidence::{Certificate, Failure, Outcome, Route};

pub(super) fn observe(route: &Route, notes: &mut Notes) {
    match &route.certificate.outcome {
        Outcome::Seen(certificate) => seen(certificate, notes),
        Outcome::Failed(Failure::Malformed { detail, .. }) => notes.add("cert.broken", detail.clone()),
        Outcome::Failed(_) | Outcome::Skipped(_) => {}
    }
}

fn seen(certificate: &Certificate, notes: &mut Notes) {
    match certificate.validity {
        Validity::Expired => {
            let ago = certificate.ended_ago();
            notes.add("cert.expired", format!("it expired on {}, {ago}", certificate.not_after));
        }
        Validity::NotYetValid => {
            notes.add("cert.notyet", format!("it becomes valid on {}", certificate.not_before));
        }
        Validity::Valid => {}
    }
    if certificate.self_signature == Some(false) && certificate.self_issued {
        notes.add("cert.broken", "it is self-issued, and its own key does not verify its signature");
    }
    if !certificate.server_authentication {
        let usages = certificate.extended_key_usages.join(", ");
        notes.add("cert.no-eku", format!("its extended key usages are {usages}, none of them for a server"));
    }
    if !certificate.weaknesses.is_empty() {
        let bits = certificate.key_bits.map_or_else(String::new, |bits| format!(" {bits} bits"));
        let fact = format!("{}{bits}, signed with {}", certificate.key_type, certificate.signature_algorithm);
        notes.add("cert.weak", fact);
    }
    if certificate.self_issued {
        notes.add("cert.self-signed", format!("subject and issuer are {}", certificate.subject));
    } else {
        notes.add("cert.ca-issued", format!("it was issued by {}", certificate.issuer));
    }
    if certificate.windows_default_pattern {
        notes.add("cert.windows-default", format!("valid for {} days, no SAN", certificate.lifetime_days));
    }
    let fact = || format!("it names {}", certificate.common_name.as_deref().unwrap_or(&certificate.subject));
    match certificate.name_match {
        NameMatch::Matches => {}
        NameMatch::MachineNameOnly => notes.add("cert.machine-name", fact()),
        NameMatch::Differs => notes.add("cert.name", fact()),
    }
}
