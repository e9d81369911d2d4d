//! Other ports of an address whose RDP port stays silent: the split between "only 3389" and "the whole host".

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::watch;

use super::budget::Budget;
use super::connect;
use super::pace::Pace;
use super::plan::Plan;
use crate::evidence::ControlPort;

/// How long RDP's port may stay silent before the others are asked: one lost SYN has been sent again by then.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// How long another port may take: a SYN and one more.
const LIMIT: Duration = Duration::from_millis(2_500);

/// How the first connection to RDP's port fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// Still connecting.
    Pending,
    /// Connected.
    Connected,
    /// No answer, or a router's word that there is no way.
    Silent,
    /// Refused, or this machine could not even try: other ports would tell nothing more.
    Ended,
}

/// Tries the plan's control ports if, and only if, RDP's port stays silent.
pub(super) async fn probe(
    address: SocketAddr,
    plan: &Plan,
    budget: &Budget,
    pace: &Pace<'_>,
    mut first: watch::Receiver<First>,
) -> Vec<ControlPort> {
    let decided = first.wait_for(|first| *first != First::Pending);
    let silent = match tokio::time::timeout(PATIENCE, decided).await {
        Ok(Ok(first)) => *first == First::Silent,
        Ok(Err(_)) => false,
        Err(_) => true,
    };
    if !silent || budget.spent() {
        return Vec::new();
    }
    let ports = plan.control_ports.iter().filter(|port| **port != address.port());
    let tried =
        join_all(ports.map(|port| one(SocketAddr::new(address.ip(), *port), plan, budget, pace))).await;
    let answered = matches!(*first.borrow(), First::Connected | First::Ended);
    if answered { Vec::new() } else { tried }
}

async fn one(address: SocketAddr, plan: &Plan, budget: &Budget, pace: &Pace<'_>) -> ControlPort {
    let _turn = pace.turn(address).await;
    let deadline = budget.deadline(LIMIT.min(plan.timeouts.connect));
    let connecting =
        async { connect::connect(address, plan, deadline).await.map(|connection| connection.facts) };
    ControlPort { port: address.port(), step: budget.step(budget.unless_halted(connecting)).await }
}
