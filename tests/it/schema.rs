//! What rdprobe prints as JSON follows the schema that it prints, and comes back unchanged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use jsonschema::Validator;
use rdprobe::diagnosis::Verdict;
use rdprobe::render::json::{json, ndjson};
use rdprobe::render::schema::schema;
use rdprobe::report::{ExitStatus, Report, exit_status};
use serde_json::Value;

use crate::goldens::cases;

/// Makes a document wrong.
type Spoil = fn(&mut Value);

fn validator() -> Validator {
    jsonschema::draft202012::options().build(&schema()).unwrap()
}

#[test]
fn the_schema_is_a_schema_and_names_its_version() {
    let schema = schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert_eq!(schema["title"], "rdprobe.report/1");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
}

#[test]
fn every_report_follows_the_schema() {
    let validator = validator();
    for (case, report) in cases::all() {
        let document = serde_json::to_value(&report).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{case}: {errors:#?}");
    }
}

#[test]
fn a_wrong_document_does_not() {
    let validator = validator();
    let (_, report) = cases::all().remove(0);
    let wrong: [(&str, Spoil); 8] = [
        ("another version", |document| document["schema"] = "rdprobe.report/2".into()),
        ("a number as text", |document| document["evidence"]["elapsed_ms"] = "12".into()),
        ("an unknown verdict", |document| document["diagnosis"]["verdict"] = "maybe".into()),
        ("no evidence", |document| {
            document.as_object_mut().unwrap().remove("evidence");
        }),
        ("a step without an outcome", |document| {
            document["evidence"]["resolve"].as_object_mut().unwrap().remove("seen");
        }),
        ("a failure of no kind", |document| {
            let step = document["evidence"]["routes"][0]["connect"].as_object_mut().unwrap();
            step.remove("seen");
            step.insert("failed".to_owned(), serde_json::json!({ "kind": "tired" }));
        }),
        ("a matrix row without an outcome", |document| {
            document["evidence"]["routes"][0]["negotiate"][0].as_object_mut().unwrap().remove("seen");
        }),
        ("bytes that are no hex", |document| {
            document["evidence"]["routes"][0]["negotiate"][0]["seen"]["raw"] = "xyz".into();
        }),
    ];
    for (what, spoil) in wrong {
        let mut document = serde_json::to_value(&report).unwrap();
        assert!(validator.is_valid(&document), "before: {what}");
        spoil(&mut document);
        assert!(!validator.is_valid(&document), "{what} passes");
    }
}

#[test]
fn additions_are_allowed() {
    let (_, report) = cases::all().remove(0);
    let mut document = serde_json::to_value(&report).unwrap();
    document["later"] = 1.into();
    document["evidence"]["later"] = 1.into();
    document["evidence"]["routes"][0]["negotiate"][0]["later"] = 1.into();
    document["evidence"]["routes"][0]["connect"]["seen"]["later"] = 1.into();
    assert!(validator().is_valid(&document));
    assert_eq!(serde_json::from_value::<Report>(document).unwrap(), report);
}

#[test]
fn a_report_comes_back_unchanged() {
    for (case, report) in cases::all() {
        let mut pretty = Vec::new();
        json(std::slice::from_ref(&report), &mut pretty).unwrap();
        assert_eq!(serde_json::from_slice::<Report>(&pretty).unwrap(), report, "{case}");
        let mut compact = Vec::new();
        ndjson(&report, &mut compact).unwrap();
        assert_eq!(serde_json::from_slice::<Report>(&compact).unwrap(), report, "{case}");
    }
}

#[test]
fn several_reports_are_an_array_and_one_is_an_object() {
    let reports: Vec<Report> = cases::all().into_iter().map(|(_, report)| report).collect();
    let shape = |reports: &[Report]| {
        let mut out = Vec::new();
        json(reports, &mut out).unwrap();
        serde_json::from_slice::<Value>(&out).unwrap()
    };
    assert!(shape(&reports[..1]).is_object());
    assert_eq!(shape(&reports[..3]).as_array().unwrap().len(), 3);
    let mut line = Vec::new();
    ndjson(&reports[0], &mut line).unwrap();
    assert_eq!(String::from_utf8(line).unwrap().matches('\n').count(), 1);
}

#[test]
fn the_exit_status_is_that_of_the_worst_target() {
    use Verdict::{NotReachable, PartlyReachable, Reachable, StagePassed, Undecided};
    let (_, report) = cases::all().remove(0);
    let status = |verdicts: &[Verdict]| {
        let reports: Vec<Report> = verdicts
            .iter()
            .map(|verdict| {
                let mut report = report.clone();
                report.diagnosis.verdict = *verdict;
                report
            })
            .collect();
        exit_status(&reports)
    };
    assert_eq!(status(&[Reachable, StagePassed]), ExitStatus::Good);
    assert_eq!(status(&[Reachable, Undecided, PartlyReachable]), ExitStatus::FailureFound);
    assert_eq!(status(&[NotReachable]), ExitStatus::FailureFound);
    assert_eq!(status(&[Reachable, Undecided]), ExitStatus::Undecided);
    assert_eq!(status(&[]), ExitStatus::Undecided);
    assert_eq!(
        [ExitStatus::Good, ExitStatus::FailureFound, ExitStatus::Undecided].map(ExitStatus::code),
        [0, 1, 3]
    );
}
