//! Verdicts, postures, dates and outliers in words, the same in the page and in the text. A stranger's text is escaped here.

use jiff::Timestamp;

use crate::fleet::depth::Depth;
use crate::fleet::record::Host;
use crate::fleet::survey::{CauseCount, Example, Outlier, OutlierKind, Support, Survey};
use crate::render::escape::escape;
use crate::render::measure::{many, micros};

/// Date and time of day, UTC.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// A date, UTC.
pub(super) fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// A word of the format, for a reader.
pub(super) fn plain(word: &str) -> String {
    match word {
        "stage_passed" => "passed as far as asked".to_owned(),
        other => escape(other).replace('_', " "),
    }
}

/// What is said of NLA.
pub(super) fn nla(word: &str) -> String {
    match word {
        "required" => "required".to_owned(),
        "offered" => "offered, not required".to_owned(),
        "not_offered" => "not offered".to_owned(),
        "selected" => "selected, perhaps required".to_owned(),
        "unknown" => "not known".to_owned(),
        other => plain(other),
    }
}

/// What is said of standard RDP security.
pub(super) fn standard(word: &str) -> String {
    match word {
        "only" => "nothing else is taken".to_owned(),
        "allowed" => "taken beside TLS or NLA".to_owned(),
        "refused" => "refused".to_owned(),
        other => plain(other),
    }
}

/// How good a posture is: for a colour that words beside it tell as well.
pub(super) fn grade(word: &str) -> &'static str {
    match word {
        "required" | "refused" | "TLS 1.2" | "TLS 1.3" | "met" | "reachable" => "good",
        "not_offered" | "only" | "SSL 3.0" | "missed" | "not_reachable" => "bad",
        "offered" | "allowed" | "TLS 1.0" | "TLS 1.1" | "warning" | "partly_reachable" => "poor",
        // Among them who passed as far as was asked: that RDP works is not known.
        _ => "open",
    }
}

/// Whether a host needs nobody's care, as far as was asked.
pub(super) fn is_well(verdict: &str, result: Option<&str>) -> bool {
    matches!(verdict, "reachable" | "stage_passed") && result.is_none_or(|result| grade(result) == "good")
}

/// What became of the expectations of a host that is well but for them.
pub(super) fn unmet(host: &Host) -> String {
    match (host.result.as_deref().unwrap_or_default(), &host.missed) {
        ("missed", Some(missed)) => format!("missed {}", escape(missed)),
        ("undecided", _) => "an expectation undecided".to_owned(),
        ("warning", _) => "an expectation warns".to_owned(),
        (other, _) => plain(other),
    }
}

/// What the verdicts do not tell, where the scan was not deep enough; a depth that this version does not know tells all.
pub(super) fn untested(survey: &Survey) -> Option<String> {
    Depth::of_word(&survey.depth)?.untested().map(str::to_owned)
}

/// Whether every host was asked for all that is shown of its security.
pub(super) fn asks_all(survey: &Survey) -> bool {
    Depth::of_word(&survey.depth).is_none_or(Depth::asks_all)
}

/// That there may be more hosts than are shown.
pub(super) const NOT_ENDED: &str = "the scan has not ended or was ended early: this is what it had seen";

/// Whether a build is mended, and how good that is.
pub(super) const fn support(support: Support) -> (&'static str, &'static str) {
    match support {
        Support::Supported => ("supported", "good"),
        Support::SomeEditions => ("some editions only", "poor"),
        Support::PaidOnly => ("out of support, paid updates only", "bad"),
        Support::Ended => ("out of support", "bad"),
        Support::Unknown => ("not known here", "open"),
    }
}

/// A cause by its title, and how sure it is where that is the same for all its hosts.
pub(super) fn cause(cause: &CauseCount) -> String {
    cause.title.as_deref().map_or_else(|| escape(&cause.id), escape)
}

/// How sure a cause is, over its hosts.
pub(super) fn standings(cause: &CauseCount) -> String {
    let possible = cause.hosts.saturating_sub(cause.confirmed).saturating_sub(cause.likely);
    let parts = [(cause.confirmed, "confirmed"), (cause.likely, "likely"), (possible, "possible")];
    let parts = parts.iter().filter(|(hosts, _)| *hosts > 0);
    parts.map(|(hosts, word)| format!("{hosts} {word}")).collect::<Vec<_>>().join(", ")
}

/// What was scanned, when, how deep.
pub(super) fn period(survey: &Survey) -> String {
    let end = survey.ended.unwrap_or(survey.latest);
    let length = end.duration_since(survey.began).unsigned_abs();
    format!(
        "{} – {} UTC, {}, {}, depth {}",
        moment(survey.began),
        moment(end),
        crate::render::words::span(length),
        many(survey.targets, "target"),
        plain(&survey.depth)
    )
}

/// In what hosts differ, in one clause.
pub(super) fn outlier(outlier: &Outlier) -> String {
    let value = escape(&outlier.value);
    let hosts = many(outlier.hosts, "host");
    let differs =
        |what: &str, value: &str, usual: &str| format!("{what} {value} on {hosts}, {usual} on most");
    let usual = outlier.usual.as_deref().unwrap_or_default();
    match outlier.kind {
        OutlierKind::Nla => differs("NLA", &nla(&outlier.value), &nla(usual)),
        OutlierKind::StandardRdp => {
            differs("standard RDP security", &standard(&outlier.value), &standard(usual))
        }
        OutlierKind::TlsVersions => differs("TLS versions", &versions(&outlier.value), &versions(usual)),
        OutlierKind::Build => differs("build", &value, &escape(usual)),
        OutlierKind::Domain => differs("domain", &domain(&outlier.value), &domain(usual)),
        OutlierKind::Issuer => differs("certificate from", &value, &escape(usual)),
        OutlierKind::SelfIssued => differs("certificate", &value, &escape(usual)),
        OutlierKind::SameCertificate => {
            format!("one certificate on {hosts} that are several computers: {}", thumbprint(&value))
        }
        OutlierKind::SameComputer => format!("one computer name at several addresses: {value}, {hosts}"),
        OutlierKind::Clock => format!("clock more than five minutes off: {hosts}"),
        OutlierKind::SlowConnect => {
            format!("connect slower than {}: {hosts}", time(outlier.value.parse().ok()))
        }
    }
}

/// Why that is worth a look.
pub(super) const fn advice(kind: OutlierKind) -> &'static str {
    match kind {
        OutlierKind::Nla | OutlierKind::StandardRdp | OutlierKind::TlsVersions => {
            "a policy that did not reach it, or somebody changed it by hand"
        }
        OutlierKind::Build => "left out of an upgrade, or ahead of it",
        OutlierKind::Domain => "not joined, or joined elsewhere",
        OutlierKind::Issuer | OutlierKind::SelfIssued => "another certificate template, or none",
        OutlierKind::SameCertificate => {
            "a farm shares one on purpose, cloned machines by mistake: one private key for all"
        }
        OutlierKind::SameComputer => "several addresses of one machine, a clone, or a stale name",
        OutlierKind::Clock => "Kerberos refuses, and certificates may look invalid",
        OutlierKind::SlowConnect => "far away, overloaded, or behind a lossy path",
    }
}

/// A host of an outlier.
pub(super) fn example(kind: OutlierKind, example: &Example) -> String {
    let target = escape(&example.target);
    let number = example.value.as_deref().and_then(|value| value.parse::<i64>().ok());
    match (kind, number) {
        (OutlierKind::Clock, Some(us)) => format!("{target} ({})", skew(us)),
        (OutlierKind::SlowConnect, Some(us)) => format!("{target} ({})", time(u64::try_from(us).ok())),
        _ => target,
    }
}

/// A time of the network.
pub(super) fn time(us: Option<u64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| micros(std::time::Duration::from_micros(us).as_secs_f64() * 1e6))
}

/// What a TLS version is called in few letters.
pub(super) fn version(name: &str) -> String {
    escape(name.strip_prefix("TLS ").unwrap_or(name))
}

fn versions(list: &str) -> String {
    if list.is_empty() {
        return "none".to_owned();
    }
    list.split(',').map(version).collect::<Vec<_>>().join(" ")
}

fn domain(name: &str) -> String {
    if name.is_empty() { "none (a workgroup)".to_owned() } else { escape(name) }
}

fn thumbprint(value: &str) -> String {
    format!("SHA-256 {}…", value.chars().take(16).collect::<String>())
}

fn skew(us: i64) -> String {
    let length = crate::render::words::span(std::time::Duration::from_micros(us.unsigned_abs()));
    if us < 0 { format!("{length} behind") } else { format!("{length} ahead") }
}
