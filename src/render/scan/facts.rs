//! What stands in columns: of all the addresses of a target, the facts of the one that told most.

use std::net::SocketAddr;

use crate::diagnosis::{Nla, Tls};
use crate::evidence::{Certificate, Route};
use crate::fleet::scanned::Scanned;
use crate::policy::baseline::Shown;
use crate::render::human::telling_route;
use crate::report::Report;

/// The facts of one address; nothing where none could be tried.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'r> {
    route: Option<&'r Route>,
    shown: Option<&'r Shown>,
}

impl<'r> Facts<'r> {
    pub(super) fn of(scanned: &'r Scanned, report: &'r Report) -> Self {
        let routes = &report.evidence.routes;
        let route = telling_route(&report.evidence)
            .or_else(|| routes.iter().find(|route| route.connect.seen().is_some()))
            .or_else(|| routes.first());
        Self { route, shown: route.and_then(|route| scanned.addresses.get(&route.address)) }
    }

    pub(super) fn address(self) -> Option<SocketAddr> {
        self.route.map(|route| route.address)
    }

    pub(super) fn nla(self) -> Option<Nla> {
        self.shown?.nla
    }

    pub(super) fn tls(self) -> Option<Tls> {
        self.shown?.tls
    }

    pub(super) fn shown(self) -> Option<&'r Shown> {
        self.shown
    }

    pub(super) fn certificate(self) -> Option<&'r Certificate> {
        self.route?.certificate.seen()
    }

    /// The TLS versions taken, oldest first, without the word: `1.2`, `1.3`. Where they were not asked one by one, the
    /// one that the handshake agreed on.
    pub(super) fn tls_versions(self) -> Vec<String> {
        let bare = |version: &str| version.trim_start_matches("TLS ").to_owned();
        if let Some(versions) = self.shown.and_then(|shown| shown.tls_versions.as_ref()) {
            return versions.iter().map(|version| bare(version)).collect();
        }
        let handshake = self.route.and_then(|route| route.handshake.seen());
        handshake.map(|handshake| bare(&handshake.version.to_string())).into_iter().collect()
    }
}
