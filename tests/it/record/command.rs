//! `rdprobe report` as a user meets it.

use assert_cmd::Command;

use super::kept::written;

fn report(args: &[&str], folder: &std::path::Path) -> assert_cmd::assert::Assert {
    Command::new(env!("CARGO_BIN_EXE_rdprobe")).current_dir(folder).arg("report").args(args).assert()
}

fn stdout(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn stderr(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).unwrap()
}

#[test]
fn a_page_goes_to_standard_output_or_whole_into_a_file() {
    let (folder, _) = written();
    let page = stdout(&report(&["record.db"], folder.path()).success());
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>"));
    let said = report(&["record.db", "--output", "page.html"], folder.path()).success();
    assert_eq!((stdout(&said).as_str(), stderr(&said).as_str()), ("", "wrote page.html\n"));
    assert_eq!(std::fs::read_to_string(folder.path().join("page.html")).unwrap(), page);
}

#[test]
fn a_stretch_and_a_target_can_be_chosen() {
    let (folder, _) = written();
    let args = ["record.db", "--format", "text", "--last", "50s", "--target", "vm.example"];
    let text = stdout(&report(&args, folder.path()).success());
    assert!(text.starts_with("2026-03-01 00:00:50 to 2026-03-01 00:01:40 UTC, 50 s\n"), "{text}");
    let args = ["record.db", "--format", "json", "--from", "2026-03-01", "--to", "2026-03-01T00:00:40"];
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&report(&args, folder.path()).success())).unwrap();
    assert_eq!(json["targets"][0]["available"], 1.0);
}

#[test]
fn mistakes_are_usage_errors_with_a_hint() {
    let (folder, path) = written();
    let before = std::fs::read(&path).unwrap();
    for (args, says) in [
        (&["missing.db"][..], "missing.db: cannot open the record"),
        (&["record.db", "--target", "other"], "no target \"other\" is in the record; there are: vm.example"),
        (&["record.db", "--from", "2027-01-01"], "nothing was recorded then"),
        (&["record.db", "--last", "soon"], "a length of time is a number and a unit"),
        (&["record.db", "--output", "record.db"], "the report would take the place of the record"),
        (&["record.db", "--output", "no/such/page.html"], "its folder is not there"),
    ] {
        let said = stderr(&report(args, folder.path()).code(2));
        assert!(said.contains(says), "{args:?}: {said}");
    }
    assert!(before == std::fs::read(&path).unwrap());
}
