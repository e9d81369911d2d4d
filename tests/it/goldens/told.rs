//! Golden cases in which somebody told more than the wire shows: the user, or the guest.

use rdprobe::evidence::{Evidence, Testimony, Witness};

use super::cases::*;
use super::unreachable;

fn told(evidence: Evidence, witness: Witness, testimony: &[(&str, &str)]) -> Evidence {
    let testimony = testimony.iter().map(|(id, fact)| Testimony {
        witness,
        id: (*id).to_owned(),
        fact: (*fact).to_owned(),
    });
    Evidence { testimony: testimony.collect(), ..evidence }
}

pub(crate) fn service_stopped() -> Evidence {
    told(
        unreachable::tcp_silent_port_only(),
        Witness::Guest,
        &[
            ("guest.answers", "the guest's report was made on VM01"),
            ("guest.service.termservice.bad", "TermService is stopped, start type disabled (1058)"),
            ("guest.firewall.rule.ok", "RemoteDesktop-UserMode-In-TCP is active"),
        ],
    )
}

pub(crate) fn key_unreadable() -> Evidence {
    told(
        unreachable::tls_reset(),
        Witness::Guest,
        &[
            ("guest.event.36870", "Schannel 36870, 14 times, last on 2025-06-02 at 02:58:11"),
            ("guest.schannel.ok", "TLS 1.2 is enabled"),
        ],
    )
}

pub(crate) fn drained() -> Evidence {
    told(
        one(healthy(A)),
        Witness::Guest,
        &[("guest.reg.tsserverdrainmode.bad", "TSServerDrainMode is 1, and 0 is healthy")],
    )
}

pub(crate) fn no_licence() -> Evidence {
    let words = "no Remote Desktop License Servers available to provide a license";
    told(one(healthy(A)), Witness::Client, &[("says.no-licence-server", words)])
}
