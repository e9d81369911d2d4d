//! Protocol, NLA, TLS, standard RDP security.

use super::{Decision, Reading, fact, unseen};
use crate::diagnosis::matrix::{self, Choice};
use crate::diagnosis::posture::posture;
use crate::diagnosis::{Nla, StandardRdp, Tls};
use crate::evidence::{Failure, MatrixRow, Outcome, Route, Stage, VersionAttempt};
use crate::policy::expectation::Operator;
use crate::wire::codes::negotiation::Protocol;
use crate::wire::codes::tls::{AlertDescription, TlsVersion};

/// The protocols by name.
pub(in crate::policy) const PROTOCOLS: [&str; 6] = ["RDP", "SSL", "HYBRID", "RDSTLS", "HYBRID_EX", "RDSAAD"];

/// A protocol without a name.
const NAMELESS: &str = "a protocol without a name";

/// The fact of a server that confirms without negotiating and answers MCS Connect.
const NO_NEGOTIATION: &str = "the server does not negotiate, and takes standard RDP security";

/// What a server may make of NLA.
pub(in crate::policy) const NLA: [&str; 3] = ["required", "offered", "none"];

/// The protocol that a client ends up with.
pub(in crate::policy) fn protocol(route: &Route) -> Reading<Vec<&'static str>> {
    let [rdp, ..] = PROTOCOLS;
    match matrix::choice(route) {
        Some(Choice::Selected(protocol)) => {
            fact(vec![protocol.name().unwrap_or(NAMELESS)], format!("the server selects {protocol}"))
        }
        Some(Choice::NoNegotiation) if without_negotiation(route) => fact(vec![rdp], NO_NEGOTIATION),
        Some(Choice::NoNegotiation) | None => Err(not_negotiated(route, "no protocol was selected")),
    }
}

/// What a row selects, if a client goes on with it.
fn selected(row: &MatrixRow) -> Option<Protocol> {
    match matrix::choice_of(row)? {
        Choice::Selected(protocol) => Some(protocol),
        Choice::NoNegotiation => None,
    }
}

/// NLA is offered *and not required* only where a client without it was taken.
pub(in crate::policy) fn nla(route: &Route) -> Reading<Vec<&'static str>> {
    let [required, offered, none] = NLA;
    match posture(route).nla {
        Nla::Required => {
            fact(vec![required], "a request without NLA is refused with HYBRID_REQUIRED_BY_SERVER")
        }
        Nla::Offered => match taken_without_nla(route) {
            Some(protocol) => {
                fact(vec![offered], format!("NLA is offered, and {protocol} is taken without it"))
            }
            None => fact(
                vec![required, offered],
                "NLA is offered; a request without it got no answer that tells more",
            ),
        },
        Nla::Selected => fact(vec![required, offered], "NLA is selected; nothing without it was asked for"),
        Nla::NotOffered => fact(vec![none], "NLA was asked for, and not selected"),
        Nla::Unknown if without_negotiation(route) => fact(vec![none], NO_NEGOTIATION),
        Nla::Unknown => Err(not_negotiated(route, "no answer tells of NLA")),
    }
}

/// Whether the server takes standard RDP security as Windows XP does, and has no word for anything else.
fn without_negotiation(route: &Route) -> bool {
    let posture = posture(route);
    posture.negotiates == Some(false) && posture.standard_rdp == StandardRdp::Only
}

fn taken_without_nla(route: &Route) -> Option<&'static str> {
    let without = |bits: u32, name| {
        route
            .negotiate
            .iter()
            .any(|row| row.requested_protocols == bits && !row.restricted_admin && selected(row).is_some())
            .then_some(name)
    };
    without(Protocol::SSL.0, "TLS").or_else(|| without(Protocol::RDP.0, "standard RDP security"))
}

pub(in crate::policy) fn no_rdp_security(route: &Route) -> Reading<bool> {
    match posture(route).standard_rdp {
        StandardRdp::Refused => fact(true, "a request for standard RDP security alone is refused"),
        StandardRdp::Allowed => fact(false, "standard RDP security is taken beside others"),
        StandardRdp::Only => fact(false, "standard RDP security is taken, and nothing else"),
        StandardRdp::Unknown => Err(not_negotiated(route, "no answer tells of standard RDP security")),
    }
}

fn not_negotiated(route: &Route, what: &str) -> String {
    match route.negotiate.first() {
        Some(row) if row.reply.seen().is_none() => {
            format!("{what}: {}", unseen(&row.reply, Stage::Negotiate))
        }
        Some(_) => what.to_owned(),
        None => format!("{what}: {}", before_negotiation(route)),
    }
}

fn before_negotiation(route: &Route) -> String {
    match route.connect.seen() {
        Some(_) => "the negotiation was not asked for".to_owned(),
        None => unseen(&route.connect, Stage::Connect),
    }
}

// ---- TLS ----

/// What is known of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Taken {
    /// By a ServerHello, with this suite.
    Yes(String),
    /// The server turned it down, this way.
    No(&'static str),
    /// It was not tried, or what came tells nothing of it.
    Unknown(String),
}

const VERSIONS: [TlsVersion; 4] =
    [TlsVersion::TLS_1_0, TlsVersion::TLS_1_1, TlsVersion::TLS_1_2, TlsVersion::TLS_1_3];

pub(in crate::policy) fn tls(route: &Route, operator: Operator, wanted: TlsVersion) -> Decision {
    let versions: Vec<(TlsVersion, Taken)> =
        VERSIONS.into_iter().map(|version| (version, taken(route, version))).collect();
    let none_taken = !versions.iter().any(|(_, taken)| matches!(taken, Taken::Yes(_)));
    if none_taken {
        return without_tls(route, operator);
    }
    match operator {
        Operator::NotEqual => opposite(one(&versions, wanted)),
        Operator::Is | Operator::IsNot | Operator::Equal => one(&versions, wanted),
        Operator::AtLeast | Operator::Above | Operator::AtMost | Operator::Below => {
            only(&versions, |version| operator.holds(version, &wanted))
        }
    }
}

/// Whether one version is taken.
fn one(versions: &[(TlsVersion, Taken)], wanted: TlsVersion) -> Decision {
    match versions.iter().find(|(version, _)| *version == wanted) {
        Some((version, taken)) => {
            let text = taken.text(*version);
            match taken {
                Taken::Yes(_) => Decision::met(text),
                Taken::No(_) => Decision::missed(text),
                Taken::Unknown(_) => Decision::undecided(text),
            }
        }
        None => Decision::undecided(format!("{wanted} was not tried")),
    }
}

fn opposite(decision: Decision) -> Decision {
    use crate::policy::Outcome::{Met, Missed, Undecided, Warning};
    let outcome = match decision.outcome {
        Met => Missed,
        Missed => Met,
        Undecided => Undecided,
        Warning => Warning,
    };
    Decision { outcome, ..decision }
}

/// Whether some of the versions that fit are taken, and none of those that do not.
fn only(versions: &[(TlsVersion, Taken)], fits: impl Fn(&TlsVersion) -> bool) -> Decision {
    let find = |inside: bool, is: fn(&Taken) -> bool| {
        versions
            .iter()
            .find(|(version, taken)| fits(version) == inside && is(taken))
            .map(|(version, taken)| taken.text(*version))
    };
    let is_taken = |taken: &Taken| matches!(taken, Taken::Yes(_));
    let is_unknown = |taken: &Taken| matches!(taken, Taken::Unknown(_));
    if let Some(text) = find(false, is_taken) {
        return Decision::missed(text);
    }
    if let Some(text) = find(false, is_unknown) {
        return Decision::undecided(text);
    }
    match find(true, is_taken) {
        Some(text) => Decision::met(format!("{text}{}", outside(versions, fits))),
        None => match find(true, is_unknown) {
            Some(text) => Decision::undecided(text),
            None => Decision::missed("no version that would do is taken"),
        },
    }
}

/// The versions that do not fit, none of which is taken, after the one that is.
fn outside(versions: &[(TlsVersion, Taken)], fits: impl Fn(&TlsVersion) -> bool) -> String {
    let outside: Vec<String> = versions
        .iter()
        .filter(|(version, _)| !fits(version))
        .map(|(version, _)| version.to_string().replace("TLS ", ""))
        .collect();
    match outside.as_slice() {
        [] => String::new(),
        [one] => format!(", {one} is not"),
        several => format!(", {} are not", several.join(" and ")),
    }
}

/// A server that says that it takes no TLS takes no version of it. Where every version is turned down and TLS was
/// selected, something else is broken, and which versions are enabled cannot be told.
fn without_tls(route: &Route, operator: Operator) -> Decision {
    match posture(route).tls {
        Tls::NotOffered => {
            let text = "the server takes no TLS";
            if operator == Operator::NotEqual { Decision::met(text) } else { Decision::missed(text) }
        }
        Tls::Broken => Decision::undecided("the server has no certificate that it can use for TLS"),
        Tls::Offered if route.tls_versions.is_empty() => {
            Decision::undecided("the versions were not asked one by one")
        }
        Tls::Offered if route.tls_versions.iter().all(|attempt| attempt.step.failure().is_some()) => {
            Decision::undecided("no version was answered, so that it cannot be told which are taken")
        }
        Tls::Offered | Tls::Unknown => Decision::undecided(unseen(&route.handshake, Stage::Tls)),
    }
}

/// A ServerHello proves its version, whatever was offered; a refusal says something of the version offered only.
fn taken(route: &Route, version: TlsVersion) -> Taken {
    let flights = route.tls_versions.iter().filter_map(|attempt| attempt.step.seen());
    let suites = flights.map(|flight| (flight.version, flight.cipher_suite));
    let handshake = route.handshake.seen().map(|handshake| (handshake.version, handshake.cipher_suite));
    if let Some((_, suite)) = handshake.into_iter().chain(suites).find(|(seen, _)| *seen == version) {
        return Taken::Yes(suite.to_string());
    }
    match route.tls_versions.iter().find(|attempt| attempt.offered == version) {
        Some(attempt) => turned_down(attempt),
        None => Taken::Unknown("was not tried".to_owned()),
    }
}

fn turned_down(attempt: &VersionAttempt) -> Taken {
    match &attempt.step.outcome {
        Outcome::Seen(_) => Taken::No("answered with another version"),
        Outcome::Failed(failure) => match failure {
            Failure::Reset { .. } => Taken::No("answered by a reset"),
            Failure::Closed { .. } => Taken::No("answered by a close"),
            Failure::Disconnected { .. } => Taken::No("answered by an MCS disconnect"),
            // The server wanted to go on and could not: it says nothing of the version.
            Failure::Alert { description: AlertDescription::INTERNAL_ERROR, .. } => Taken::Unknown(
                "was answered with internal_error, which says nothing of the version".to_owned(),
            ),
            Failure::Alert { description, .. } => Taken::No(description.name().unwrap_or("an alert")),
            Failure::TimedOut { .. } => Taken::Unknown("got no answer in time".to_owned()),
            _ => Taken::Unknown("got no answer that tells".to_owned()),
        },
        Outcome::Skipped(_) => Taken::Unknown("was not tried".to_owned()),
    }
}

impl Taken {
    fn text(&self, version: TlsVersion) -> String {
        match self {
            Self::Yes(suite) => format!("{version} is taken ({suite})"),
            Self::No(how) => format!("{version} is not taken ({how})"),
            Self::Unknown(why) => format!("{version} {why}"),
        }
    }
}
