//! `rdprobe check` as a pipeline meets it: exit codes, what a log tells, signals, whole files.

use std::io::{BufRead, BufReader, Read};
use std::process::{ChildStderr, Command, Output, Stdio};

use serde_json::Value;

use super::changing::Changing;
use crate::rehearsal::{Kept, closed};

/// The options of every test here: no other port is tried, and a machine that stands still is waited for.
const QUICK: [&str; 2] = ["--no-control-ports", "--negotiate-timeout=20s"];

fn check(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command.arg("check").args(arguments).args(QUICK);
    command
}

fn run(arguments: &[&str]) -> Output {
    check(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A server of this persona on an address of its own.
fn server(persona: &'static str) -> (Changing, String) {
    let server = Changing::new();
    server.play(Some(persona));
    let target = server.address.to_string();
    (server, target)
}

/// Each exit code, by what brings it about.
#[test]
fn every_exit_code_whatever_the_language_the_colours_and_the_format() {
    let (_good, good) = server("windows-2022-nla");
    let nobody = Changing::new().address.to_string();
    let cases: [(u8, &[&str]); 6] = [
        (0, &[&good, "--profile", "secure"]),
        (1, &[&good, "--expect", "nla=none"]),
        (1, &[&nobody]),
        (2, &[&good, "--expect", "nla=perhaps"]),
        (3, &[&nobody, "--source", "192.0.2.1"]),
        (4, &[&nobody, "--wait", "300ms", "--every", "100ms"]),
    ];
    for (code, arguments) in cases {
        for locale in ["C", "fr_FR.UTF-8", "tr_TR"] {
            for extra in [&["--color", "always"][..], &["--color", "never", "--format", "json"]] {
                let output = check(arguments).args(extra).env("LC_ALL", locale).output().unwrap();
                let shown = (text(&output.stdout), text(&output.stderr));
                assert_eq!(output.status.code(), Some(code.into()), "{arguments:?} {locale}: {shown:?}");
            }
        }
    }
}

#[test]
fn the_worst_of_several_targets_decides_and_all_are_there_in_the_order_given() {
    let (_good, good) = server("windows-2022-nla");
    let nobody = Changing::new().address.to_string();
    let output = run(&[&nobody, &good, "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let checks: Value = serde_json::from_slice(&output.stdout).unwrap();
    let results = [&checks[0], &checks[1]].map(|check| (&check["target"], &check["result"]));
    assert_eq!(results, [(&nobody.into(), &"missed".into()), (&good.into(), &"met".into())]);
}

#[test]
fn wrong_usage_is_said_before_anything_is_probed() {
    let missing = std::env::temp_dir().join("rdprobe-no-such-folder").join("out.xml");
    let missing = format!("junit={}", missing.display());
    for (arguments, said) in [
        (vec!["vm", "--expect", "nla=required, tsl>=1.2"], "     ^"),
        (vec!["vm", "--profile", "sekure"], "reachable, secure, azure-baseline"),
        (vec!["vm", "--policy", "/nowhere.toml"], "cannot read /nowhere.toml"),
        (vec!["vm", "--wait", "5s"], "--every 1s"),
        (vec!["vm", "--wait", "15s", "--for", "3"], "no room for 3 probes"),
        (vec!["vm", "--for", "3"], "--wait"),
        (vec!["vm", "--fail-fast"], "--wait"),
        (vec!["vm", "--wait", "1m", "--for", "0"], "--for"),
        (vec!["vm", "--ignore", "address"], "--against"),
        (vec!["vm", "--against", "/nowhere.json"], "cannot read /nowhere.json"),
        (vec!["vm", "--format", "pdf"], "human, json"),
        (vec!["vm", "--format", &missing], "its folder is not there"),
        (vec![], "<TARGET>"),
    ] {
        let output = run(&arguments);
        let shown = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {shown}");
        assert!(shown.contains(said), "{arguments:?}: {shown}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}

#[test]
fn the_list_of_expectations_and_the_help_are_for_people() {
    let list = run(&["--list-expectations"]);
    assert_eq!(list.status.code(), Some(0));
    assert!(text(&list.stdout).contains("cert>30d:7d") && text(&list.stdout).contains("azure-baseline"));
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for wanted in ["after terraform apply", "every minute", "every night", "4  --wait ran out"] {
        assert!(text(&help.stdout).contains(wanted), "{wanted}");
    }
    let wide: Vec<&str> = text(&help.stdout).lines().filter(|line| line.chars().count() > 80).collect();
    assert_eq!(wide, Vec::<&str>::new());
}

#[test]
fn a_baseline_is_kept_and_what_changed_since_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.json");
    let file = file.to_str().unwrap();
    let (server, target) = server("windows-2022-nla");
    assert_eq!(run(&[&target, "--save", file]).status.code(), Some(0));
    assert_eq!(run(&[&target, "--against", file]).status.code(), Some(0));
    server.play(Some("windows-11"));
    let output = run(&[&target, "--against", file, "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let check: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(check["expectations"][0]["outcome"], "met");
    let changes = check["changes"].as_array().unwrap();
    let names: Vec<&str> = changes.iter().map(|change| change["what"].as_str().unwrap()).collect();
    assert!(names.contains(&"thumbprint") && names.contains(&"name"), "{names:?}");
    let overlooked = run(&[&target, "--against", file, "--ignore", &names.join(",")]);
    assert_eq!(overlooked.status.code(), Some(0), "{}", text(&overlooked.stdout));
}

/// A bad night must not become what later nights are held against.
#[test]
fn a_target_that_does_not_answer_leaves_the_baseline_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("baseline.json");
    let (_server, target) = server("windows-2022-nla");
    let path = file.to_str().unwrap();
    assert_eq!(run(&[&target, "--save", path]).status.code(), Some(0));
    let before = std::fs::read(&file).unwrap();
    let closed = closed().to_string();
    let output = run(&[&closed, "--save", path]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("the baseline was not saved"), "{}", text(&output.stderr));
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

/// A `check --wait` that goes on, and what it says meanwhile.
struct Going {
    process: Kept,
    says: BufReader<ChildStderr>,
}

impl Going {
    fn start(arguments: &[&str]) -> Self {
        let mut command = check(arguments);
        let mut process = Kept(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        let says = BufReader::new(process.stderr.take().unwrap());
        Self { process, says }
    }

    /// The next line of the log, without its clock.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.says.read_line(&mut line).unwrap();
        let (stamp, what) = line.trim_end().split_once("  ").unwrap_or_else(|| panic!("{line:?}"));
        let (clock, after) = stamp.split_once(" +").unwrap();
        assert!(clock.len() == 8 && clock.matches(':').count() == 2, "{stamp}");
        assert!(after.contains(':'), "{stamp}");
        what.to_owned()
    }

    /// The rest of the log, what was printed and the exit code.
    fn end(mut self) -> (String, String, Option<i32>) {
        let (mut log, mut printed) = (String::new(), String::new());
        self.process.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        self.says.read_to_string(&mut log).unwrap();
        (log, printed, self.process.wait().unwrap().code())
    }
}

#[test]
fn a_wait_tells_each_change_once_and_leaves_stdout_to_the_formats() {
    let server = Changing::new();
    let target = server.address.to_string();
    let expect = ["--expect", "nla=required", "--wait", "5m", "--every", "100ms", "--for", "3"];
    let mut going = Going::start(&[&[&target, "--format", "ndjson"][..], &expect].concat());
    let first = going.line();
    assert!(first.starts_with("refused: "), "{first}");
    // From nobody to somebody there is no stage in between.
    server.play(Some("windows-2022-nla"));
    let second = going.line();
    assert!(second.starts_with("refused -> NLA required, as expected: "), "{second}");
    let (log, printed, code) = going.end();
    assert_eq!((log.as_str(), code), ("", Some(0)));
    let check: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(check["wait"]["in_a_row"], 3);
    assert_eq!(check["wait"]["turns"].as_array().unwrap().len(), 2);
    assert_eq!(printed.lines().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_wait_with_what_is_known_and_whole_files() {
    for signal in ["INT", "TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("check.json");
        let target = Changing::new().address.to_string();
        let format = format!("json={}", file.display());
        let wait = ["--wait", "1h", "--every", "10m", "--format", "human", "--format", &format];
        let mut going = Going::start(&[&[target.as_str()][..], &wait].concat());
        // Told means probed: from here on it sleeps.
        going.line();
        let id = going.process.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let (_, printed, code) = going.end();
        assert_eq!(code, Some(3), "{signal}: {printed}");
        assert!(printed.contains("COULD NOT DECIDE") && printed.contains("stopped after"), "{printed}");
        let check: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        assert_eq!((&check["wait"]["stopped"], &check["result"]), (&true.into(), &"undecided".into()));
        assert_eq!(check["report"]["diagnosis"]["failing_stage"], "connect");
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }
}

#[test]
fn nothing_is_written_over_that_is_read_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let nobody = Changing::new().address.to_string();
    let list = put("t.txt", &format!("{nobody}\n"));
    let page = put("vm.rdp", &format!("full address:s:{nobody}\n"));
    let excluded = put("not.txt", "192.0.2.1\n");
    let policy = put("policy.toml", "[profile.a]\nexpect = [\"nla=required\"]\n");
    let before = put("before.json", "{}");
    let new = folder.path().join("new.json").to_str().unwrap().to_owned();
    let cases: [(&[&str], &str); 7] = [
        (&["--targets", &list, "--format", &format!("json={list}")], "would be written over"),
        (&["--targets", &list, "--save", &list], "would be written over"),
        (&[&page, "--save", &page], "would be written over"),
        (
            &["--targets", &list, "--exclude", &excluded, "--format", &format!("tap={excluded}")],
            "would be written over",
        ),
        (&[&nobody, "--policy", &policy, "--profile=a", "--save", &policy], "would be written over"),
        (&[&nobody, "--against", &before, "--format", &format!("json={before}")], "would be written over"),
        (&[&nobody, "--save", &new, "--format", &format!("json={new}")], "the same file twice"),
    ];
    for (arguments, told) in cases {
        let output = run(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(told) && said.contains("hint: "), "{arguments:?}: {said}");
        assert!(!std::path::Path::new(&new).exists());
    }
    assert_eq!(std::fs::read_to_string(&list).unwrap(), format!("{nobody}\n"));
    assert_eq!(std::fs::read_to_string(&before).unwrap(), "{}");
}

/// A file that stdout goes to would be replaced under it.
#[cfg(unix)]
#[test]
fn what_stdout_goes_to_is_not_written_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.json").to_str().unwrap().to_owned();
    let nobody = Changing::new().address.to_string();
    let shown = std::fs::File::create(&new).unwrap();
    let output = check(&[&nobody, "--format", &format!("json={new}")]).stdout(shown).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("standard output goes to"), "{}", text(&output.stderr));
}
