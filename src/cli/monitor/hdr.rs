//! `--hdr FILE`: every interval's histograms, appended to a standard HdrHistogram interval log.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use rdprobe::monitor::hdr_log;
use rdprobe::monitor::latency::Interval;
use rdprobe::monitor::listen::Listener;

use super::aside::Aside;

/// So much of a log is read at a time, from its end, to find its last whole line.
const PIECE: u64 = 64 * 1024;

/// What every HdrHistogram log begins with; nothing is cut off a file that is none.
const COMMENT: u8 = b'#';

/// A thousand targets end their intervals at the same time.
const WAITING: usize = 4096;

/// The file.
#[derive(Debug)]
pub(super) struct HdrFile {
    out: Aside<Vec<u8>>,
}

impl HdrFile {
    /// Opens the file; one that is there is gone on with.
    ///
    /// # Errors
    /// If it cannot be written to.
    pub(super) fn open(path: &Path, expected: Duration) -> io::Result<Self> {
        let mut log = WholeLines::open(path)?;
        if log.is_empty()? {
            let mut header = Vec::new();
            hdr_log::write_header(&mut header, jiff::Timestamp::now(), expected)?;
            log.add(&header)?;
        }
        let mut failing = false;
        let name = path.display().to_string();
        let out = Aside::start("hdr log", WAITING, move |text: Vec<u8>| match log.add(&text) {
            Ok(()) => failing = false,
            Err(error) if !failing => {
                failing = true;
                tracing::warn!("cannot write to {name}: {error}; its latency is lost until it can be");
            }
            Err(_) => {}
        })?;
        Ok(Self { out })
    }

    /// Waits until everything is written.
    pub(super) fn finish(&self, patience: Duration) {
        let lost = self.out.finish(patience);
        if lost > 0 {
            tracing::warn!("{lost} intervals were not written to the HDR log: the disk was too slow");
        }
    }
}

impl Listener for HdrFile {
    fn interval(&self, target: &str, interval: &Interval) {
        // Packed here, because the histograms themselves are large and the packed ones are not.
        let mut text = Vec::new();
        match hdr_log::write_interval(&mut text, target, interval) {
            Ok(()) => self.out.send(text),
            Err(error) => tracing::warn!("an interval of {target} cannot be packed: {error}"),
        }
    }
}

/// A log of which each line is whole, or not there.
#[derive(Debug)]
struct WholeLines {
    /// Opened for appending, so that another writer's lines are not written over.
    out: File,
    /// The same file once more, because one that is opened for appending cannot be cut everywhere; a pipe never can.
    cut: Option<File>,
}

impl WholeLines {
    /// Opens the file, or makes it, and cuts off half a line that a killed process left at its end.
    fn open(path: &Path) -> io::Result<Self> {
        let out = File::options().append(true).create(true).open(path)?;
        let is_file = out.metadata()?.is_file();
        let cut = is_file.then(|| File::options().read(true).write(true).open(path)).transpose()?;
        if let Some(file) = &cut
            && is_log(file)?
        {
            let whole = end_of_last_line(file)?;
            if whole < file.metadata()?.len() {
                file.set_len(whole)?;
            }
        }
        Ok(Self { out, cut })
    }

    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.out.metadata()?.len() == 0)
    }

    /// Adds lines: all of them, or on an error, such as a full disk, none.
    fn add(&mut self, lines: &[u8]) -> io::Result<()> {
        let before = self.out.metadata()?.len();
        let written = self.out.write_all(lines);
        if written.is_err()
            && let Some(file) = &self.cut
        {
            file.set_len(before)?;
        }
        written
    }
}

fn is_log(mut file: &File) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let mut first = [0];
    Ok(file.read(&mut first)? == 1 && first == [COMMENT])
}

/// How long the file is up to its last line feed.
fn end_of_last_line(mut file: &File) -> io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut piece = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        piece.clear();
        file.take(end.saturating_sub(start)).read_to_end(&mut piece)?;
        if let Some(before) = piece.iter().rposition(|byte| *byte == b'\n') {
            let before = u64::try_from(before).unwrap_or(u64::MAX);
            return Ok(start.saturating_add(before).saturating_add(1));
        }
        end = start;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of this file once it was opened, and `added` to it.
    fn left(before: &str, added: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rdp.hdr");
        std::fs::write(&path, before).unwrap();
        WholeLines::open(&path).unwrap().add(added.as_bytes()).unwrap();
        std::fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn half_a_line_is_cut_off_however_long_it_is() {
        assert_eq!(left("#a\nb\nTag=vm", "c\n"), "#a\nb\nc\n");
        assert_eq!(left(&format!("#a\n{}", "b".repeat(200_000)), "c\n"), "#a\nc\n");
        assert_eq!(left("#a", "#c\n"), "#c\n");
    }

    #[test]
    fn whole_lines_and_what_is_no_log_stay() {
        assert_eq!(left("#a\nb\n", "c\n"), "#a\nb\nc\n");
        assert_eq!(left("", "c\n"), "c\n");
        assert_eq!(left("somebody's letter", "c\n"), "somebody's letterc\n");
    }
}
