//! The clock of a persona: this machine's, put ahead or back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Nanoseconds since 1970 at a place whose clock is that many seconds ahead of this one.
pub(super) fn unix_nanoseconds(offset_s: i64) -> i128 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let now = i128::try_from(now.as_nanos()).unwrap_or(i128::MAX);
    now.saturating_add(i128::from(offset_s).saturating_mul(1_000_000_000))
}

/// The same in whole seconds.
pub(super) fn unix_seconds(offset_s: i64) -> i128 {
    unix_nanoseconds(offset_s).div_euclid(1_000_000_000)
}
