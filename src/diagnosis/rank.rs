//! Observations x catalogue -> ranked findings, their twins, and the next check that tells them apart.

use std::net::SocketAddr;

use super::catalogue::{self, Cause};
use super::observation::vocabulary::matches;
use super::observation::{is_symptom, stage_of};
use super::{Finding, Fix, Observation, Standing};

/// Every cause that the observations leave standing, best first.
///
/// Each route is judged on its own, with what holds for the whole target; a cause that several routes point to
/// keeps its best standing.
#[must_use]
pub fn rank(observations: &[Observation]) -> Vec<Finding> {
    let mut ranked: Vec<Candidate> = Vec::new();
    for scope in scopes(observations) {
        for candidate in judge(&scope) {
            match ranked.iter_mut().find(|known| known.cause.id == candidate.cause.id) {
                Some(known) => known.merge(candidate),
                None => ranked.push(candidate),
            }
        }
    }
    ranked.sort_by_key(Candidate::key);
    let order: Vec<&str> = ranked.iter().map(|candidate| candidate.cause.id.as_str()).collect();
    ranked.iter().map(|candidate| finding(candidate, &order)).collect()
}

/// What one route shows, with what holds for the whole target.
struct Scope<'a> {
    ids: Vec<&'a str>,
    /// The symptoms that are this scope's own to explain.
    symptoms: Vec<&'a str>,
}

/// A cause that some scope leaves standing.
struct Candidate {
    cause: &'static Cause,
    standing: Standing,
    /// How many symptoms of its best scope it explains.
    explained: usize,
    evidence_for: Vec<String>,
    evidence_against: Vec<String>,
    excluded_twins: Vec<&'static str>,
}

fn scopes(observations: &[Observation]) -> Vec<Scope<'_>> {
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
            symptoms: here().map(|seen| seen.id.as_str()).filter(|id| is_symptom(id)).collect(),
        }
    };
    addresses.into_iter().map(scope).filter(|scope| !scope.symptoms.is_empty()).collect()
}

fn judge(scope: &Scope<'_>) -> Vec<Candidate> {
    let standing: Vec<&'static Cause> =
        catalogue::all().iter().filter(|cause| stands(cause, scope)).collect();
    standing
        .iter()
        .map(|cause| Candidate {
            cause,
            standing: standing_of(cause, &standing, scope),
            explained: explained(cause, scope).count(),
            evidence_for: seen_by(&cause.explains, scope).chain(seen_by(&cause.confirms, scope)).collect(),
            evidence_against: seen_by(&cause.against, scope).collect(),
            excluded_twins: excluded_twins(cause, scope),
        })
        .map(Candidate::tidy)
        .collect()
}

/// A cause stands if it explains a symptom, has what it needs, and nothing rules it out.
fn stands(cause: &Cause, scope: &Scope<'_>) -> bool {
    let needed = cause.needs.is_empty() || any(&cause.needs, scope);
    !cause.informational && needed && !any(&cause.excludes, scope) && explained(cause, scope).next().is_some()
}

/// Confirmed by a word of the server's or the guest's; likely if nothing else is left that explains what it explains.
fn standing_of(cause: &Cause, standing: &[&'static Cause], scope: &Scope<'_>) -> Standing {
    if any(&cause.confirms, scope) {
        return Standing::Confirmed;
    }
    let alone = |symptoms: &[&str]| {
        let explains_all = |cause: &Cause| symptoms.iter().all(|id| explains(cause, id));
        explains_all(cause) && standing.iter().filter(|other| explains_all(other)).count() == 1
    };
    let only_one = explained(cause, scope).any(|symptom| {
        let same_stage: Vec<&str> =
            scope.symptoms.iter().copied().filter(|id| stage_of(id) == stage_of(symptom)).collect();
        alone(&[symptom]) || alone(&same_stage)
    });
    if only_one { Standing::Likely } else { Standing::Possible }
}

fn explains(cause: &Cause, id: &str) -> bool {
    cause.explains.iter().any(|pattern| matches(pattern, id))
}

fn explained<'a>(cause: &'a Cause, scope: &'a Scope<'_>) -> impl Iterator<Item = &'a str> {
    scope.symptoms.iter().copied().filter(|id| explains(cause, id))
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
    fn tidy(mut self) -> Self {
        for ids in [&mut self.evidence_for, &mut self.evidence_against] {
            ids.sort();
            ids.dedup();
        }
        self
    }

    fn merge(&mut self, other: Self) {
        self.standing = self.standing.min(other.standing);
        self.explained = self.explained.max(other.explained);
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
            std::cmp::Reverse(self.explained),
            std::cmp::Reverse(weight),
            self.cause.confidence,
            self.cause.order,
            self.cause.id.clone(),
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
    let next_check =
        first_twin.and_then(|twin| cause.separates.get(*twin)).or(cause.next_check.as_ref()).cloned();
    Finding {
        cause: cause.id.clone(),
        title: cause.title.clone(),
        standing: candidate.standing,
        confidence: cause.confidence,
        evidence_for: candidate.evidence_for.clone(),
        evidence_against: candidate.evidence_against.clone(),
        twins,
        next_check,
        fix: cause.fixes.first().map(Fix::from),
        docs: cause.docs.clone(),
    }
}
