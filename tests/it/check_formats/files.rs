//! `rdprobe check --format FORMAT[=FILE]`, as a pipeline meets it: files, pipes, full disks, exit codes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::rehearsal::{self, play};

const RDPROBE: &str = env!("CARGO_BIN_EXE_rdprobe");

/// A port of loopback on which nothing listens: every check of it is missed.
fn closed() -> String {
    rehearsal::closed().to_string()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A command that hears nothing of the pipeline that runs this test.
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env_remove("GITHUB_STEP_SUMMARY");
    command
}

/// A shell's command, with `$0` for rdprobe and `$1` for the argument.
fn shell(script: &str, argument: &str) -> Output {
    command("bash").args(["-c", script, RDPROBE, argument]).output().unwrap()
}

#[test]
fn several_formats_at_once_each_whole() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["json", "junit", "sarif", "nagios", "markdown"];
    let mut check = command(RDPROBE);
    check.args(["check", &closed(), "--format", "tap"]);
    for format in files {
        check.arg("--format").arg(format!("{format}={}", folder.path().join(format).display()));
    }
    let output = check.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(output.stdout.starts_with(b"TAP version"));
    for (format, begin) in
        files.into_iter().zip(["{\n", "<?xml", "{\n  \"$schema\"", "RDP CRITICAL - ", "### "])
    {
        let text = fs::read_to_string(folder.path().join(format)).unwrap();
        assert!(text.starts_with(begin) && text.ends_with('\n'), "{format}: {text}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), files.len());
}

#[test]
fn github_gets_a_summary_beside_its_annotations() {
    let folder = tempfile::tempdir().unwrap();
    let summary = folder.path().join("summary.md");
    fs::write(&summary, "an earlier step\n").unwrap();
    let check = |format: &str| {
        let mut check = command(RDPROBE);
        check.args(["check", &closed(), "--format", format]).env("GITHUB_STEP_SUMMARY", &summary);
        check.output().unwrap()
    };
    assert_eq!(check("tap").status.code(), Some(1));
    assert_eq!(fs::read_to_string(&summary).unwrap(), "an earlier step\n");
    let output = check("github");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.starts_with(b"::error title="));
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("an earlier step\n### 127") && text.contains(": FAILED\n"), "{text}");
}

#[test]
fn wrong_destinations_are_wrong_usage_before_any_probe() {
    for (arguments, words) in [
        (vec!["--format", "tap", "--format", "json"], "two formats on standard output"),
        (vec!["--format", "tap=/nowhere/at/all"], "create the folder first"),
        (vec!["--format", "tap=a", "--format", "json=./a"], "the same file twice"),
        (vec!["--format", "xml"], "azure-pipelines"),
    ] {
        let output = command(RDPROBE).args(["check", "192.0.2.1"]).args(&arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(words), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_below_stdout_leaves_the_verdict() {
    let good = play("windows-2022-nla").await.to_string();
    for (target, code) in [(closed(), 1), (good, 3)] {
        let script = r#""$0" check "$1" --format tap >/dev/full"#;
        let output = tokio::task::spawn_blocking(move || shell(script, &target)).await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(stderr(&output).contains("cannot write to standard output"), "{}", stderr(&output));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_has_gone_away_is_no_trouble() {
    let good = play("windows-2022-nla").await.to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out.xml").display().to_string();
    for (target, code) in [(closed(), 1), (good, 0)] {
        // The reader is gone before the first byte: the file is written all the same.
        let script =
            r#"exec 3> >(exit 0); wait $!; "$0" check "$1" --format junit="$FILE" --format human >&3"#;
        let file_of = file.clone();
        let output = tokio::task::spawn_blocking(move || {
            command("bash").args(["-c", script, RDPROBE, &target]).env("FILE", file_of).output().unwrap()
        });
        let output = output.await.unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert_eq!(stderr(&output), "");
        assert!(fs::read_to_string(&file).unwrap().trim_end().ends_with("</testsuites>"));
        fs::remove_file(Path::new(&file)).unwrap();
    }
}

/// A file system of its own, too small for what is to be written.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root"]
fn a_full_disk_leaves_no_half_file() {
    let folder = tempfile::tempdir().unwrap();
    let script = r#"mount -t tmpfs -o size=8k none "$FOLDER" && echo old >"$FOLDER/out" || exit 99
        "$0" check "$1" --format sarif="$FOLDER/out"; code=$?; ls -A "$FOLDER"; cat "$FOLDER/out"; exit $code"#;
    let output = command("unshare")
        .args(["--mount", "bash", "-c", script, RDPROBE, &closed()])
        .env("FOLDER", folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(stderr(&output).contains("the disk is full"), "{}", stderr(&output));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "out\nold\n",
        "the old file, and nothing beside it"
    );
}

/// Somebody who may not write there.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "needs root"]
fn a_file_without_the_right_to_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let rdprobe = folder.path().join("rdprobe");
    fs::copy(RDPROBE, &rdprobe).unwrap();
    fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let output = command("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(&rdprobe)
        .args(["check", &closed(), "--format"])
        .arg(format!("tap={}", folder.path().join("out").display()))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    assert!(stderr(&output).contains("its folder must be writable"), "{}", stderr(&output));
}
