//! Files whole or not at all, and an exit code that stays true.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use rdprobe::render::check::CheckFormat;
use rdprobe::render::human::HumanStyle;
use rdprobe::report::check::Check;

use super::{Destination, Sink, cannot_write, destination, hint, whole};

/// A check that missed something, from the goldens.
fn missed() -> Check {
    serde_json::from_str(include_str!("../../../tests/goldens-check/missed/check.json")).unwrap()
}

/// One of which nothing was expected: it passes.
fn passed() -> Check {
    Check::new("none".to_owned(), Vec::new(), None, None, missed().report)
}

fn sink(options: &[&str]) -> Result<Sink, String> {
    let destinations: Vec<Destination> =
        options.iter().map(|option| destination(option)).collect::<Result<_, _>>()?;
    Sink::new(destinations).map_err(|error| format!("{}; {}", error.message, error.hint.unwrap()))
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_format_may_have_a_file() {
    let read = |text: &str| destination(text).unwrap();
    assert_eq!(read("tap"), Destination { format: CheckFormat::Tap, file: None });
    assert_eq!(read("tap=-"), read("tap"));
    assert_eq!(read("junit=a=b.xml").file.unwrap(), Path::new("a=b.xml"));
    assert!(destination("junit=").unwrap_err().contains("a file is missing"));
    assert!(destination("xml=a").unwrap_err().contains("azure-pipelines, tap"));
}

#[test]
fn one_format_on_stdout_and_any_number_in_files() {
    assert_eq!(sink(&[]).unwrap().stdout, Some(CheckFormat::Human));
    assert_eq!(sink(&["tap"]).unwrap().stdout, Some(CheckFormat::Tap));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out").display().to_string();
    assert_eq!(sink(&[&format!("json={file}")]).unwrap().stdout, None);
    assert!(sink(&["tap", "json"]).unwrap_err().contains("two formats on standard output: tap and json"));
    assert!(names(folder.path()).is_empty(), "trying leaves nothing behind");
}

#[test]
fn what_cannot_be_written_is_refused_before_the_probe() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| sink(&[&format!("junit={}/{path}", folder.path().display())]).unwrap_err();
    assert!(
        at("no/out.xml").contains("its folder is not there; create the folder first"),
        "{}",
        at("no/out.xml")
    );
    assert!(at(".").contains("it is a folder; name a file in it"), "{}", at("."));
    fs::write(folder.path().join("file"), "").unwrap();
    assert!(at("file/out.xml").contains("what should be its folder is a file"), "{}", at("file/out.xml"));
}

/// Not even root may make files there.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_without_the_right_to_it_is_told() {
    let error = sink(&["junit=/sys/kernel/out.xml"]).unwrap_err();
    assert!(error.contains("no right to") || error.contains("read-only"), "{error}");
    assert!(error.contains("its folder must be writable"), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_costs_no_verdict() {
    for (check, code) in [(passed(), 3), (missed(), 1)] {
        let sink = sink(&["json=/dev/full"]).unwrap();
        assert_eq!(sink.write(&[check], 0, &HumanStyle::default()), code);
    }
    let full = whole::write(Path::new("/dev/full"), |out| out.write_all(b"x")).unwrap_err();
    assert_eq!(full.kind(), ErrorKind::StorageFull);
    let message = cannot_write("json", Path::new("/dev/full"), &full);
    assert_eq!(message, "cannot write json to /dev/full: the disk is full");
    assert!(hint(&full).contains("free some space"));
}

#[test]
fn one_file_that_fails_keeps_no_other_from_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("gone");
    fs::create_dir(&gone).unwrap();
    let (lost, kept) = (gone.join("a.xml"), folder.path().join("b.tap"));
    let sink = sink(&[&format!("junit={}", lost.display()), &format!("tap={}", kept.display())]).unwrap();
    fs::remove_dir(&gone).unwrap();
    assert_eq!(sink.write(&[passed()], 0, &HumanStyle::default()), 3);
    assert!(fs::read_to_string(&kept).unwrap().starts_with("TAP version"));
    assert_eq!(names(folder.path()), ["b.tap"]);
}

#[test]
fn a_plugins_exit_code_is_that_of_its_format_on_stdout() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("out").display().to_string();
    assert_eq!(sink(&["nagios"]).unwrap().code(&[missed()], 0), 2);
    assert_eq!(sink(&["nagios", &format!("tap={file}")]).unwrap().code(&[missed()], 0), 2);
    assert_eq!(sink(&[&format!("nagios={file}")]).unwrap().code(&[missed()], 0), 1);
}

#[test]
fn half_a_file_never_takes_the_place_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    for before in [None, Some("the old one")] {
        if let Some(text) = before {
            fs::write(&path, text).unwrap();
        }
        let failed = whole::write(&path, |out| {
            out.write_all("x".repeat(100_000).as_bytes())?;
            Err(io::Error::from(ErrorKind::StorageFull))
        });
        assert_eq!(failed.unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), before);
        assert_eq!(names(folder.path()).len(), usize::from(before.is_some()), "nothing is left behind");
    }
    whole::write(&path, |out| out.write_all(b"the new one")).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "the new one");
    assert_eq!(names(folder.path()), ["out"]);
}

#[cfg(unix)]
#[test]
fn rights_and_links_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let [new, usual, old, link] = ["new", "usual", "old", "link"].map(|name| folder.path().join(name));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let write = |path: &Path| whole::write(path, |out| out.write_all(b"x")).unwrap();
    write(&new);
    fs::write(&usual, "").unwrap();
    assert_eq!(mode(&new), mode(&usual), "as any new file");
    fs::write(&old, "").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("old", &link).unwrap();
    write(&link);
    assert_eq!(mode(&old), 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(&old).unwrap(), "x");
}

/// A device is written to, never replaced by a file.
#[cfg(unix)]
#[test]
fn a_device_stays_a_device() {
    whole::write(Path::new("/dev/null"), |out| out.write_all(b"x")).unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}
