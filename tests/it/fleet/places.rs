//! What a scan writes over: nothing that it reads, nothing twice, and nothing before everything can be written.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::scan::closed;
use crate::rehearsal::rdprobe;

/// A folder with a list of machines and what was written yesterday.
struct Place {
    folder: tempfile::TempDir,
    closed: String,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), closed: closed() };
        place.put("vms.txt", &format!("{}\n", place.closed));
        place.put("all.ndjson", "yesterday\n");
        place
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Scans with arguments in which `@` is the folder.
    async fn scan(&self, arguments: &[&str]) -> Output {
        let folder = self.folder.path().to_str().unwrap();
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.replace('@', folder)).collect();
        let arguments: Vec<&str> =
            ["scan", "--depth", "tcp"].into_iter().chain(arguments.iter().map(String::as_str)).collect();
        rdprobe(&arguments).await
    }

    /// Scans, is refused with these words, and finds every file as it was.
    async fn refused(&self, arguments: &[&str], words: &str) {
        let before: Vec<(String, Vec<u8>)> = self
            .names()
            .into_iter()
            .map(|name| (name.clone(), fs::read(self.path(&name)).unwrap()))
            .collect();
        let output = self.scan(arguments).await;
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(words) && told.contains("hint: "), "{arguments:?}: {told}");
        assert!(output.stdout.is_empty());
        assert_eq!(
            self.names(),
            before.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(),
            "{arguments:?}"
        );
        for (name, bytes) in before {
            assert_eq!(fs::read(self.path(&name)).unwrap(), bytes, "{arguments:?}: {name}");
        }
    }
}

#[tokio::test]
async fn what_is_read_is_not_written_over() {
    let place = Place::new();
    place.put("not.txt", "10.0.0.1\n");
    place.put("policy.toml", "[profile.a]\nexpect = [\"nla=required\"]\n");
    let words = "would be written over, and the scan reads it";
    for arguments in [
        &["@/vms.txt", "--format", "csv=@/vms.txt"][..],
        &["@/vms.txt", "--format", "ndjson=@/./vms.txt"],
        &["@/vms.txt", "--record", "@/vms.txt"],
        &["@/vms.txt", "--resume", "@/vms.txt"],
        &["@/vms.txt", "--exclude", "@/not.txt", "--format", "table=@/not.txt"],
        &["@/vms.txt", "--policy", "@/policy.toml", "--profile", "a", "--format", "csv=@/policy.toml"],
    ] {
        place.refused(arguments, words).await;
    }
}

#[tokio::test]
async fn nothing_is_written_to_one_place_twice() {
    let place = Place::new();
    for arguments in [
        &["@/vms.txt", "--format", "ndjson=@/x", "--format", "csv=@/./x"][..],
        &["@/vms.txt", "--format", "ndjson=@/x", "--record", "@/x"],
        &["@/vms.txt", "--format", "ndjson=@/x", "--resume", "@/x"],
        &["@/vms.txt", "--record", "@/x", "--resume", "@/x"],
    ] {
        place.refused(arguments, "the same file twice").await;
    }
}

/// A file that stdout goes to is no file of a format's: one would cut what the other wrote.
#[cfg(unix)]
#[tokio::test]
async fn what_stdout_goes_to_is_not_written_beside_it() {
    let place = Place::new();
    for file in ["@/x", "/dev/stdout"] {
        place.put("x", "from before\n");
        let file = format!("csv={file}").replace('@', place.folder.path().to_str().unwrap());
        let stdout = fs::File::options().append(true).open(place.path("x")).unwrap();
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_rdprobe"))
            .args(["scan", &place.path("vms.txt"), "--format", &file])
            .stdout(stdout)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .await
            .unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains("standard output goes to") && told.contains("hint: "), "{file}: {told}");
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(fs::read_to_string(place.path("x")).unwrap(), "from before\n");
    }
}

#[tokio::test]
async fn a_scan_that_cannot_begin_leaves_everything_as_it_was() {
    let place = Place::new();
    place.put("t.txt", "no database\n");
    place.put("other.journal", "no journal\n");
    let yesterday = "ndjson=@/all.ndjson";
    for (arguments, words) in [
        (&["@/vms.txt", "--format", yesterday, "--resume", "@/no/such"][..], "the journal"),
        (&["@/vms.txt", "--format", yesterday, "--resume", "@/other.journal"], "no journal of a scan"),
        (&["@/vms.txt", "--format", yesterday, "--resume", "@/j", "--record", "@/t.txt"], "cannot record to"),
        (
            &["@/vms.txt", "--format", yesterday, "--resume", "@/j", "--record", "@/no/such.db"],
            "cannot record to",
        ),
        (&["@/vms.txt", "--format", yesterday, "--format", "csv=@/no/such.csv"], "its folder is not there"),
        (&["@/vms.txt", "--record", "@/a.db", "--format", "csv=@/no/such.csv"], "its folder is not there"),
    ] {
        place.refused(arguments, words).await;
    }
}

#[tokio::test]
async fn a_file_that_is_gone_is_not_gone_on_with() {
    let place = Place::new();
    let arguments = ["@/vms.txt", "--format", "ndjson=@/all.ndjson", "--resume", "@/journal"];
    assert_eq!(place.scan(&arguments).await.status.code(), Some(1));
    fs::remove_file(place.path("all.ndjson")).unwrap();
    place.refused(&arguments, "it is not there any more").await;
    place.put("all.ndjson", "");
    place.refused(&arguments, "another --resume FILE").await;
    assert!(Path::new(&place.path("journal")).exists());
}
