//! A fleet of any size, made of saved reports: host n is the same every time.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use rdprobe::evidence::Outcome;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::record::{ScanRecord, Settings};
use rdprobe::fleet::scanned::Scanned;
use rdprobe::report::Report;

/// How many of a hundred hosts are like which saved report.
const KINDS: [(usize, &str); 11] = [
    (55, include_str!("../../goldens/reachable-domain/report.ndjson")),
    (12, include_str!("../../goldens/reachable-azure-default/report.ndjson")),
    (6, include_str!("../../goldens/reachable-old-server/report.ndjson")),
    (5, include_str!("../../goldens/reachable-without-nla/report.ndjson")),
    (2, include_str!("../../goldens/reachable-standard-rdp/report.ndjson")),
    (3, include_str!("../../goldens/reachable-certificate-expired/report.ndjson")),
    (7, include_str!("../../goldens/tcp-silent-host/report.ndjson")),
    (4, include_str!("../../goldens/tcp-refused/report.ndjson")),
    (3, include_str!("../../goldens/tls-reset/report.ndjson")),
    (2, include_str!("../../goldens/not-rdp/report.ndjson")),
    (1, include_str!("../../goldens/dns-no-such-name/report.ndjson")),
];

/// Builds of those that tell one.
const BUILDS: [u16; 12] =
    [20_348, 20_348, 20_348, 17_763, 17_763, 14_393, 26_100, 26_100, 9_600, 19_041, 7_601, 31_337];

/// When the scan of the made fleets began.
pub(crate) fn began() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

/// Host n's report.
pub(crate) fn report(n: usize) -> Report {
    let mut report: Report = serde_json::from_str(&text(n)).unwrap();
    report.evidence.started_at = began() + SignedDuration::from_millis(i64::try_from(n).unwrap());
    for route in &mut report.evidence.routes {
        let jitter = f64::from(u32::try_from(n * 7_919 % 40_000).unwrap());
        route.connect.elapsed_ms.0 = 1.0 + jitter / 1e3 + if n % 997 == 6 { 900.0 } else { 0.0 };
        if let Outcome::Seen(certificate) = &mut route.certificate.outcome {
            // From ten days ago to a year and a half ahead, most of them far.
            let days = i64::try_from(n * n % 557).unwrap() - 10;
            certificate.not_after = began() + SignedDuration::from_hours(days * 24 + 12);
        }
        if let Outcome::Seen(challenge) = &mut route.credssp.outcome {
            if let Some(os) = &mut challenge.os {
                os.build = BUILDS[n * 31 % BUILDS.len()];
            }
            if n % 691 == 22 {
                challenge.dns_domain_name = Some("old.example.net".to_owned());
            }
        }
        if let Some(clock) = &mut route.clock {
            clock.skew_ms.0 = if n % 613 == 100 { -3_700_000.0 } else { 40.0 };
        }
    }
    report
}

/// What is told of host n.
pub(crate) fn scanned(n: usize, report: &Report) -> Scanned {
    Scanned::of(u64::try_from(n).unwrap(), Depth::Full, report, Vec::new())
}

/// How the made fleets are recorded.
pub(crate) fn settings() -> Settings {
    Settings { source: "servers.csv".to_owned(), depth: Depth::Full, reports: true }
}

/// Records a fleet of so many hosts as a scan that ended.
pub(crate) fn write(path: &Path, hosts: usize) {
    let mut record = ScanRecord::begin(path, &settings()).unwrap();
    take(&mut record, 0..hosts);
    record.finish().unwrap();
}

/// Records some hosts, a hundred a transaction.
pub(crate) fn take(record: &mut ScanRecord, hosts: std::ops::Range<usize>) {
    for n in hosts {
        let report = report(n);
        record.take(&scanned(n, &report), &report).unwrap();
        if n % 100 == 99 {
            record.flush().unwrap();
        }
    }
    record.flush().unwrap();
}

/// Host n's report as JSON, with a name, an address and a certificate of its own.
fn text(n: usize) -> String {
    let mut left = n * 37 % 100;
    let mut kind = KINDS[0].1;
    for (share, one) in KINDS {
        kind = one;
        match left.checked_sub(share) {
            None => break,
            Some(less) => left = less,
        }
    }
    let number = u32::try_from(n).unwrap();
    let address = Ipv4Addr::from_bits(0x0a14_0000 + number);
    // Every 500th shows the certificate of host 0.
    let certificate = if n % 500 == 250 { 0 } else { n };
    kind.replace("myvm.example.net", &format!("srv-{n:05}.corp.example.net"))
        .replace("20.50.1.2", &address.to_string())
        .replace("VM01", &format!("SRV-{n:05}"))
        .replace("vm-web-01", &format!("web-{n:05}"))
        .replace("0F1E2D3C4B5A6978", &format!("{certificate:016X}"))
}

/// The address of host n, where it has one.
pub(crate) fn address(n: u32) -> SocketAddr {
    (Ipv4Addr::from_bits(0x0a14_0000 + n), 3389).into()
}
