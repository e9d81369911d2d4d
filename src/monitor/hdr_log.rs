//! HDR log: intervals as a standard HdrHistogram interval log, version 2, which other HdrHistogram tools read.
//!
//! One line a target, phase and interval: `Tag=TARGET/PHASE`, start and length in seconds, the greatest value, the
//! compressed histogram in base64; values are microseconds. They are raw: a reader corrects them by the
//! expected interval, which the header names.

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, IntervalLogWriterError, Tag};
use std::fmt::Display;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use super::latency::Interval;

/// Begins a log: what it is, when it begins, how often a round is expected.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_header(mut out: &mut dyn Write, began: jiff::Timestamp, expected: Duration) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    IntervalLogWriterBuilder::new()
        .add_comment(&format!("[Logged with rdprobe {}]", env!("CARGO_PKG_VERSION")))
        .add_comment("[Histogram log format version 1.3]")
        .add_comment("[Values are microseconds]")
        .add_comment(&format!("[Expected interval: {} microseconds]", expected.as_micros()))
        .with_start_time(SystemTime::from(began))
        .begin_log_with(&mut out, &mut serializer)?;
    out.write_all(
        b"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
    )
}

/// Adds one interval of a target, a line a phase.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_interval(out: &mut dyn Write, target: &str, interval: &Interval) -> io::Result<()> {
    let mut serializer = V2DeflateSerializer::new();
    let mut text = Vec::new();
    let log = IntervalLogWriterBuilder::new();
    let start = since_epoch(interval.start);
    let length = since_epoch(interval.end).saturating_sub(start);
    // A line that is written in one go is whole, or not there.
    for (phase, histogram) in &interval.raw {
        let tag = tag(target, phase.word());
        text.clear();
        log.begin_log_with(&mut text, &mut serializer)?
            .write_histogram(histogram, start, length, Tag::new(&tag))
            .map_err(into_io)?;
        out.write_all(&text)?;
    }
    out.flush()
}

/// `target/phase`, with what a tag cannot hold, and `%` itself, as `%xx`.
fn tag(target: &str, phase: &str) -> String {
    let mut tag = String::new();
    for letter in target.chars() {
        if letter.is_control() || letter.is_whitespace() || matches!(letter, ',' | '%' | '"' | '#') {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                tag.push('%');
                tag.push_str(&data_encoding::HEXLOWER.encode(&[byte]));
            }
        } else {
            tag.push(letter);
        }
    }
    format!("{tag}/{phase}")
}

fn since_epoch(time: jiff::Timestamp) -> Duration {
    Duration::try_from(time.as_duration()).unwrap_or_default()
}

fn into_io<E: Display>(error: IntervalLogWriterError<E>) -> io::Error {
    match error {
        IntervalLogWriterError::IoError(error) => error,
        IntervalLogWriterError::SerializeError(error) => io::Error::other(error.to_string()),
    }
}
