//! Commands of a document against the fixes of the catalogue, and what others tell put beside the evidence.

use crate::diagnosis::{causes, judged};
use rdprobe::diagnosis::catalogue::{self, Remedy};
use rdprobe::diagnosis::procedure;
use rdprobe::evidence::{Evidence, Testimony, Witness};

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
