//! `rdprobe serve` as a user meets it: what it refuses to start with, and how it ends.

use std::process::Command;

fn serve(arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rdprobe")).arg("serve").args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn what_cannot_be_carried_out_is_wrong_usage_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("serve.toml");
    let path = config.to_str().unwrap();
    for (written, arguments, told) in [
        ("", &[][..], "nothing is allowed"),
        ("", &["--allow", "*"], "neither a name, an address nor a network: *"),
        ("[modules.a]\nexpect = [\"nla=requierd\"]", &["--config", path, "--allow", "vm1"], "module a: "),
        ("allow = [\"10.0.0.0/33\"]", &["--config", path], "neither a name, an address nor a network"),
        ("[modules.a]", &["--config", path], "nothing is allowed"),
    ] {
        std::fs::write(&config, written).unwrap();
        let (code, said) = serve(arguments);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(told) && said.contains("hint"), "{told}: {said}");
    }
    assert_eq!(serve(&["--allow", "vm1", "--concurrency", "0"]).0, Some(2));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it() {
    use std::io::{BufRead, BufReader};
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--allow", "vm1"]).stderr(std::process::Stdio::piped());
    let mut child = crate::rehearsal::Kept(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("http://127.0.0.1:"), "{line}");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
