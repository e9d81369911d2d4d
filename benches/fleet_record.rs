//! How fast a scan is recorded, and how large and slow the page about it is: run with `cargo bench --bench fleet_record`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "a measurement that cannot go on fails, and says so; bytes and counts are far below 2^53"
)]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Instant;

use rdprobe::fleet::record::{Scan, ScanRecord, Settings, Which};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::render::fleet::{html, json, text};
use rdprobe::report::Report;

#[path = "../tests/it/fleet_record/made.rs"]
#[expect(dead_code, reason = "the tests use the rest")]
mod made;

/// So many targets a transaction.
const BATCH: usize = 256;

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fleet-record");
    fs::create_dir_all(&folder).unwrap();
    let full: Vec<(Scanned, Report)> = (0..2_000).map(host).collect();
    let lean: Report =
        serde_json::from_str(include_str!("../tests/goldens/stage-passed/report.ndjson")).unwrap();
    let lean: Vec<_> = (0..2_000).map(|n| (made::scanned(n, &lean), lean.clone())).collect();
    for (depth, hosts) in [("full", &full), ("one stage", &lean)] {
        for reports in [true, false] {
            writes(&folder.join("speed.db"), depth, hosts, reports);
        }
    }
    for hosts in [1_000, 20_000] {
        shows(&folder.join(format!("fleet-{hosts}.db")), hosts);
    }
}

fn host(n: usize) -> (Scanned, Report) {
    let report = made::report(n);
    (made::scanned(n, &report), report)
}

/// The hosts again and again, twenty thousand in all.
fn writes(path: &Path, depth: &str, hosts: &[(Scanned, Report)], reports: bool) {
    let _ = fs::remove_file(path);
    let mut record = ScanRecord::begin(path, &Settings { reports, ..made::settings() }).unwrap();
    let rows = 20_000;
    let begin = Instant::now();
    for (n, (scanned, report)) in hosts.iter().cycle().take(rows).enumerate() {
        let scanned = Scanned { position: n as u64, ..scanned.clone() };
        record.take(&scanned, report).unwrap();
        if n % BATCH == BATCH - 1 {
            record.flush().unwrap();
        }
    }
    record.finish().unwrap();
    let took = begin.elapsed().as_secs_f64();
    let bytes = fs::metadata(path).unwrap().len() as f64;
    println!(
        "record, {depth}, reports {reports}: {:.0} targets/s, {:.0} B a target",
        rows as f64 / took,
        bytes / rows as f64
    );
}

fn shows(path: &Path, hosts: usize) {
    let _ = fs::remove_file(path);
    made::write(path, hosts);
    let record = fs::metadata(path).unwrap().len();
    for (name, render) in [("html", html as Render), ("json", json), ("txt", text)] {
        let begin = Instant::now();
        let file = path.with_extension(name);
        let mut out = BufWriter::new(File::create(&file).unwrap());
        let scan = Scan::open(path, Which::Latest).unwrap();
        let survey = scan.survey().unwrap();
        let counted = begin.elapsed().as_secs_f64();
        render(&scan, &survey, &mut out).unwrap();
        out.flush().unwrap();
        println!(
            "{hosts} hosts, record {record} B, {name}: {} B, {:.2} s of which counting {counted:.2} s: {}",
            fs::metadata(&file).unwrap().len(),
            begin.elapsed().as_secs_f64(),
            file.display()
        );
    }
}

type Render = fn(&Scan, &rdprobe::fleet::survey::Survey, &mut dyn Write) -> std::io::Result<()>;
