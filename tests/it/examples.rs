//! action.yml and examples/: each parsed by a reader of its kind, and its commands run against a played server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::rehearsal::play;

// The composite action and the workflow that uses it.
mod action;

// Azure Pipelines, GitLab CI, Kubernetes.
mod pipelines;

// The provisioner and the external data source.
mod terraform;

// systemd, Nagios, Icinga 2, Checkmk.
mod monitoring;

// Prometheus and Grafana.
mod prometheus;

/// A file of the repository.
fn source(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// Every document of a YAML file.
fn documents(path: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(&source(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn document(path: &str) -> Value {
    let mut documents = documents(path);
    assert_eq!(documents.len(), 1, "{path}");
    documents.remove(0)
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// A folder to run a script in.
struct Place {
    folder: tempfile::TempDir,
    /// Where `rdprobe` is found.
    bin: PathBuf,
}

impl Place {
    /// With the binary itself on PATH.
    fn new() -> Self {
        let bin = Path::new(env!("CARGO_BIN_EXE_rdprobe")).parent().unwrap().to_owned();
        Self { folder: tempfile::tempdir().unwrap(), bin }
    }

    /// With an `rdprobe` on PATH that writes down its arguments and ends with a code.
    fn with_scribe(code: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("scribe");
        fs::create_dir(&bin).unwrap();
        let heard = folder.path().join("heard");
        let script = format!("#!/bin/sh\nprintf '%s\\0' \"$@\" > '{}'\nexit {code}\n", heard.display());
        fs::write(bin.join("rdprobe"), script).unwrap();
        fs::set_permissions(bin.join("rdprobe"), fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder, bin }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// What the scribe heard.
    fn heard(&self) -> Vec<String> {
        self.read("heard").split_terminator('\0').map(str::to_owned).collect()
    }

    /// A script in a shell, with nothing of this test's environment but these.
    fn command(&self, shell: &str, script: &str, environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(shell);
        command
            .args(["-c", script])
            .env_clear()
            .env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", self.bin.display()))
            .env("HOME", self.folder.path())
            .envs(environment.iter().copied())
            .current_dir(self.folder.path());
        command
    }

    fn run(&self, shell: &str, script: &str, environment: &[(&str, &str)]) -> Output {
        self.command(shell, script, environment).output().expect(shell)
    }

    /// The same, off the runtime that plays the server.
    async fn run_beside(&self, shell: &str, script: &str, environment: &[(&str, &str)]) -> Output {
        let mut command = self.command(shell, script, environment);
        tokio::task::spawn_blocking(move || command.output().expect("a shell")).await.unwrap()
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The same script for a server of the test: no ten seconds between two probes.
fn hurried(script: &str) -> String {
    let hurried = script.replace("10s", "100ms").replace("15m", "20s");
    assert_ne!(hurried, script, "no wait in it");
    hurried
}

/// Plays a server that every example is content with.
async fn sound() -> String {
    play("windows-2022-nla").await.to_string()
}

#[track_caller]
fn parses(shell: &str, script: &str) {
    let output = Command::new(shell).args(["-n", "-c", script]).output().expect(shell);
    assert!(output.status.success() && said(&output).is_empty(), "{}\n{script}", said(&output));
}

#[test]
fn every_file_of_the_examples_is_named_in_their_list() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let list = source("examples/README.md");
    let mut folders = 0;
    for entry in fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            folders += 1;
            let name = entry.file_name().into_string().unwrap();
            assert!(list.contains(&format!("({name}/")), "{name}");
        }
    }
    assert!(folders >= 8, "{folders}");
}
