//! Histograms as bytes (HdrHistogram's V2 encoding, deflated) and as numbers.

use std::io::Read;

use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer, V2DeflateSerializer};

use super::HistoryError;

/// The greatest value: 60 s.
const MOST_US: u64 = 60_000_000;

/// The longest histogram: one varint a count of [`empty`]'s 17 × 1024.
const LONGEST: u64 = 40 + 9 * 17_408;

/// Before the deflated bytes: cookie and length.
const OUTER: usize = 8;

/// The first 32 bytes after the cookie and the length of what is inflated: offset, digits, least, greatest, ratio.
const HEADER: [u8; 32] = [
    0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0x03, 0x93, 0x87, 0x00, 0x3f, 0xf0, 0, 0, 0,
    0, 0, 0,
];

/// A histogram of microseconds, without a value: 1 µs to 60 s, three significant digits.
pub(super) fn empty() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MOST_US, 3)
        .unwrap_or_else(|_| unreachable!("bug: HdrHistogram refuses bounds that it allows"))
}

/// The same for one of many: it takes only the memory that its values need.
pub(super) fn growing() -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 2_048, 3)
        .unwrap_or_else(|_| unreachable!("bug: HdrHistogram refuses bounds that it allows"));
    histogram.auto(true);
    histogram
}

/// Counts a value, which is brought within the bounds.
pub(super) fn record(histogram: &mut Histogram<u64>, value_us: i64) {
    histogram.saturating_record(u64::try_from(value_us).unwrap_or(0).clamp(1, MOST_US));
}

/// The bytes of a histogram.
pub(super) fn encode(histogram: &Histogram<u64>) -> Result<Vec<u8>, HistoryError> {
    let mut bytes = Vec::new();
    V2DeflateSerializer::new()
        .serialize(histogram, &mut bytes)
        .map_err(|error| HistoryError::Damaged(format!("a histogram cannot be encoded: {error}")))?;
    Ok(bytes)
}

/// The histogram of bytes, whoever wrote them: nothing is allocated by what they claim.
pub(super) fn decode(bytes: &[u8]) -> Result<Histogram<u64>, HistoryError> {
    let damaged = |what: &str| HistoryError::Damaged(format!("a histogram in it {what}"));
    let deflated = bytes.get(OUTER..).ok_or_else(|| damaged("is cut off"))?;
    let mut plain = Vec::new();
    ZlibDecoder::new(deflated)
        .take(LONGEST + 1)
        .read_to_end(&mut plain)
        .map_err(|_| damaged("cannot be inflated"))?;
    let length = plain.get(4..8).and_then(|length| length.try_into().ok()).map(u32::from_be_bytes);
    if length.map(u64::from) != u64::try_from(plain.len()).ok().and_then(|length| length.checked_sub(40)) {
        return Err(damaged("is not as long as it says"));
    }
    if plain.get(8..40) != Some(&HEADER) {
        return Err(damaged("has other bounds than 1 µs to 60 s at three digits"));
    }
    Deserializer::new().deserialize(&mut plain.as_slice()).map_err(|error| damaged(&error.to_string()))
}
