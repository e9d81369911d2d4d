//! One connection, and the others only where it leaves open whether Remote Desktop answers.

use super::chain::Chain;
use super::rows::RdpRow;
use super::{Beside, Prober};
use crate::evidence::negotiate::RowVerdict;
use crate::evidence::{Because, Failure, Route, Stage, Step};

impl Prober<'_> {
    /// Probes the address by one connection. Where that one was refused, broken off or answered with something else, the
    /// others are made as well, so that what is said of the server is what a whole probe would say: an old server
    /// refuses this library's hello and takes another. No other port is tried.
    pub(in crate::probe) async fn run_lean(&self) -> Route {
        let chain = self.chain(self.usual_offer()).await;
        if leaves_open(&chain, self.plan.depth) {
            // Rare, and many times as large as what comes before.
            return Box::pin(self.ask_on(chain)).await;
        }
        let nothing = Beside {
            rows: Vec::new(),
            rdp: Some(RdpRow { row: None, security: Step::skipped(Because::NotAsked) }),
            versions: Vec::new(),
        };
        self.assemble(chain, Vec::new(), nothing)
    }

    async fn ask_on(&self, mut chain: Chain) -> Route {
        self.farewells.hurry().await;
        let mut beside = self.beside(&self.usual_offer()).await;
        self.repeat_alone(&mut chain, &mut beside).await;
        self.assemble(chain, Vec::new(), beside)
    }
}

/// Whether the first connection has not told whether Remote Desktop answers, though another one may.
fn leaves_open(chain: &Chain, depth: Stage) -> bool {
    let Some(row) = chain.rows.last() else { return false };
    match row.verdict {
        RowVerdict::Offered => depth >= Stage::Tls && handshake_failed(chain),
        // Only MCS Connect proves standard RDP security.
        RowVerdict::Downgraded | RowVerdict::NoNegotiation => depth >= Stage::Tls,
        RowVerdict::Refused | RowVerdict::OutsideRequest => true,
        // Whoever says nothing to two requests says nothing to a third.
        RowVerdict::Unknown => row.reply.failure().is_some_and(|failure| {
            is_the_peers(failure) && !matches!(failure, Failure::TimedOut { bytes_read: 0, .. })
        }),
    }
}

fn handshake_failed(chain: &Chain) -> bool {
    chain.handshake.failure().is_some_and(is_the_peers)
}

const fn is_the_peers(failure: &Failure) -> bool {
    !matches!(failure, Failure::Local { .. } | Failure::Interrupted)
}
