//! The exporter: probes on request, in blackbox_exporter's pattern.
//!
//! `/probe?target=HOST[:PORT]&module=NAME` probes, `/metrics` tells of the exporter itself, `/healthz` that it lives.

// Where it may connect.
pub mod allow;

// How to probe, and what has to hold.
pub mod module;

// What a request asks for.
mod request;

// A report as metrics.
mod metrics;

// The exporter's own metrics.
mod own;

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::sync::{Semaphore, watch};

use super::exposition::Encoder;
use super::{http, plain, wanted};
use crate::diagnosis::Verdict;
use crate::policy::{self, Judged, Outcome};
use crate::probe::{self, Watch};
use crate::report::Report;
use allow::{Admission, Allow, Why};
use module::Module;
use own::{Ended, Own};
use request::{Asked, Refusal, SCRAPE_TIMEOUT};

/// What the exporter does.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it may connect.
    pub allow: Allow,
    /// How it may be asked to probe.
    pub modules: BTreeMap<String, Module>,
    /// How many probes may be under way.
    pub concurrency: usize,
}

/// Serves until `stop`, and ends within two seconds after it.
///
/// # Errors
/// If the listener cannot be used.
pub async fn exporter(
    listener: std::net::TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (halt, halted) = watch::channel(false);
    let places = Semaphore::new(settings.concurrency);
    let exporter = Arc::new(Exporter { settings, own: Own::new(), places, halted });
    let router = Router::new()
        .route("/", get(page))
        // A probe for whoever wants no answer would only cost the target.
        .route("/probe", get(answer).head(http::only_get))
        .route("/metrics", get(own_metrics))
        .route("/healthz", get(async || plain(StatusCode::OK, "ok\n".to_owned())))
        .with_state(exporter);
    let stop = async {
        stop.await;
        halt.send_replace(true);
    };
    http::run(listener, router, stop).await
}

struct Exporter {
    settings: Settings,
    own: Own,
    places: Semaphore,
    /// True once the exporter is about to end.
    halted: watch::Receiver<bool>,
}

/// What a probe came to.
struct Probed {
    report: Report,
    judged: Vec<Judged>,
    success: bool,
}

/// The page for people who find the port by a browser.
async fn page(State(exporter): State<Arc<Exporter>>) -> Html<String> {
    let modules: Vec<&str> = exporter.settings.modules.keys().map(String::as_str).collect();
    let page = maud::html! {
        (maud::DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "rdprobe exporter" } }
            body {
                h1 { "rdprobe exporter" }
                p { "Probes Remote Desktop on request: " code { "/probe?target=HOST[:PORT]&module=NAME" } }
                p { "Modules: " (modules.join(", ")) }
                p { a href="metrics" { "The exporter's own metrics" } }
            }
        }
    };
    Html(page.into_string())
}

async fn own_metrics(State(exporter): State<Arc<Exporter>>, headers: HeaderMap) -> Response {
    let concurrency = exporter.settings.concurrency;
    let in_flight = concurrency.saturating_sub(exporter.places.available_permits());
    let mut encoder = Encoder::new(wanted(&headers));
    exporter.own.write(&mut encoder, in_flight, concurrency);
    exposed(&headers, encoder)
}

async fn answer(State(exporter): State<Arc<Exporter>>, uri: Uri, headers: HeaderMap) -> Response {
    match exporter.probe(&uri, &headers).await {
        Ok(probed) => {
            exporter.own.count(if probed.success { Ended::Success } else { Ended::Failure });
            let mut encoder = Encoder::new(wanted(&headers));
            metrics::write(&mut encoder, &probed);
            exposed(&headers, encoder)
        }
        Err(refusal) => {
            exporter.own.count(match refusal {
                Refusal::Bad { .. } => Ended::BadRequest,
                Refusal::NotAllowed(_) => Ended::NotAllowed,
                Refusal::Busy | Refusal::Stopping => Ended::Unavailable,
            });
            let mut response = plain(refusal.status(), refusal.to_string());
            if refusal.status() == StatusCode::SERVICE_UNAVAILABLE {
                response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
            }
            response
        }
    }
}

fn exposed(headers: &HeaderMap, mut encoder: Encoder) -> Response {
    ([(header::CONTENT_TYPE, wanted(headers).content_type())], encoder.finish()).into_response()
}

impl Exporter {
    async fn probe(&self, uri: &Uri, headers: &HeaderMap) -> Result<Probed, Refusal> {
        let (asked, module) = self.asked(uri)?;
        let admission = self.settings.allow.admission(&asked.target);
        if let Admission::Refused(why) = admission {
            return Err(Refusal::NotAllowed(why));
        }
        let mut plan = module.plan.clone();
        let header = headers.get(SCRAPE_TIMEOUT).map(|value| value.to_str().unwrap_or_default());
        plan.timeouts.total = request::deadline(header, plan.timeouts.total)?;
        let Ok(_place) = self.places.try_acquire() else { return Err(Refusal::Busy) };
        let guard = Guard {
            allow: &self.settings.allow,
            any_address: admission == Admission::Granted,
            refused: AtomicBool::new(false),
            halted: self.halted.clone(),
        };
        let evidence = probe::probe(&asked.target, &plan, &guard).await;
        if guard.refused.load(Ordering::Relaxed) {
            return Err(Refusal::NotAllowed(Why::Host));
        }
        if *self.halted.borrow() && evidence.interrupted {
            return Err(Refusal::Stopping);
        }
        Ok(judged(Report::new(evidence), module))
    }

    fn asked(&self, uri: &Uri) -> Result<(Asked, &Module), Refusal> {
        let pairs =
            Query::<Vec<(String, String)>>::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
        let asked = request::read(&pairs)?;
        let modules = &self.settings.modules;
        let module = modules
            .get(&asked.module)
            .ok_or_else(|| Refusal::unknown_module(&asked.module, modules.keys()))?;
        Ok((asked, module))
    }
}

/// Holds the report against the module: its expectations decide; without any, every stage must have succeeded.
fn judged(report: Report, module: &Module) -> Probed {
    let judged = module
        .policy
        .as_ref()
        .map(|policy| policy::judge(policy, &report.evidence, &report.diagnosis))
        .unwrap_or_default();
    let success = match module.policy {
        Some(_) => judged.iter().all(|judged| judged.outcome <= Outcome::Warning),
        None => matches!(report.diagnosis.verdict, Verdict::Reachable | Verdict::StagePassed),
    };
    Probed { report, judged, success }
}

/// Looks on while a probe runs: lets it connect only where it may, and ends it with the exporter.
struct Guard<'a> {
    allow: &'a Allow,
    /// Whether the target was admitted wherever its name leads.
    any_address: bool,
    refused: AtomicBool,
    halted: watch::Receiver<bool>,
}

impl Watch for Guard<'_> {
    fn admits(&self, addresses: &[SocketAddr]) -> bool {
        let admitted = self.any_address || self.allow.admits(addresses);
        self.refused.store(!admitted, Ordering::Relaxed);
        admitted
    }

    fn stopped(&self) -> impl Future<Output = ()> + Send {
        let mut halted = self.halted.clone();
        async move {
            if halted.wait_for(|halted| *halted).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
