//! Outages that come again after the same time.

use jiff::Timestamp;
use std::time::Duration;

use super::{LATELY, is_past, span, told};
use crate::evidence::Testimony;

/// Group policy is refreshed every 90 minutes and up to 30 more; the outage is noticed within a few.
const POLICY_REFRESH: (Duration, Duration) = (Duration::from_secs(87 * 60), Duration::from_secs(123 * 60));

/// The last times between two outages are looked at.
const LOOKED_AT: usize = 8;

/// So many times between outages make a policy's rhythm, whose chance is 30 minutes wide.
const FOR_A_POLICY: usize = 3;

/// So many make any other, exact to a tenth.
const FOR_ANY: usize = 4;

/// A rhythm of less is flapping.
const SHORTEST: Duration = Duration::from_secs(60);

/// The rhythm of outages that began at these times, none of which lasted longer than `lasted`. One that has missed its
/// next two beats is over.
pub(super) fn of(starts: &[Timestamp], lasted: Duration, now: Timestamp) -> Option<Testimony> {
    let pairs = starts.iter().zip(starts.iter().skip(1));
    let mut between: Vec<Duration> =
        pairs.map(|(one, next)| next.duration_since(*one).unsigned_abs()).rev().take(LOOKED_AT).collect();
    let count = between.len();
    between.sort_unstable();
    let median = between.get(count / 2).copied()?;
    // An outage that fills most of the time between two of them is one that comes and goes, in no rhythm of its own.
    if median < SHORTEST || lasted > median / 2 {
        return None;
    }
    if is_past(*starts.last()?, LATELY.max(median * 2), now) {
        return None;
    }
    let (least, most) = POLICY_REFRESH;
    if count >= FOR_A_POLICY && nearly_all(&between, least, most) {
        let fact = format!("the last {} outages began about every {}", count + 1, span(median));
        return Some(told("over-time.flap-90-min", fact));
    }
    let exact =
        count >= FOR_ANY && nearly_all(&between, median.saturating_sub(median / 10), median + median / 10);
    exact.then(|| {
        let fact = format!("the last {} outages began every {}", count + 1, span(median));
        told("over-time.rhythm", fact)
    })
}

/// All but one in five.
fn nearly_all(between: &[Duration], least: Duration, most: Duration) -> bool {
    let within = between.iter().filter(|time| (least..=most).contains(*time)).count();
    within * 5 >= between.len() * 4
}
