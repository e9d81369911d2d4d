//! Every cause is shown by something that runs (a scenario, a guest's file, a broken server, a fault of the network, a
//! message of the client), or says here why not.

use std::collections::BTreeSet;

use rdprobe::diagnosis::observation::vocabulary::{Weight, vocabulary};
use rdprobe::diagnosis::{Observation, catalogue, rank};

use crate::real::xrdp;
use crate::{fault_findings, guest, scenarios};

/// Causes that nothing here can show, each with its reason.
const UNSHOWN: &[(&str, &str)] =
    &[("tls-library-too-new", "it takes a probe that makes no wide offer, and every plan makes one")];

/// The causes that some message of the client leads to where the handshake is good.
fn heard() -> BTreeSet<String> {
    let complaints = vocabulary().filter(|word| word.weight == Weight::Complaint);
    let heard = |id: &str| Observation { id: id.to_owned(), address: None, fact: "as told".to_owned() };
    complaints.flat_map(|word| rank::rank(&[heard(word.id)], true)).map(|finding| finding.cause).collect()
}

#[test]
fn every_cause_is_shown_or_says_why_not() {
    let shown: BTreeSet<String> = [scenarios::causes(), guest::causes::causes(), heard()]
        .into_iter()
        .flatten()
        .chain(fault_findings::causes().chain(xrdp::causes()).map(str::to_owned))
        .collect();
    let excused = |id: &str| UNSHOWN.iter().any(|(known, _)| *known == id);
    let unshown: Vec<&str> = catalogue::all()
        .iter()
        .filter(|cause| !cause.informational)
        .map(|cause| cause.id.as_str())
        .filter(|id| !shown.contains(*id) && !excused(id))
        .collect();
    assert_eq!(unshown, Vec::<&str>::new(), "neither shown nor excused");
    for (id, reason) in UNSHOWN {
        assert!(catalogue::get(id).is_some_and(|cause| cause.id == *id), "no cause {id}");
        assert!(!shown.contains(*id), "{id} is shown now: {reason}");
    }
    for id in &shown {
        assert!(catalogue::get(id).is_some_and(|cause| cause.id == *id), "no cause {id}");
    }
}
