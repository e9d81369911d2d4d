//! `--hdr FILE`: every interval's histograms, appended to a standard HdrHistogram interval log.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use rdprobe::monitor::hdr_log;
use rdprobe::monitor::latency::Interval;
use rdprobe::monitor::listen::Listener;

use super::aside::Aside;

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
        let mut file = File::options().append(true).create(true).open(path)?;
        if file.metadata()?.len() == 0 {
            let mut header = Vec::new();
            hdr_log::write_header(&mut header, jiff::Timestamp::now(), expected)?;
            file.write_all(&header)?;
        }
        let mut failing = false;
        let name = path.display().to_string();
        let out = Aside::start("hdr log", WAITING, move |text: Vec<u8>| match file.write_all(&text) {
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
