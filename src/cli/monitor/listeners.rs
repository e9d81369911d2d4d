//! Everybody who is told of what the monitor sees, each opened before the start and finished at the end.

use std::path::Path;
use std::sync::Arc;

use rdprobe::monitor::history::Recorder;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::settings::Settings;

use super::hdr::HdrFile;
use super::tally::Tally;
use super::{Shown, WRITE_PATIENCE};
use crate::cli::Trouble;
use crate::cli::args::MonitorArgs;
use crate::cli::output;
use crate::cli::settings::UsageError;

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    record: Option<Arc<Recorder>>,
    hdr: Option<Arc<HdrFile>>,
}

impl Listeners {
    /// Opens the files and whatever else the arguments name.
    ///
    /// # Errors
    /// If one of them cannot be used.
    pub(super) fn open(args: &MonitorArgs, settings: &Settings) -> Result<Self, Trouble> {
        let told = &args.told;
        Ok(Self {
            record: told.record.as_deref().map(|path| record(path, settings)).transpose()?,
            hdr: told.hdr.as_deref().map(|path| hdr(path, settings)).transpose()?,
        })
    }

    /// Everybody, with the command's own.
    pub(super) fn told(&self, tally: &Arc<Tally>, shown: &Shown) -> Vec<Arc<dyn Listener>> {
        let mut told: Vec<Arc<dyn Listener>> = vec![Arc::clone(tally) as Arc<dyn Listener>];
        if let Shown::Lines(lines) = shown {
            told.push(Arc::clone(lines) as Arc<dyn Listener>);
        }
        told.extend(self.record.clone().map(|it| it as Arc<dyn Listener>));
        told.extend(self.hdr.clone().map(|it| it as Arc<dyn Listener>));
        told
    }

    /// Waits until all have written what waits; false if something could not be.
    pub(super) fn finish(&self) -> bool {
        if let Some(hdr) = &self.hdr {
            hdr.finish(WRITE_PATIENCE);
        }
        match self.record.as_ref().map(|record| record.finish()) {
            Some(Err(error)) => {
                output::say(&format!("rdprobe: the record: {error}"));
                false
            }
            Some(Ok(())) | None => true,
        }
    }
}

fn record(path: &Path, settings: &Settings) -> Result<Arc<Recorder>, UsageError> {
    Recorder::open(path, settings.interval).map(Arc::new).map_err(|error| unusable("record to", path, &error))
}

fn hdr(path: &Path, settings: &Settings) -> Result<Arc<HdrFile>, UsageError> {
    HdrFile::open(path, settings.interval).map(Arc::new).map_err(|error| unusable("write to", path, &error))
}

fn unusable(what: &str, path: &Path, error: &dyn std::fmt::Display) -> UsageError {
    UsageError {
        message: format!("cannot {what} {}: {error}", path.display()),
        hint: Some("name a file in a folder that you may write to".to_owned()),
    }
}
