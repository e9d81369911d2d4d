//! What ages is rolled up and keeps its counts and percentiles; a year of one target at one second stays small.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;
use proptest::prelude::*;
use rdprobe::monitor::history::{Range, Recorder, Status, read};
use rdprobe::monitor::latency::Phase;
use rusqlite::Connection;

use super::made::{SECOND, TARGET, all, at, file, good, tell_bad, tell_good};

/// Two hours at a second: the first of them is in minutes.
fn two_hours() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    for second in 0..7_200 {
        match second % 100 {
            99 => tell_bad(&recorder, at(second)),
            _ => tell_good(&recorder, at(second), 1_000 + u32::try_from(second).unwrap()),
        }
    }
    settle(&recorder, &path);
    recorder.finish().unwrap();
    (folder, path)
}

/// The same with a round every half minute, for what reads it often.
pub(super) fn two_sparse_hours() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = file();
    let recorder = Recorder::open(&path, SECOND * 30).unwrap();
    (0..240).for_each(|round| tell_good(&recorder, at(round * 30), 1_000));
    settle(&recorder, &path);
    recorder.finish().unwrap();
    (folder, path)
}

/// Until everything that has aged is rolled up.
fn settle(recorder: &Recorder, path: &Path) {
    recorder.flush();
    let connection = Connection::open(path).unwrap();
    let aged = "SELECT count(*) FROM rounds WHERE due_us < (SELECT max(due_us) FROM rounds) / 60000000 * 60000000 - 3660000000";
    for _ in 0..6_000 {
        if connection.query_row(aged, (), |row| row.get::<_, i64>(0)).unwrap() == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the rounds are not rolled up");
}

#[test]
fn the_first_hour_of_two_is_in_minutes_and_nothing_is_lost() {
    let (_folder, path) = two_hours();
    let connection = Connection::open(&path).unwrap();
    let count = |sql: &str| connection.query_row(sql, (), |row| row.get::<_, i64>(0)).unwrap();
    let loose = count("SELECT count(*) FROM rounds");
    assert!((3_600..=3_720).contains(&loose), "{loose}");
    assert_eq!(count("SELECT sum(good + bad) FROM buckets") + loose, 7_200);
    let target = all(&path).targets.remove(0);
    assert_eq!((target.rounds.made, target.rounds.bad, target.rounds.missed), (7_200, 72, 0));
    assert_eq!(target.losses.first().unwrap().rounds, 72);
    let total = target.phases.iter().find(|phase| phase.summary.phase == Phase::Total).unwrap();
    let mut expected = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).unwrap();
    (0..7_200)
        .filter(|second| second % 100 != 99)
        .for_each(|second| expected.record(1_000 + second).unwrap());
    assert_eq!(total.summary.raw.count, 7_128);
    assert_eq!(total.summary.raw.p50_us, Some(expected.value_at_quantile(0.5)));
    assert_eq!(total.summary.raw.p99_9_us, Some(expected.value_at_quantile(0.999)));
    assert_eq!(total.summary.raw.max_us, Some(expected.max()));
    // Neighbours differ by a microsecond, also from one minute to the next.
    assert_eq!(total.summary.jitter_us, Some(1.0));
    assert_eq!(count("PRAGMA auto_vacuum"), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Rolled up or not, in one process or cut into several: the same counts and percentiles as of all values at once.
    #[test]
    fn roll_up_keeps_counts_and_percentiles(
        values in prop::collection::vec(1_u32..60_000, 120..200),
        cut in 1_usize..119,
    ) {
        let (_folder, path) = file();
        // A round every minute: an hour of them stays as it is, the rest becomes minutes and quarter-hours.
        let minute = Duration::from_secs(60);
        let mut expected = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).unwrap();
        let (early, late) = values.split_at(cut);
        let mut due = 0;
        for part in [early, late] {
            let recorder = Recorder::open(&path, minute).unwrap();
            for value in part {
                recorder_tell(&recorder, due, *value);
                expected.record(u64::from(*value)).unwrap();
                // Now and then four days pass, so that every tier is reached.
                due += if due % 5_400 == 0 { 345_600 } else { 60 };
            }
            settle(&recorder, &path);
            recorder.finish().unwrap();
        }
        let target = read(&path, &Range::default()).unwrap().targets.remove(0);
        let total = target.phases.iter().find(|phase| phase.summary.phase == Phase::Total).unwrap();
        prop_assert_eq!(total.summary.raw.count, expected.len());
        prop_assert_eq!(target.rounds.made, expected.len());
        for (found, quantile) in [
            (total.summary.raw.p50_us, 0.5),
            (total.summary.raw.p90_us, 0.9),
            (total.summary.raw.p99_us, 0.99),
            (total.summary.raw.max_us, 1.0),
        ] {
            prop_assert_eq!(found, Some(expected.value_at_quantile(quantile)));
        }
        let binned: u64 = total.bins.iter().map(|bin| bin.raw).sum();
        prop_assert_eq!(binned, expected.len());
        let points: u64 = target.bands.points.iter().map(|point| point.rounds).sum();
        prop_assert_eq!(points, expected.len());
        prop_assert!(target.bands.points.len() <= 601);
    }
}

fn recorder_tell(recorder: &Recorder, second: i64, total_us: u32) {
    use rdprobe::monitor::listen::Listener;
    recorder.round(TARGET, &good(at(second), total_us), &rdprobe::monitor::health::Health::Good);
}

/// A day at one second, then the same day as it ages: what it takes in minutes, in quarter-hours and in hours.
///
/// Three days of minutes, sixty of quarter-hours and the rest in hours make a year; pages are used again in between.
#[test]
fn a_year_at_a_second_stays_under_200_megabytes() {
    const DAY: i64 = 86_400;
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    for second in 0..DAY {
        // 18 to 42 ms with a tail, as over the Internet: a narrow distribution would be too kind to the encoding.
        let noise = u32::try_from(second.wrapping_mul(2_654_435_761) >> 7 & 0xFFFF).unwrap();
        tell_good(
            &recorder,
            at(second),
            18_000 + noise % 24_000 + if noise % 97 == 0 { noise * 4 } else { 0 },
        );
        if second % 3_600 == 0 {
            recorder.flush();
        }
    }
    settle(&recorder, &path);
    let (minutes, whole) = (used(&path), std::fs::metadata(&path).unwrap().len());
    tell_good(&recorder, at(DAY + 4 * DAY), 20_000);
    rolled_up(&recorder, &path, 60);
    let quarters = used(&path);
    tell_good(&recorder, at(DAY + 62 * DAY), 20_000);
    rolled_up(&recorder, &path, 900);
    let hours = used(&path);
    recorder.finish().unwrap();
    let year = minutes * 3 + quarters * 60 + hours * 302;
    eprintln!(
        "a day in minutes {minutes}, in quarter-hours {quarters}, in hours {hours} bytes; a year {year} bytes"
    );
    assert!(year < 200_000_000, "{year}");
    assert!(quarters < minutes && hours < quarters, "{minutes} {quarters} {hours}");
    let now = std::fs::metadata(&path).unwrap().len();
    assert!(now <= whole + 1_000_000, "the pages of what is rolled up are used again: {whole} became {now}");
    assert_eq!(all(&path).targets.remove(0).rounds.made, u64::try_from(DAY + 2).unwrap());
}

/// A damaged histogram costs itself, not the rolling up of everything after it.
#[test]
fn a_minute_that_is_damaged_is_rolled_up_without_its_histogram() {
    let (_folder, path) = two_sparse_hours();
    let damage = "UPDATE latency SET histogram = x'00' WHERE bucket = (SELECT min(id) FROM buckets)";
    assert!(Connection::open(&path).unwrap().execute(damage, ()).unwrap() > 0);
    let recorder = Recorder::open(&path, SECOND * 30).unwrap();
    tell_good(&recorder, at(5 * 86_400), 1_000);
    rolled_up(&recorder, &path, 60);
    assert_eq!(recorder.status(), Status::Recording);
    recorder.finish().unwrap();
    let target = all(&path).targets.remove(0);
    let total = target.phases.iter().find(|phase| phase.summary.phase == Phase::Total).unwrap();
    assert_eq!((target.rounds.made, total.summary.raw.count), (241, 239), "a minute has two rounds");
}

#[test]
fn what_cannot_be_rolled_up_keeps_nothing_from_being_written() {
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND * 30).unwrap();
    tell_good(&recorder, at(0), 1_000);
    recorder.flush();
    Connection::open(&path).unwrap().execute_batch("DROP TABLE latency").unwrap();
    // After each flush it is tried to roll up the first hour.
    for hour in 1..5 {
        tell_good(&recorder, at(hour * 3_600), 1_000);
        recorder.flush();
        assert_eq!(recorder.status(), Status::Recording);
    }
    let count = |sql: &str| Connection::open(&path).unwrap().query_row(sql, (), |row| row.get::<_, i64>(0));
    assert_eq!(count("SELECT count(*) FROM rounds"), Ok(5));
    recorder.finish().unwrap();
}

/// Until there is no bucket of a width any more.
fn rolled_up(recorder: &Recorder, path: &Path, width_s: i64) {
    recorder.flush();
    let connection = Connection::open(path).unwrap();
    for _ in 0..6_000 {
        let left =
            connection
                .query_row("SELECT count(*) FROM buckets WHERE width_s = ?1", [width_s], |row| row.get(0));
        // What the last round itself became, and the round before the jump, may stay.
        if left.unwrap_or(i64::MAX) <= 1 {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the buckets of {width_s} s are not rolled up");
}

/// The bytes of the pages that hold something.
fn used(path: &Path) -> u64 {
    let connection = Connection::open(path).unwrap();
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    u64::try_from((number("page_count") - number("freelist_count")) * number("page_size")).unwrap()
}
