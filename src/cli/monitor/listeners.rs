//! Everybody who is told of what the monitor sees, each opened before the start and finished at the end.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rdprobe::monitor::board::Board;
use rdprobe::monitor::history::{HistoryError, Recorder};
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::settings::Settings;
use rdprobe::monitor::webhook::{Webhook, WebhookError};
use rdprobe::serve;
use rdprobe::serve::monitor::{Pulse, Sources};

use super::ending::Ending;
use super::hdr::HdrFile;
use super::on_change::OnChange;
use super::tally::Tally;
use super::{Shown, chosen};
use crate::cli::Trouble;
use crate::cli::args::MonitorArgs;
use crate::cli::output;
use crate::cli::recording;
use crate::cli::settings::UsageError;

/// The webhook's URL, for those whose URL is a secret that must not stand in a list of processes.
const WEBHOOK_URL: &str = "RDPROBE_WEBHOOK_URL";

/// All of them.
#[derive(Debug)]
pub(super) struct Listeners {
    record: Option<Arc<Recorder>>,
    hdr: Option<Arc<HdrFile>>,
    metrics: Option<TcpListener>,
    on_change: Option<Arc<OnChange>>,
    webhook: Option<Arc<Webhook>>,
    pulse: Arc<Pulse>,
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
            metrics: told.listen.map(metrics).transpose()?,
            on_change: told.on_change.as_deref().map(OnChange::start).transpose()?.map(Arc::new),
            webhook: webhook(told.webhook.clone())?,
            pulse: Arc::new(Pulse::new(chosen::longest_silence(settings))),
        })
    }

    /// Whether rounds are being made.
    pub(super) fn pulse(&self) -> Arc<Pulse> {
        Arc::clone(&self.pulse)
    }

    /// Serves `/metrics` until the process ends; it keeps nobody from ending.
    pub(super) fn serve(&mut self, board: &Arc<Board>) {
        let Some(listener) = self.metrics.take() else { return };
        let (targets, pulse) = (Arc::clone(board), self.pulse());
        let sources = Sources { targets, pulse, recorder: self.record.clone() };
        tokio::spawn(async move {
            if let Err(error) = serve::monitor(listener, sources, std::future::pending()).await {
                tracing::error!("the metrics are served no more: {error}");
            }
        });
    }

    /// Everybody, with the command's own.
    pub(super) fn told(&self, tally: &Arc<Tally>, shown: &Shown) -> Vec<Arc<dyn Listener>> {
        let shown: Arc<dyn Listener> = match shown {
            Shown::Lines(lines) => lines.clone(),
            Shown::Live(screen) => screen.recent.clone(),
        };
        let mut told: Vec<Arc<dyn Listener>> = vec![tally.clone(), self.pulse(), shown];
        told.extend(self.record.clone().map(listener));
        told.extend(self.hdr.clone().map(listener));
        told.extend(self.on_change.clone().map(listener));
        told.extend(self.webhook.clone().map(listener));
        told
    }

    /// Waits until all have written what waits; false if something could not be.
    pub(super) fn finish(&self, ending: Ending) -> bool {
        // The record first: it is what somebody will look for. The others write beside it.
        let recorded = self.record.as_ref().map(finish_aside);
        if let Some(hdr) = &self.hdr {
            hdr.finish(ending.told());
        }
        if let Some(on_change) = &self.on_change {
            on_change.finish(ending.told());
        }
        if let Some(webhook) = &self.webhook {
            webhook.finish(ending.told());
        }
        recorded.is_none_or(|recorded| is_complete(&recorded, ending))
    }
}

/// Completes the record on a thread of its own: a disk that hangs must not hold the end up.
fn finish_aside(record: &Arc<Recorder>) -> Receiver<Result<(), HistoryError>> {
    let (tell, recorded) = channel();
    let record = Arc::clone(record);
    let finish = move || drop(tell.send(record.finish()));
    if let Err(error) = std::thread::Builder::new().name("record's end".to_owned()).spawn(finish) {
        tracing::warn!("the record is not waited for: {error}");
    }
    recorded
}

fn is_complete(recorded: &Receiver<Result<(), HistoryError>>, ending: Ending) -> bool {
    let why = match recorded.recv_timeout(ending.record()) {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it could not be completed in time".to_owned(),
    };
    output::say(&format!("rdprobe: the record: {why}"));
    false
}

fn listener(listener: Arc<impl Listener + 'static>) -> Arc<dyn Listener> {
    listener
}

fn record(path: &Path, settings: &Settings) -> Result<Arc<Recorder>, UsageError> {
    Recorder::open(path, settings.interval)
        .map(Arc::new)
        .map_err(|error| unusable("record to", path, &error, recording::hint(&error)))
}

fn webhook(url: Option<String>) -> Result<Option<Arc<Webhook>>, UsageError> {
    let from_environment = || std::env::var(WEBHOOK_URL).ok().filter(|url| !url.is_empty());
    let Some(url) = url.or_else(from_environment) else { return Ok(None) };
    // The URL may be a secret, so that no error shows it.
    let error = |error: WebhookError| UsageError {
        message: format!("no webhook: {error}"),
        hint: Some("such as --webhook https://hooks.example.com/rdp".to_owned()),
    };
    Webhook::start(&url).map(Arc::new).map(Some).map_err(error)
}

fn metrics(address: SocketAddr) -> Result<TcpListener, Trouble> {
    let listen = |error| Trouble::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    output::say(&format!("rdprobe: metrics on http://{address}/metrics"));
    Ok(listener)
}

fn hdr(path: &Path, settings: &Settings) -> Result<Arc<HdrFile>, UsageError> {
    HdrFile::open(path, settings.interval)
        .map(Arc::new)
        .map_err(|error| unusable("write to", path, &error, "name a file in a folder that you may write to"))
}

fn unusable(what: &str, path: &Path, error: &dyn std::fmt::Display, hint: &str) -> UsageError {
    UsageError { message: format!("cannot {what} {}: {error}", path.display()), hint: Some(hint.to_owned()) }
}
