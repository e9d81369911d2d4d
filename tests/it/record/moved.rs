//! The file is moved or deleted while it is written: a new one is begun, and says what holds.

use std::path::Path;
use std::time::Duration;

use rdprobe::monitor::history::{Recorder, Status};
use rdprobe::monitor::state::State;

use super::made::{SECOND, all, at, divided, file, state, tell_good};
use rdprobe::monitor::listen::Listener;

/// Ten rounds, then this is done to the file, then ten more.
fn disturbed(path: &Path, disturb: impl FnOnce()) {
    let recorder = Recorder::open(path, SECOND).unwrap();
    (0..10).for_each(|second| tell_good(&recorder, at(second), 1_000));
    recorder.event(&state(at(0), State::Unknown, State::Up, None));
    recorder.flush();
    disturb();
    (10..20).for_each(|second| tell_good(&recorder, at(second), 1_000));
    recorder.flush();
    assert_eq!(recorder.status(), Status::Recording);
    recorder.finish().unwrap();
}

fn says(path: &Path, rounds: u64) {
    let target = all(path).targets.remove(0);
    assert_eq!(target.rounds.made, rounds);
    assert_eq!(divided(&target.availability), [rounds, 0, 0].map(Duration::from_secs));
}

#[test]
fn where_the_file_was_deleted_another_is_begun() {
    let (folder, path) = file();
    disturbed(&path, || {
        for entry in folder.path().read_dir().unwrap() {
            std::fs::remove_file(entry.unwrap().path()).unwrap();
        }
    });
    says(&path, 10);
}

#[test]
fn where_the_file_was_moved_it_is_whole_and_another_is_begun() {
    let (folder, path) = file();
    let moved = folder.path().join("record.1.db");
    disturbed(&path, || std::fs::rename(&path, &moved).unwrap());
    says(&moved, 10);
    says(&path, 10);
}

#[test]
fn where_the_folder_is_gone_it_is_written_once_it_is_back() {
    let (folder, _) = file();
    let inner = folder.path().join("records");
    std::fs::create_dir(&inner).unwrap();
    let path = inner.join("record.db");
    let recorder = Recorder::open(&path, SECOND).unwrap();
    tell_good(&recorder, at(0), 1_000);
    recorder.flush();
    std::fs::remove_dir_all(&inner).unwrap();
    tell_good(&recorder, at(1), 1_000);
    recorder.flush();
    assert!(matches!(recorder.status(), Status::Stopped { .. }));
    std::fs::create_dir(&inner).unwrap();
    // It is tried again at the end whenever that is.
    recorder.finish().unwrap();
    assert_eq!(all(&path).targets.remove(0).rounds.made, 1);
}
