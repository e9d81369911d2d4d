//! Percentiles, coordinated omission, jitter, and the HDR log as others read it.

use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
use proptest::prelude::*;
use std::time::Duration;

use rdprobe::evidence::{Failure, Millis};
use rdprobe::monitor::hdr_log;
use rdprobe::monitor::latency::{Interval, Latency, Phase, durations};
use rdprobe::monitor::schedule::Schedule;

use super::made::{after, bad, began, good, secs};
use crate::fixture::timed_out;

const INTERVAL: Duration = Duration::from_millis(100);

fn us(microseconds: u64) -> Duration {
    Duration::from_micros(microseconds)
}

#[test]
fn a_round_has_the_phases_that_came_about() {
    let times: Vec<(Phase, Duration)> = durations(&good(began())).collect();
    let expected = [
        (Phase::Connect, us(3_000)),
        (Phase::KernelRtt, us(11_200)),
        (Phase::X224, us(4_000)),
        (Phase::Total, us(7_000)),
    ];
    assert_eq!(times, expected);
    assert_eq!(durations(&bad(began(), timed_out())).count(), 0);
}

#[test]
fn what_resolving_took_is_no_part_of_the_whole() {
    let mut round = good(began());
    round.elapsed_ms = Millis(27.0);
    round.resolve.elapsed_ms = Millis(20.0);
    let total = durations(&round).find(|(phase, _)| *phase == Phase::Total);
    assert_eq!(total, Some((Phase::Total, us(7_000))));
}

#[test]
fn a_round_that_died_half_way_has_no_whole() {
    let mut round = good(began());
    round.negotiate.outcome = rdprobe::evidence::Outcome::Failed(Failure::Reset { bytes_read: 0 });
    let phases: Vec<Phase> = durations(&round).map(|(phase, _)| phase).collect();
    assert_eq!(phases, [Phase::Connect, Phase::KernelRtt]);
}

/// A server that answers within a millisecond, and stands still for the first 2 s of every minute.
fn answers_after(asked: Duration) -> Duration {
    let into = Duration::from_nanos(u64::try_from(asked.as_nanos() % secs(60).as_nanos()).unwrap());
    secs(2).saturating_sub(into) + us(1_000)
}

/// What a prober sees that no answer keeps from asking, once a millisecond: the truth, ascending.
fn truth() -> Vec<u64> {
    let asked = (0..60_000).map(Duration::from_millis);
    let mut times: Vec<u64> =
        asked.map(|asked| u64::try_from(answers_after(asked).as_micros()).unwrap()).collect();
    times.sort_unstable();
    times
}

/// An hour of rounds, one after the other.
fn an_hour_of_rounds(interval: Duration) -> Latency {
    let mut schedule = Schedule::new(interval, us(37));
    let mut latency = Latency::new(interval, began());
    let mut now = Duration::ZERO;
    while now < secs(3_600) {
        let turn = schedule.next(now);
        let took = answers_after(turn.due);
        latency.missed(turn.missed);
        latency.round(false);
        latency.record(Phase::Total, took);
        now = turn.due + took;
    }
    latency
}

#[test]
fn the_samples_that_a_stall_hid_are_accounted_for() {
    let truth = truth();
    let p99 = truth[truth.len() * 99 / 100 - 1];
    assert!(p99 > 1_000_000, "the stall is 3 % of the time, and p99 lies in it: {p99}");
    for interval in [Duration::from_millis(20), INTERVAL] {
        let mut latency = an_hour_of_rounds(interval);
        let summary = latency.summaries()[0];
        let (raw, corrected) = (summary.raw.p99_us.unwrap(), summary.corrected.p99_us.unwrap());
        // What lies between two rounds nobody can know.
        let allowed = us(p99 * 3 / 100).max(interval + us(3_000));
        let off = us(corrected.abs_diff(p99));
        assert!(off <= allowed, "corrected p99 {corrected} us, truly {p99} us, a round each {interval:?}");
        assert!(raw < 1_100, "raw p99 {raw} us: the stall is one sample of hundreds");
        assert!(summary.corrected.p50_us.unwrap().abs_diff(1_000) <= 1);
        let rounds = latency.close_interval(after(secs(3_600)));
        let hidden = summary.corrected.count - summary.raw.count;
        assert!(rounds.missed.abs_diff(hidden) <= 60, "{} missed, {hidden} filled in", rounds.missed);
    }
}

#[test]
fn jitter_is_the_mean_step_between_neighbours() {
    let mut latency = Latency::new(INTERVAL, began());
    for took in [1_000, 1_400, 1_200, 1_800] {
        latency.record(Phase::X224, us(took));
    }
    assert_eq!(latency.summaries()[0].jitter_us, Some(400.0));
    let interval = latency.close_interval(after(secs(60)));
    assert_eq!(interval.summaries[0].jitter_us, Some(400.0));
    // From the last value of one interval to the first of the next is a step too.
    latency.record(Phase::X224, us(1_700));
    assert_eq!(latency.close_interval(after(secs(120))).summaries[0].jitter_us, Some(100.0));
    assert_eq!(latency.summaries()[0].jitter_us, Some(325.0));
}

#[test]
fn an_interval_counts_its_own() {
    let mut latency = Latency::new(INTERVAL, began());
    latency.round(false);
    latency.record(Phase::Total, us(5_000));
    latency.round(true);
    latency.missed(3);
    let first = latency.close_interval(after(secs(60)));
    assert_eq!((first.rounds, first.lost, first.missed), (2, 1, 3));
    assert_eq!((first.start, first.end), (began(), after(secs(60))));
    let second = latency.close_interval(after(secs(120)));
    assert_eq!((second.rounds, second.lost, second.missed), (0, 0, 0));
    assert_eq!(second.start, after(secs(60)));
    assert!(second.raw.is_empty() && second.summaries.is_empty());
    assert_eq!(latency.raw(Phase::Total).unwrap().len(), 1);
    assert!(latency.raw(Phase::Tls).is_none());
}

#[test]
fn what_is_out_of_range_is_put_at_its_edge() {
    let mut latency = Latency::new(INTERVAL, began());
    latency.record(Phase::Total, Duration::ZERO);
    latency.record(Phase::Total, Duration::MAX);
    let raw = latency.raw(Phase::Total).unwrap();
    assert_eq!((raw.min(), raw.len()), (1, 2));
    assert!(raw.equivalent(raw.max(), 60_000_000), "{}", raw.max());
}

proptest! {
    /// Kept as places in use it is the same histogram.
    #[test]
    fn it_is_the_histogram_that_hdrhistogram_makes(
        times in prop::collection::vec(1_u64..60_000_000, 1..300),
    ) {
        let mut latency = Latency::new(INTERVAL, began());
        let mut own = Histogram::<u32>::new(3).unwrap();
        for time in &times {
            latency.record(Phase::Total, us(*time));
            own.record(*time).unwrap();
        }
        let raw = latency.raw(Phase::Total).unwrap();
        for quantile in [0.0, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0] {
            prop_assert_eq!(raw.value_at_quantile(quantile), own.value_at_quantile(quantile));
        }
        let corrected = latency.corrected(Phase::Total).unwrap();
        // Samples are filled in from the least value of a place, one in a thousand below the value itself.
        let (ours, theirs) = (corrected.len(), own.clone_correct(100_000).len());
        prop_assert!(ours <= theirs && theirs - ours <= times.len() as u64);
    }
}

/// One interval of two phases.
fn interval() -> Interval {
    let mut latency = Latency::new(INTERVAL, began());
    for step in 1..=1_000 {
        latency.record(Phase::Connect, us(step * 10));
        latency.record(Phase::X224, us(step * 2_000));
    }
    latency.close_interval(after(secs(60)))
}

fn log(target: &str) -> Vec<u8> {
    let mut out = Vec::new();
    hdr_log::write_header(&mut out, began(), INTERVAL).unwrap();
    hdr_log::write_interval(&mut out, target, &interval()).unwrap();
    hdr_log::write_interval(&mut out, target, &interval()).unwrap();
    out
}

#[test]
fn the_log_comes_back_as_it_was() {
    let log = log("a b,c%\n");
    let entries: Vec<LogEntry<'_>> = IntervalLogIterator::new(&log).map(Result::unwrap).collect();
    let epoch = Duration::try_from(began().as_duration()).unwrap();
    assert_eq!(entries[0], LogEntry::StartTime(epoch));
    let lines: Vec<_> = entries
        .iter()
        .filter_map(|entry| if let LogEntry::Interval(line) = entry { Some(line) } else { None })
        .collect();
    let tags: Vec<&str> = lines.iter().map(|line| line.tag().unwrap().as_str()).collect();
    let written = ["a%20b%2cc%25%0a/connect", "a%20b%2cc%25%0a/x224"];
    assert_eq!(tags, [written, written].concat());
    for (line, (_, histogram)) in lines.iter().zip(&interval().raw) {
        assert_eq!((line.start_timestamp(), line.duration()), (epoch, secs(60)));
        let bytes = data_encoding::BASE64.decode(line.encoded_histogram().as_bytes()).unwrap();
        let read: Histogram<u32> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
        assert_eq!(&read, histogram);
    }
}

#[test]
fn every_line_of_the_log_is_one_that_other_tools_know() {
    let log = String::from_utf8(log("dc1.example.com:3389")).unwrap();
    for line in log.lines() {
        let known = line.starts_with('#')
            || line.starts_with("\"StartTimestamp\"")
            || line.starts_with("Tag=dc1.example.com:3389/");
        assert!(known, "{line}");
    }
    assert!(log.contains("\n#[StartTime: 1772323200.000 (seconds since epoch)]"));
    assert!(log.contains("[Histogram log format version 1.3]"));
}
