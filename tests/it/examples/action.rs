//! The composite action: its steps' scripts taken from action.yml and run, and the workflow that uses it.

use serde_json::Value;

use super::{Place, document, parses, said, sound, string};

fn steps() -> Vec<Value> {
    document("action.yml")["runs"]["steps"].as_array().unwrap().clone()
}

fn script(step: &str) -> String {
    let steps = steps();
    let found = steps.iter().find(|it| it["name"] == step).unwrap_or_else(|| panic!("no step {step}"));
    string(&found["run"])
}

/// The environment of the check as GitHub would make it, with these inputs and the others at their defaults.
fn environment(inputs: &[(&str, &str)]) -> Vec<(String, String)> {
    let action = document("action.yml");
    let steps = steps();
    let check = steps.iter().find(|it| it["id"] == "check").unwrap();
    let mut environment = vec![("GITHUB_OUTPUT".to_owned(), "output".to_owned())];
    for (name, value) in check["env"].as_object().unwrap() {
        let expression = string(value);
        let input = expression.trim_start_matches("${{ inputs.").trim_end_matches(" }}");
        let declared = &action["inputs"][input];
        assert!(declared.is_object(), "{expression} is no input");
        let given = inputs.iter().find(|(name, _)| *name == input).map(|(_, value)| (*value).to_owned());
        let text = given.or_else(|| declared["default"].as_str().map(str::to_owned));
        environment.push((name.clone(), text.unwrap_or_default()));
    }
    environment
}

fn borrowed(environment: &[(String, String)]) -> Vec<(&str, &str)> {
    environment.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn no_text_from_outside_becomes_part_of_a_script() {
    let steps = steps();
    assert_eq!(steps.len(), 2);
    for step in &steps {
        let run = string(&step["run"]);
        assert!(!run.contains("${{"), "{run}");
        assert_eq!(step["shell"], "bash");
        parses("bash", &run);
    }
}

#[test]
fn every_input_is_used_and_every_output_is_set() {
    let action = document("action.yml");
    let used = serde_json::to_string(&steps()).unwrap();
    for (input, about) in action["inputs"].as_object().unwrap() {
        assert!(used.contains(&format!("inputs.{input} ")), "{input}");
        assert!(about["required"] == true || about["default"].is_string(), "{input} has no default");
        assert!(!string(&about["description"]).is_empty());
    }
    for output in action["outputs"].as_object().unwrap().keys() {
        assert!(script("Check").contains(&format!("'{output}=%s\\n'")), "{output}");
    }
}

#[test]
fn inputs_become_options_each_as_one_argument() {
    let place = Place::with_scribe(0);
    let hostile = "my vm; touch pwned $(touch pwned) `touch pwned` \"'";
    let environment = environment(&[
        ("target", &format!("{hostile}\n10.0.0.4:3390\r\n--help\n")),
        ("expect", "nla=required, tls>=1.2\ncert>30d"),
        ("profile", "secure"),
        ("wait", "15m"),
        ("for", "3"),
        ("every", "10s"),
        ("fail-fast", "true"),
        ("format", "junit=a b.xml\nsarif=$(touch pwned)"),
        ("against", "baseline.json"),
        ("ignore", "address\nbuild"),
        ("report", "r.json"),
    ]);
    let output = place.run("bash", &script("Check"), &borrowed(&environment));
    assert!(output.status.success(), "{}", said(&output));
    let expected = [
        "check",
        "--format",
        "github",
        "--format=json=r.json",
        "--expect=nla=required, tls>=1.2",
        "--expect=cert>30d",
        "--format=junit=a b.xml",
        "--format=sarif=$(touch pwned)",
        "--ignore=address",
        "--ignore=build",
        "--profile=secure",
        "--wait=15m",
        "--for=3",
        "--every=10s",
        "--against=baseline.json",
        "--fail-fast",
        "--",
        hostile,
        "10.0.0.4:3390",
        "--help",
    ];
    assert_eq!(place.heard(), expected);
    assert!(!place.path("pwned").exists());
}

#[test]
fn what_is_not_given_is_not_asked_for() {
    let place = Place::with_scribe(0);
    let output = place.run("bash", &script("Check"), &borrowed(&environment(&[("target", "myvm")])));
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(
        place.heard(),
        ["check", "--format", "github", "--format=json=rdprobe-check.json", "--", "myvm"]
    );
}

#[test]
fn every_exit_code_has_its_result_and_fail_false_goes_on() {
    for (code, result) in [(0, "met"), (1, "missed"), (3, "undecided"), (4, "timed-out")] {
        for fail in ["true", "false"] {
            let place = Place::with_scribe(code);
            let environment = environment(&[("target", "myvm"), ("fail", fail)]);
            let output = place.run("bash", &script("Check"), &borrowed(&environment));
            let expected = if fail == "true" { i32::from(code) } else { 0 };
            assert_eq!(output.status.code(), Some(expected), "{}", said(&output));
            let set = place.read("output");
            assert_eq!(set, format!("result={result}\nexit-code={code}\nreport=rdprobe-check.json\n"));
        }
    }
    let place = Place::with_scribe(2);
    let environment = environment(&[("target", "myvm"), ("fail", "false")]);
    let output = place.run("bash", &script("Check"), &borrowed(&environment));
    assert_eq!(output.status.code(), Some(2), "wrong usage is never overlooked");
}

#[test]
fn a_report_name_adds_no_output_of_its_own() {
    let place = Place::with_scribe(0);
    let environment = environment(&[("target", "myvm"), ("report", "a\nresult=met\nb")]);
    place.run("bash", &script("Check"), &borrowed(&environment));
    assert_eq!(place.read("output").lines().count(), 3, "{}", place.read("output"));
}

#[test]
fn what_is_built_already_is_only_put_on_the_path() {
    let place = Place::with_scribe(0);
    std::fs::create_dir_all(place.path("rdprobe/bin")).unwrap();
    std::fs::copy(place.path("scribe/rdprobe"), place.path("rdprobe/bin/rdprobe")).unwrap();
    let temp = place.folder.path().to_str().unwrap();
    let environment = [("RUNNER_TEMP", temp), ("GITHUB_PATH", "path"), ("RDPROBE_SOURCE", "/nowhere")];
    let output = place.run("bash", &script("Build rdprobe"), &environment);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(place.read("path"), format!("{temp}/rdprobe/bin\n"));
}

#[test]
fn a_runner_without_cargo_is_told_so() {
    let place = Place::with_scribe(0);
    let temp = place.folder.path().to_str().unwrap();
    let environment = [
        ("RUNNER_TEMP", temp),
        ("GITHUB_PATH", "path"),
        ("RDPROBE_SOURCE", "/nowhere"),
        ("PATH", "/nowhere/at/all"),
    ];
    let output = place.run("/bin/bash", &script("Build rdprobe"), &environment);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("::error::rdprobe is built with cargo"), "{}", said(&output));
}

#[test]
fn the_build_asks_cargo_for_the_actions_own_source() {
    let place = Place::with_scribe(0);
    let cargo = place.path("scribe/cargo");
    std::fs::copy(place.path("scribe/rdprobe"), cargo).unwrap();
    let temp = place.folder.path().to_str().unwrap();
    let environment = [("RUNNER_TEMP", temp), ("GITHUB_PATH", "path"), ("RDPROBE_SOURCE", "/a b/source")];
    let output = place.run("bash", &script("Build rdprobe"), &environment);
    assert!(output.status.success(), "{}", said(&output));
    let root = format!("{temp}/rdprobe");
    assert_eq!(
        place.heard(),
        ["install", "--locked", "--quiet", "--path", "/a b/source", "--root", root.as_str()]
    );
}

#[test]
fn the_workflow_uses_inputs_and_outputs_that_there_are() {
    let action = document("action.yml");
    let workflow = document("examples/github/rdp-check.yml");
    assert!(workflow["on"]["workflow_dispatch"].is_object(), "{workflow}");
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let rdp = steps.iter().find(|step| step["id"] == "rdp").unwrap();
    let checkout = &steps[0]["with"];
    assert_eq!(string(&rdp["uses"]), format!("./{}", string(&checkout["path"])));
    for input in rdp["with"].as_object().unwrap().keys() {
        assert!(action["inputs"][input].is_object(), "{input}");
    }
    let text = super::source("examples/github/rdp-check.yml");
    for named in text.split("steps.rdp.outputs.").skip(1) {
        let output = named.split(' ').next().unwrap();
        assert!(action["outputs"][output].is_object(), "{output}");
    }
}

/// The workflow's own inputs, run by the action's own script against a server.
#[tokio::test]
async fn the_workflow_checks_a_server() {
    let workflow = document("examples/github/rdp-check.yml");
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap().clone();
    let with = steps.iter().find(|step| step["id"] == "rdp").unwrap()["with"].clone();
    let target = sound().await;
    let mut inputs: Vec<(String, String)> = Vec::new();
    for (input, value) in with.as_object().unwrap() {
        let value = match input.as_str() {
            "target" => target.clone(),
            "every" => "100ms".to_owned(),
            "wait" => "20s".to_owned(),
            _ => string(value),
        };
        inputs.push((input.clone(), value));
    }
    let place = Place::new();
    let output =
        place.run_beside("bash", &script("Check"), &borrowed(&environment(&borrowed(&inputs)))).await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(place.read("output").starts_with("result=met\nexit-code=0\n"), "{}", place.read("output"));
    let check: Value = serde_json::from_str(&place.read("rdprobe-check.json")).unwrap();
    assert_eq!(check["schema"], "rdprobe.check/1");
    assert!(place.read("rdprobe.xml").contains("<testsuite"));
}
