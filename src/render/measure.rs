//! Quantities and names in few columns, for tables and lines about time: `12.3 ms`, `17 min`, `99.98 %`, `myvm...com`.

use std::time::Duration;

use super::human::columns_of;

/// What stands in a table where nothing was measured.
pub const NOTHING: &str = "-";

/// What stands for the part of a name that has no room.
const DOTS: &str = "...";

/// A time of microseconds in at most seven columns: `85 µs`, `1.23 ms`, `45.6 ms`, `789 ms`, `1.23 s`, `60.0 s`.
#[must_use]
pub fn micros(us: f64) -> String {
    if us < 999.5 {
        return format!("{us:.0} \u{b5}s");
    }
    let (value, unit) = if us < 999_500.0 { (us / 1e3, "ms") } else { (us / 1e6, "s") };
    let decimals = [9.995, 99.95].into_iter().filter(|bound| value < *bound).count();
    format!("{value:.decimals$} {unit}")
}

/// A count of microseconds, or a dash.
#[must_use]
pub fn micros_or_none(us: Option<u64>) -> String {
    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "an hour in µs is far below 2^53")]
    us.map_or_else(|| NOTHING.to_owned(), |us| micros(us as f64))
}

/// A length of time in its largest unit, for a column: `35 s`, `17 min`, `2 h`, `3 d`.
#[must_use]
pub fn age(length: Duration) -> String {
    match length.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3600 => format!("{} min", seconds / 60),
        seconds @ 3600..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

/// The time from one moment to a later one; none if it is not later.
#[must_use]
pub fn between(from: jiff::Timestamp, to: jiff::Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A part of a whole in percent, never rounded to nothing or to everything: `0 %`, `<0.1 %`, `2.5 %`, `100 %`.
#[must_use]
pub fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NOTHING.to_owned();
    }
    let part = part.min(whole);
    #[expect(
        clippy::cast_precision_loss,
        clippy::as_conversions,
        reason = "a year of rounds is far below 2^53"
    )]
    let percent = part as f64 * 100.0 / whole as f64;
    match part {
        0 => "0 %".to_owned(),
        all if all == whole => "100 %".to_owned(),
        _ if percent < 0.1 => "<0.1 %".to_owned(),
        _ if percent < 10.0 => format!("{percent:.1} %"),
        _ => format!("{:.0} %", percent.min(99.0)),
    }
}

/// An availability in percent, rounded down, so that 100 % means that nothing was missed.
#[must_use]
pub fn availability(ratio: Option<f64>) -> String {
    let Some(ratio) = ratio else { return NOTHING.to_owned() };
    // What a float lacks of the next digit is no outage.
    let percent = ratio * 100.0 + 1e-9;
    if ratio >= 1.0 {
        "100 %".to_owned()
    } else if percent > 99.999 {
        ">99.999 %".to_owned()
    } else if percent > 99.0 {
        format!("{:.3} %", (percent * 1e3).floor() / 1e3)
    } else {
        format!("{:.1} %", (percent * 10.0).floor() / 10.0)
    }
}

/// A number with its thousands apart: `20,000`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut apart = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// A count of things: `no outage`, `1 outage`, `2 outages`.
#[must_use]
pub fn many(count: u64, what: &str) -> String {
    match count {
        0 => format!("no {what}"),
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// A name in so many columns at most: where it has no room its middle goes, because both ends tell names apart.
#[must_use]
pub fn shorten(name: &str, columns: usize) -> String {
    if columns_of(name) <= columns {
        return name.to_owned();
    }
    let room = columns.saturating_sub(DOTS.len());
    let tail_room = room / 3;
    let head = take_columns(name.chars(), room.saturating_sub(tail_room));
    let tail = take_columns(name.chars().rev(), tail_room);
    let whole: String = head.chars().chain(DOTS.chars()).chain(tail.chars().rev()).collect();
    if columns_of(&whole) <= columns { whole } else { take_columns(name.chars(), columns) }
}

/// A text filled with blanks at its right, or shortened, to exactly so many columns.
#[must_use]
pub fn left(text: &str, columns: usize) -> String {
    let text = shorten(text, columns);
    let gap = columns.saturating_sub(columns_of(&text));
    format!("{text}{:gap$}", "")
}

/// A text filled with blanks at its left, or shortened, to exactly so many columns.
#[must_use]
pub fn right(text: &str, columns: usize) -> String {
    let text = shorten(text, columns);
    let gap = columns.saturating_sub(columns_of(&text));
    format!("{:gap$}{text}", "")
}

/// A text that ends at a column, with dots where it was cut.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    format!("{}{DOTS}", take_columns(text.chars(), columns.saturating_sub(DOTS.len())).trim_end())
}

fn take_columns(characters: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = String::new();
    let mut used = 0_usize;
    for character in characters {
        used = used.saturating_add(columns_of(character.encode_utf8(&mut [0; 4])));
        if used > columns {
            break;
        }
        taken.push(character);
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_three_digits_and_seven_columns() {
        let cases = [
            (0.0, "0 \u{b5}s"),
            (85.4, "85 \u{b5}s"),
            (999.6, "1.00 ms"),
            (1_234.0, "1.23 ms"),
            (45_600.0, "45.6 ms"),
            (99_960.0, "100 ms"),
            (789_000.0, "789 ms"),
            (999_600.0, "1.00 s"),
            (60_000_000.0, "60.0 s"),
        ];
        for (us, expected) in cases {
            assert_eq!(micros(us), expected);
            assert!(columns_of(&micros(us)) <= 7);
        }
    }

    #[test]
    fn thousands_stand_apart() {
        let cases = [(0, "0"), (999, "999"), (1000, "1,000"), (20_000, "20,000"), (1_234_567, "1,234,567")];
        for (number, expected) in cases {
            assert_eq!(count(number), expected);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_none_or_all() {
        let cases = [
            ((0, 0), "-"),
            ((0, 9), "0 %"),
            ((1, 100_000), "<0.1 %"),
            ((1, 40), "2.5 %"),
            ((999_999, 1_000_000), "99 %"),
            ((9, 9), "100 %"),
        ];
        for ((part, whole), expected) in cases {
            assert_eq!(share(part, whole), expected);
        }
    }

    #[test]
    fn an_availability_of_a_hundred_missed_nothing() {
        let cases = [
            (None, "-"),
            (Some(1.0), "100 %"),
            (Some(0.999_999_9), ">99.999 %"),
            (Some(0.999_89), "99.989 %"),
            (Some(0.5), "50.0 %"),
            (Some(0.0), "0.0 %"),
        ];
        for (ratio, expected) in cases {
            assert_eq!(availability(ratio), expected);
        }
    }

    #[test]
    fn a_long_name_keeps_both_ends_and_its_room() {
        assert_eq!(shorten("myvm", 10), "myvm");
        assert_eq!(shorten("myvm.westus.cloudapp.azure.com", 16), "myvm.west....com");
        for columns in 0..40 {
            for name in ["myvm.westus.cloudapp.azure.com", "サーバー.example.net"] {
                assert!(columns_of(&shorten(name, columns)) <= columns, "{name} {columns}");
                assert_eq!(columns_of(&left(name, columns)), columns, "{name} {columns}");
                assert_eq!(columns_of(&right(name, columns)), columns, "{name} {columns}");
            }
        }
    }

    #[test]
    fn ages_have_one_unit() {
        let cases = [(59, "59 s"), (3599, "59 min"), (172_799, "47 h"), (172_800, "2 d")];
        for (seconds, expected) in cases {
            assert_eq!(age(Duration::from_secs(seconds)), expected);
        }
    }
}
