//! How long saved reports take to judge, and what the catalogue and a guest's file cost.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on fails, and says so")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use rdprobe::diagnosis::{catalogue, guest};
use rdprobe::report::Report;

/// Reports of four kinds, as `--format json` saved them.
const SAVED: [&str; 4] = [
    include_str!("../tests/goldens/tcp-silent-port-only/report.json"),
    include_str!("../tests/goldens/tls-reset/report.json"),
    include_str!("../tests/goldens/reachable-domain/report.json"),
    include_str!("../tests/goldens/many-addresses/report.json"),
];

const COLLECTED: &[u8] = include_bytes!("../tests/data/guest/collected-healthy.txt");

/// Read, judged again with the guest's word, and written: what `rdprobe diagnose` does.
fn thousand_reports(c: &mut Criterion) {
    let told = guest::read("guest", COLLECTED).unwrap();
    c.bench_function("diagnose 1,000 saved reports", |b| {
        b.iter(|| {
            for saved in SAVED.iter().cycle().take(1000) {
                let mut evidence = serde_json::from_str::<Report>(saved).unwrap().evidence;
                evidence.testimony = guest::merge([evidence.testimony, told.clone()].concat());
                black_box(serde_json::to_string(&Report::new(evidence)).unwrap());
            }
        });
    });
}

/// The catalogue is parsed once a process: the first call is the only one that costs.
fn catalogue_at_start(c: &mut Criterion) {
    let begin = std::time::Instant::now();
    black_box(catalogue::all());
    let first = begin.elapsed();
    // Criterion repeats, and the catalogue does not: its one parse is printed beside the cost of later look-ups.
    #[expect(clippy::print_stderr, reason = "a figure that cannot be repeated is said, not measured")]
    {
        eprintln!("catalogue, first call: {first:?}");
    }
    c.bench_function("catalogue, later calls", |b| b.iter(|| black_box(catalogue::all()).len()));
}

fn guest_file(c: &mut Criterion) {
    c.bench_function("guest file, collected", |b| {
        b.iter(|| guest::read("guest", black_box(COLLECTED)).unwrap());
    });
}

criterion_group!(benches, catalogue_at_start, thousand_reports, guest_file);
criterion_main!(benches);
