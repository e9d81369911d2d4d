//! The exporter's own metrics: how its requests ended, how many probes are under way, what the process uses.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use crate::serve::exposition::{Encoder, Family};
use crate::serve::{build_info, process};

/// How a request to `/probe` ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// `probe_success` 1.
    Success,
    /// `probe_success` 0.
    Failure,
    /// The request could not be carried out.
    BadRequest,
    /// The target may not be connected to.
    NotAllowed,
    /// Too many at a time, or about to end.
    Unavailable,
}

impl Ended {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Success, "success"),
        (Self::Failure, "failure"),
        (Self::BadRequest, "bad_request"),
        (Self::NotAllowed, "not_allowed"),
        (Self::Unavailable, "unavailable"),
    ];
}

/// Counts since the exporter started.
#[derive(Debug)]
pub(super) struct Own {
    started: Timestamp,
    success: AtomicU64,
    failure: AtomicU64,
    bad_request: AtomicU64,
    not_allowed: AtomicU64,
    unavailable: AtomicU64,
}

impl Own {
    pub(super) fn new() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            started: Timestamp::now(),
            success: zero(),
            failure: zero(),
            bad_request: zero(),
            not_allowed: zero(),
            unavailable: zero(),
        }
    }

    const fn of(&self, ended: Ended) -> &AtomicU64 {
        match ended {
            Ended::Success => &self.success,
            Ended::Failure => &self.failure,
            Ended::BadRequest => &self.bad_request,
            Ended::NotAllowed => &self.not_allowed,
            Ended::Unavailable => &self.unavailable,
        }
    }

    pub(super) fn count(&self, ended: Ended) {
        self.of(ended).fetch_add(1, Ordering::Relaxed);
    }

    /// Writes `/metrics`.
    pub(super) fn write(&self, encoder: &mut Encoder, in_flight: usize, concurrency: usize) {
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        build_info(encoder);
        encoder.family(Family::counter(
            "rdprobe_exporter_requests_total",
            "Requests to /probe, by how they ended",
        ));
        for (ended, word) in Ended::ALL {
            let count = self.of(ended).load(Ordering::Relaxed);
            encoder.value(&[("outcome", word)], crate::serve::number(count));
        }
        encoder.single(
            Family::gauge("rdprobe_exporter_probes_in_flight", "Probes under way"),
            number(in_flight),
        );
        encoder.single(
            Family::gauge("rdprobe_exporter_probes_in_flight_limit", "How many probes may be under way"),
            number(concurrency),
        );
        process::write(encoder, self.started.as_duration().as_secs_f64());
    }
}
