//! A length of time in words: `850 ms`, `45 s`, `4 min`, `90 min`, `3 h 20 min`.

use std::time::Duration;

/// To two or three digits, as a person says it.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds < 1 {
        return format!("{} ms", time.as_millis());
    }
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, _) => format!("{seconds} s"),
        (0, minutes, 0) => format!("{minutes} min"),
        (0, minutes, rest) if minutes < 10 => format!("{minutes} min {rest} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours, minutes, _) if hours < 2 => format!("{} min", hours * 60 + minutes),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}
