//! JUnit XML: a suite a target, a case an expectation, a change or the wait.
//!
//! What could not be decided is an error, so that nobody takes it for a pass. A warning passes and tells on system-out.

use std::io::{self, Write};
use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::case::{self, Case};
use crate::policy::Outcome;
use crate::render::escape::escape;
use crate::report::check::Check;

pub(super) fn junit(checks: &[Check], unnamed: u64, out: &mut dyn Write) -> io::Result<()> {
    let mut report = Report::new("rdprobe check");
    report.add_test_suites(checks.iter().map(suite));
    report.add_test_suites(case::sources(unnamed).iter().map(sources));
    let text = report.to_string().map_err(io::Error::other)?;
    // The schema of Jenkins knows no skipped tests of all suites together; there are none.
    out.write_all(text.replacen(" skipped=\"0\"", "", 1).as_bytes())
}

fn suite(check: &Check) -> TestSuite {
    let evidence = &check.report.evidence;
    let target = escape(&case::target(check));
    let mut suite = TestSuite::new(target.as_str());
    suite.set_time(time(check));
    // The crate's own field wants a clock library that nothing else here needs.
    suite
        .extra
        .insert("timestamp".into(), evidence.started_at.strftime("%Y-%m-%dT%H:%M:%S").to_string().into());
    suite.add_properties([
        ("rdprobe.version", escape(&check.report.rdprobe_version).as_str()),
        ("rdprobe.target", &escape(&check.target)),
        ("rdprobe.policy", &escape(&check.policy)),
        ("rdprobe.summary", &escape(&check.report.diagnosis.summary)),
    ]);
    suite.add_test_cases(case::cases(check).iter().map(|case| test_case(Some(check), case, &target)));
    suite
}

/// A suite of its own, that fails.
fn sources(case: &Case) -> TestSuite {
    let mut suite = TestSuite::new(case::SOURCES);
    suite.set_time(Duration::ZERO);
    suite.add_test_case(test_case(None, case, case::SOURCES));
    suite
}

/// How long the target took: the wait, or the one probe.
fn time(check: &Check) -> Duration {
    let ms = check.wait.as_ref().map_or(check.report.evidence.elapsed_ms, |wait| wait.waited_ms);
    Duration::try_from_secs_f64(ms.0 / 1000.0).unwrap_or_default()
}

/// Of a check, or of the sources.
fn test_case(check: Option<&Check>, case: &Case, target: &str) -> TestCase {
    let fact = escape(&case.fact);
    let failed = |kind, word: &str| {
        let mut status = TestCaseStatus::non_success(kind);
        let why = check.map(|check| case::diagnosis_beside(check, case)).unwrap_or_default();
        let why = why.into_iter().map(|line| format!("\n{}", escape(&line)));
        let text: String = std::iter::once(fact.clone()).chain(why).collect();
        status.set_message(fact.as_str()).set_type(word).set_description(text);
        status
    };
    let status = match case.outcome {
        Outcome::Met | Outcome::Warning => TestCaseStatus::success(),
        Outcome::Undecided => failed(NonSuccessKind::Error, case::word(case.outcome)),
        Outcome::Missed => failed(NonSuccessKind::Failure, case::word(case.outcome)),
    };
    let mut test_case = TestCase::new(escape(&case.name), status);
    test_case.set_classname(target);
    match case.outcome {
        Outcome::Warning => test_case.set_system_out(format!("warning: {fact}")),
        Outcome::Met => test_case.set_system_out(fact.as_str()),
        Outcome::Undecided | Outcome::Missed => &mut test_case,
    };
    test_case
}
