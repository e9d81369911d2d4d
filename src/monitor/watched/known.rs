//! What deep probes saw of the server, and what is different from the last good one.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::net::SocketAddr;

use crate::diagnosis::Verdict;
use crate::evidence::{Answer, Challenge, Evidence, HexBytes, Round, Route};
use crate::monitor::view::ServerView;
use crate::policy::Change;
use crate::policy::baseline::{Baseline, Shown, changes};
use crate::report::Report;
use crate::wire::codes::negotiation::Protocol;

/// What is known of a server.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    baseline: Option<Baseline>,
    server: ServerView,
    seen: VecDeque<Face>,
}

/// What a round shows of the server's identity.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Face {
    protocol: Option<Protocol>,
    certificate: Option<HexBytes>,
}

/// A farm shows several faces in turn; more than that and they are no news any more.
const FACES: usize = 8;

impl Known {
    pub(super) const fn server(&self) -> &ServerView {
        &self.server
    }

    /// Whether a round shows a protocol or a certificate that no round before it did.
    pub(super) fn shows_something_new(&mut self, round: &Round) -> bool {
        let Some(reply) = round.negotiate.seen() else { return false };
        let protocol = match reply.answer {
            Answer::Response { selected_protocol, .. } => Some(selected_protocol),
            Answer::Failure { .. } | Answer::None => None,
        };
        let face = Face { protocol, certificate: round.certificate_sha256.clone() };
        if self.seen.contains(&face) || self.seen.len() == FACES {
            return false;
        }
        self.seen.push_back(face);
        self.seen.len() > 1
    }

    /// A deep probe was made: what it saw of the server is shown, whatever came of the rest.
    pub(super) fn saw(&mut self, evidence: &Evidence) {
        for route in &evidence.routes {
            see(&mut self.server, route);
        }
    }

    /// A deep probe was made. What is different from the last good one; none if this one was not good.
    pub(super) fn probed(&mut self, report: &Report) -> Option<Vec<Change>> {
        match report.diagnosis.verdict {
            Verdict::Reachable | Verdict::PartlyReachable | Verdict::StagePassed => {}
            Verdict::NotReachable | Verdict::Undecided => return None,
        }
        let now = Baseline::of(&report.evidence, &report.diagnosis);
        let Some(before) = self.baseline.take() else {
            self.baseline = Some(now);
            return Some(Vec::new());
        };
        let different = changes(&before, &now, &[]);
        self.baseline = Some(Baseline { addresses: carried_on(&before.addresses, now.addresses), ..now });
        Some(different)
    }
}

/// What the last probe did not see is as it was: at the same address, or at the one that took the place of another.
fn carried_on(
    before: &BTreeMap<SocketAddr, Shown>,
    now: BTreeMap<SocketAddr, Shown>,
) -> BTreeMap<SocketAddr, Shown> {
    let moved = before.len() == 1 && now.len() == 1;
    let earlier =
        |address: SocketAddr| before.get(&address).or_else(|| before.values().next().filter(|_| moved));
    now.into_iter()
        .map(|(address, shown)| match earlier(address) {
            Some(earlier) => (address, filled(shown, earlier.clone())),
            None => (address, shown),
        })
        .collect()
}

fn filled(now: Shown, earlier: Shown) -> Shown {
    Shown {
        certificate: now.certificate.or(earlier.certificate),
        protocol: now.protocol.or(earlier.protocol),
        nla: now.nla.or(earlier.nla),
        tls: now.tls.or(earlier.tls),
        standard: now.standard.or(earlier.standard),
        tls_versions: now.tls_versions.or(earlier.tls_versions),
        name: now.name.or(earlier.name),
        domain: now.domain.or(earlier.domain),
        build: now.build.or(earlier.build),
        credssp: now.credssp.or(earlier.credssp),
    }
}

/// What a route showed stands over what was seen before.
fn see(server: &mut ServerView, route: &Route) {
    if let Some(reply) = route.negotiate.first().and_then(|row| row.reply.seen()) {
        server.protocol = match &reply.answer {
            Answer::Response { selected_protocol, .. } => Some(selected_protocol.to_string()),
            Answer::Failure { .. } | Answer::None => None,
        };
    }
    if let Some(handshake) = route.handshake.seen() {
        server.tls_version = Some(handshake.version.to_string());
    }
    if let Some(certificate) = route.certificate.seen() {
        server.certificate_not_after = Some(certificate.not_after);
        server.thumbprint_sha1 = Some(certificate.thumbprint_sha1.clone());
    }
    if let Some(challenge) = route.credssp.seen() {
        server.name = name(challenge).or_else(|| server.name.take());
        let build = challenge.os.as_ref().map(|os| format!("{}.{}.{}", os.major, os.minor, os.build));
        server.build = build.or_else(|| server.build.take());
    }
    if let Some(clock) = &route.clock {
        server.skew_ms = Some(clock.skew_ms.0);
    }
}

fn name(challenge: &Challenge) -> Option<String> {
    challenge.dns_computer_name.clone().or_else(|| challenge.netbios_computer_name.clone())
}
