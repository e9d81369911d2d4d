//! `rdprobe generate`: what shells and manual readers are given, tried on the shells and readers themselves.

use std::path::Path;
use std::process::{Command, Output, Stdio};

const COMMANDS: [&str; 10] =
    ["monitor", "serve", "report", "simulate", "demo", "diagnose", "collect", "explain", "diff", "generate"];

fn generate(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_rdprobe")).arg("generate").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Writes a shell's completions into a folder, under the name that the shell looks for.
fn completions(folder: &Path, shell: &str, name: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, generate(&["completions", shell])).unwrap();
    path.to_str().unwrap().to_owned()
}

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).stdin(Stdio::null()).output().expect(program)
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let script = completions(folder.path(), "bash", "rdprobe.bash");
    let complete = |words: &str| {
        let ask = format!(
            "source '{script}'; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             COMPREPLY=(); _rdprobe rdprobe \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let output = run("bash", &["--norc", "-c", &ask]);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(complete("rdprobe --control").contains(&"--control-ports".to_owned()));
    assert_eq!(complete("rdprobe expl"), ["explain"]);
    assert_eq!(complete("rdprobe generate completions fi"), ["fish"]);
    assert!(complete("rdprobe diff --ignore ''").contains(&"thumbprint".to_owned()));
    let registered = run("bash", &["--norc", "-c", &format!("source '{script}'; complete -p rdprobe")]);
    assert!(said(&registered).contains("_rdprobe"), "{}", said(&registered));
}

#[test]
fn every_shell_is_given_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = generate(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
#[ignore = "needs zsh"]
fn zsh_loads_its_completions() {
    let folder = tempfile::tempdir().unwrap();
    let script = completions(folder.path(), "zsh", "_rdprobe");
    let parsed = run("zsh", &["-f", "-n", &script]);
    assert!(parsed.status.success() && said(&parsed).is_empty(), "{}", said(&parsed));
    let load = format!(
        "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D; \
         print -r -- $_comps[rdprobe]; autoload +X _rdprobe && print loaded",
        folder.path().display()
    );
    let loaded = run("zsh", &["-f", "-c", &load]);
    assert_eq!(said(&loaded), "_rdprobe\nloaded\n");
}

#[test]
#[ignore = "needs fish"]
fn fish_completes_commands_and_values() {
    let folder = tempfile::tempdir().unwrap();
    let script = completions(folder.path(), "fish", "rdprobe.fish");
    let parsed = run("fish", &["--no-config", "--no-execute", &script]);
    assert!(parsed.status.success() && said(&parsed).is_empty(), "{}", said(&parsed));
    let complete = |line: &str| {
        let ask = format!("source '{script}'; complete -C '{line}'");
        said(&run("fish", &["--no-config", "-c", &ask]))
    };
    assert!(complete("rdprobe expl").starts_with("explain\t"), "{}", complete("rdprobe expl"));
    assert!(
        complete("rdprobe diff --format mark").contains("markdown"),
        "{}",
        complete("rdprobe diff --format m")
    );
}

/// Every page, by its file's name.
fn pages(folder: &Path) -> Vec<String> {
    generate(&["man", "--dir", folder.to_str().unwrap()]);
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("made/for/it");
    let names = pages(&inner);
    assert!(names.contains(&"rdprobe.1".to_owned()), "{names:?}");
    for command in COMMANDS {
        assert!(names.contains(&format!("rdprobe-{command}.1")), "{command}: {names:?}");
    }
    assert_eq!(std::fs::read_to_string(inner.join("rdprobe.1")).unwrap(), generate(&["man"]));
    assert!(generate(&["man"]).contains(".SH EXAMPLES\n.nf\n"));
}

#[test]
fn a_folder_that_cannot_be_written_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let output = run(env!("CARGO_BIN_EXE_rdprobe"), &["generate", "man", "--dir", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    assert!(said(&output).contains("cannot write the pages to"), "{}", said(&output));
}

#[test]
#[ignore = "needs mandoc"]
fn mandoc_and_man_have_no_complaint() {
    let folder = tempfile::tempdir().unwrap();
    for name in pages(folder.path()) {
        let path = folder.path().join(&name).to_str().unwrap().to_owned();
        let lint = said(&run("mandoc", &["-T", "lint", "-W", "warning", &path]));
        // No page has a date, so that it is the same wherever it is made; clap_mangen breaks lines more than it must.
        let known =
            |line: &&str| !line.contains("cannot parse date") && !line.contains("paragraph macro: br ");
        let complaints: Vec<&str> = lint.lines().filter(known).collect();
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
        let groff = run("groff", &["-man", "-ww", "-Tutf8", "-z", &path]);
        assert!(groff.status.success() && said(&groff).is_empty(), "{name}: {}", said(&groff));
    }
}

#[test]
fn each_schema_is_printed() {
    for (of, title) in [
        ("report", "rdprobe.report/1"),
        ("baseline", "rdprobe.baseline/1"),
        ("diff", "rdprobe.diff/1"),
        ("fleet", "rdprobe.fleet/1"),
        ("scan", "rdprobe.scan/1"),
    ] {
        let schema: serde_json::Value = serde_json::from_str(&generate(&["schema", of])).unwrap();
        assert_eq!(schema["title"], title);
        assert!(jsonschema::draft202012::meta::is_valid(&schema));
    }
    assert_eq!(generate(&["schema"]), generate(&["schema", "report"]));
}

/// A reader who leaves, as `| head` does, is no trouble.
#[test]
fn a_closed_pipe_is_no_trouble() {
    let binary = env!("CARGO_BIN_EXE_rdprobe");
    for what in ["completions bash", "man", "schema"] {
        let output = run("bash", &["-c", &format!("set -o pipefail; '{binary}' generate {what} | true")]);
        assert_eq!(said(&output), "", "{what}");
        assert!(output.status.success(), "{what}");
    }
}
