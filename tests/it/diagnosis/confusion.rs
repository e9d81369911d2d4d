//! The confusion table: every pair of look-alikes is named together until something separates it, then only one is.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex};

use rdprobe::diagnosis::catalogue::{self, Cause};
use rdprobe::diagnosis::observation::vocabulary::{Weight, Word, matches, vocabulary};
use rdprobe::diagnosis::observation::{is_complaint, is_symptom, is_told};
use rdprobe::diagnosis::{Observation, Standing, rank};

use crate::fixture::V4;

/// Directions that no observation separates, each with its reason: what decides there is not in any output that
/// rdprobe can read. The first cause of a pair is the one that nothing leaves alone.
const UNSEPARATED: &[(&str, &str, &str)] = &[
    ("aad-client-not-joined", "bad-credentials", "whether the client is joined stands on the client"),
    ("aad-client-not-joined", "lmcompat-ntlmv1", "both are settings of the client, which nobody reads"),
    (
        "credssp-encryption-oracle",
        "credssp-ntlm-blocked",
        "Protected Users bind a user, whatever the machine takes",
    ),
    (
        "credssp-refused",
        "credssp-ntlm-blocked",
        "a refusal without a code names no policy, and rules none out",
    ),
    (
        "dns-zone-broken",
        "client-resolver-down",
        "only another resolver's answer tells, which is another probe",
    ),
    ("ipsec-or-third-party-firewall", "max-connections", "the policy's limit may differ from the listener's"),
    (
        "ipsec-or-third-party-firewall",
        "rdp-cert-private-key-inaccessible",
        "a sound folder does not prove a sound key",
    ),
    (
        "keepalive-idle-cut",
        "listener-misconfigured-disconnects",
        "a session's length tells, and no output holds it",
    ),
    (
        "lsa-wrong-authority",
        "must-change-password",
        "a failed logon's status names the password, not the authority",
    ),
    ("network-service-rights", "listener-key-corrupt", "a key that is there may still be damaged"),
    ("server-not-windows", "encryption-level-too-high", "what is not Windows has no output of Windows"),
    ("server-not-windows", "ts-x509-cert-corrupt", "what is not Windows has no output of Windows"),
    (
        "ssl-cert-thumbprint-mismatch",
        "cert-without-server-eku",
        "event 1054 is the EKU's, the binding stays right",
    ),
    ("tls-client-mismatch", "lsa-wrong-authority", "the client's TLS settings stand on the client"),
    ("tls-client-mismatch", "must-change-password", "the client's TLS settings stand on the client"),
    ("tls-client-mismatch", "ts-x509-cert-corrupt", "the client's TLS settings stand on the client"),
    (
        "tls-library-too-new",
        "rdp-cert-private-key-inaccessible",
        "only the wide offers tell, and they were not made",
    ),
    (
        "unknown-server-behaviour",
        "server-not-windows",
        "what nobody knows cannot be told from what is no Windows",
    ),
    (
        "wrong-route",
        "dns-stale-ip",
        "a way through an appliance is no proof, and the address may be old as well",
    ),
];

/// What is observed, and whether Remote Desktop answers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Situation {
    ids: Vec<String>,
    answers: bool,
}

impl Situation {
    fn with(&self, id: &str) -> Self {
        let ids = self.ids.iter().cloned().chain([id.to_owned()]).collect();
        Self { ids, ..*self }
    }

    /// Every cause that stands, with its standing. Most pairs share their situations: each is judged once.
    fn judged(&self) -> Arc<BTreeMap<String, Standing>> {
        type Known = HashMap<Situation, Arc<BTreeMap<String, Standing>>>;
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        if let Some(judged) = KNOWN.lock().expect("no test panicked here").get(self) {
            return Arc::clone(judged);
        }
        let judged = Arc::new(self.judge());
        KNOWN.lock().expect("no test panicked here").insert(self.clone(), Arc::clone(&judged));
        judged
    }

    fn judge(&self) -> BTreeMap<String, Standing> {
        let address = |id: &str| (!is_told(id)).then(|| V4.parse().expect("an address"));
        let observations: Vec<Observation> = self
            .ids
            .iter()
            .map(|id| Observation {
                id: id.clone(),
                address: address(id),
                fact: "made for this test".to_owned(),
            })
            .collect();
        let findings = rank::rank(&observations, self.answers);
        findings.into_iter().map(|finding| (finding.cause, finding.standing)).collect()
    }
}

/// Every pair of twins, once.
fn pairs() -> Vec<(&'static Cause, &'static Cause)> {
    let twin = |id: &String| catalogue::get(id).expect("the catalogue test holds that twins exist");
    catalogue::all()
        .iter()
        .filter(|cause| !cause.informational)
        .flat_map(|cause| cause.twins.iter().map(move |id| (cause, twin(id))))
        .filter(|(one, other)| one.id < other.id && !other.informational)
        .collect()
}

/// A concrete id of every word, so that families take part.
fn samples() -> Vec<String> {
    let sample = |word: &Word| -> Vec<String> {
        let fill = |number: &str| {
            let parts = word.id.split('.').map(|part| match part {
                "N" | "X" => number,
                "V" => "1.2",
                "W" => "sample",
                literal => literal,
            });
            parts.collect::<Vec<_>>().join(".")
        };
        if fill("40") == fill("80") {
            vec![fill("40")]
        } else {
            vec![fill("40"), fill("80"), fill("3"), fill("5")]
        }
    };
    let listed = catalogue::all()
        .iter()
        .flat_map(|cause| [&cause.explains, &cause.needs, &cause.heard, &cause.confirms, &cause.excludes]);
    let named = listed.flatten().filter(|pattern| !pattern.ends_with('*')).cloned();
    let mut all: Vec<String> = vocabulary().flat_map(sample).chain(named).collect();
    all.sort();
    all.dedup();
    all
}

fn names(patterns: &[String], id: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, id))
}

/// Situations in which nothing but what both explain is seen.
fn shared(one: &Cause, other: &Cause, samples: &[String]) -> Vec<Situation> {
    let needed = |cause: &Cause, symptom: &str| -> Vec<Option<String>> {
        if cause.needs.is_empty() || names(&cause.needs, symptom) {
            return vec![None];
        }
        samples.iter().filter(|id| names(&cause.needs, id)).map(|id| Some(id.clone())).collect()
    };
    let mut found = Vec::new();
    for symptom in samples {
        let seen = is_symptom(symptom) && names(&one.explains, symptom) && names(&other.explains, symptom);
        let heard = is_complaint(symptom) && names(&one.heard, symptom) && names(&other.heard, symptom);
        if !seen && !heard {
            continue;
        }
        // What the user's client displayed is looked into without needing more.
        let needed = |cause: &Cause| if heard { vec![None] } else { needed(cause, symptom) };
        for first in needed(one) {
            for second in needed(other) {
                let mut ids: Vec<String> =
                    [Some(symptom.clone()), first.clone(), second].into_iter().flatten().collect();
                ids.dedup();
                found.push(Situation { ids, answers: heard });
            }
        }
    }
    found
}

/// The situations that name both of a pair.
fn confused<'a>(
    one: &'a Cause,
    other: &'a Cause,
    samples: &[String],
) -> impl Iterator<Item = (Situation, Arc<BTreeMap<String, Standing>>)> + Clone + 'a {
    let situations = shared(one, other, samples).into_iter();
    situations
        .map(|situation| (situation.clone(), situation.judged()))
        .filter(|(_, judged)| judged.contains_key(&one.id) && judged.contains_key(&other.id))
}

#[test]
fn look_alikes_are_named_together_and_neither_is_likely() {
    let samples = samples();
    let mut wrong = Vec::new();
    for (one, other) in pairs() {
        let mut situations = confused(one, other, &samples).peekable();
        if situations.peek().is_none() {
            wrong.push(format!("{} and {} are twins and nothing shows both", one.id, other.id));
        }
        for (situation, judged) in situations {
            for cause in [one, other].into_iter().filter(|cause| judged[&cause.id] == Standing::Likely) {
                wrong.push(format!("{} is likely at {:?}", cause.id, situation.ids));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_separating_observation_leaves_one_of_them() {
    let samples = samples();
    let (mut wrong, mut excused) = (Vec::new(), Vec::new());
    for (one, other) in pairs() {
        let situations = confused(one, other, &samples);
        for (kept, gone) in [(one, other), (other, one)] {
            let separators: Vec<&String> =
                samples.iter().filter(|id| names(&kept.confirms, id) || names(&gone.excludes, id)).collect();
            let separates = |situation: &Situation, id: &str| {
                let judged = situation.with(id).judged();
                judged.contains_key(&kept.id) && !judged.contains_key(&gone.id)
            };
            let separated = situations
                .clone()
                .any(|(situation, _)| separators.iter().any(|id| separates(&situation, id)));
            let excuse = UNSEPARATED.iter().find(|(alone, twin, _)| *alone == kept.id && *twin == gone.id);
            match (separated, excuse) {
                (true, None) => {}
                (false, Some((alone, twin, _))) => excused.push((*alone, *twin)),
                (false, None) => wrong.push(format!("nothing leaves {} alone beside {}", kept.id, gone.id)),
                (true, Some(_)) => wrong.push(format!("{} beside {} is separated now", kept.id, gone.id)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(excused.len(), UNSEPARATED.len(), "an excuse names no pair of twins");
}

#[test]
fn every_pair_of_twins_has_a_check_that_somebody_can_run() {
    for (one, other) in pairs() {
        for (cause, twin) in [(one, other), (other, one)] {
            let check = cause.separates.get(&twin.id).or(cause.next_check.as_ref());
            assert!(
                check.is_some_and(|check| check.len() > 20),
                "{}: no check against {}",
                cause.id,
                twin.id
            );
        }
    }
}

#[test]
fn the_words_of_the_guest_have_both_ends() {
    let words: Vec<&Word> = vocabulary().collect();
    for word in words.iter().filter(|word| word.weight == Weight::Symptom) {
        if let Some(stem) = word.id.strip_suffix(".bad") {
            let fine = format!("{stem}.ok");
            let joined = word.id == "guest.entra.not-joined";
            let one_sided = ["guest.netvsc.bad"].contains(&word.id);
            assert!(
                joined || one_sided || words.iter().any(|other| other.id == fine),
                "{}: no {fine}",
                word.id
            );
        }
    }
}
