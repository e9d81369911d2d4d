//! What the formats have in common: a check's cases, its verdict and headline, its diagnosis in short.

use std::net::SocketAddr;

use crate::diagnosis::Standing;
use crate::policy::{Change, Judged, Outcome};
use crate::render::{measure, words};
use crate::report::check::{Check, Wait};

/// How many causes the diagnosis in short names.
const CAUSES_SHOWN: usize = 3;

/// What a format shows as one test: an expectation, a change since the baseline, or the wait.
pub(super) struct Case {
    /// `tls>=1.2`, `same thumbprint`, `ready in time`; with its address where the target has several.
    pub(super) name: String,
    /// What it belongs to, the same for every target: `expectation/tls`, `change/thumbprint`, `wait`.
    pub(super) rule: String,
    pub(super) outcome: Outcome,
    /// What decided it, one clause.
    pub(super) fact: String,
    pub(super) address: Option<SocketAddr>,
}

/// Everything that a check can fail of, in the order in which it is shown.
pub(super) fn cases(check: &Check) -> Vec<Case> {
    let several = check.report.evidence.routes.len() > 1;
    let expectations = check.expectations.iter().map(|judged| expectation(judged, several));
    let changes = check.changes.iter().flatten().map(change);
    expectations.chain(changes).chain(check.wait.as_ref().map(wait)).collect()
}

fn expectation(judged: &Judged, several: bool) -> Case {
    let name = match judged.address {
        Some(address) if several => format!("{} ({address})", judged.expectation),
        _ => judged.expectation.clone(),
    };
    Case {
        name,
        rule: format!("expectation/{}", judged.subject),
        outcome: judged.outcome,
        fact: judged.fact.clone(),
        address: judged.address,
    }
}

fn change(change: &Change) -> Case {
    Case {
        name: format!("same {}", change.what),
        rule: format!("change/{}", change.what),
        outcome: if change.ignored { Outcome::Met } else { Outcome::Missed },
        fact: change_text(change),
        address: None,
    }
}

/// A change in one clause.
pub(super) fn change_text(change: &Change) -> String {
    let told = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
    let ignored = if change.ignored { " (ignored)" } else { "" };
    format!("{} was {}, is {}{ignored}", change.what, told(&change.before), told(&change.after))
}

/// The rule of the case that a wait is.
const WAIT: &str = "wait";

fn wait(wait: &Wait) -> Case {
    Case {
        name: "ready in time".to_owned(),
        rule: WAIT.to_owned(),
        outcome: wait_outcome(wait),
        fact: wait_text(wait),
        address: None,
    }
}

/// A wait that was stopped says nothing of what would have come.
fn wait_outcome(wait: &Wait) -> Outcome {
    if wait.stopped {
        Outcome::Undecided
    } else if wait.ran_out || wait.gave_up.is_some() {
        Outcome::Missed
    } else {
        Outcome::Met
    }
}

/// How a wait ended, in one clause.
pub(super) fn wait_text(wait: &Wait) -> String {
    let probes = if wait.probes == 1 { "1 probe".to_owned() } else { format!("{} probes", wait.probes) };
    let ended = if wait.stopped {
        "stopped"
    } else if wait.ran_out {
        "the time ran out"
    } else if wait.gave_up.is_some() {
        "given up"
    } else {
        "ready"
    };
    let why = wait.gave_up.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    format!(
        "{ended} after {}, {probes}; held {} of {} times in a row{why}",
        words::waited(wait.waited_ms),
        wait.in_a_row,
        wait.wanted_in_a_row
    )
}

/// `host:port`, an IPv6 address in brackets.
pub(super) fn target(check: &Check) -> String {
    check.report.evidence.target.to_string()
}

/// What a check came to, a wait that ran out included.
pub(super) fn outcome(check: &Check) -> Outcome {
    if ran_out(check) { Outcome::Missed } else { check.result }
}

/// The worst of several checks; no check at all decides nothing, and neither does one that could not be made.
pub(super) fn worst(checks: &[Check], unnamed: u64) -> Outcome {
    let unmade = (unnamed > 0 || checks.is_empty()).then_some(Outcome::Undecided);
    checks.iter().map(outcome).chain(unmade).max().unwrap_or(Outcome::Undecided)
}

/// What the case of the sources belongs to, in place of a target.
pub(super) const SOURCES: &str = "sources";

/// That entries of the sources name no target, as a case beside those of the targets: of these machines nobody knows.
pub(super) fn sources(unnamed: u64) -> Option<Case> {
    let fact = match unnamed {
        0 => return None,
        1 => "1 entry of the sources names no target".to_owned(),
        many => format!("{} entries of the sources name no target", measure::count(many)),
    };
    Some(Case {
        name: "every entry names a target".to_owned(),
        rule: SOURCES.to_owned(),
        outcome: Outcome::Undecided,
        fact,
        address: None,
    })
}

fn ran_out(check: &Check) -> bool {
    check.wait.as_ref().is_some_and(|wait| wait.ran_out)
}

/// The answer in capitals.
pub(super) fn verdict(check: &Check) -> &'static str {
    if ran_out(check) {
        return "TIMED OUT";
    }
    match check.result {
        Outcome::Met => "PASSED",
        Outcome::Warning => "PASSED WITH WARNINGS",
        Outcome::Undecided => "COULD NOT DECIDE",
        Outcome::Missed => "FAILED",
    }
}

/// The word of an outcome.
pub(super) const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Met => "met",
        Outcome::Warning => "warning",
        Outcome::Undecided => "undecided",
        Outcome::Missed => "missed",
    }
}

/// How many expectations and changes came to what, the worst first: `1 missed, 3 met`. The wait has words of its own.
pub(super) fn counts(check: &Check) -> String {
    let mut cases = cases(check);
    cases.retain(|case| case.rule != WAIT);
    let counted = [Outcome::Missed, Outcome::Undecided, Outcome::Warning, Outcome::Met].map(|wanted| {
        let count = cases.iter().filter(|case| case.outcome == wanted).count();
        (count > 0).then(|| format!("{count} {}", word(wanted)))
    });
    let counted: Vec<String> = counted.into_iter().flatten().collect();
    if counted.is_empty() { "nothing was expected".to_owned() } else { counted.join(", ") }
}

/// Why, in a few lines: the summary, the first causes, the next check, where to read on. Not escaped.
pub(super) fn diagnosis(check: &Check) -> Vec<String> {
    let diagnosis = &check.report.diagnosis;
    let summary = Some(diagnosis.summary.clone()).filter(|summary| !summary.is_empty());
    let causes = diagnosis
        .findings
        .iter()
        .take(CAUSES_SHOWN)
        .map(|finding| format!("{}: {} [{}]", standing(finding.standing), finding.title, finding.cause));
    let hidden = diagnosis.findings.len().saturating_sub(CAUSES_SHOWN);
    let hidden = (hidden > 0).then(|| format!("and {hidden} more possible causes"));
    let next = next_check(check).map(|next| format!("next: {next}"));
    let explain = explain(check).map(|command| format!("explained by: {command}"));
    summary.into_iter().chain(causes).chain(hidden).chain(next).chain(explain).collect()
}

/// The same without what the case says itself.
pub(super) fn diagnosis_beside(check: &Check, case: &Case) -> Vec<String> {
    diagnosis(check).into_iter().filter(|line| *line != case.fact).collect()
}

/// The cheapest check that brings the diagnosis further.
pub(super) fn next_check(check: &Check) -> Option<&str> {
    check.report.diagnosis.findings.iter().find_map(|finding| finding.next_check.as_deref())
}

/// The command that says more of the first cause.
pub(super) fn explain(check: &Check) -> Option<String> {
    check.report.diagnosis.findings.first().map(|finding| format!("rdprobe explain {}", finding.cause))
}

pub(super) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Confirmed => "confirmed",
        Standing::Likely => "likely",
        Standing::Possible => "possible",
    }
}
