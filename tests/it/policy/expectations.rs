//! Every expectation met, missed and undecided, and that none is left out.

use rdprobe::policy::expectation::TABLE;
use rdprobe::policy::{Judged, Outcome, Policy, expression, judge};
use rdprobe::report::Report;
use std::collections::BTreeSet;

/// An expectation, what it comes to, and a part of the fact that decides it.
pub(super) type Case = (&'static str, Outcome, &'static str);

/// Judges one expression that holds one expectation.
pub(super) fn judged(text: &str, report: &Report) -> Judged {
    let policy =
        Policy::new("test", expression::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")));
    let mut judged = judge(&policy, &report.evidence, &report.diagnosis);
    assert_eq!(judged.len(), 1, "{text}");
    judged.remove(0)
}

/// What comes out otherwise than the cases say, one line each.
pub(super) fn compare(what: &str, cases: &[Case], report: &Report) -> Vec<String> {
    let wrong = |(text, outcome, fact): &Case| {
        let judged = judged(text, report);
        let is_right = judged.outcome == *outcome && judged.fact.contains(fact);
        (!is_right).then(|| format!("{what}: {text} is {:?}: {}", judged.outcome, judged.fact))
    };
    cases.iter().filter_map(wrong).collect()
}

/// Subjects and outcomes that some cases show.
fn shown<'c>(cases: impl Iterator<Item = &'c Case>) -> BTreeSet<(&'static str, Outcome)> {
    cases.map(|(text, outcome, _)| (expression::parse(text).unwrap()[0].subject.name, *outcome)).collect()
}

#[test]
fn every_expectation_is_shown_in_every_outcome() {
    let live = shown(super::live::CASES.iter().flat_map(|(_, cases)| cases.iter()));
    let made = shown(super::made::cases().iter().flat_map(|(_, _, cases)| cases.iter()));
    let mut lacking = Vec::new();
    for subject in TABLE {
        let warning = subject.has_two_thresholds().then_some(Outcome::Warning);
        for outcome in [Outcome::Met, Outcome::Missed, Outcome::Undecided].into_iter().chain(warning) {
            let pair = (subject.name, outcome);
            if !live.contains(&pair) && !made.contains(&pair) {
                lacking.push(format!("{} {outcome:?}", subject.name));
            }
        }
    }
    assert!(lacking.is_empty(), "no case shows: {}", lacking.join(", "));
}

#[test]
fn what_a_persona_can_show_is_shown_live() {
    let live = shown(super::live::CASES.iter().flat_map(|(_, cases)| cases.iter()));
    for subject in TABLE {
        assert!(live.iter().any(|(name, _)| *name == subject.name), "{} is never shown live", subject.name);
    }
}
