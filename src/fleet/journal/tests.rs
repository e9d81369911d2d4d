//! What a journal says after any end, and to whom it does not belong.

use proptest::prelude::*;

use super::*;
use crate::fleet::depth::Depth;
use crate::target::Target;

fn header(source: &str) -> Header {
    Header::new(vec![source.to_owned()], Vec::new(), 7, Depth::X224, vec!["csv=a".to_owned()], Vec::new())
}

fn target(number: u64) -> Target {
    Target::parse(&format!("host{number}.example")).unwrap()
}

fn long(bytes: u64) -> Extent {
    Extent { bytes, ..Extent::default() }
}

fn counts(done: u64) -> Counts {
    Counts { done, ..Counts::default() }
}

/// A journal of ten targets given out and a few batches, as it stands on the disk.
fn written(path: &Path) -> Vec<u8> {
    let (mut journal, mut replay) = Journal::create(path, header("a")).unwrap();
    for number in 0..10 {
        assert_eq!(replay.next(target(number)).unwrap().len(), 1);
    }
    journal.note(&[1, 0], &[Some(long(20))], &counts(2)).unwrap();
    journal.note(&[5], &[Some(long(30))], &counts(3)).unwrap();
    journal.note(&[2, 9], &[Some(long(50))], &counts(5)).unwrap();
    std::fs::read(path).unwrap()
}

#[test]
fn a_scan_goes_on_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    written(&path);
    let (journal, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((resumed.files, resumed.counts.done, resumed.finished), (vec![Some(long(50))], 5, false));
    assert_eq!(journal.done().low(), 3);
    let mut replay = resumed.replay;
    let given: Vec<Vec<u64>> = (0..12)
        .map(|it| replay.next(target(it)).unwrap().into_iter().map(|work| work.position).collect())
        .collect();
    let mut expected = vec![Vec::new(); 9];
    // With the tenth the source has proved itself.
    expected.extend([vec![3, 4, 6, 7, 8], vec![10], vec![11]]);
    assert_eq!(given, expected);
}

#[test]
fn an_end_at_any_byte_loses_the_last_batch_at_most() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let bytes = written(&path);
    let ends: Vec<usize> = bytes.iter().enumerate().filter(|it| *it.1 == b'\n').map(|it| it.0 + 1).collect();
    for length in 0..=bytes.len() {
        std::fs::write(&path, &bytes[..length]).unwrap();
        let whole = ends.iter().filter(|end| **end <= length).count();
        let (mut journal, resumed) = Journal::resume(&path, header("a")).unwrap();
        let expected = [
            (0, vec![]),
            (0, vec![]),
            (2, vec![Some(long(20))]),
            (3, vec![Some(long(30))]),
            (5, vec![Some(long(50))]),
        ];
        assert_eq!((resumed.counts.done, resumed.files), expected[whole], "at {length}");
        // What follows stands on whole lines.
        let mut replay = resumed.replay;
        for number in 0..11 {
            replay.next(target(number)).unwrap();
        }
        journal.note(&[10], &[Some(long(60))], &counts(6)).unwrap();
        drop(journal);
        let (journal, resumed) = Journal::resume(&path, header("a")).unwrap();
        assert_eq!((resumed.counts.done, journal.done().contains(10)), (6, true), "at {length}");
    }
}

#[test]
fn it_belongs_to_one_process_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = Journal::create(&path, header("a")).unwrap();
    let second = || Journal::resume(&path, header("a")).unwrap_err().to_string();
    assert!(second().starts_with("another rdprobe is writing "), "{}", second());
    journal.write_anew(&[], &counts(0)).unwrap();
    assert!(second().starts_with("another rdprobe is writing "), "{}", second());
    assert!(matches!(Journal::create(&path, header("a")), Err(JournalError::Exists(_))));
    drop(journal);
    assert!(Journal::resume(&path, header("a")).is_ok());
}

#[test]
fn another_scan_is_refused_with_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let bytes = written(&path);
    let error = Journal::resume(&path, header("b")).unwrap_err().to_string();
    assert!(error.ends_with("is of another scan: sources: it has a, this command b"), "{error}");
    let mut deeper = header("a");
    deeper.depth = Depth::Nla;
    let error = Journal::resume(&path, deeper).unwrap_err().to_string();
    assert!(error.ends_with("depth: it has x224, this command nla"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "what is refused is left alone");
    std::fs::write(&path, "10.0.0.1\n10.0.0.2\n").unwrap();
    let error = Journal::resume(&path, header("a")).unwrap_err().to_string();
    assert!(error.ends_with("it is no journal of a scan"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"10.0.0.1\n10.0.0.2\n");
}

#[test]
fn another_source_is_refused_before_anything_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    written(&path);
    for changed in 0..10 {
        let (_, Resumed { mut replay, .. }) = Journal::resume(&path, header("a")).unwrap();
        for number in 0..9 {
            let number = if number == changed { 99 } else { number };
            assert_eq!(replay.next(target(number)), Ok(Vec::new()));
        }
        let last = if changed == 9 { 99 } else { 9 };
        assert_eq!(replay.next(target(last)), Err(OtherSource { targets: 10 }));
    }
    let (_, Resumed { mut replay, .. }) = Journal::resume(&path, header("a")).unwrap();
    for number in 0..9 {
        replay.next(target(number)).unwrap();
    }
    assert_eq!(replay.end(), Err(OtherSource { targets: 10 }), "it is shorter");
}

#[test]
fn it_does_not_grow_with_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, mut replay) = Journal::create(&path, header("a")).unwrap();
    for number in 0..30_000 {
        replay.next(target(number)).unwrap();
        // Two of three are done at once, one stays behind for a while.
        let position = if number % 3 == 0 { number.saturating_sub(300) } else { number };
        journal.note(&[position], &[Some(long(number))], &counts(number)).unwrap();
        assert!(journal.length < 3 << 20);
    }
    let (done, last) = (journal.done().clone(), journal.length);
    assert!(last < 3 << 20, "{last}");
    drop(journal);
    let (journal, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((journal.done(), resumed.files), (&done, vec![Some(long(29_999))]));
}

#[test]
fn it_keeps_the_number_of_the_recorded_scan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, _) = Journal::create(&path, header("a")).unwrap();
    journal.recorded_as(7).unwrap();
    drop(journal);
    let (mut journal, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((resumed.run, resumed.files), (Some(7), vec![]));
    let mut replay = resumed.replay;
    replay.next(target(0)).unwrap();
    journal.note(&[0], &[Some(long(9))], &counts(1)).unwrap();
    journal.write_anew(&[Some(long(9))], &counts(1)).unwrap();
    drop(journal);
    let (_, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((resumed.run, resumed.files, resumed.counts.done), (Some(7), vec![Some(long(9))], 1));
}

#[test]
fn a_finished_scan_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, mut replay) = Journal::create(&path, header("a")).unwrap();
    replay.next(target(0)).unwrap();
    journal.note(&[0], &[None], &counts(1)).unwrap();
    journal.finish(&[None], &counts(1)).unwrap();
    drop(journal);
    let (_, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert!(resumed.finished);
}

#[test]
fn what_is_finished_is_said_once_and_until_more_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (mut journal, mut replay) = Journal::create(&path, header("a")).unwrap();
    replay.next(target(0)).unwrap();
    replay.next(target(1)).unwrap();
    journal.note(&[0], &[Some(long(10))], &counts(1)).unwrap();
    journal.finish(&[Some(long(10))], &counts(1)).unwrap();
    drop(journal);
    let (mut journal, _) = Journal::resume(&path, header("a")).unwrap();
    journal.finish(&[], &counts(1)).unwrap();
    drop(journal);
    let (mut journal, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((resumed.files, resumed.finished), (vec![Some(long(10))], true));
    journal.note(&[1], &[Some(long(20))], &counts(2)).unwrap();
    drop(journal);
    let (mut journal, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert!(!resumed.finished);
    journal.finish(&[Some(long(20))], &counts(2)).unwrap();
    drop(journal);
    let (_, resumed) = Journal::resume(&path, header("a")).unwrap();
    assert_eq!((resumed.files, resumed.finished), (vec![Some(long(20))], true));
}

#[cfg(unix)]
#[test]
fn written_anew_it_stays_where_it_was_and_as_it_was() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::create_dir(place("real")).unwrap();
    let bytes = written(&place("real/journal"));
    std::fs::set_permissions(place("real/journal"), PermissionsExt::from_mode(0o664)).unwrap();
    symlink("real/journal", place("link")).unwrap();
    let left = place("real/.journal.new");
    std::fs::write(&left, "a sudden end").unwrap();
    let (mut journal, _) = Journal::resume(&place("link"), header("a")).unwrap();
    assert!(!left.exists(), "it is taken away by whoever goes on");
    std::fs::write(&left, "another sudden end").unwrap();
    journal.write_anew(&[Some(long(50))], &counts(5)).unwrap();
    assert_ne!(std::fs::read(place("real/journal")).unwrap(), bytes);
    assert_eq!(std::fs::metadata(place("real/journal")).unwrap().permissions().mode() & 0o777, 0o664);
    assert!(std::fs::symlink_metadata(place("link")).unwrap().is_symlink() && !left.exists());
    drop(journal);
    let (_, resumed) = Journal::resume(&place("link"), header("a")).unwrap();
    assert_eq!((resumed.counts.done, resumed.files), (5, vec![Some(long(50))]));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(line::read(&bytes));
    }

    #[test]
    fn a_spoilt_byte_is_refused_or_costs_the_last_line(at in 0..1_500_usize, byte in any::<u8>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = written(&folder.path().join("journal"));
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(Some(written)) = line::read(&bytes) {
            prop_assert!(written.done.high() <= written.trail.targets);
            prop_assert!(written.length <= bytes.len());
        }
    }
}
