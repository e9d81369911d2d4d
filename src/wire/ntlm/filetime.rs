//! FILETIME, the 100 nanoseconds since 1601-01-01 UTC ([MS-DTYP] 2.3.3), and Unix time.

/// Seconds between 1601-01-01 and 1970-01-01.
const EPOCH_SECONDS: i128 = 11_644_473_600;

/// A FILETIME as nanoseconds since 1970-01-01 UTC.
#[must_use]
pub fn filetime_to_unix(filetime: u64) -> i128 {
    // INVARIANT: a u64 times 100 is far from the limits of an i128.
    i128::from(filetime).saturating_mul(100).saturating_sub(EPOCH_SECONDS.saturating_mul(1_000_000_000))
}

/// Nanoseconds since 1970-01-01 UTC as a FILETIME, held to what a FILETIME can say.
#[must_use]
pub fn filetime_from_unix(nanoseconds: i128) -> u64 {
    let since_1601 = nanoseconds.saturating_add(EPOCH_SECONDS.saturating_mul(1_000_000_000));
    u64::try_from((since_1601 / 100).max(0)).unwrap_or(u64::MAX)
}
