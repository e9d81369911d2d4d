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

/// Rolls up a little of what is old enough, seen from the newest round; whether there may be more.
pub(super) fn some(
    connection: &mut Connection,
    newest_us: i64,
    interval_us: i64,
) -> Result<bool, HistoryError> {
    let mut more = rounds(connection, newest_us - ROUNDS_S * SECOND_US, interval_us)?;
    for (from_s, kept_s, into_s) in TIERS {
        more |= buckets(connection, newest_us - kept_s * SECOND_US, from_s, into_s)?;
    }
    Ok(more)
}

/// One minute of rounds, of some watches.
fn rounds(connection: &mut Connection, before_us: i64, interval_us: i64) -> Result<bool, HistoryError> {
    let oldest: Option<i64> = connection.query_row("SELECT min(due_us) FROM rounds", (), |row| row.get(0))?;
    let Some(window) = oldest.and_then(|oldest| Window::around(oldest, FIRST_S, before_us)) else {
        return Ok(false);
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let ahead_us = interval_us.saturating_mul(2);
    for group in window_rounds(&transaction, &window, ahead_us)? {
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
        put(&transaction, bucket, FIRST_S, window.start_us, last.watch)?;
        transaction
            .prepare_cached(
                "UPDATE watches SET to_us = max(to_us, ?2 + (SELECT interval_us FROM runs WHERE id = run)) WHERE id = ?1",
            )?
            .execute(params![last.watch, last.due_us])?;
        transaction
            .prepare_cached("DELETE FROM rounds WHERE due_us >= ?1 AND due_us < ?2 AND watch = ?3")?
            .execute(params![window.start_us, window.end_us, last.watch])?;
    }
    transaction.commit()?;
    Ok(true)
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

/// The buckets of one wider bucket, of some watches.
fn buckets(
    connection: &mut Connection,
    before_us: i64,
    from_s: i64,
    into_s: i64,
) -> Result<bool, HistoryError> {
    let sql = "SELECT start_us FROM buckets WHERE width_s = ?1 ORDER BY start_us LIMIT 1";
    let oldest: Option<i64> =
        connection.prepare_cached(sql)?.query_row([from_s], |row| row.get(0)).optional()?;
    let Some(window) = oldest.and_then(|oldest| Window::around(oldest, into_s, before_us)) else {
        return Ok(false);
    };
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut watches = HashSet::new();
    let mut group: Option<(i64, Bucket)> = None;
    for (id, watch) in window_buckets(&transaction, &window, from_s)? {
        if watches.insert(watch) {
            if let Some((watch, bucket)) = group.take() {
                put(&transaction, bucket, into_s, window.start_us, watch)?;
            }
            if watches.len() > WATCHES {
                break;
            }
        }
        let (_, bucket) = group.get_or_insert_with(|| (watch, Bucket::default()));
        bucket.add(&Bucket::load(&transaction, id)?)?;
        Bucket::delete(&transaction, id)?;
    }
    if let Some((watch, bucket)) = group {
        put(&transaction, bucket, into_s, window.start_us, watch)?;
    }
    transaction.commit()?;
    Ok(true)
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
        bucket.add(&Bucket::load(connection, id)?)?;
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
