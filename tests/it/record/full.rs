//! A full disk: recording stops, monitoring goes on, and when there is room it goes on with the gap written down.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rdprobe::monitor::history::{Recorder, Status};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::state::State;

use super::made::{SECOND, TARGET, all, at, divided, state, tell_good};

const FOLDER: &str = "RDPROBE_TEST_FULL";

/// More rounds than wait in memory, so that some are lost.
const ROUNDS: i64 = 150_000;

/// A process whose files may not grow beyond 300 kB stands for the disk; later it may write as much as it likes.
#[test]
fn a_limit_on_the_file_stops_the_recording_and_room_resumes_it() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let room = || {
            let own = std::process::id().to_string();
            assert!(
                Command::new("prlimit")
                    .args(["--fsize=unlimited", "--pid", &own])
                    .status()
                    .unwrap()
                    .success()
            );
        };
        return fills_and_resumes(&PathBuf::from(folder), room);
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "record::full::a_limit_on_the_file_stops_the_recording_and_room_resumes_it";
    // Without the trap a write beyond the limit would end the process.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec prlimit --fsize=300000:unlimited \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
#[ignore = "needs root"]
fn a_full_tmpfs_stops_the_recording_and_room_resumes_it() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let folder = PathBuf::from(folder);
        let mount = |args: &[&str]| {
            assert!(Command::new("mount").args(args).arg(&folder).status().unwrap().success());
        };
        mount(&["-t", "tmpfs", "-o", "size=400k", "tmpfs"]);
        return fills_and_resumes(&folder, || mount(&["-o", "remount,size=200m"]));
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "record::full::a_full_tmpfs_stops_the_recording_and_room_resumes_it";
    // What is mounted goes with the process, however that ends.
    let output = Command::new("unshare")
        .arg("--mount")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored"])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

fn fills_and_resumes(folder: &Path, room: impl FnOnce()) {
    let path = folder.join("record.db");
    let recorder = Recorder::open(&path, SECOND).unwrap();
    recorder.event(&state(at(0), State::Unknown, State::Up, None));
    let tell = |from: i64, to: i64| (from..to).for_each(|second| tell_good(&recorder, at(second), 1_000));
    tell(0, 5_000);
    recorder.flush();
    for second in (5_000..ROUNDS).step_by(5_000) {
        tell(second, second + 5_000);
        recorder.flush();
        if second == 50_000 {
            recorder.event(&state(at(50_000), State::Up, State::Degraded, None));
        }
    }
    let Status::Stopped { why, .. } = recorder.status() else { panic!("the disk is not full") };
    assert!(why.contains("full") || why.contains("I/O"), "{why}");
    assert!(!all(&path).targets.is_empty(), "what was written can be read meanwhile");
    room();
    resumes(&recorder);
    tell(ROUNDS, ROUNDS + 10);
    recorder.finish().unwrap();

    let record = all(&path);
    let [gap] = record.gaps.as_slice() else { panic!("one gap: {:?}", record.gaps) };
    assert_eq!(gap.why, why);
    assert_eq!(gap.events, 0);
    let target = record.targets.iter().find(|target| target.target == TARGET).unwrap();
    assert!(gap.rounds > 0);
    assert_eq!(target.rounds.made + gap.rounds, u64::try_from(ROUNDS + 10).unwrap());
    // Begin and end of the watch, and the states within the gap, are known all the same.
    let watched = Duration::from_secs(u64::try_from(ROUNDS + 10).unwrap());
    assert_eq!(divided(&target.availability), [watched, Duration::ZERO, Duration::ZERO]);
    assert_eq!(target.timeline.iter().filter(|spell| spell.state == Some(State::Degraded)).count(), 1);
}

fn resumes(recorder: &Recorder) {
    for _ in 0..600 {
        if recorder.status() == Status::Recording {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("the recording does not go on");
}
