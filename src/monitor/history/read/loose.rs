//! The rounds that are in no bucket yet, one target after the other: the file has those of all targets by time.

use rusqlite::{Connection, Rows, Statement, params};

use super::Stretch;
use crate::monitor::history::HistoryError;
use crate::monitor::history::bucket::KeptRound;

/// Rounds by target id and time: the file is gone through once, however many targets there are, and none of it is held.
pub(super) struct LooseRounds<'a> {
    rows: Rows<'a>,
    ahead: Option<LooseRound>,
}

/// A round, whose it is, and how long after it the next one was due, in microseconds.
pub(super) struct LooseRound {
    target: i64,
    pub(super) interval_us: i64,
    pub(super) round: KeptRound,
}

impl<'a> LooseRounds<'a> {
    /// What [`Self::query`] runs.
    pub(super) fn prepare(connection: &Connection) -> Result<Statement<'_>, HistoryError> {
        // The cross join keeps SQLite from going through the stretch once a watch.
        let sql = format!(
            "SELECT {}, (SELECT interval_us FROM runs WHERE runs.id = run), target
             FROM rounds CROSS JOIN watches ON watches.id = watch
             WHERE due_us >= ?1 AND due_us < ?2 AND target IN (SELECT value FROM json_each(?3))
             ORDER BY target, due_us",
            KeptRound::COLUMNS
        );
        Ok(connection.prepare(&sql)?)
    }

    /// The rounds of some targets over a stretch.
    pub(super) fn query(
        statement: &'a mut Statement<'_>,
        targets: &[i64],
        stretch: Stretch,
    ) -> Result<Self, HistoryError> {
        let targets = serde_json::Value::from(targets).to_string();
        let rows = statement.query(params![stretch.from_us, stretch.to_us, targets])?;
        Ok(Self { rows, ahead: None })
    }

    /// The next round of a target; none if there are no more. Targets must be asked for by ascending id.
    pub(super) fn next_of(&mut self, target: i64) -> Result<Option<LooseRound>, HistoryError> {
        loop {
            if self.ahead.is_none() {
                let Some(row) = self.rows.next()? else { return Ok(None) };
                self.ahead = Some(LooseRound {
                    target: row.get(14)?,
                    interval_us: row.get(13)?,
                    round: KeptRound::of(row)?,
                });
            }
            if self.ahead.as_ref().is_some_and(|round| round.target > target) {
                return Ok(None);
            }
            if let Some(round) = self.ahead.take().filter(|round| round.target == target) {
                return Ok(Some(round));
            }
        }
    }
}
