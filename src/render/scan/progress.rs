//! How a scan goes, while it runs: how far, how fast, what was found, what holds it up.
//!
//! ```text
//! 12,345 of 65,536 (19 %), 1,234 a second, 43 s left, 212 in flight
//! 8,000 ok, 4,000 failed, 345 undecided; most: nsg-blocks-rdp 3,900, rdp-disabled-registry 100
//! slowed down: no more file descriptors (at a time 1,000 -> 212)
//! ```

use std::time::Duration;

use crate::fleet::depth::Depth;
use crate::render::escape::escape;
use crate::render::measure::{self, count};
use crate::render::words::span;

/// How many causes the line names.
const CAUSES_SHOWN: usize = 3;

/// Slower than this a rate is told with its tenths.
const SLOW: f64 = 10.0;

/// How a scan stands at one moment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Going {
    /// How much is asked of every target.
    pub depth: Depth,
    /// How many targets are done, those of the runs before a `--resume` included.
    pub done: u64,
    /// How many there are; none as long as the source does not tell.
    pub total: Option<u64>,
    /// How many targets a second ended lately; none before the first.
    pub rate: Option<f64>,
    /// How long it will go on; none where nobody can tell.
    pub left: Option<Duration>,
    /// How many targets are being probed now.
    pub in_flight: u64,
    /// How many are as they should be.
    pub good: u64,
    /// How many fail or miss an expectation.
    pub bad: u64,
    /// How many are undecided.
    pub undecided: u64,
    /// The first causes with how often each was found, the most frequent first.
    pub causes: Vec<(String, u64)>,
    /// What on this machine holds the scan up now.
    pub slowed: Option<String>,
    /// Whether the end was asked for, and only what is in flight goes on.
    pub ending: bool,
}

/// How it stands, in two lines, or three where something holds it up.
#[must_use]
pub fn lines(going: &Going) -> Vec<String> {
    let mut lines = vec![how_far(going), found(going)];
    lines.extend(going.slowed.as_ref().map(|what| format!("slowed down: {}", escape(what))));
    lines
}

/// The same for a log.
#[must_use]
pub fn line(going: &Going) -> String {
    lines(going).join("; ")
}

fn how_far(going: &Going) -> String {
    if going.ending {
        return format!("{} done, finishing {} in flight", count(going.done), count(going.in_flight));
    }
    let done = match going.total {
        Some(total) => {
            let share = measure::share(going.done, total);
            format!("{} of {} ({share})", count(going.done), count(total))
        }
        None => format!("{} done", count(going.done)),
    };
    let rate = going.rate.map(|rate| format!("{} a second", rate_text(rate)));
    let left = going.left.map(|left| format!("{} left", span(left)));
    let in_flight = format!("{} in flight", count(going.in_flight));
    [Some(done), rate, left, Some(in_flight)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn found(going: &Going) -> String {
    let counts =
        [(going.good, going.depth.good_word()), (going.bad, "failed"), (going.undecided, "undecided")];
    let counts: Vec<String> = counts.iter().map(|(many, what)| format!("{} {what}", count(*many))).collect();
    let causes = going.causes.iter().take(CAUSES_SHOWN);
    let causes: Vec<String> = causes.map(|(id, many)| format!("{} {}", escape(id), count(*many))).collect();
    let most = if causes.is_empty() { String::new() } else { format!("; most: {}", causes.join(", ")) };
    format!("{}{most}", counts.join(", "))
}

/// A rate in whole targets, or in tenths where it is slow.
#[must_use]
pub fn rate_text(rate: f64) -> String {
    if rate < SLOW {
        return format!("{rate:.1}");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::as_conversions,
        reason = "a rate is positive and far below 2^53"
    )]
    count(rate.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_far_how_fast_and_what_was_found() {
        let going = Going {
            depth: Depth::Full,
            done: 12_345,
            total: Some(65_536),
            rate: Some(1234.4),
            left: Some(Duration::from_secs(43)),
            in_flight: 212,
            good: 8000,
            bad: 4000,
            undecided: 345,
            causes: [("a", 3900), ("b", 60), ("c", 30), ("d", 10)].map(|(id, n)| (id.to_owned(), n)).into(),
            slowed: Some("no more file descriptors".to_owned()),
            ending: false,
        };
        assert_eq!(
            lines(&going),
            [
                "12,345 of 65,536 (19 %), 1,234 a second, 43 s left, 212 in flight",
                "8,000 ok, 4,000 failed, 345 undecided; most: a 3,900, b 60, c 30",
                "slowed down: no more file descriptors",
            ]
        );
        let ending = Going { ending: true, ..going };
        assert_eq!(lines(&ending)[0], "12,345 done, finishing 212 in flight");
    }

    #[test]
    fn what_nobody_knows_is_not_told() {
        assert_eq!(line(&Going::default()), "0 done, 0 in flight; 0 ok, 0 failed, 0 undecided");
        assert_eq!(rate_text(0.25), "0.2");
    }
}
