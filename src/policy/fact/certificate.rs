//! What the certificate says.

use super::{Reading, Span, certificate_of, duration, fact};
use crate::evidence::certificate::{Chain, NameMatch, Validity, Weakness};
use crate::evidence::{Certificate, Evidence, Failure, Route};

/// How long it is still valid, in seconds; below zero once it has ended. Below zero also before it
/// begins: it is of no use then.
pub(in crate::policy) fn left(route: &Route, evidence: &Evidence) -> Reading<Span<f64>> {
    let certificate = certificate_of(route)?;
    let left = certificate.not_after.duration_since(evidence.started_at).as_secs_f64();
    match certificate.validity {
        Validity::Valid => {
            fact(Span::exactly(left), format!("it ends on {}, in {}", certificate.not_after, duration(left)))
        }
        Validity::Expired => fact(Span::exactly(left.min(0.0)), ended(certificate)),
        Validity::NotYetValid => {
            let until = certificate.not_before.duration_since(evidence.started_at).as_secs_f64();
            fact(Span::exactly(-until), begins(certificate))
        }
    }
}

/// A certificate that cannot be read is one that no client goes on with.
pub(in crate::policy) fn valid(route: &Route) -> Reading<bool> {
    let certificate = match certificate_of(route) {
        Ok(certificate) => certificate,
        Err(why) if matches!(route.certificate.failure(), Some(Failure::Malformed { .. })) => {
            return fact(false, why);
        }
        Err(why) => return Err(why),
    };
    match certificate.validity {
        Validity::Valid => {
            let text = format!("valid from {} to {}", certificate.not_before, certificate.not_after);
            fact(true, text)
        }
        Validity::Expired => fact(false, ended(certificate)),
        Validity::NotYetValid => fact(false, begins(certificate)),
    }
}

fn ended(certificate: &Certificate) -> String {
    format!("it ended on {}", certificate.not_after)
}

fn begins(certificate: &Certificate) -> String {
    format!("it becomes valid on {}", certificate.not_before)
}

pub(in crate::policy) fn trusted(route: &Route) -> Reading<bool> {
    match &certificate_of(route)?.chain {
        Chain::Trusted => fact(true, "it ends in a root of this machine"),
        Chain::Untrusted { reason } => fact(false, reason.as_str()),
        Chain::NotChecked { reason } => Err(format!("the chain was not checked: {reason}")),
    }
}

pub(in crate::policy) fn names_target(route: &Route) -> Reading<bool> {
    let certificate = certificate_of(route)?;
    let is_named = match certificate.name_match {
        NameMatch::Matches => true,
        NameMatch::MachineNameOnly | NameMatch::Differs => false,
    };
    fact(is_named, format!("it names {}", names(certificate)))
}

/// The names that count: the alternative names or, without any, the common name.
fn names(certificate: &Certificate) -> String {
    /// A certificate may bear hundreds.
    const SHOWN: usize = 4;
    let names = &certificate.subject_alternative_names;
    if names.is_empty() {
        return certificate.common_name.clone().unwrap_or_else(|| certificate.subject.clone());
    }
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

pub(in crate::policy) fn for_servers(route: &Route) -> Reading<bool> {
    let certificate = certificate_of(route)?;
    let text = match certificate.extended_key_usages.as_slice() {
        [] => "it has no extended key usages, which allows all".to_owned(),
        usages => format!("its extended key usages are {}", usages.join(", ")),
    };
    fact(certificate.server_authentication, text)
}

pub(in crate::policy) fn self_signed(route: &Route) -> Reading<bool> {
    let certificate = certificate_of(route)?;
    match (certificate.self_issued, certificate.self_signature) {
        (false, _) => fact(false, format!("it was issued by {}", certificate.issuer)),
        (true, Some(true)) => fact(true, format!("subject and issuer are {}", certificate.subject)),
        (true, Some(false)) => {
            fact(false, "it is self-issued, and its own key does not verify its signature")
        }
        (true, None) => {
            Err(format!("it is self-issued, and {} cannot be verified here", certificate.signature_algorithm))
        }
    }
}

/// An algorithm without a name here may be anything.
pub(in crate::policy) fn signature(route: &Route) -> Reading<bool> {
    let certificate = certificate_of(route)?;
    let text = format!("it is signed with {}", certificate.signature_algorithm);
    let is_weak = certificate.weaknesses.iter().any(|weakness| match weakness {
        Weakness::Sha1Signature | Weakness::Md5Signature => true,
        Weakness::RsaBelow2048 | Weakness::EcBelow224 => false,
    });
    if !is_weak && certificate.signature_algorithm.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("{text}, which has no name here"));
    }
    fact(!is_weak, text)
}

/// The bits of an RSA key, or of the RSA key that is as strong (NIST SP 800-57 part 1, table 2).
pub(in crate::policy) fn key(route: &Route) -> Reading<Span<u32>> {
    let certificate = certificate_of(route)?;
    let kind = certificate.key_type.as_str();
    let (bits, text) = match (kind, certificate.key_bits) {
        ("RSA" | "DSA", Some(bits)) => (bits, format!("its key is {kind} of {bits} bits")),
        ("EC", Some(bits)) => like_rsa("EC", bits),
        ("Ed25519", _) => like_rsa("Ed25519", 256),
        ("Ed448", _) => like_rsa("Ed448", 448),
        _ => return Err(format!("the size of its key ({kind}) cannot be told")),
    };
    fact(Span::exactly(bits), text)
}

fn like_rsa(kind: &str, bits: u32) -> (u32, String) {
    let rsa = match bits {
        0..160 => 512,
        160..224 => 1024,
        224..256 => 2048,
        256..384 => 3072,
        384..512 => 7680,
        _ => 15360,
    };
    (rsa, format!("its key is {kind} of {bits} bits, as strong as RSA of {rsa}"))
}
