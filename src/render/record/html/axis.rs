//! Where things go along an axis, and what is written at it.
//!
//! Shapes are drawn in a box of 1000 × [`HIGH`] that is stretched to the width there is; words stand in HTML around it,
//! so that they keep their size on a telephone.

use jiff::{Timestamp, tz::TimeZone};
use maud::{Markup, html as markup};

use crate::monitor::record::Record;
use crate::render::record::words::{between, time};

/// The width of a drawing.
pub(super) const WIDE: f64 = 1_000.0;

/// The height of a drawing.
pub(super) const HIGH: f64 = 300.0;

/// Seconds from one mark to the next, the least first.
const STEPS_S: [i64; 22] = [
    1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800,
    1_209_600, 2_592_000, 5_184_000, 7_776_000, 15_552_000, 31_536_000,
];

/// So many marks at most: more do not fit on a telephone.
const MARKS: i64 = 6;

/// Something written at an axis: where along it, in hundredths, and what.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) text: String,
}

/// Time from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeAxis {
    from: Timestamp,
    to: Timestamp,
}

impl TimeAxis {
    pub(super) fn of(record: &Record) -> Self {
        Self { from: record.from, to: record.to }
    }

    /// Where an instant is, 0 to [`WIDE`].
    pub(super) fn x(self, at: Timestamp) -> f64 {
        let whole = between(self.from, self.to);
        if whole > 0.0 { (between(self.from, at) / whole * WIDE).clamp(0.0, WIDE) } else { 0.0 }
    }

    /// Round times: days at midnight, hours on the hour.
    pub(super) fn marks(self) -> Vec<Mark> {
        let (from, to) = (self.from.as_second(), self.to.as_second());
        let step = STEPS_S.into_iter().find(|step| (to - from) / step < MARKS).unwrap_or(i64::MAX);
        let days = to - from > 86_400;
        let format = match step {
            86_400.. => "%-d %b",
            60.. if days => "%-d %b %H:%M",
            60.. => "%H:%M",
            _ => "%H:%M:%S",
        };
        let mut marks = Vec::new();
        let mut at = from.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
        while at <= to {
            if let Ok(instant) = Timestamp::from_second(at) {
                let text = instant.to_zoned(TimeZone::UTC).strftime(format).to_string();
                marks.push(Mark { at: self.x(instant) / WIDE * 100.0, text });
            }
            at = at.saturating_add(step);
        }
        marks
    }
}

/// Times of the network on a logarithmic axis.
#[derive(Debug, Clone, Copy)]
pub(super) struct LatencyAxis {
    low: f64,
    high: f64,
}

impl LatencyAxis {
    /// Around the values, in microseconds, from one of 1, 2, 5, 10 ... to another.
    pub(super) fn around(low_us: f64, high_us: f64) -> Self {
        let low = rungs().take_while(|rung| *rung <= low_us).last().unwrap_or(1.0);
        let high = rungs().find(|rung| *rung >= high_us && *rung > low).unwrap_or(1e8);
        Self { low: low.log10(), high: high.log10() }
    }

    /// How far along a value is, 0 to 1.
    pub(super) fn part(self, us: f64) -> f64 {
        ((us.max(1.0).log10() - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Decades, and what is between them where there are few.
    pub(super) fn marks(self) -> Vec<Mark> {
        let many = self.high - self.low > 2.1;
        rungs()
            .enumerate()
            .filter(|(place, rung)| {
                let within = rung.log10() >= self.low - 1e-9 && rung.log10() <= self.high + 1e-9;
                within && (!many || place % 3 == 0)
            })
            .map(|(_, rung)| Mark { at: self.part(rung) * 100.0, text: latency(rung) })
            .collect()
    }
}

/// 1, 2, 5, 10, 20, ... microseconds, up to 100 s.
fn rungs() -> impl Iterator<Item = f64> {
    (0..=8).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(decade)))
}

/// `200 µs`, `5 ms`, `1 s`: a round number, without digits that say nothing.
fn latency(us: f64) -> String {
    match us {
        _ if us < 1e3 => format!("{us:.0} µs"),
        _ if us < 1e6 => format!("{:.0} ms", us / 1e3),
        _ => format!("{:.0} s", us / 1e6),
    }
}

/// The words below a drawing. The outermost ones keep within it.
pub(super) fn below(marks: &[Mark]) -> Markup {
    markup! {
        div.below aria-hidden="true" {
            @for mark in marks {
                span class=(edge(mark.at)) style={ "left:" (format!("{:.2}", mark.at)) "%" } { (mark.text) }
            }
        }
    }
}

/// The words left of a drawing, from the bottom up.
pub(super) fn left(marks: &[Mark]) -> Markup {
    markup! {
        div.left aria-hidden="true" {
            @for mark in marks { span style={ "bottom:" (format!("{:.2}", mark.at)) "%" } { (mark.text) } }
        }
    }
}

fn edge(at: f64) -> &'static str {
    match at {
        _ if at < 6.0 => "first",
        _ if at > 94.0 => "last",
        _ => "inner",
    }
}

/// A time of the network in the words of a description.
pub(super) fn said(us: u64) -> String {
    time(Some(us))
}
