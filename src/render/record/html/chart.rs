//! Pictures: the strip of states, the bands of latency over time, the distribution. Each says in words what it shows.

use std::fmt::Write as _;

use maud::{Markup, html as markup};

use super::axis::{HIGH, LatencyAxis, TimeAxis, WIDE, below, left, said};
use crate::monitor::latency::Phase;
use crate::monitor::record::{Band, Bin, Record, Spell, TargetRecord};
use crate::monitor::state::State;
use crate::render::record::words::{self, STATES, float, length, moment};

/// So many columns has a strip: an outage of any length fills one.
const COLUMNS: usize = 500;

/// The states over time.
pub(super) fn strip(record: &Record, target: &TargetRecord) -> Markup {
    let axis = TimeAxis::of(record);
    let columns = columns(axis, &target.timeline);
    let present = |class: &str| columns.contains(&class);
    let says = said_of_states(target);
    markup! {
        figure {
            div.plot {
                svg.strip viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label=(says) {
                    @for (class, from, to) in runs(&columns) {
                        (piece(class, from, to))
                    }
                }
                (below(&axis.marks()))
            }
            figcaption {
                ul.legend {
                    @for (_, class, text) in STATES {
                        @if present(class) { li { span.{ "key " (class) } {} (text) } }
                    }
                }
                p { (says) }
            }
        }
    }
}

/// A state has its height beside its colour, for eyes and printers that know no colours.
fn piece(class: &str, from: f64, to: f64) -> Markup {
    let (y, height) = match class {
        "up" => (14.0, 26.0),
        "degraded" => (8.0, 32.0),
        "unwatched" => (37.0, 3.0),
        _ => (0.0, 40.0),
    };
    markup! { rect class=(class) x=(at(from)) y=(at(y)) width=(at(to - from)) height=(at(height)) {} }
}

/// The worst state of each column.
fn columns(axis: TimeAxis, spells: &[Spell]) -> Vec<&'static str> {
    let mut columns = vec!["unwatched"; COLUMNS];
    let mut worst = vec![0_usize; COLUMNS];
    for spell in spells {
        let (from, to) = (axis.x(spell.from) / 2.0, axis.x(spell.to) / 2.0);
        let rank = rank(spell.state);
        let class = class(spell.state);
        for (column, (slot, worst)) in columns.iter_mut().zip(&mut worst).enumerate() {
            let start = float(u64::try_from(column).unwrap_or(u64::MAX));
            if start + 1.0 > from && start < to && rank > *worst {
                (*slot, *worst) = (class, rank);
            }
        }
    }
    columns
}

const fn rank(state: Option<State>) -> usize {
    match state {
        None => 0,
        Some(State::Up) => 1,
        Some(State::Unknown) => 2,
        Some(State::Degraded) => 3,
        Some(State::Flapping) => 4,
        Some(State::Down) => 5,
    }
}

fn class(state: Option<State>) -> &'static str {
    STATES.iter().find(|(one, _, _)| *one == state).map_or("unwatched", |(_, class, _)| class)
}

/// Columns of one class in a row: the class, and from where to where.
fn runs(columns: &[&'static str]) -> Vec<(&'static str, f64, f64)> {
    let mut runs: Vec<(&str, f64, f64)> = Vec::new();
    let mut x = 0.0;
    for class in columns {
        match runs.last_mut() {
            Some((last, _, to)) if last == class => *to = x + 2.0,
            _ => runs.push((class, x, x + 2.0)),
        }
        x += 2.0;
    }
    runs
}

fn said_of_states(target: &TargetRecord) -> String {
    let availability = &target.availability;
    let mut says = format!("Up for {}", length(availability.up_s));
    for (seconds, what) in [(availability.down_s, "down"), (availability.unknown_s, "unknown")] {
        if seconds > 0.0 {
            let _ = write!(says, ", {what} for {}", length(seconds));
        }
    }
    let unwatched: f64 = target
        .timeline
        .iter()
        .filter(|spell| spell.state.is_none())
        .map(|spell| words::between(spell.from, spell.to))
        .sum();
    if unwatched > 0.0 {
        let _ = write!(says, "; not watched for {}", length(unwatched));
    }
    says + "."
}

/// The whole round's time over time: the median, and how far the slower ones go.
pub(super) fn bands(record: &Record, target: &TargetRecord) -> Markup {
    let points = &target.bands.points;
    let answered: Vec<&Band> = points.iter().filter(|point| point.p50_us.is_some()).collect();
    let least = answered.iter().filter_map(|point| point.p50_us).min();
    let greatest = answered.iter().filter_map(|point| point.max_us).max();
    let Some((least, greatest)) = least.zip(greatest) else {
        return markup! { p { "No round was answered." } };
    };
    let time = TimeAxis::of(record);
    let latency = LatencyAxis::around(float(least), float(greatest));
    let draw = Draw { time, latency, width_s: target.bands.width_s, to: record.to };
    let says = said_of_bands(&answered);
    markup! {
        figure {
            div.plot.tall {
                (left(&latency.marks()))
                svg.bands viewBox={ "0 0 1000 " (HIGH) } preserveAspectRatio="none" role="img" aria-label=(says) {
                    @for mark in latency.marks() {
                        line.grid x1="0" x2="1000" y1=(at(HIGH - mark.at * HIGH / 100.0)) y2=(at(HIGH - mark.at * HIGH / 100.0)) {}
                    }
                    path.max d=(draw.area(points, |point| point.p99_us.zip(point.max_us))) {}
                    path.p99 d=(draw.area(points, |point| point.p90_us.zip(point.p99_us))) {}
                    path.p90 d=(draw.area(points, |point| point.p50_us.zip(point.p90_us))) {}
                    path.p50 d=(draw.line(points)) {}
                    @for point in points.iter().filter(|point| point.bad > 0) {
                        (draw.lost(point))
                    }
                }
                (below(&time.marks()))
            }
            figcaption {
                ul.legend {
                    li { span.key.p50 {} "median" }
                    li { span.key.p90 {} "to the 90th percentile" }
                    li { span.key.p99 {} "to the 99th" }
                    li { span.key.max {} "to the slowest" }
                    @if points.iter().any(|point| point.bad > 0) { li { span.key.lost {} "rounds lost" } }
                }
                p { (says) " One point covers " (length(float(target.bands.width_s))) "." }
            }
        }
    }
}

struct Draw {
    time: TimeAxis,
    latency: LatencyAxis,
    width_s: u64,
    to: jiff::Timestamp,
}

impl Draw {
    /// From where to where a point goes.
    fn span(&self, point: &Band) -> (f64, f64) {
        let end = point.start.saturating_add(std::time::Duration::from_secs(self.width_s));
        let end = end.map_or(self.to, |end| end.min(self.to));
        (self.time.x(point.start), self.time.x(end))
    }

    fn y(&self, us: u64) -> f64 {
        HIGH - self.latency.part(float(us)) * HIGH
    }

    /// The area between two values, point by point; none where there is no value.
    fn area(&self, points: &[Band], edges: impl Fn(&Band) -> Option<(u64, u64)>) -> String {
        let mut path = String::new();
        for point in points {
            let Some((low, high)) = edges(point) else { continue };
            let (from, to) = self.span(point);
            let (from, to, high, low) = (at(from), at(to), at(self.y(high)), at(self.y(low)));
            let _ = write!(path, "M{from} {low}V{high}H{to}V{low}Z");
        }
        path
    }

    /// The median as steps, broken where there is none.
    fn line(&self, points: &[Band]) -> String {
        let mut path = String::new();
        let mut before = None;
        for point in points {
            let Some(p50) = point.p50_us else { continue };
            let (from, to) = self.span(point);
            let joins = before.is_some_and(|before: f64| (before - from).abs() < 0.01);
            let _ =
                write!(path, "{}{} {}H{}", if joins { "L" } else { "M" }, at(from), at(self.y(p50)), at(to));
            before = Some(to);
        }
        path
    }

    fn lost(&self, point: &Band) -> Markup {
        let (from, to) = self.span(point);
        let height = (float(point.bad) / float(point.rounds.max(1)) * 0.9 + 0.1) * HIGH * 0.12;
        markup! {
            rect.lost x=(at(from)) y=(at(HIGH - height)) width=(at((to - from).max(1.5))) height=(at(height)) {}
        }
    }
}

fn said_of_bands(answered: &[&Band]) -> String {
    let medians = || answered.iter().filter_map(|point| point.p50_us);
    let slowest = answered.iter().filter_map(|point| point.max_us.map(|max| (max, point.start))).max();
    match (medians().min(), medians().max(), slowest) {
        (Some(low), Some(high), Some((max, when))) => format!(
            "The median lay between {} and {}; the slowest round, around {} UTC, took {}.",
            said(low),
            said(high),
            moment(when),
            said(max)
        ),
        _ => String::new(),
    }
}

/// The distribution of the whole round's time, on logarithmic axes: what is rare must be seen.
pub(super) fn distribution(target: &TargetRecord) -> Markup {
    let total = target.phases.iter().find(|phase| phase.summary.phase == Phase::Total);
    let Some(total) = total.filter(|total| !total.bins.is_empty()) else {
        return markup! { p { "No round was answered." } };
    };
    let (first, last) = (total.bins.first(), total.bins.last());
    let axis = LatencyAxis::around(first.map_or(1.0, |bin| bin.from_us), last.map_or(1.0, |bin| bin.to_us));
    let most = total.bins.iter().map(|bin| bin.corrected).max().unwrap_or(1);
    let hidden = total.bins.iter().any(|bin| bin.corrected > bin.raw);
    let corrected = &total.summary.corrected;
    let says = format!(
        "{} rounds from {} to {}: half of them within {}, 99 of 100 within {}.",
        total.summary.raw.count,
        words::time(corrected.min_us),
        words::time(corrected.max_us),
        words::time(corrected.p50_us),
        words::time(corrected.p99_us)
    );
    let marks = [("median", corrected.p50_us), ("99 %", corrected.p99_us), ("99.9 %", corrected.p99_9_us)];
    markup! {
        figure {
            div.plot.tall {
                (left(&counts(most)))
                svg.distribution viewBox={ "0 0 1000 " (HIGH) } preserveAspectRatio="none" role="img" aria-label=(says) {
                    @for mark in counts(most) {
                        line.grid x1="0" x2="1000" y1=(at(HIGH - mark.at * HIGH / 100.0)) y2=(at(HIGH - mark.at * HIGH / 100.0)) {}
                    }
                    @for bin in &total.bins {
                        @if bin.corrected > bin.raw { (bar("corrected", axis, bin, bin.corrected, most)) }
                        (bar("raw", axis, bin, bin.raw, most))
                    }
                    @for us in marks.iter().filter_map(|(_, us)| *us) {
                        line.mark x1=(at(axis.part(float(us)) * WIDE)) x2=(at(axis.part(float(us)) * WIDE)) y1="0" y2=(HIGH) {}
                    }
                }
                (below(&axis.marks()))
            }
            figcaption {
                ul.legend {
                    li { span.key.raw {} "measured" }
                    @if hidden { li { span.key.corrected {} "hidden by stalled rounds" } }
                    li { span.key.mark {} "median, 99th and 99.9th percentile" }
                }
                p { (says) " Both axes are logarithmic." }
            }
        }
    }
}

fn bar(class: &str, axis: LatencyAxis, bin: &Bin, count: u64, most: u64) -> Markup {
    let (from, to) = (axis.part(bin.from_us) * WIDE, axis.part(bin.to_us) * WIDE);
    let height = part_of(count, most) * HIGH;
    markup! {
        @if count > 0 {
            rect class=(class) x=(at(from + 0.5)) y=(at(HIGH - height)) width=(at((to - from - 1.0).max(0.5))) height=(at(height)) {}
        }
    }
}

/// How high a count is, 0 to 1: one is seen, and ten times as many is one step higher.
fn part_of(count: u64, most: u64) -> f64 {
    (float(count).log10() + 0.3) / (float(most).log10() + 0.3)
}

/// 1, 10, 100, ... at the left.
fn counts(most: u64) -> Vec<super::axis::Mark> {
    let powers =
        std::iter::successors(Some(1_u64), |power| power.checked_mul(10)).take_while(|power| *power <= most);
    powers
        .map(|power| super::axis::Mark { at: part_of(power, most) * 100.0, text: power.to_string() })
        .collect()
}

/// A place in a drawing, without digits that nobody can see.
fn at(place: f64) -> String {
    let text = format!("{place:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
