//! SARIF 2.1.0: each case that did not go well and each cause found, as results of rules.
//!
//! OASIS "Static Analysis Results Interchange Format (SARIF) Version 2.1.0". What could not be decided is a result of
//! kind `open` (3.27.9), whose level must be `none` (3.27.10), and a notification of the run, which did not succeed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::case::{self, Case};
use crate::diagnosis::{Finding, catalogue};
use crate::evidence::Millis;
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::render::json as plain;
use crate::report::check::Check;
use crate::target::{Host, Target};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn sarif(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    let version = checks.first().map_or(env!("CARGO_PKG_VERSION"), |check| &check.report.rdprobe_version);
    let rules: Vec<Value> = rules(checks).into_values().collect();
    let results: Vec<Value> = checks.iter().flat_map(results).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "rdprobe", "version": version, "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "invocations": checks.iter().map(invocation).chain(sources(unnamed)).collect::<Vec<_>>(),
            "results": results,
        }],
    });
    plain::json(&[log], out)
}

/// Every rule that has a result, by its id.
fn rules(checks: &[Check]) -> BTreeMap<String, Value> {
    let mut rules = BTreeMap::new();
    for check in checks {
        for case in wrong(check) {
            let rule = json!({ "id": case.rule, "shortDescription": { "text": about(&case.rule) } });
            rules.entry(case.rule).or_insert(rule);
        }
        for finding in causes(check) {
            rules.entry(cause_rule(finding)).or_insert_with(|| cause(finding));
        }
    }
    rules
}

/// What a rule is about, in words.
fn about(rule: &str) -> String {
    match rule.split_once('/') {
        Some(("expectation", subject)) => format!("what is expected of {subject}"),
        Some((_, what)) => format!("{what} as in the baseline"),
        None => "the expectations hold before the wait ends".to_owned(),
    }
}

/// A cause of the catalogue as a rule: its title, its prose, the first page of the vendor.
fn cause(finding: &Finding) -> Value {
    let prose = catalogue::get(&finding.cause).map_or(finding.title.as_str(), |cause| cause.prose.as_str());
    let mut rule = json!({
        "id": cause_rule(finding),
        "shortDescription": { "text": finding.title },
        "help": { "text": format!("rdprobe explain {}\n\n{prose}", finding.cause), "markdown": prose },
    });
    if let (Some(page), Some(rule)) = (finding.docs.first(), rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), page.as_str().into());
    }
    rule
}

fn cause_rule(finding: &Finding) -> String {
    format!("cause/{}", finding.cause)
}

fn wrong(check: &Check) -> impl Iterator<Item = Case> {
    case::cases(check).into_iter().filter(|case| case.outcome != Outcome::Met)
}

/// The causes of a check that did not pass.
fn causes(check: &Check) -> &[Finding] {
    match case::outcome(check) {
        Outcome::Met | Outcome::Warning => &[],
        Outcome::Undecided | Outcome::Missed => &check.report.diagnosis.findings,
    }
}

fn results(check: &Check) -> Vec<Value> {
    let cases = wrong(check).map(|case| {
        let (kind, level) = match case.outcome {
            Outcome::Met => ("pass", "none"),
            Outcome::Warning => ("fail", "warning"),
            Outcome::Undecided => ("open", "none"),
            Outcome::Missed => ("fail", "error"),
        };
        let address = case.address.map_or_else(String::new, |address| address.to_string());
        let message = format!("{} {}: {}", case.name, case::word(case.outcome), case.fact);
        result(check, &case.rule, [kind, level], &message, &format!("{}/{address}", case.name))
    });
    let causes = causes(check).iter().map(|finding| {
        let next = finding.next_check.as_deref().map_or_else(String::new, |next| format!("; next: {next}"));
        let message = format!("{} ({}){next}", finding.title, case::standing(finding.standing));
        result(check, &cause_rule(finding), ["fail", "note"], &message, "")
    });
    cases.chain(causes).collect()
}

/// A result. Its fingerprint holds nothing that is measured, so that it is the same tomorrow.
fn result(check: &Check, rule: &str, [kind, level]: [&str; 2], message: &str, what: &str) -> Value {
    let target = case::target(check);
    json!({
        "ruleId": rule,
        "kind": kind,
        "level": level,
        "message": { "text": escape(message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(&check.report.evidence.target) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "name": escape(&target), "kind": "resource" }],
        }],
        "partialFingerprints": { "rdprobe/v1": escape(&format!("{target}/{rule}/{what}")) },
    })
}

/// One probe as a run of the tool; it succeeded if it decided.
fn invocation(check: &Check) -> Value {
    let evidence = &check.report.evidence;
    let undecided: Vec<Value> = wrong(check)
        .filter(|case| case.outcome == Outcome::Undecided)
        .map(|case| {
            let text = format!("{}: {} could not be decided: {}", case::target(check), case.name, case.fact);
            json!({ "level": "warning", "message": { "text": escape(&text) } })
        })
        .collect();
    json!({
        "executionSuccessful": undecided.is_empty(),
        "startTimeUtc": evidence.started_at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        "endTimeUtc": end(evidence.started_at, evidence.elapsed_ms),
        "toolExecutionNotifications": undecided,
    })
}

/// What was not probed, because nobody knows what it is, as a run that did not succeed.
fn sources(unnamed: u64) -> Option<Value> {
    case::sources(unnamed).map(|case| {
        json!({
            "executionSuccessful": false,
            "toolExecutionNotifications": [{ "level": "warning", "message": { "text": case.fact } }],
        })
    })
}

fn end(start: jiff::Timestamp, elapsed: Millis) -> String {
    let elapsed = std::time::Duration::try_from_secs_f64(elapsed.0 / 1000.0).unwrap_or_default();
    start.checked_add(elapsed).unwrap_or(start).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

fn uri(target: &Target) -> String {
    match &target.host {
        Host::Address(_) => format!("rdp://{target}"),
        Host::Name(name) => format!("rdp://{}:{}", encoded(name), target.port),
    }
}

/// Whatever may not stand in the name of a host (RFC 3986, 3.2.2), by number.
fn encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]),
        }
    }
    encoded
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}
