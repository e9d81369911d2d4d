//! Prometheus: the metrics of a running monitor, and the exporter that probes on request.
//!
//! Both take a listener and the future at which to stop, and end within two seconds after it.

// Metrics as Prometheus reads them.
pub mod exposition;

// The HTTP server of both.
mod http;

// What this process uses of the machine.
mod process;

// `rdprobe serve`: probes on request.
pub mod exporter;

// `/metrics` and `/healthz` of a running monitor.
pub mod monitor;

pub use exporter::exporter;
pub use monitor::monitor;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use exposition::{Encoder, Family, Format};

/// The format that a request asks for.
fn wanted(headers: &HeaderMap) -> Format {
    let accept: Vec<&str> =
        headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    Format::wanted(&accept.join(","))
}

/// Plain text under a status.
fn plain(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Which rdprobe this is, the same on every page of metrics.
fn build_info(encoder: &mut Encoder) {
    const BUILD: Family = Family::gauge("rdprobe_build_info", "Always 1; the version of rdprobe");
    encoder.family(BUILD);
    encoder.value(&[("version", env!("CARGO_PKG_VERSION"))], 1.0);
}

/// A count as a metric's value, which is a float: exact up to 2^53.
fn number(count: u64) -> f64 {
    // There is no lossless way, and no other one without `as`: both halves are exact.
    let (high, low) = (count >> 32, count & u64::from(u32::MAX));
    let part = |half: u64| f64::from(u32::try_from(half).unwrap_or(u32::MAX));
    part(high).mul_add(4_294_967_296.0, part(low))
}
