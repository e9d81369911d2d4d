//! Who the machine is: names, build, CredSSP, clock.

use super::{Reading, Span, duration, fact, unseen};
use crate::evidence::credssp::Membership;
use crate::evidence::{Challenge, Evidence, Failure, Outcome, Route, Stage};
use crate::policy::expectation::windows;

/// A clock that is only good to the second may be off by as much.
const APPROXIMATE_S: f64 = 1.0;

fn challenge(route: &Route) -> Result<&Challenge, String> {
    route.credssp.seen().ok_or_else(|| match route.credssp.failure() {
        Some(Failure::CredsspError { code, .. }) => format!("the server ended NLA (CredSSP) with {code}"),
        _ => unseen(&route.credssp, Stage::Credssp),
    })
}

/// The machine's own word; without it, a certificate that Windows made for itself. One that an authority issued may
/// bear any name, so that it is no proof of another.
pub(in crate::policy) fn names(route: &Route) -> Reading<Vec<String>> {
    let unseen = match challenge(route) {
        Ok(challenge) => {
            let names = [&challenge.dns_computer_name, &challenge.netbios_computer_name];
            let names: Vec<String> =
                names.into_iter().flatten().flat_map(|name| short_and_long(name)).collect();
            return match names.first() {
                Some(first) => fact(names.clone(), format!("the machine calls itself {first}")),
                None => Err("the NTLM challenge names no machine".to_owned()),
            };
        }
        Err(unseen) => unseen,
    };
    let own = route.certificate.seen().filter(|it| it.windows_default_pattern);
    match own.and_then(|certificate| certificate.common_name.as_ref()) {
        Some(name) => fact(short_and_long(name), format!("the machine's own certificate says {name}")),
        None => Err(unseen),
    }
}

/// A name as it is and, of one with a domain, its first label: as long as it is, and as NetBIOS cuts it.
fn short_and_long(name: &str) -> Vec<String> {
    const NETBIOS_LENGTH: usize = 15;
    let label = name.split('.').next().unwrap_or(name);
    let netbios: String = label.chars().take(NETBIOS_LENGTH).collect();
    let mut names = vec![name.trim_end_matches('.').to_owned()];
    for short in [label.to_owned(), netbios] {
        if !names.contains(&short) {
            names.push(short);
        }
    }
    names
}

pub(in crate::policy) fn domain(route: &Route) -> Reading<Vec<String>> {
    let challenge = challenge(route)?;
    if challenge.membership == Membership::Workgroup {
        return fact(Vec::new(), "the machine is in no domain");
    }
    let names = [&challenge.dns_domain_name, &challenge.netbios_domain_name];
    let names: Vec<String> = names.into_iter().flatten().cloned().collect();
    match (names.first(), challenge.membership) {
        (Some(first), Membership::Domain) => fact(names.clone(), format!("the machine is in {first}")),
        _ => Err("the NTLM challenge does not tell a domain from a workgroup".to_owned()),
    }
}

pub(in crate::policy) fn workgroup(route: &Route) -> Reading<bool> {
    let challenge = challenge(route)?;
    match challenge.membership {
        Membership::Workgroup => fact(true, "domain and machine have the same name"),
        Membership::Domain => {
            let domain = challenge.dns_domain_name.as_ref().or(challenge.netbios_domain_name.as_ref());
            fact(false, format!("the machine is in {}", domain.map_or("a domain", String::as_str)))
        }
        Membership::Unknown => Err("the NTLM challenge does not tell a domain from a workgroup".to_owned()),
    }
}

pub(in crate::policy) fn builds(route: &Route) -> Reading<Vec<u16>> {
    let Some(os) = &challenge(route)?.os else {
        return Err("the NTLM challenge tells no version of Windows".to_owned());
    };
    let product = os.product.as_deref().unwrap_or("a Windows that is not in the table");
    let text = format!("build {}: {product}", os.build);
    match windows::may_be(os.build) {
        [] => fact(vec![os.build], text),
        several => fact(several.to_vec(), text),
    }
}

/// A server that ends CredSSP with an error tells its version all the same.
pub(in crate::policy) fn credssp(route: &Route) -> Reading<Span<u32>> {
    let version = match &route.credssp.outcome {
        Outcome::Seen(challenge) => challenge.ts_request_version,
        Outcome::Failed(Failure::CredsspError { version, .. }) => *version,
        Outcome::Failed(_) | Outcome::Skipped(_) => return Err(unseen(&route.credssp, Stage::Credssp)),
    };
    fact(Span::exactly(version), format!("the server's TSRequest has version {version}"))
}

/// How far the clock is off, whichever way.
pub(in crate::policy) fn skew(route: &Route, _: &Evidence) -> Reading<Span<f64>> {
    let Some(clock) = &route.clock else { return Err("the server did not tell its time".to_owned()) };
    let size = clock.skew_ms.0.abs() / 1000.0;
    let side = if clock.skew_ms.0 < 0.0 { "behind" } else { "ahead of" };
    let text = |about| format!("its clock is {about}{} {side} this machine's", duration(size));
    if clock.approximate {
        let span = Span { least: (size - APPROXIMATE_S).max(0.0), most: size + APPROXIMATE_S };
        return fact(span, text("about "));
    }
    fact(Span::exactly(size), text(""))
}
