//! The binary: what it says of its arguments, of files and of what they hold reaches a terminal only harmless.

use std::process::{Command, Stdio};

use rdprobe::render::escape::needs_escape;

use super::strings;

/// What a run says, on both streams.
fn said(arguments: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rdprobe"))
        .args(arguments)
        .env("RUST_LOG", "trace")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that does not read it has ended by then.
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input).ok();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    String::from_utf8(text).unwrap()
}

fn assert_harmless(what: &str, text: &str) {
    let raw = text.chars().find(|c| *c != '\n' && needs_escape(*c));
    assert_eq!(raw, None, "{what}: {text:?}");
    assert!(!text.contains("##vso["), "{what}: {text}");
}

/// Strings that an argument can hold.
fn words() -> Vec<(String, String)> {
    strings::all().into_iter().map(|(what, text)| (what, text.replace('\0', ""))).collect()
}

#[test]
fn a_mistake_in_an_argument_is_repeated_harmless() {
    for (what, word) in words() {
        for arguments in [
            vec!["--", word.as_str()],
            vec!["explain", "--", &word],
            vec!["check", "--expect", &word, "127.0.0.1:1"],
            vec!["check", "--policy", &word, "127.0.0.1:1"],
            vec!["diagnose", "--", &word],
            vec!["report", "--", &word],
            vec!["serve", "--listen", &word],
            vec!["serve", "--allow", &word, "--listen", "192.0.2.1:0"],
            vec!["--resolver", &word, "127.0.0.1:1"],
            vec!["--timeout", &word, "127.0.0.1:1"],
            vec!["simulate", "--persona", &word],
        ] {
            assert_harmless(&format!("{what}: {arguments:?}"), &said(&arguments, b""));
        }
    }
}

#[test]
fn a_mistake_in_a_file_is_repeated_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let worst = words().into_iter().filter(|(what, _)| ["all at once", "long"].contains(&what.as_str()));
    for (what, word) in worst {
        let path = folder.path().join("file");
        let quoted = serde_json::to_string(&word).unwrap();
        for content in [
            word.clone(),
            format!("{{\"schema\": {quoted}}}"),
            format!("{{\"schema\": \"rdprobe.report/1\", \"diagnosis\": {quoted}}}"),
            format!("[profile.{quoted}]\nextends = {quoted}\nexpect = [{quoted}]\n"),
            format!("{quoted} = 1\n"),
        ] {
            std::fs::write(&path, content).unwrap();
            let path = path.to_str().unwrap();
            for arguments in [
                vec!["diagnose", path],
                vec!["check", "--policy", path, "127.0.0.1:1"],
                vec!["diff", path, path],
                vec!["report", path],
            ] {
                assert_harmless(&format!("{what}: {arguments:?}"), &said(&arguments, b""));
            }
        }
    }
}
