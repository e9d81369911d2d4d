//! The latency of the last rounds in blocks: one row for a list, several for a page; a lost round is a cross.

/// Eighths of a block, from the lowest.
const BLOCKS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

/// The same for a terminal without them.
const SIGNS: [char; 8] = ['_', '.', '-', ':', '=', '+', '*', '#'];

/// The usual time is drawn so high: a fourth of a row, so that four times as slow fills it.
const USUAL_EIGHTHS: u64 = 2;

/// One round, or a few, in one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The sign.
    pub sign: char,
    /// Whether it stands for a lost round.
    pub lost: bool,
}

/// The last rounds, newest at the right, a column each. The median of them all is a fourth of the height.
#[must_use]
pub fn spark(recent_us: &[Option<u64>], columns: usize, unicode: bool) -> Vec<Mark> {
    let usual = median(recent_us.iter().flatten().copied()).unwrap_or(1).max(1);
    let shown = recent_us.get(recent_us.len().saturating_sub(columns)..).unwrap_or_default();
    let missing = columns.saturating_sub(shown.len());
    let blank = std::iter::repeat_n(Mark { sign: ' ', lost: false }, missing);
    blank.chain(shown.iter().map(|round| mark(*round, usual, unicode))).collect()
}

fn mark(round: Option<u64>, usual: u64, unicode: bool) -> Mark {
    let Some(us) = round else { return Mark { sign: cross(unicode), lost: true } };
    let eighths = us.saturating_mul(USUAL_EIGHTHS).div_ceil(usual).clamp(1, 8);
    let signs = if unicode { BLOCKS } else { SIGNS };
    let sign = usize::try_from(eighths).ok().and_then(|eighths| signs.get(eighths.saturating_sub(1)));
    Mark { sign: sign.copied().unwrap_or(' '), lost: false }
}

const fn cross(unicode: bool) -> char {
    if unicode { '\u{d7}' } else { 'x' }
}

/// What one column of a chart stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Column {
    /// The median of its rounds; none where all were lost.
    median: Option<u64>,
    /// The greatest of them.
    most: Option<u64>,
    /// Whether one was lost.
    lost: bool,
}

/// A chart of rows, the highest first: solid up to the median of each column's rounds, shaded up to the slowest, and a
/// cross at the bottom where a round was lost. The second value is what its full height stands for, in microseconds.
#[must_use]
pub fn chart(
    recent_us: &[Option<u64>],
    columns: usize,
    rows: usize,
    unicode: bool,
) -> (Vec<Vec<Mark>>, Option<u64>) {
    let each = recent_us.len().div_ceil(columns.max(1)).max(1);
    let drawn: Vec<Column> = recent_us.chunks(each).map(column).collect();
    let top = drawn.iter().filter_map(|column| column.most).max();
    let line =
        |row: usize| drawn.iter().map(|column| cell(*column, row, rows, top.unwrap_or(1), unicode)).collect();
    ((0..rows).rev().map(line).collect(), top)
}

fn column(rounds: &[Option<u64>]) -> Column {
    let seen = || rounds.iter().flatten().copied();
    Column { median: median(seen()), most: seen().max(), lost: rounds.contains(&None) }
}

/// One cell, `row` counted from the bottom.
fn cell(column: Column, row: usize, rows: usize, top: u64, unicode: bool) -> Mark {
    if column.lost && row == 0 {
        return Mark { sign: cross(unicode), lost: true };
    }
    let eighths = |us: Option<u64>| filled(us.unwrap_or(0), row, rows, top);
    let (solid, shaded) = (eighths(column.median), eighths(column.most));
    let signs = if unicode { BLOCKS } else { SIGNS };
    let sign = match (solid, shaded) {
        (0, 0) => ' ',
        (0, _) if unicode => '\u{2591}',
        (0, _) => '.',
        (solid, _) => signs.get(solid.saturating_sub(1)).copied().unwrap_or(' '),
    };
    Mark { sign, lost: false }
}

/// How many eighths of a cell are below a value.
fn filled(us: u64, row: usize, rows: usize, top: u64) -> usize {
    let row = u64::try_from(row).unwrap_or(u64::MAX);
    let rows = u64::try_from(rows).unwrap_or(1);
    let height = us.saturating_mul(rows.saturating_mul(8)).div_ceil(top.max(1));
    usize::try_from(height.saturating_sub(row.saturating_mul(8)).min(8)).unwrap_or(8)
}

fn median(values: impl Iterator<Item = u64>) -> Option<u64> {
    let mut values: Vec<u64> = values.collect();
    values.sort_unstable();
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(marks: &[Mark]) -> String {
        marks.iter().map(|mark| mark.sign).collect()
    }

    #[test]
    fn the_usual_time_is_a_fourth_and_a_lost_round_a_cross() {
        let rounds = [Some(100), Some(100), None, Some(100), Some(200), Some(9_000), Some(1)];
        assert_eq!(text(&spark(&rounds, 9, true)), "  ▂▂×▂▄█▁");
        assert_eq!(text(&spark(&rounds, 3, false)), ":#_");
        assert_eq!(text(&spark(&[None], 2, false)), " x");
        assert_eq!(text(&spark(&[], 2, true)), "  ");
    }

    #[test]
    fn a_chart_is_solid_to_the_median_and_shaded_to_the_slowest() {
        let rounds = [Some(10), Some(10), Some(40), Some(10), Some(40), Some(40), None, Some(20)];
        let (rows, top) = chart(&rounds, 4, 2, true);
        let rows: Vec<String> = rows.iter().map(|row| text(row)).collect();
        assert_eq!(top, Some(40));
        assert_eq!(rows, [" ██ ", "▄██×"]);
        let (rows, top) = chart(&[None, None], 4, 2, true);
        assert_eq!((text(&rows[0]), text(&rows[1]), top), ("  ".to_owned(), "\u{d7}\u{d7}".to_owned(), None));
    }
}
