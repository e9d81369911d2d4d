//! Terraform: the configuration parsed, its provisioner's command and its external program run.

use hcl::{Body, Expression};
use serde_json::Value;

use super::{Place, hurried, said, sound, source};
use crate::rehearsal::play;

fn configuration() -> Body {
    hcl::from_str(&source("examples/terraform/main.tf")).unwrap()
}

/// The text of an attribute, blocks entered by their names.
fn attribute(body: &Body, blocks: &[&str], name: &str) -> Expression {
    let mut body = body;
    for block in blocks {
        body = body.blocks().find(|it| it.identifier() == *block).expect(block).body();
    }
    body.attributes().find(|it| it.key() == name).expect(name).expr().clone()
}

fn text(expression: &Expression) -> String {
    match expression {
        Expression::String(text) => text.clone(),
        Expression::TemplateExpr(template) => template.to_string(),
        other => panic!("no text: {other:?}"),
    }
}

#[tokio::test]
async fn the_provisioner_waits() {
    let command = text(&attribute(&configuration(), &["resource", "provisioner"], "command"));
    let hostile = "$(touch pwned)";
    let environment = |target: &str| {
        [
            ("RDPROBE_TARGET", target.to_owned()),
            ("RDPROBE_EXPECT", "reachable".to_owned()),
            ("RDPROBE_WAIT", "20s".to_owned()),
        ]
    };
    let place = Place::new();
    let given = environment(&sound().await);
    let output = place
        .run_beside("sh", &hurried(&command), &given.each_ref().map(|(name, text)| (*name, text.as_str())))
        .await;
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let scribe = Place::with_scribe(0);
    let given = environment(hostile);
    scribe.run("sh", &command, &given.each_ref().map(|(name, text)| (*name, text.as_str())));
    assert_eq!(scribe.heard().last().map(String::as_str), Some(hostile));
    assert!(!scribe.path("pwned").exists());
}

/// The external provider takes a flat map of strings and nothing else.
async fn external(query: &Value) -> (Option<i32>, Value) {
    let place = Place::new();
    std::fs::write(place.path("query"), query.to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/terraform/rdprobe-external.sh");
    let output = place.run_beside("sh", &format!("sh '{script}' < query"), &[]).await;
    let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    if let Some(map) = answer.as_object() {
        assert!(map.values().all(Value::is_string), "{answer}");
    }
    (output.status.code(), answer)
}

#[tokio::test]
#[ignore = "needs jq"]
async fn the_external_program_answers_in_a_flat_map() {
    let target = sound().await;
    let (code, answer) = external(&serde_json::json!({ "target": target, "expect": "nla=required" })).await;
    assert_eq!((code, answer["result"].as_str()), (Some(0), Some("met")), "{answer}");
    assert_eq!(answer["verdict"], "reachable");
    let target = play("rdp-security-only").await.to_string();
    let (code, answer) = external(&serde_json::json!({ "target": target, "expect": "nla=required" })).await;
    assert_eq!((code, answer["result"].as_str()), (Some(0), Some("missed")), "{answer}");
    assert!(answer["missed"].as_str().unwrap().contains("nla=required"), "{answer}");
    let (code, answer) = external(&serde_json::json!({ "target": "foo bar" })).await;
    assert_eq!((code, answer), (Some(2), Value::Null));
}

#[test]
fn the_check_block_reads_what_the_program_answers() {
    let configuration = configuration();
    let program = attribute(&configuration, &["check", "data"], "program");
    assert!(hcl::format::to_string(&program).unwrap().contains("rdprobe-external.sh"));
    let script = source("examples/terraform/rdprobe-external.sh");
    super::parses("sh", &script);
    for name in ["condition", "error_message"] {
        let expression = attribute(&configuration, &["check", "assert"], name);
        let written = hcl::format::to_string(&expression).unwrap();
        let key = written.split("result.").nth(1).unwrap();
        let key: String = key.chars().take_while(char::is_ascii_lowercase).collect();
        assert!(script.contains(&format!("  {key}: ")), "{written}");
    }
}
