//! The values that options take: addresses, times, cookies, ids; each with its own words for a mistake.

use std::net::{IpAddr, SocketAddr};
use std::num::FpCategory;
use std::time::Duration;

/// `9.9.9.9`, `9.9.9.9:5353`, `2620:fe::fe`, `[2620:fe::fe]:53`.
pub(super) fn resolver(text: &str) -> Result<SocketAddr, String> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    text.parse()
        .or_else(|_| bare.parse::<IpAddr>().map(|address| SocketAddr::new(address, 53)))
        .map_err(|_| "a resolver is an address, with a port if it is not 53".to_owned())
}

/// A time: `500ms`, `5s`, `1m 30s`, or a number of seconds.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if time < Duration::from_millis(1) {
        return Err("less than a millisecond is no time to wait".to_owned());
    }
    if time > Duration::from_secs(24 * 60 * 60) {
        return Err("more than a day is no time to wait for one probe".to_owned());
    }
    Ok(time)
}

/// A pause between two connections to one address: every address of the last pause is remembered.
pub(super) fn gap(text: &str) -> Result<Duration, String> {
    let gap = duration(text)?;
    if gap > Duration::from_secs(60) {
        return Err("more than a minute is too long a gap".to_owned());
    }
    Ok(gap)
}

/// How long something goes on that may go on for months: `10m`, `720h`, or a number of seconds.
pub(super) fn long_duration(text: &str) -> Result<Duration, String> {
    let time = time(text)?;
    if time < Duration::from_secs(1) {
        return Err("less than a second is no time to watch".to_owned());
    }
    Ok(time)
}

fn time(text: &str) -> Result<Duration, String> {
    let explain = || "a time is a number and a unit, such as 500ms, 5s or 1m".to_owned();
    match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).map_err(|_| explain()),
        Err(_) => {
            let signed: jiff::SignedDuration = text.parse().map_err(|_| explain())?;
            Duration::try_from(signed).map_err(|_| explain())
        }
    }
}

/// How many times slower than usual a round is that is called slow; 0: none is.
pub(super) fn slower(text: &str) -> Result<f64, String> {
    let explain = || "slower is a factor above 1, such as 3, or 0 for never".to_owned();
    let factor: f64 = text.parse().map_err(|_| explain())?;
    let allowed = factor.classify() == FpCategory::Zero || (factor > 1.0 && factor.is_finite());
    if allowed { Ok(factor) } else { Err(explain()) }
}

/// A cookie is printable ASCII, because it stands in a line of its own on the wire.
pub(super) fn cookie(text: &str) -> Result<String, String> {
    if text.len() > 64 {
        return Err("a cookie has at most 64 characters, and Windows sends nine".to_owned());
    }
    if !text.chars().all(|c| c.is_ascii_graphic()) {
        return Err("a cookie has only letters, digits and signs of ASCII, and no blanks".to_owned());
    }
    Ok(text.to_owned())
}

/// 32 hex digits, with or without the dashes of a UUID ([MS-RDPBCGR] 2.2.1.1.2).
pub(super) fn correlation_id(text: &str) -> Result<[u8; 16], String> {
    let digits: String = text.chars().filter(|c| *c != '-').collect();
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok();
    let id: [u8; 16] = bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "a correlation id is 32 hex digits, or a UUID".to_owned())?;
    if matches!(id[0], 0x00 | 0xF4) || id.contains(&0x0D) {
        return Err("a correlation id may not begin with 00 or f4, nor have a byte 0d".to_owned());
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units_or_are_seconds() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2.5"), Ok(Duration::from_millis(2500)));
        for wrong in ["", "soon", "-5s", "0", "nan", "inf", "2000h"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_gap_is_a_minute_at_most() {
        assert_eq!(gap("1m"), Ok(Duration::from_secs(60)));
        assert!(gap("61s").is_err() && gap("0").is_err());
    }

    #[test]
    fn slower_is_a_factor_above_one_or_never() {
        assert_eq!((slower("3"), slower("1.5"), slower("0")), (Ok(3.0), Ok(1.5), Ok(0.0)));
        for wrong in ["1", "0.5", "-3", "inf", "nan", "twice"] {
            assert!(slower(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_monitor_may_go_on_for_a_month() {
        assert_eq!(long_duration("720h"), Ok(Duration::from_secs(720 * 3600)));
        for wrong in ["500ms", "0", "-5s", "forever"] {
            assert!(long_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn resolvers_have_a_port_or_53() {
        assert_eq!(resolver("9.9.9.9").unwrap().to_string(), "9.9.9.9:53");
        assert_eq!(resolver("9.9.9.9:5353").unwrap().to_string(), "9.9.9.9:5353");
        assert_eq!(resolver("2620:fe::fe").unwrap().to_string(), "[2620:fe::fe]:53");
        assert_eq!(resolver("[2620:fe::fe]").unwrap().to_string(), "[2620:fe::fe]:53");
        assert!(resolver("dns.example").is_err());
    }

    #[test]
    fn correlation_ids_obey_the_specification() {
        assert!(correlation_id("a1b2c3d4-0102-0304-0506-0708090a0b0c").is_ok());
        for wrong in [
            "00b2c3d4010203040506070809 0a0b0c",
            "f4b2c3d40102030405060708090a0b0c",
            "a1b2c3d40102030405060708090a0b0d",
            "a1b2",
        ] {
            assert!(correlation_id(wrong).is_err(), "{wrong}");
        }
    }
}
