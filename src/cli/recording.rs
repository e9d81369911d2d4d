//! What to try where nothing can be recorded to a file.

use rdprobe::monitor::history::HistoryError;

/// What to try.
pub(super) fn hint(error: &HistoryError) -> &'static str {
    match error {
        HistoryError::Taken { .. } => "wait until it ends, or name another file to record to",
        HistoryError::Newer { .. } => "record with that rdprobe, or to another file",
        HistoryError::Sqlite(_) => "is there room on the disk, and may the file be written to?",
        HistoryError::NotOurs(_) | HistoryError::Damaged(_) => "name another file to record to",
        HistoryError::Open(_) => "is the path right, and may you write to its folder?",
        HistoryError::NoScan { .. } | HistoryError::Unscanned => {
            "name the file that the scan was recorded to"
        }
        HistoryError::Empty(_) | HistoryError::NoTarget { .. } | HistoryError::Unfinished => {
            "is the disk slow, or the file in use?"
        }
    }
}
