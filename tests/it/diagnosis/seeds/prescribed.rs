//! Commands of a document against the fixes of the catalogue, and what others tell put beside the evidence.

use crate::diagnosis::{causes, judged, standing};
use crate::fixture::{V4, control, timed_out, unconnected};
use rdprobe::diagnosis::Standing;
use rdprobe::diagnosis::catalogue::{self, Channel, Remedy};
use rdprobe::diagnosis::procedure;
use rdprobe::evidence::{Evidence, Route, Testimony, Witness};

/// The evidence, with what the user's client displayed (`says.*`) and what the guest tells (`guest.*`).
pub(super) fn told(evidence: Evidence, ids: &[&str]) -> Evidence {
    let testimony = ids
        .iter()
        .map(|id| Testimony {
            witness: if id.starts_with("says.") { Witness::Client } else { Witness::Guest },
            id: (*id).to_owned(),
            fact: "as the document describes it".to_owned(),
        })
        .collect();
    Evidence { testimony, ..evidence }
}

/// The first finding must be this cause.
pub(super) fn leads_to(cause: &str, situation: &str, evidence: &Evidence) {
    let diagnosis = judged(evidence);
    assert_eq!(causes(&diagnosis).first(), Some(&cause), "{situation}: {:#?}", diagnosis.findings);
}

/// The first finding must be this cause, and the guest's own word must have proved it.
pub(super) fn proves(cause: &str, situation: &str, evidence: &Evidence) {
    leads_to(cause, situation, evidence);
    assert_eq!(standing(&judged(evidence), cause), Some(Standing::Confirmed), "{situation}");
}

/// Every command must stand in a fix of one of the causes, or in a procedure. Windows does not tell cases apart.
pub(super) fn stand_in(ids: &[&str], commands: &[&str]) {
    let mut fixes: Vec<&Remedy> = procedure::all().iter().flat_map(|known| &known.fixes).collect();
    for id in ids {
        fixes.extend(&catalogue::get(id).unwrap_or_else(|| panic!("no cause {id}")).fixes);
    }
    let known: Vec<String> =
        fixes.iter().flat_map(|fix| &fix.commands).map(|command| command.to_lowercase()).collect();
    let missing: Vec<&&str> = commands
        .iter()
        .filter(|command| !known.iter().any(|known| known.contains(&command.to_lowercase())))
        .collect();
    assert!(missing.is_empty(), "{ids:?}: no fix has {missing:#?}");
}

/// A command of the online document, for each control set of the loaded hive.
pub(super) fn offline(online: &str) -> Vec<String> {
    if online.contains(r"HKLM\SOFTWARE") {
        return vec![online.replace(r"HKLM\SOFTWARE", r"HKLM\BROKENSOFTWARE")];
    }
    ["ControlSet001", "ControlSet002"]
        .iter()
        .map(|set| online.replace(r"HKLM\SYSTEM\CurrentControlSet", &format!(r"HKLM\BROKENSYSTEM\{set}")))
        .collect()
}

/// The fixes of a cause or of a procedure.
pub(super) fn fixes(id: &str) -> &'static [Remedy] {
    let of_cause = catalogue::get(id).map(|cause| cause.fixes.as_slice());
    let of_procedure = procedure::get(id).map(|procedure| procedure.fixes.as_slice());
    of_cause.or(of_procedure).unwrap_or_else(|| panic!("neither a cause nor a procedure: {id}"))
}

/// Each command must stand in the cause or procedure that it is given with, on that channel.
pub(super) fn stand_on(prescribed: &[(&str, Channel, &str)]) {
    let missing: Vec<String> = prescribed
        .iter()
        .filter(|(id, channel, command)| {
            let here = fixes(id).iter().filter(|fix| fix.channel == *channel);
            !here.flat_map(|fix| &fix.commands).any(|known| known.contains(command))
        })
        .map(|(id, channel, command)| format!("{id}, {}: {command}", channel.word()))
        .collect();
    assert!(missing.is_empty(), "prescribed and missing:\n{}", missing.join("\n"));
}

/// No SYN is answered, neither at RDP's port nor at the control ports.
pub(super) fn silent_host() -> Route {
    Route {
        control_ports: vec![control(135, Some(timed_out())), control(445, Some(timed_out()))],
        ..unconnected(V4, timed_out())
    }
}

/// No SYN is answered at RDP's port, while the host answers at another.
pub(super) fn silent_port() -> Route {
    Route { control_ports: vec![control(445, None)], ..unconnected(V4, timed_out()) }
}
