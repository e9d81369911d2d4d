//! Saved reports, checks and baselines: no JSON may panic, also where it is judged anew, compared and rendered.

#![no_main]

use libfuzzer_sys::fuzz_target;
use rdprobe::policy::baseline::{Baseline, Baselines, changes};
use rdprobe::render::check::CheckFormat;
use rdprobe::render::diff;
use rdprobe::report::Report;
use rdprobe::report::check::Check;
use rdprobe::report::diff::Diff;

mod harmless;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(report) = serde_json::from_slice::<Report>(bytes) {
        compared(&report);
        harmless::report(&report);
        harmless::report(&Report::new(report.evidence.clone()));
    }
    if let Ok(check) = serde_json::from_slice::<Check>(bytes) {
        for format in CheckFormat::ALL {
            harmless::check(format, &check);
        }
    }
    if let Ok(file) = Baselines::read(bytes) {
        let nothing = Baselines::from_iter([]);
        let diff = Diff::new(("a".to_owned(), &nothing), ("b".to_owned(), &file), &[]);
        harmless::text(|out| diff::json(&diff, out));
        harmless::text(|out| diff::markdown(&diff, out));
    }
});

/// Nothing has changed since a moment ago.
fn compared(report: &Report) {
    let baseline = Baseline::of(&report.evidence, &report.diagnosis);
    assert_eq!(changes(&baseline, &baseline, &[]), []);
}
