//! The metrics of a running monitor: `/metrics`, and `/healthz` that tells whether rounds are being made.
//!
//! A page is written on a thread of its own, from one target at a time, and sent piece by piece: the monitor's thread
//! waits for nobody but, for a moment, for one target's lock.

// HDR histograms as Prometheus's.
mod histogram;

// Everything else that is known of a target.
mod targets;

// Counters that never go back.
mod peaks;

// Whether rounds are being made.
mod pulse;

// A page on its way to its reader.
mod page;

use std::collections::HashSet;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::exposition::{Encoder, Family};
use super::{build_info, http, plain, process, wanted};
use crate::monitor::board::Board;
use crate::monitor::history::{Recorder, Status};
use crate::monitor::latency::{Latency, Phase};
use crate::monitor::view::TargetView;
use crate::monitor::watched::Watched;
use page::{Gone, Page};
use peaks::Peaks;
pub use pulse::Pulse;
use targets::Row;

/// So many pages are written at a time; one more is put off.
const PAGES: usize = 4;

/// What a page tells of.
#[derive(Debug)]
pub struct Sources<T> {
    /// The targets.
    pub targets: Arc<T>,
    /// Whether rounds are being made; one of the monitor's listeners.
    pub pulse: Arc<Pulse>,
    /// The record, if there is one.
    pub recorder: Option<Arc<Recorder>>,
}

/// The targets that are watched: the monitor's [`Board`].
pub trait Targets: Send + Sync + 'static {
    /// How many there are now.
    fn count(&self) -> usize;

    /// One of them as a view shows it; none if there is none with that number any more.
    fn view(&self, index: usize) -> Option<TargetView>;

    /// Looks at the name of one of them and its latency since the beginning, likewise.
    fn latency(&self, index: usize, look: &mut dyn FnMut(&str, &Latency));
}

impl Targets for Board {
    fn count(&self) -> usize {
        self.len()
    }

    fn view(&self, index: usize) -> Option<TargetView> {
        self.with(index, Watched::view)
    }

    fn latency(&self, index: usize, look: &mut dyn FnMut(&str, &Latency)) {
        let _ = self.with(index, |watched| look(&watched.target().input, watched.latency()));
    }
}

/// Serves until `stop`, and ends within two seconds after it.
///
/// # Errors
/// If the listener cannot be used.
pub async fn monitor<T: Targets>(
    listener: std::net::TcpListener,
    sources: Sources<T>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let served = Arc::new(Served {
        sources,
        started: Timestamp::now(),
        peaks: Mutex::default(),
        pages: Arc::new(Semaphore::new(PAGES)),
    });
    let router = Router::new()
        .route("/", get(async || Html(FRONT)))
        .route("/metrics", get(metrics::<T>))
        .route("/healthz", get(health::<T>))
        .with_state(served);
    http::run(listener, router, stop).await
}

/// For people who find the port by a browser.
const FRONT: &str = "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>rdprobe monitor</title></head>\
                     <body><h1>rdprobe monitor</h1><p><a href=\"metrics\">Metrics</a></p>\
                     <p><a href=\"healthz\">Health</a></p></body></html>";

struct Served<T> {
    sources: Sources<T>,
    started: Timestamp,
    peaks: Mutex<Peaks>,
    pages: Arc<Semaphore>,
}

async fn health<T: Targets>(State(served): State<Arc<Served<T>>>) -> Response {
    match served.sources.pulse.stopped() {
        None => plain(StatusCode::OK, "ok\n".to_owned()),
        Some(why) => plain(StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
    }
}

async fn metrics<T: Targets>(State(served): State<Arc<Served<T>>>, headers: HeaderMap) -> Response {
    let Ok(place) = Arc::clone(&served.pages).try_acquire_owned() else {
        let busy = format!("{PAGES} pages are being written already\n");
        let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, busy);
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        return response;
    };
    let format = wanted(&headers);
    let body = page::on_its_own_thread(Encoder::new(format), move |page| {
        let written = served.write(page);
        drop(place);
        written
    });
    ([(header::CONTENT_TYPE, format.content_type())], body).into_response()
}

impl<T: Targets> Served<T> {
    fn write(&self, page: &mut Page) -> Result<(), Gone> {
        build_info(&mut page.encoder);
        process::write(&mut page.encoder, self.started.as_duration().as_secs_f64());
        if let Some(recorder) = &self.sources.recorder {
            let recording = Family::gauge("rdprobe_recording", "Whether the record can be written");
            page.encoder.single(recording, if recorder.status() == Status::Recording { 1.0 } else { 0.0 });
        }
        let rows = self.rows();
        targets::write(&mut page.encoder, &rows);
        drop(rows);
        page.send()?;
        page.encoder.family(Family::histogram(
            "rdprobe_latency_seconds",
            "How long the phases of the rounds took, as measured, in seconds",
        ));
        self.histograms(page, Latency::raw)?;
        page.encoder.family(Family::histogram(
            "rdprobe_latency_corrected_seconds",
            "The same of whole rounds, with those that a stalled round hid (coordinated omission), in seconds",
        ));
        self.histograms(page, |latency, phase| {
            (phase == Phase::Total).then(|| latency.corrected(phase)).flatten()
        })
    }

    fn rows(&self) -> Vec<Row> {
        let mut peaks = self.peaks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut seen = HashSet::new();
        let views = (0..self.sources.targets.count()).filter_map(|index| self.sources.targets.view(index));
        // The list may be replaced meanwhile, so that one target comes up twice; a label set must not.
        let once = views.filter(|view| seen.insert(view.target.clone()));
        let rows: Vec<Row> = once.map(|view| Row::of(view, &mut peaks)).collect();
        peaks.keep(rows.iter().map(|row| row.target.as_str()));
        rows
    }

    fn histograms(
        &self,
        page: &mut Page,
        of: impl Fn(&Latency, Phase) -> Option<hdrhistogram::Histogram<u32>>,
    ) -> Result<(), Gone> {
        let mut seen = HashSet::new();
        for index in 0..self.sources.targets.count() {
            let (mut name, mut phases) = (String::new(), Vec::new());
            // Only copies are taken under the target's lock.
            self.sources.targets.latency(index, &mut |target, latency| {
                target.clone_into(&mut name);
                phases =
                    Phase::ALL.into_iter().filter_map(|phase| Some((phase, of(latency, phase)?))).collect();
            });
            if !seen.insert(name.clone()) {
                continue;
            }
            for (phase, hdr) in &phases {
                let labels = [("target", name.as_str()), ("phase", phase.word())];
                page.encoder.histogram(&labels, histogram::histogram(hdr));
            }
            page.send_if_long()?;
        }
        Ok(())
    }
}
