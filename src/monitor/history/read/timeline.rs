//! When a target was watched, in which state it was, and how that divides the time: exact to the microsecond.

use std::collections::HashMap;
use std::time::Duration;

use rusqlite::{Connection, params};

use super::{Stretch, timestamp};
use crate::monitor::history::HistoryError;
use crate::monitor::outage::Outage;
use crate::monitor::record::{Gap, Spell};
use crate::monitor::state::{Availability, State};

/// When a target was watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spans {
    /// Ascending, without overlap.
    merged: Vec<Stretch>,
    /// Each watch, in the order of their begin.
    watches: Vec<Stretch>,
}

impl Spans {
    /// From the first round of each watch to one interval after its last one.
    pub(super) fn read(
        connection: &Connection,
        target: i64,
        last_rounds: &HashMap<i64, i64>,
    ) -> Result<Self, HistoryError> {
        let sql = "SELECT watches.id, from_us, to_us, interval_us
                   FROM watches JOIN runs ON run = runs.id WHERE target = ?1 ORDER BY from_us, to_us";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([target])?;
        let mut spans = Vec::new();
        while let Some(row) = rows.next()? {
            let (to_us, interval_us): (i64, i64) = (row.get(2)?, row.get(3)?);
            let last_us = last_rounds.get(&row.get(0)?).map(|due_us| due_us.saturating_add(interval_us));
            spans
                .push(Stretch { from_us: row.get(1)?, to_us: last_us.map_or(to_us, |last| last.max(to_us)) });
        }
        Ok(Self::of(spans))
    }

    /// Spans in the order of their begin; what overlaps becomes one.
    fn of(watches: Vec<Stretch>) -> Self {
        let mut merged: Vec<Stretch> = Vec::with_capacity(watches.len());
        for span in watches.iter().copied() {
            match merged.last_mut() {
                Some(last) if span.from_us <= last.to_us => last.to_us = last.to_us.max(span.to_us),
                _ => merged.push(span),
            }
        }
        merged.retain(|span| span.from_us < span.to_us);
        Self { merged, watches }
    }

    /// Until when an outage without an end was seen: the end of the watch it began in, or what began before that.
    pub(super) fn seen_until(&self, start_us: i64, next_outage_us: Option<i64>) -> i64 {
        let next = self.watches.partition_point(|watch| watch.from_us <= start_us);
        let watch = next.checked_sub(1).and_then(|place| self.watches.get(place));
        let next_watch_us = self.watches.get(next).map(|watch| watch.from_us);
        let end_us = watch.map_or(start_us, |watch| watch.to_us);
        [next_outage_us, next_watch_us].into_iter().flatten().fold(end_us, i64::min).max(start_us)
    }

    /// From the first to the last moment; none if it was never watched.
    pub(super) fn extent(&self) -> Option<Stretch> {
        let (first, last) = (self.merged.first()?, self.merged.last()?);
        Some(Stretch { from_us: first.from_us, to_us: last.to_us })
    }
}

/// When the last round of each watch was due, of those that are in no bucket yet.
pub(super) fn last_rounds(connection: &Connection) -> Result<HashMap<i64, i64>, HistoryError> {
    let mut statement = connection.prepare("SELECT watch, max(due_us) FROM rounds GROUP BY watch")?;
    let rows = statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The states of a target over a stretch, without holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Timeline(Vec<(Stretch, Option<State>)>);

impl Timeline {
    pub(super) fn read(
        connection: &Connection,
        target: i64,
        spans: &Spans,
        stretch: Stretch,
        gaps: &[Gap],
    ) -> Result<Self, HistoryError> {
        let sql = "SELECT since_us, state FROM states WHERE target = ?1 AND since_us < ?2 ORDER BY since_us";
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query(params![target, stretch.to_us])?;
        let mut states = Vec::new();
        while let Some(row) = rows.next()? {
            states.push((row.get(0)?, state(&row.get::<_, String>(1)?)?));
        }
        let blind = gaps.iter().filter(|gap| gap.events > 0);
        let blind: Vec<Stretch> = blind
            .map(|gap| Stretch { from_us: gap.from.as_microsecond(), to_us: gap.to.as_microsecond() })
            .collect();
        Ok(Self::of(spans, &states, &blind, stretch))
    }

    /// `states`: since when which, ascending. `blind`: when changes of state were lost.
    fn of(spans: &Spans, states: &[(i64, State)], blind: &[Stretch], stretch: Stretch) -> Self {
        let mut edges: Vec<i64> = vec![stretch.from_us, stretch.to_us];
        edges.extend(spans.merged.iter().chain(blind).flat_map(|span| [span.from_us, span.to_us]));
        edges.extend(states.iter().map(|(since_us, _)| *since_us));
        edges.retain(|edge| (stretch.from_us..=stretch.to_us).contains(edge));
        edges.sort_unstable();
        edges.dedup();
        let mut spells: Vec<(Stretch, Option<State>)> = Vec::new();
        for (from_us, to_us) in edges.iter().copied().zip(edges.iter().copied().skip(1)) {
            let state = state_at(from_us, spans, states, blind);
            match spells.last_mut() {
                Some((last, before)) if *before == state => last.to_us = to_us,
                _ => spells.push((Stretch { from_us, to_us }, state)),
            }
        }
        Self(spells)
    }

    /// How the watched time divides. Flapping is up, less the outages in it.
    pub(super) fn availability(&self, outages: &[Outage]) -> Availability {
        let (mut up, mut down, mut unknown) = (0_i64, 0_i64, 0_i64);
        for (span, state) in &self.0 {
            let length = span.to_us.saturating_sub(span.from_us);
            match state {
                None => {}
                Some(State::Unknown) => unknown = unknown.saturating_add(length),
                Some(State::Up | State::Degraded) => up = up.saturating_add(length),
                Some(State::Down) => down = down.saturating_add(length),
                Some(State::Flapping) => {
                    let lost = within(*span, outages).min(length);
                    down = down.saturating_add(lost);
                    up = up.saturating_add(length - lost);
                }
            }
        }
        Availability { up_s: seconds(up), down_s: seconds(down), unknown_s: seconds(unknown) }
    }

    pub(super) fn spells(&self) -> Result<Vec<Spell>, HistoryError> {
        self.0
            .iter()
            .map(|(span, state)| {
                Ok(Spell { from: timestamp(span.from_us)?, to: timestamp(span.to_us)?, state: *state })
            })
            .collect()
    }
}

fn state_at(at_us: i64, spans: &Spans, states: &[(i64, State)], blind: &[Stretch]) -> Option<State> {
    let spans = &spans.merged;
    let span = spans.get(spans.partition_point(|span| span.from_us <= at_us).checked_sub(1)?)?;
    if at_us >= span.to_us {
        return None;
    }
    if blind.iter().any(|gap| gap.from_us <= at_us && at_us < gap.to_us) {
        return Some(State::Unknown);
    }
    let last = states.partition_point(|(since_us, _)| *since_us <= at_us).checked_sub(1);
    Some(last.and_then(|last| states.get(last)).map_or(State::Unknown, |(_, state)| *state))
}

/// How much of a spell the outages take.
fn within(span: Stretch, outages: &[Outage]) -> i64 {
    outages
        .iter()
        .map(|outage| {
            let from_us = outage.start.as_microsecond().max(span.from_us);
            let end = outage.end.or(outage.seen_until);
            let to_us = end.map_or(span.to_us, |end| end.as_microsecond().min(span.to_us));
            to_us.saturating_sub(from_us).max(0)
        })
        .fold(0, i64::saturating_add)
}

fn state(word: &str) -> Result<State, HistoryError> {
    [State::Unknown, State::Up, State::Degraded, State::Down, State::Flapping]
        .into_iter()
        .find(|state| state.word() == word)
        .ok_or_else(|| HistoryError::Damaged("a state in it has no name that is known".to_owned()))
}

fn seconds(us: i64) -> f64 {
    Duration::from_micros(u64::try_from(us).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from_us: i64, to_us: i64) -> Stretch {
        Stretch { from_us, to_us }
    }

    #[test]
    fn time_that_nobody_watched_has_no_state() {
        let spans = Spans::of(vec![span(0, 10), span(20, 30)]);
        let states = [(0, State::Up), (5, State::Down), (20, State::Unknown), (22, State::Up)];
        let timeline = Timeline::of(&spans, &states, &[], span(0, 40));
        let expected = [
            (span(0, 5), Some(State::Up)),
            (span(5, 10), Some(State::Down)),
            (span(10, 20), None),
            (span(20, 22), Some(State::Unknown)),
            (span(22, 30), Some(State::Up)),
            (span(30, 40), None),
        ];
        assert_eq!(timeline.0, expected);
    }

    #[test]
    fn a_stretch_cuts_states_at_its_edges() {
        let spans = Spans::of(vec![span(0, 100)]);
        let states = [(0, State::Up), (50, State::Down)];
        let timeline = Timeline::of(&spans, &states, &[], span(40, 60));
        assert_eq!(timeline.0, [(span(40, 50), Some(State::Up)), (span(50, 60), Some(State::Down))]);
        let availability = timeline.availability(&[]);
        assert_eq!((availability.up_s, availability.down_s), (0.000_01, 0.000_01));
    }

    #[test]
    fn lost_events_make_a_state_unknown() {
        let spans = Spans::of(vec![span(0, 100)]);
        let timeline = Timeline::of(&spans, &[(0, State::Up)], &[span(10, 20)], span(0, 100));
        assert_eq!(timeline.0.get(1), Some(&(span(10, 20), Some(State::Unknown))));
        assert_eq!(timeline.0.len(), 3);
    }

    #[test]
    fn watches_that_overlap_are_one() {
        let spans = Spans::of(vec![span(0, 10), span(9, 12), span(12, 15), span(15, 15)]);
        assert_eq!(spans.merged, [span(0, 15)]);
    }

    #[test]
    fn an_outage_without_an_end_ends_for_a_reader_with_its_watch_or_the_next_outage() {
        let spans = Spans::of(vec![span(0, 10), span(8, 30), span(50, 60)]);
        for (start_us, next_us, until_us) in
            [(3, None, 8), (9, None, 30), (9, Some(20), 20), (55, None, 60), (40, None, 40)]
        {
            assert_eq!(spans.seen_until(start_us, next_us), until_us, "from {start_us}");
        }
    }
}
