//! tcp.*, host.*, control.*, route.*: the connection and the other ports of the host.

use super::{Notes, duration};
use crate::evidence::failure::{Icmp, LocalTrouble, Unreachable};
use crate::evidence::resolve::Scope;
use crate::evidence::{Evidence, Failure, Millis, Outcome, Route};

/// Sooner than this nothing beyond the own network answers: light in fibre goes 100 km and back in a millisecond.
const NEARBY: Millis = Millis(1.0);

/// What only several routes together tell.
pub(super) fn observe_routes(evidence: &Evidence, notes: &mut Notes) {
    let dead = evidence.routes.iter().find(|route| route.connect.failure().is_some_and(is_dead));
    let alive = evidence.routes.iter().find(|route| route.connect.seen().is_some());
    if let (Some(dead), Some(alive)) = (dead, alive) {
        let fact = format!("{} does not connect while {} does", dead.address, alive.address);
        notes.add("route.some-dead", fact);
        let split = |route: &Route| route.connect.seen().is_some() == route.address.is_ipv4();
        if evidence.routes.iter().all(split) {
            notes.add("route.ipv6-dead", "no IPv6 address connects while every IPv4 address does");
        }
    }
}

pub(super) fn observe(route: &Route, notes: &mut Notes) {
    match &route.connect.outcome {
        Outcome::Seen(connected) => {
            notes.add("tcp.ok", format!("connected in {}", duration(route.connect.elapsed_ms)));
            if let Some(times) = connected.syn_retransmits.filter(|times| *times > 0) {
                notes.add(
                    "tcp.retransmit",
                    format!("the SYN was sent again {times} times before it was answered"),
                );
            }
            nearby(route, connected.rtt_ms.unwrap_or(route.connect.elapsed_ms), "tcp.accepted-nearby", notes);
            flap(route, notes);
        }
        Outcome::Failed(failure) => failed(route, failure, notes),
        Outcome::Skipped(_) => {}
    }
    control_ports(route, notes);
}

/// A public address whose answer comes within a millisecond: somebody on this side of the path gave it.
fn nearby(route: &Route, round_trip: Millis, id: &str, notes: &mut Notes) {
    if route.scope == Scope::Public && round_trip.0 < NEARBY.0 {
        let fact = format!(
            "{} answered within {}: something near this machine did",
            route.address,
            duration(round_trip)
        );
        notes.add(id, fact);
    }
}

/// The id for trouble of this machine's own.
pub(super) const fn local_id(what: LocalTrouble) -> &'static str {
    match what {
        LocalTrouble::NoRoute => "tcp.noroute",
        LocalTrouble::Denied => "tcp.local-denied",
        LocalTrouble::TooManyFiles => "tcp.local-files",
        LocalTrouble::NoResources => "tcp.local-resources",
        LocalTrouble::SourceNotHere => "tcp.local-source",
        LocalTrouble::Other => "tcp.local-other",
    }
}

fn failed(route: &Route, failure: &Failure, notes: &mut Notes) {
    let to = route.address;
    if notes.add_own_side(&format!("connecting to {to}"), failure) {
        return;
    }
    match failure {
        Failure::TimedOut { after_ms, .. } => {
            notes.add("tcp.timeout", format!("SYN to {to} unanswered for {}", duration(*after_ms)));
        }
        Failure::Refused { icmp: Some(icmp), .. } => {
            notes.add("tcp.icmp-port", format!("SYN to {to} answered by {}", message(icmp)));
            sender(route, icmp, notes);
        }
        Failure::Refused { icmp: None, .. } => {
            let fact =
                format!("SYN to {to} answered by a reset after {}", duration(route.connect.elapsed_ms));
            notes.add("tcp.rst", fact);
            nearby(route, route.connect.elapsed_ms, "tcp.refused-nearby", notes);
        }
        Failure::Unreachable { what, icmp, .. } => unreachable(route, *what, icmp.as_ref(), notes),
        // A reset or a close that the kernel reports before the handshake counts is a refusal in other words.
        _ => notes.add("tcp.rst", format!("the connection to {to} broke before it was there")),
    }
}

fn unreachable(route: &Route, what: Unreachable, icmp: Option<&Icmp>, notes: &mut Notes) {
    let to = route.address;
    let Some(icmp) = icmp else {
        let fact = format!("the system says that {to} cannot be reached, and no router said why");
        let id = if what == Unreachable::Prohibited { "tcp.icmp-admin" } else { "tcp.no-neighbour" };
        return notes.add(id, fact);
    };
    let id = match what {
        Unreachable::Prohibited => "tcp.icmp-admin",
        Unreachable::Host => "tcp.icmp-host",
        Unreachable::Network => "tcp.icmp-net",
        Unreachable::Port => "tcp.icmp-port",
        Unreachable::Protocol | Unreachable::Other => "tcp.icmp-other",
    };
    notes.add(id, format!("SYN to {to} answered by {}", message(icmp)));
    sender(route, icmp, notes);
}

/// A firewall on the machine speaks with the machine's own address, a router with its own.
fn sender(route: &Route, icmp: &Icmp, notes: &mut Notes) {
    match icmp.from {
        Some(from) if from == route.address.ip() => {
            notes.add("tcp.icmp-from-target", format!("{from} is the target itself"));
        }
        Some(from) => notes.add("tcp.icmp-from-router", format!("{from} is not the target")),
        None => {}
    }
}

fn message(icmp: &Icmp) -> String {
    let from = icmp.from.map_or_else(|| "an unnamed sender".to_owned(), |from| from.to_string());
    format!("ICMP {}/{} from {from}", icmp.kind, icmp.code)
}

/// A later connection of the same probe that failed to come about, though the first one did.
fn flap(route: &Route, notes: &mut Notes) {
    let lost = route.negotiate.iter().filter(|row| {
        row.connect_ms.is_none()
            && matches!(row.reply.failure(), Some(Failure::TimedOut { .. } | Failure::Refused { .. }))
    });
    let count = lost.count();
    if count > 0 {
        let fact = format!(
            "{count} of {} connections to {} did not come about",
            route.negotiate.len(),
            route.address
        );
        notes.add("tcp.flap", fact);
    }
}

fn control_ports(route: &Route, notes: &mut Notes) {
    let host = route.address.ip();
    let (mut alive, mut silent) = (Vec::new(), Vec::new());
    for control in &route.control_ports {
        let port = control.port;
        match &control.step.outcome {
            Outcome::Seen(_) => {
                alive.push(format!("{port} accepts"));
                notes.add(format!("control.open.{port}"), format!("port {port} of {host} accepts"));
            }
            Outcome::Failed(Failure::Refused { .. }) => {
                alive.push(format!("{port} refuses"));
                notes.add(format!("control.refused.{port}"), format!("port {port} of {host} refuses"));
            }
            Outcome::Failed(Failure::TimedOut { .. }) => {
                silent.push(port.to_string());
                notes.add(format!("control.silent.{port}"), format!("port {port} of {host} does not answer"));
            }
            Outcome::Failed(_) | Outcome::Skipped(_) => {}
        }
    }
    if !alive.is_empty() {
        notes.add("host.alive-other-port", format!("{host} is there: port {}", alive.join(", ")));
    } else if !silent.is_empty() {
        notes.add(
            "host.all-ports-silent",
            format!("ports {} of {host} do not answer either", silent.join(", ")),
        );
    }
}

/// Whether the network, not this machine, failed the connection.
fn is_dead(failure: &Failure) -> bool {
    !matches!(failure, Failure::Local { .. } | Failure::Interrupted)
}
