//! What ages is rolled up and keeps its counts and percentiles; a year of one target at one second stays small.

use std::path::{Path, PathBuf};
use std::time::Duration;

use hdrhistogram::Histogram;
use proptest::prelude::*;
use rdprobe::monitor::history::{Range, Recorder, read};
use rdprobe::monitor::latency::Phase;
use rusqlite::Connection;

use super::made::{SECOND, TARGET, all, at, file, good, tell_bad, tell_good};

/// Two hours at a second: the first of them is in minutes.
pub(super) fn two_hours() -> (tempfile::TempDir, PathBuf) {
    let (folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    for second in 0..7_200 {
        if second % 100 == 99 {
            tell_bad(&recorder, at(second))
        } else {
            tell_good(&recorder, at(second), 1_000 + u32::try_from(second).unwrap())
        }
    }
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
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Rolled up or not, in one process or cut into several: the same counts and percentiles as of all values at once.
    #[test]
    fn roll_up_keeps_counts_and_percentiles(
        values in prop::collection::vec(1_u32..2_000_000, 200..400),
        cut in 1_usize..199,
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

/// The days that are written: quarter-hours are kept for 60 days, so that the last ones grow as all later ones do.
const DAYS: i64 = 70;

#[test]
#[ignore = "needs ten minutes"]
fn a_year_at_a_second_stays_under_200_megabytes() {
    let (_folder, path) = file();
    let recorder = Recorder::open(&path, SECOND).unwrap();
    let mut sizes = Vec::new();
    for hour in 0..DAYS * 24 {
        for second in hour * 3_600..(hour + 1) * 3_600 {
            // 18 to 42 ms with a tail, as over the Internet: a narrow distribution would be too kind to the encoding.
            let noise = u32::try_from(second.wrapping_mul(2_654_435_761) >> 7 & 0xFFFF).unwrap();
            let total_us = 18_000 + noise % 24_000 + if noise.is_multiple_of(97) { noise * 4 } else { 0 };
            tell_good(&recorder, at(second), total_us);
        }
        settle(&recorder, &path);
        if hour % 24 == 23 {
            sizes.push(std::fs::metadata(&path).unwrap().len());
        }
    }
    recorder.finish().unwrap();
    let last = std::fs::metadata(&path).unwrap().len();
    // A day of hours is what every day beyond the sixtieth adds.
    let connection = Connection::open(&path).unwrap();
    let per_hour: f64 = connection
        .query_row(
            "SELECT avg(bytes) FROM (SELECT sum(length(histogram) + 64) + 128 AS bytes
             FROM latency JOIN buckets ON buckets.id = bucket WHERE width_s = 3600 GROUP BY bucket)",
            (),
            |row| row.get(0),
        )
        .unwrap();
    let year = last as f64 + per_hour * 24.0 * (365 - DAYS) as f64;
    eprintln!("after {DAYS} days: {last} bytes; an hour: {per_hour:.0} bytes; a year: {year:.0} bytes");
    eprintln!("by day: {sizes:?}");
    assert!(year < 200e6, "{year}");
    assert_eq!(all(&path).targets.remove(0).rounds.made, u64::try_from(DAYS * 86_400).unwrap());
}
