//! Each format by a reader or a schema that nobody here wrote.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rdprobe::policy::Outcome;
use rdprobe::render::check::CheckFormat;
use rdprobe::render::schema::check_schema;
use rdprobe::report::check::Check;
use serde_json::Value;

use super::{cases, rendered};

#[test]
fn every_check_follows_the_schema_and_comes_back_unchanged() {
    let schema = check_schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    assert_eq!(schema["title"], "rdprobe.check/1");
    let printed =
        Command::new(env!("CARGO_BIN_EXE_rdprobe")).args(["generate", "schema", "check"]).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&printed.stdout).unwrap(), schema);
    let validator = jsonschema::draft202012::options().build(&schema).unwrap();
    for (case, checks) in cases::all() {
        let lines = rendered(CheckFormat::Ndjson, &checks);
        assert_eq!(lines.lines().count(), checks.len(), "{case}");
        let document: Value = serde_json::from_str(&rendered(CheckFormat::Json, &checks)).unwrap();
        let one_by_one: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all = document.as_array().cloned().unwrap_or_else(|| vec![document]);
        assert_eq!(all, one_by_one, "{case}");
        if case == "hostile" {
            // Its measure is no number, which JSON cannot say.
            continue;
        }
        for (value, check) in all.into_iter().zip(checks) {
            assert!(validator.is_valid(&value), "{case}");
            assert_eq!(serde_json::from_value::<Check>(value).unwrap(), check, "{case}");
        }
    }
}

#[test]
fn what_is_no_check_does_not_follow_the_schema() {
    let validator = jsonschema::draft202012::options().build(&check_schema()).unwrap();
    let good = serde_json::to_value(cases::met()).unwrap();
    assert!(validator.is_valid(&good));
    for (pointer, wrong) in [
        ("/schema", Value::from("rdprobe.check/2")),
        ("/result", "fine".into()),
        ("/expectations/0/outcome", "maybe".into()),
        ("/expectations/2/measure/value", "91".into()),
        ("/report", Value::Null),
    ] {
        let mut document = good.clone();
        *document.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&document), "{pointer}");
    }
}

/// The schema of OASIS, as the crate of the SARIF types carries it.
#[test]
fn sarif_follows_the_schema_of_its_standard() {
    // One of its patterns is no regular expression: a bracket too many.
    let schema = std::fs::read_to_string(sarif_schema()).unwrap().replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let title = schema["title"].as_str().unwrap();
    assert!(title.contains("(SARIF) Version 2.1.0"), "{title}");
    let validator = jsonschema::draft7::options().should_validate_formats(true).build(&schema).unwrap();
    for (case, checks) in cases::all() {
        let document: Value = serde_json::from_str(&rendered(CheckFormat::Sarif, &checks)).unwrap();
        let errors: Vec<String> = validator
            .iter_errors(&document)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(errors.is_empty(), "{case}: {errors:#?}");
        let log: serde_sarif::sarif::Sarif = serde_json::from_value(document).unwrap();
        let results = log.runs[0].results.as_ref().unwrap();
        let wrong = checks
            .iter()
            .flat_map(|check| &check.expectations)
            .filter(|judged| judged.outcome != Outcome::Met)
            .count();
        assert!(results.len() >= wrong, "{case}");
        let rules = log.runs[0].tool.driver.rules.as_ref().unwrap();
        for result in results {
            let id = result.rule_id.as_ref().unwrap();
            assert!(rules.iter().any(|rule| rule.id == *id), "{case}: no rule {id}");
        }
    }
}

#[test]
fn a_fingerprint_stays_when_only_numbers_change() {
    let fingerprints = |check: &Check| -> Vec<Value> {
        let text = rendered(CheckFormat::Sarif, std::slice::from_ref(check));
        let log: Value = serde_json::from_str(&text).unwrap();
        let results = log["runs"][0]["results"].as_array().unwrap().clone();
        results.into_iter().map(|result| result["partialFingerprints"].clone()).collect()
    };
    let today = cases::warning();
    let mut tomorrow = today.clone();
    tomorrow.expectations[1].fact = "the certificate is valid for 90 days".to_owned();
    tomorrow.report.evidence.elapsed_ms.0 += 1.0;
    assert_eq!(fingerprints(&today).len(), 1);
    assert_eq!(fingerprints(&today), fingerprints(&tomorrow));
    let mut other = today.clone();
    other.expectations[1].expectation = "cert>60d:7d".to_owned();
    assert_ne!(fingerprints(&today), fingerprints(&other));
}

/// Perl's own harness, which prove and many others are built on.
#[test]
#[ignore = "needs perl"]
fn perls_harness_reads_tap() {
    let script = r#"use TAP::Parser; local $/; my $p = TAP::Parser->new({ tap => <STDIN> }); $p->run;
        print join(" ", $p->tests_planned, scalar $p->passed, scalar $p->failed, scalar $p->todo,
            scalar $p->skipped, scalar $p->parse_errors), "\n";"#;
    for (case, checks) in cases::all() {
        let counted = read_by("perl", &["-e", script], &rendered(CheckFormat::Tap, &checks));
        let junit = rendered(CheckFormat::Junit, &checks);
        let all = junit.matches("<testcase ").count();
        let failed = junit.matches("<failure ").count() + junit.matches("<error ").count();
        assert_eq!(counted.trim(), format!("{all} {} {failed} 0 0 0", all - failed), "{case}");
    }
}

/// The library that plugins in Perl are written with reads performance data back.
#[test]
#[ignore = "needs libmonitoring-plugin-perl"]
fn the_monitoring_plugin_library_reads_performance_data() {
    let script = r#"use Monitoring::Plugin::Performance; my $line = <STDIN>; my ($text, $data) = split /\|/, $line;
        for (Monitoring::Plugin::Performance->parse_perfstring($data)) {
            my $limits = $_->threshold;
            print join("|", $_->label, $_->value, $_->uom // "", $limits->warning // "", $limits->critical // "",
                $limits->get_status($_->value)), "\n";
        }"#;
    let read = |checks: &[Check]| read_by("perl", &["-e", script], &rendered(CheckFormat::Nagios, checks));
    assert_eq!(read(&[cases::met()]), "cert_days|91||30:|7:|0\nrtt_ms|31|ms||150|0\ntime|0.215|s|||0\n");
    assert_eq!(read(&[cases::warning()]), "cert_days|91||120:|7:|1\ntime|0.215|s|||0\n");
    let several = read(&[cases::met(), cases::elsewhere()]);
    assert_eq!(several.lines().count(), 4, "{several}");
    assert!(several.contains("myvm.example.net:3389 cert_days|91||30:|7:|0"), "{several}");
}

/// The schema that Jenkins' xUnit plugin holds JUnit files against.
#[test]
#[ignore = "needs xmllint and tests/lab/schema.sh"]
fn junit_follows_the_schema_of_jenkins() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lab/junit-10.xsd");
    assert!(schema.exists(), "tests/lab/schema.sh brings {}", schema.display());
    let schema = schema.to_str().unwrap();
    for (case, checks) in cases::all() {
        let text = rendered(CheckFormat::Junit, &checks);
        read_by("xmllint", &["--noout", "--schema", schema, "-"], &text);
        let cases = read_by("xmllint", &["--xpath", "count(//testcase)", "-"], &text);
        assert_eq!(cases.trim(), text.matches("<testcase ").count().to_string(), "{case}");
        if case == "hostile" {
            let failures = read_by("xmllint", &["--xpath", "count(//failure)", "-"], &text);
            assert_eq!(failures.trim(), "3", "one expectation, one change, the wait");
        }
    }
}

/// Runs a reader on a text; it must be content.
fn read_by(program: &str, arguments: &[&str], text: &str) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}: tests/lab/install.sh brings it"));
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Where cargo keeps the source of the crate.
fn sarif_schema() -> PathBuf {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let sarif = packages.iter().find(|package| package["name"] == "serde-sarif").unwrap();
    let manifest = Path::new(sarif["manifest_path"].as_str().unwrap());
    manifest.with_file_name("src").join("schema.json")
}
