//! Rounds -> minutes -> quarter-hours -> hours, as they age: every round is in exactly one of them.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::HistoryError;
use super::bucket::{Bucket, KeptRound};

const SECOND_US: i64 = 1_000_000;

/// How long rounds are kept one by one, in seconds.
const ROUNDS_S: i64 = 3_600;

/// The width of the first bucket, in seconds.
const FIRST_S: i64 = 60;

/// The width of a bucket, how long it is kept, and the width of what it goes into; all in seconds.
/// The widest ones are kept for ever.
const TIERS: [(i64, i64, i64); 2] = [(FIRST_S, 3 * 86_400, 900), (900, 60 * 86_400, 3_600)];

/// So many watches a transaction, so that the writer is never long away from what waits.
const WATCHES: usize = 100;

/// Rolls up a little of what is old enough, seen from the newest round, in one transaction; whether there may be more.
pub(super) fn some(
    connection: &mut Connection,
    newest_us: i64,
    interval_us: i64,
) -> Result<bool, HistoryError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut done = 0;
    while done < WATCHES {
        let mut now = rounds(&transaction, newest_us.saturating_sub(ROUNDS_S * SECOND_US), interval_us)?;
        for (from_s, kept_s, into_s) in TIERS {
            now += buckets(&transaction, newest_us.saturating_sub(kept_s * SECOND_US), from_s, into_s)?;
        }
        if now == 0 {
            break;
        }
        done += now;
    }
    // Without a change this writes nothing.
    transaction.commit()?;
    Ok(done >= WATCHES)
}

/// One minute of rounds, of some watches: of how many.
fn rounds(connection: &Connection, before_us: i64, interval_us: i64) -> Result<usize, HistoryError> {
    let oldest: Option<i64> =
        connection.prepare_cached("SELECT min(due_us) FROM rounds")?.query_row((), |row| row.get(0))?;
    let Some(window) = oldest.and_then(|oldest| Window::around(oldest, FIRST_S, before_us)) else {
        return Ok(0);
    };
    let groups = window_rounds(connection, &window, interval_us.saturating_mul(2))?;
    for group in &groups {
        let Some(last) = group.inside.last() else { continue };
        let mut bucket = Bucket::default();
        let mut before = None;
        for round in &group.inside {
            bucket.round(round, before);
            before = Some(round);
        }
        if let Some(next) = &group.next {
            bucket.step(last, next);
        }
        put(connection, bucket, FIRST_S, window.start_us, last.watch)?;
        let sql = "UPDATE watches SET to_us = max(to_us, ?2 + (SELECT interval_us FROM runs WHERE id = run)) WHERE id = ?1";
        connection.prepare_cached(sql)?.execute(params![last.watch, last.due_us])?;
        let sql = "DELETE FROM rounds WHERE due_us >= ?1 AND due_us < ?2 AND watch = ?3";
        connection.prepare_cached(sql)?.execute(params![window.start_us, window.end_us, last.watch])?;
    }
    Ok(groups.len())
}

/// The rounds of one watch in a window, and the one after them.
struct Group {
    inside: Vec<KeptRound>,
    next: Option<KeptRound>,
}

fn window_rounds(
    connection: &Connection,
    window: &Window,
    ahead_us: i64,
) -> Result<Vec<Group>, HistoryError> {
    let sql = format!(
        "SELECT {} FROM rounds WHERE due_us >= ?1 AND due_us < ?2 ORDER BY watch, due_us",
        KeptRound::COLUMNS
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![window.start_us, window.end_us.saturating_add(ahead_us)])?;
    let mut groups: Vec<(i64, Group)> = Vec::new();
    while let Some(row) = rows.next()? {
        let round = KeptRound::of(row)?;
        if groups.last().is_none_or(|(watch, _)| *watch != round.watch) {
            if groups.iter().filter(|(_, group)| !group.inside.is_empty()).count() >= WATCHES {
                break;
            }
            groups.push((round.watch, Group { inside: Vec::new(), next: None }));
        }
        let Some((_, group)) = groups.last_mut() else { continue };
        if round.due_us < window.end_us {
            group.inside.push(round);
        } else if group.next.is_none() {
            group.next = Some(round);
        }
    }
    Ok(groups.into_iter().map(|(_, group)| group).collect())
}

/// The buckets of one wider bucket, of some watches: of how many.
fn buckets(connection: &Connection, before_us: i64, from_s: i64, into_s: i64) -> Result<usize, HistoryError> {
    let sql = "SELECT start_us FROM buckets WHERE width_s = ?1 ORDER BY start_us LIMIT 1";
    let oldest: Option<i64> =
        connection.prepare_cached(sql)?.query_row([from_s], |row| row.get(0)).optional()?;
    let Some(window) = oldest.and_then(|oldest| Window::around(oldest, into_s, before_us)) else {
        return Ok(0);
    };
    let mut watches = HashSet::new();
    let mut group: Option<(i64, Bucket)> = None;
    for (id, watch) in window_buckets(connection, &window, from_s)? {
        if watches.insert(watch) {
            if let Some((watch, bucket)) = group.take() {
                put(connection, bucket, into_s, window.start_us, watch)?;
            }
            if watches.len() > WATCHES {
                break;
            }
        }
        let (_, bucket) = group.get_or_insert_with(|| (watch, Bucket::default()));
        bucket.add(&Bucket::salvage(connection, id)?)?;
        Bucket::delete(connection, id)?;
    }
    if let Some((watch, bucket)) = group {
        put(connection, bucket, into_s, window.start_us, watch)?;
    }
    Ok(watches.len())
}

/// Id and watch of each bucket, a watch's together.
fn window_buckets(
    connection: &Connection,
    window: &Window,
    width_s: i64,
) -> Result<Vec<(i64, i64)>, HistoryError> {
    let sql = "SELECT id, watch FROM buckets WHERE width_s = ?1 AND start_us >= ?2 AND start_us < ?3
               ORDER BY watch, start_us";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement
        .query_map(params![width_s, window.start_us, window.end_us], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a bucket, added to what is there: a clock that was set back comes by the same time twice.
fn put(
    connection: &Connection,
    mut bucket: Bucket,
    width_s: i64,
    start_us: i64,
    watch: i64,
) -> Result<(), HistoryError> {
    let sql = "SELECT id FROM buckets WHERE width_s = ?1 AND start_us = ?2 AND watch = ?3";
    let there: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row(params![width_s, start_us, watch], |row| row.get(0))
        .optional()?;
    if let Some(id) = there {
        bucket.add(&Bucket::salvage(connection, id)?)?;
        Bucket::delete(connection, id)?;
    }
    bucket.save(connection, width_s, start_us, watch)
}

/// From when to when a bucket goes.
#[derive(Debug, Clone, Copy)]
struct Window {
    start_us: i64,
    end_us: i64,
}

impl Window {
    /// The one around an instant, if all of it is older than `before_us`.
    fn around(at_us: i64, width_s: i64, before_us: i64) -> Option<Self> {
        let start_us = at_us.saturating_sub(at_us.rem_euclid(width_s * SECOND_US));
        let end_us = start_us.saturating_add(width_s * SECOND_US);
        (end_us <= before_us).then_some(Self { start_us, end_us })
    }
}
