//! Observations x catalogue -> ranked findings, their twins, and the next check that tells them apart.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use super::catalogue::{self, Cause};
use super::observation::vocabulary::{Seen, Weight, lookup, matches};
use super::observation::{is_seen, is_symptom, is_told, is_watched};
use super::{Finding, Fix, Observation, Standing, repair};
use crate::evidence::Stage;

/// Every cause that the observations leave standing, best first.
///
/// Each route is judged on its own, with what holds for the whole target; a cause that several routes point to
/// keeps its best standing. What others tell is judged once more for the target as a whole: a fault that the guest
/// admits is a finding though the wire cannot show it. What the user's client displayed is looked into only if
/// Remote Desktop `answers`: where it does not, that is what there is to explain.
#[must_use]
pub fn rank(observations: &[Observation], answers: bool) -> Vec<Finding> {
    let mut ranked: Vec<Candidate> = Vec::new();
    for scope in scopes(observations, answers) {
        for candidate in judge(&scope) {
            match ranked.iter_mut().find(|known| known.cause.id == candidate.cause.id) {
                Some(known) => known.merge(candidate),
                None => ranked.push(candidate),
            }
        }
    }
    explain_away(&mut ranked);
    ranked.sort_by_key(Candidate::key);
    let order: Vec<&str> = ranked.iter().map(|candidate| candidate.cause.id.as_str()).collect();
    let mut findings: Vec<Finding> = ranked.iter().map(|candidate| finding(candidate, &order)).collect();
    if other_ports_unknown(observations)
        && let Some(first) = findings.first_mut().filter(|first| first.standing != Standing::Confirmed)
    {
        first.next_check = Some(CONTROL_PORTS.to_owned());
    }
    findings
}

/// The split that the probe itself can make is the cheapest of all.
const CONTROL_PORTS: &str =
    "run rdprobe again with its control ports: if another port of this address answers, the machine is there";

/// Whether the port is silent and no other port of the machine was asked.
fn other_ports_unknown(observations: &[Observation]) -> bool {
    let seen = |id: &str| observations.iter().any(|seen| seen.id == id);
    seen("tcp.timeout") && !seen("host.alive-other-port") && !seen("host.all-ports-silent")
}

/// What one route shows, with what holds for the whole target; or what is told of the target.
struct Scope<'a> {
    ids: Vec<&'a str>,
    /// The symptoms that are this scope's own to explain.
    symptoms: Vec<Symptom<'a>>,
    /// Whether the symptoms are what others tell, not what the probe saw.
    told: bool,
}

/// An observation that wants a cause, and what its row of the vocabulary says.
#[derive(Clone, Copy)]
struct Symptom<'a> {
    id: &'a str,
    stage: Option<Stage>,
    told: bool,
}

/// A cause that a scope leaves standing.
struct Left {
    cause: &'static Cause,
    /// Whether it explains each of the scope's symptoms, in their order.
    explains: Vec<bool>,
}

/// A cause that some scope leaves standing.
struct Candidate {
    cause: &'static Cause,
    standing: Standing,
    /// The symptoms that it explains, of every scope.
    explained: BTreeSet<String>,
    /// How many symptoms of its best scope it explains.
    most_explained: usize,
    evidence_for: Vec<String>,
    evidence_against: Vec<String>,
    excluded_twins: Vec<&'static str>,
}

fn scopes(observations: &[Observation], answers: bool) -> Vec<Scope<'_>> {
    let mut addresses: Vec<Option<SocketAddr>> = Vec::new();
    for seen in observations {
        if !addresses.contains(&seen.address) {
            addresses.push(seen.address);
        }
    }
    let scope = |address: Option<SocketAddr>| {
        let here = || observations.iter().filter(move |seen| seen.address == address);
        let whole = observations.iter().filter(|seen| seen.address.is_none() && address.is_some());
        Scope {
            ids: here().chain(whole).map(|seen| seen.id.as_str()).collect(),
            symptoms: here().filter_map(|seen| Symptom::of(&seen.id, false)).filter(|it| !it.told).collect(),
            told: false,
        }
    };
    let told = Scope {
        ids: observations.iter().map(|seen| seen.id.as_str()).collect(),
        symptoms: observations
            .iter()
            .filter_map(|seen| Symptom::of(&seen.id, answers))
            .filter(|it| it.told)
            .collect(),
        told: true,
    };
    addresses.into_iter().map(scope).chain([told]).filter(|scope| !scope.symptoms.is_empty()).collect()
}

impl<'a> Symptom<'a> {
    /// Nothing for an id that wants no cause. What the user's client displayed wants one only where it is asked for.
    fn of(id: &'a str, with_complaints: bool) -> Option<Self> {
        let word = lookup(id)?;
        let wants_cause = match word.weight {
            Weight::Symptom => true,
            Weight::Complaint => with_complaints,
            Weight::Hint | Weight::Neutral => false,
        };
        wants_cause.then_some(Self { id, stage: word.stage, told: word.seen == Seen::Told })
    }
}

fn judge(scope: &Scope<'_>) -> Vec<Candidate> {
    let left: Vec<Left> = catalogue::all().iter().filter_map(|cause| Left::of(cause, scope)).collect();
    left.iter().map(|one| one.candidate(&left, scope)).collect()
}

impl Left {
    /// A cause stands if it explains a symptom, has what it needs, and nothing rules it out.
    fn of(cause: &'static Cause, scope: &Scope<'_>) -> Option<Self> {
        let explains = |symptom: &Symptom<'_>| explains(cause, symptom);
        // First what most causes fail at.
        let stands = !cause.informational
            && scope.symptoms.iter().any(explains)
            && (scope.told || cause.needs.is_empty() || any(&cause.needs, scope))
            && !any(&cause.excludes, scope);
        stands.then(|| Self { cause, explains: scope.symptoms.iter().map(explains).collect() })
    }

    /// The symptoms that it explains.
    fn explained<'a>(&self, scope: &'a Scope<'_>) -> impl Iterator<Item = &'a Symptom<'a>> {
        scope
            .symptoms
            .iter()
            .zip(&self.explains)
            .filter(|(_, explains)| **explains)
            .map(|(symptom, _)| symptom)
    }

    fn candidate(&self, left: &[Self], scope: &Scope<'_>) -> Candidate {
        let cause = self.cause;
        let candidate = Candidate {
            cause,
            standing: standing_of(self, left, scope),
            explained: self.explained(scope).map(|symptom| symptom.id.to_owned()).collect(),
            most_explained: self.explained(scope).count(),
            evidence_for: [&cause.explains, &cause.confirms, &cause.heard]
                .into_iter()
                .flat_map(|patterns| seen_by(patterns, scope))
                .collect(),
            evidence_against: seen_by(&cause.against, scope).collect(),
            excluded_twins: excluded_twins(cause, scope),
        };
        candidate.tidy()
    }
}

/// Confirmed by a word of the server's or the guest's; likely if nothing else is left that explains what it explains.
fn standing_of(one: &Left, left: &[Left], scope: &Scope<'_>) -> Standing {
    if scope.told && hidden(one, scope) {
        return Standing::Possible;
    }
    if any(&one.cause.confirms, scope) {
        return Standing::Confirmed;
    }
    let alone = |asked: &dyn Fn(&Symptom<'_>) -> bool| {
        let explains_all = |other: &Left| {
            scope.symptoms.iter().zip(&other.explains).all(|(symptom, explains)| *explains || !asked(symptom))
        };
        explains_all(one) && left.iter().filter(|other| explains_all(other)).count() == 1
    };
    let only_one = one.explained(scope).any(|symptom| {
        alone(&|other| other.id == symptom.id) || alone(&|other| other.stage == symptom.stage)
    });
    if only_one { Standing::Likely } else { Standing::Possible }
}

/// Whether the cause shows on the wire, and yet nothing of it was seen there, over time or by the user: what is told may be
/// out of date, or meant for another machine.
fn hidden(one: &Left, scope: &Scope<'_>) -> bool {
    if any(&one.cause.heard, scope) || one.explained(scope).any(|symptom| is_watched(symptom.id)) {
        return false;
    }
    let mut visible = one.cause.explains.iter().filter(|pattern| is_seen(pattern)).peekable();
    visible.peek().is_some() && !visible.any(|pattern| scope.ids.iter().any(|id| matches(pattern, id)))
}

/// A fault that the guest admits leaves nothing for a cause that explains no more than it does. The server's own word
/// on the wire does not: it may name an effect, and the other its reason.
fn explain_away(ranked: &mut Vec<Candidate>) {
    let admitted: Vec<BTreeSet<String>> = ranked
        .iter()
        .filter(|candidate| candidate.is_admitted())
        .map(|candidate| candidate.explained.clone())
        .collect();
    ranked.retain(|candidate| {
        candidate.standing == Standing::Confirmed
            || !admitted.iter().any(|explained| candidate.explained.is_subset(explained))
    });
}

fn explains(cause: &Cause, symptom: &Symptom<'_>) -> bool {
    let by = |patterns: &[String]| patterns.iter().any(|pattern| matches(pattern, symptom.id));
    by(&cause.explains) || (symptom.told && (by(&cause.confirms) || by(&cause.heard)))
}

fn any(patterns: &[String], scope: &Scope<'_>) -> bool {
    patterns.iter().any(|pattern| scope.ids.iter().any(|id| matches(pattern, id)))
}

fn seen_by<'a>(patterns: &'a [String], scope: &'a Scope<'_>) -> impl Iterator<Item = String> + 'a {
    scope.ids.iter().filter(|id| patterns.iter().any(|pattern| speaks(pattern, id))).map(ToString::to_string)
}

/// A family of the catalogue (`x224.negfail.*`) means the symptoms in it: a good fact is evidence only by its name.
fn speaks(pattern: &str, id: &str) -> bool {
    matches(pattern, id) && (pattern == id || is_symptom(id))
}

/// Twins that this scope tells apart already.
fn excluded_twins(cause: &'static Cause, scope: &Scope<'_>) -> Vec<&'static str> {
    let twins = cause.twins.iter().filter_map(|id| catalogue::get(id));
    twins.filter(|twin| any(&twin.excludes, scope)).map(|twin| twin.id.as_str()).collect()
}

impl Candidate {
    /// Confirmed by what others tell.
    fn is_admitted(&self) -> bool {
        let proves =
            |id: &String| is_told(id) && self.cause.confirms.iter().any(|pattern| matches(pattern, id));
        self.standing == Standing::Confirmed && self.evidence_for.iter().any(proves)
    }

    fn tidy(mut self) -> Self {
        for ids in [&mut self.evidence_for, &mut self.evidence_against] {
            ids.sort();
            ids.dedup();
        }
        self
    }

    fn merge(&mut self, other: Self) {
        self.standing = self.standing.min(other.standing);
        self.most_explained = self.most_explained.max(other.most_explained);
        self.explained.extend(other.explained);
        self.evidence_for.extend(other.evidence_for);
        self.evidence_against.extend(other.evidence_against);
        self.excluded_twins.retain(|twin| other.excluded_twins.contains(twin));
        for ids in [&mut self.evidence_for, &mut self.evidence_against] {
            ids.sort();
            ids.dedup();
        }
    }

    /// Standing; the symptoms explained; all that speaks for it less what speaks against it; how sure the link is;
    /// then the catalogue's own order.
    fn key(&self) -> impl Ord + use<> {
        let weight = self.evidence_for.len().saturating_sub(self.evidence_against.len());
        (
            self.standing,
            std::cmp::Reverse(self.most_explained),
            std::cmp::Reverse(weight),
            self.cause.confidence,
            self.cause.order,
            self.cause.id.as_str(),
        )
    }
}

fn finding(candidate: &Candidate, order: &[&str]) -> Finding {
    let cause = candidate.cause;
    let twins: Vec<String> = cause
        .twins
        .iter()
        .filter(|twin| !candidate.excluded_twins.contains(&twin.as_str()))
        .cloned()
        .collect();
    let first_twin = order.iter().find(|id| twins.iter().any(|twin| twin == *id));
    let next_check = first_twin.and_then(|twin| cause.separates.get(*twin)).or(cause.next_check.as_ref());
    let next_check = next_check.filter(|_| !candidate.is_admitted()).cloned();
    Finding {
        cause: cause.id.clone(),
        title: cause.title.clone(),
        standing: candidate.standing,
        confidence: cause.confidence,
        evidence_for: candidate.evidence_for.clone(),
        evidence_against: candidate.evidence_against.clone(),
        twins,
        next_check,
        fix: repair::gentlest(&cause.fixes).map(Fix::from),
        docs: cause.docs.clone(),
    }
}
