//! What waiting does not mend, for `--fail-fast`.
//!
//! | it may come by itself | it does not |
//! |---|---|
//! | a name that does not exist yet, a resolver, a route, a rule of a firewall, a host, a service | a source address or interface that this machine does not have |
//! | TLS or NLA that answer badly while a machine starts | a protocol or TLS version that an answering server leaves out or takes |
//! | a clock, a round trip, an address of the other family | a certificate that expires too soon, is not trusted or has a weak key |
//! | | another machine's name, an older Windows |
//!
//! Only an answering server's missed expectations count: where nothing answers, nothing was seen that could be wrong.

use super::stage;
use crate::policy::{Judged, Outcome};
use crate::report::Report;

/// What each expectation of the table is about, and whether it may come to hold by waiting alone.
pub const SUBJECTS: &[(&str, bool)] = &[
    ("reachable", true),
    ("addresses", true),
    ("ipv4", true),
    ("ipv6", true),
    ("connect", true),
    ("rtt", true),
    ("protocol", false),
    ("nla", false),
    ("no-rdp-security", false),
    ("tls", false),
    ("cert", false),
    ("cert.valid", false),
    ("cert.trusted", false),
    ("cert.name", false),
    ("cert.server", false),
    ("cert.self-signed", false),
    ("cert.signature", false),
    ("cert.key", false),
    ("credssp", false),
    ("name", false),
    ("domain", false),
    ("workgroup", false),
    ("os", false),
    ("skew", true),
    ("no-cause", true),
];

/// Why waiting longer is no use; `None` where there is hope.
#[must_use]
pub fn why(report: &Report, expectations: &[Judged]) -> Option<String> {
    if report.diagnosis.observations.iter().any(|seen| seen.id == "tcp.local-source") {
        return Some("the source address or interface asked for is not on this machine".to_owned());
    }
    if !stage::reached(report).answers() {
        return None;
    }
    let missed = expectations.iter().filter(|judged| judged.outcome == Outcome::Missed);
    missed
        .filter(|judged| !may_come(&judged.subject))
        .map(|judged| format!("{}: {}, and waiting does not change that", judged.expectation, judged.fact))
        .next()
}

/// A subject that nobody thought of may come: giving up is what has to be justified.
fn may_come(subject: &str) -> bool {
    SUBJECTS.iter().find(|(name, _)| *name == subject).is_none_or(|(_, may_come)| *may_come)
}

#[cfg(test)]
mod tests {
    use super::SUBJECTS;
    use crate::policy::expectation::TABLE;

    #[test]
    fn every_subject_is_decided_upon() {
        let decided: Vec<&str> = SUBJECTS.iter().map(|(name, _)| *name).collect();
        let known: Vec<&str> = TABLE.iter().map(|subject| subject.name).collect();
        assert_eq!(decided, known);
    }
}
