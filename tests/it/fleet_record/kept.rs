//! What is written is read: row by row, document by document, counted.

use rdprobe::fleet::record::{Scan, ScanRecord, Which};
use rdprobe::fleet::survey::{OutlierKind, Support, Survey};
use rusqlite::Connection;

use super::made::{address, began, report, scanned, settings, take, write};

const HOSTS: usize = 700;

fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    (folder, path)
}

fn survey(path: &std::path::Path) -> Survey {
    Scan::open(path, Which::Latest).unwrap().survey().unwrap()
}

#[test]
fn rows_and_documents_come_back() {
    let (_folder, path) = file();
    write(&path, 100);
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let (mut hosts, mut documents, mut told) = (Vec::new(), Vec::new(), Vec::new());
    scan.each_host(&mut |host| {
        hosts.push(host);
        Ok(())
    })
    .unwrap();
    scan.each_document(&mut |stored| {
        documents.push(stored);
        Ok(())
    })
    .unwrap();
    scan.each_scanned(&mut |scanned| {
        told.push(scanned);
        Ok(())
    })
    .unwrap();
    assert_eq!((hosts.len(), documents.len(), told.len()), (100, 100, 100));
    for (n, told) in told.iter().enumerate() {
        assert_eq!(*told, scanned(n, &report(n)), "{n}");
    }
    for (host, stored) in hosts.iter().zip(&documents) {
        assert_eq!(host.position, stored.scanned.position, "two orders");
        let n = usize::try_from(host.position).unwrap();
        assert_eq!(stored.report.as_ref(), Some(&report(n)), "{n}");
        assert_eq!(host.target, format!("srv-{n:05}.corp.example.net"));
        assert_eq!(host.cause.as_deref(), stored.scanned.causes.first().map(|cause| cause.id.as_str()));
        let certificate = stored
            .scanned
            .addresses
            .values()
            .find_map(|shown| shown.certificate.as_ref())
            .map(|it| it.not_after);
        assert_eq!(host.certificate_end, certificate, "{n}");
    }
    assert_eq!(hosts[0].verdict, "not_reachable", "the worst stand first");
    assert_eq!(hosts[99].verdict, "reachable");
}

#[test]
fn columns_are_those_of_the_address_that_showed_most() {
    let (_folder, path) = file();
    let mut two = report(0);
    let mut silent = two.evidence.routes[0].clone();
    silent.address = "10.0.0.1:3389".parse().unwrap();
    silent.credssp = rdprobe::evidence::Step::skipped(rdprobe::evidence::Because::NotAsked);
    silent.clock = None;
    two.evidence.routes.insert(0, silent);
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    record.take(&scanned(0, &two), &two).unwrap();
    record.finish().unwrap();
    let connection = Connection::open(&path).unwrap();
    let row = connection.query_row("SELECT address, computer, skew_us FROM scanned", (), |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?))
    });
    let computer = "SRV-00000.corp.example.net".to_owned();
    assert_eq!(row.unwrap(), (address(0).to_string(), computer, 40_000));
}

#[test]
fn a_scan_is_counted() {
    let (_folder, path) = file();
    write(&path, HOSTS);
    let survey = survey(&path);
    assert_eq!((survey.targets, survey.scan, survey.source.as_str()), (700, 1, "servers.csv"));
    let sum = |counts: &[rdprobe::fleet::survey::Count]| counts.iter().map(|it| it.hosts).sum::<u64>();
    assert_eq!(sum(&survey.verdicts), 700);
    assert_eq!(survey.verdicts[0].value, "reachable");
    let silent = survey.causes.iter().map(|cause| cause.hosts).sum::<u64>();
    assert!(silent > 0 && survey.causes.iter().all(|cause| cause.title.is_some()), "{:?}", survey.causes);
    let ends = &survey.certificates;
    assert_eq!(ends.weeks.len(), 26);
    let in_weeks: u64 = ends.weeks.iter().map(|week| week.hosts).sum();
    assert_eq!(ends.expired + in_weeks + ends.later + ends.unseen, 700);
    // By hand: the first week's.
    let soon = (0..HOSTS).filter(|n| {
        let evidence = report(*n).evidence;
        let end = evidence.routes.first().and_then(|route| route.certificate.seen()).map(|it| it.not_after);
        let from = survey.latest;
        end.is_some_and(|end| end >= from && end < from + jiff::SignedDuration::from_hours(24 * 7))
    });
    assert_eq!(ends.weeks[0].hosts, u64::try_from(soon.count()).unwrap());
    assert!(survey.tls_versions.counts.iter().any(|it| it.value == "TLS 1.2"), "{:?}", survey.tls_versions);
    assert!(survey.latest >= began());
}

#[test]
fn what_only_some_were_asked_is_no_share_of_a_fleet() {
    // All that told selected NLA; ten of them failed at something, and were asked for more.
    let (_folder, path) = file();
    let lean = rdprobe::fleet::record::Settings { depth: rdprobe::fleet::depth::Depth::Nla, ..settings() };
    let mut record = ScanRecord::begin(&path, &lean).unwrap();
    take(&mut record, 0..HOSTS);
    record.finish().unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch(
            "UPDATE scanned SET nla = 'selected', standard = NULL, tls_versions = NULL WHERE nla IS NOT NULL;
             UPDATE scanned SET nla = 'required', tls_versions = 'TLS 1.0', standard = 'refused' WHERE position < 9;
             UPDATE scanned SET nla = 'offered', tls_versions = 'TLS 1.2', standard = 'allowed' WHERE position = 9;",
        )
        .unwrap();
    drop(connection);
    let survey = survey(&path);
    assert_eq!((survey.tls_versions.known, survey.tls_versions.counts.len()), (0, 0));
    assert_eq!((survey.standard_rdp.known, survey.standard_rdp.counts.len()), (0, 0));
    let nla: Vec<&str> = survey.nla.counts.iter().map(|it| it.value.as_str()).collect();
    assert_eq!((nla, survey.nla.known > 100), (vec!["selected"], true));
    let of_security = |it: &&rdprobe::fleet::survey::Outlier| {
        matches!(it.kind, OutlierKind::Nla | OutlierKind::TlsVersions | OutlierKind::StandardRdp)
    };
    assert_eq!(survey.outliers.iter().find(of_security), None);
    assert!(survey.outliers.iter().any(|it| it.kind == OutlierKind::Clock), "the others are there");
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let (mut text, mut page) = (Vec::new(), Vec::new());
    rdprobe::render::fleet::text(&scan, &survey, &mut text).unwrap();
    rdprobe::render::fleet::html(&scan, &survey, &mut page).unwrap();
    let [text, page] = [text, page].map(|bytes| String::from_utf8(bytes).unwrap());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("whether NLA is required: --depth full asks"), "{text}");
    assert!(text.contains(&format!("of {} that told", survey.nla.known)), "{text}");
    assert!(page.contains("asks every host for each TLS version"), "no note");
}

#[test]
fn builds_are_judged_by_the_day_of_the_scan() {
    let (_folder, path) = file();
    write(&path, HOSTS);
    let survey = survey(&path);
    let support = |build: &str| {
        survey.builds.iter().find(|it| it.build.ends_with(build)).unwrap_or_else(|| panic!("{build}")).support
    };
    assert_eq!(support(".20348"), Support::Supported);
    assert_eq!(support(".17763"), Support::SomeEditions);
    assert_eq!(support(".9600"), Support::PaidOnly, "until October 2026");
    assert_eq!(support(".7601"), Support::Ended);
    assert_eq!(support(".31337"), Support::Unknown);
}

#[test]
fn outliers_are_found() {
    let (_folder, path) = file();
    write(&path, HOSTS);
    let survey = survey(&path);
    let of = |kind| survey.outliers.iter().filter(move |outlier| outlier.kind == kind).collect::<Vec<_>>();
    let [clock] = of(OutlierKind::Clock)[..] else { panic!("{:?}", survey.outliers) };
    assert_eq!(clock.examples[0].value.as_deref(), Some("-3700000000"));
    let [slow] = of(OutlierKind::SlowConnect)[..] else { panic!("{:?}", survey.outliers) };
    assert_eq!(slow.examples[0].target, "srv-00006.corp.example.net");
    let [domain] = of(OutlierKind::Domain)[..] else { panic!("{:?}", survey.outliers) };
    assert_eq!(
        (domain.value.as_str(), domain.usual.as_deref()),
        ("old.example.net", Some("corp.example.net"))
    );
    let [shared] = of(OutlierKind::SameCertificate)[..] else { panic!("{:?}", survey.outliers) };
    assert_eq!(shared.examples[0].target, "srv-00000.corp.example.net");
    assert!(survey.outliers.iter().all(|it| it.examples.len() <= 10 && it.hosts > 0));
}

#[test]
fn a_host_that_is_written_again_takes_its_own_place() {
    let (_folder, path) = file();
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    take(&mut record, 0..50);
    let run = record.run();
    drop(record);
    let ended = || Scan::open(&path, Which::Run(run)).unwrap().survey().unwrap().ended;
    assert_eq!(ended(), None);
    // What was in flight is probed again.
    let mut record = ScanRecord::resume(&path, run, true).unwrap();
    take(&mut record, 30..100);
    record.finish().unwrap();
    assert!(ended().is_some());
    let scan = Scan::open(&path, Which::Run(run)).unwrap();
    let mut positions = Vec::new();
    scan.each_scanned(&mut |scanned| {
        positions.push(scanned.position);
        Ok(())
    })
    .unwrap();
    assert_eq!(positions, (0..100).collect::<Vec<_>>());
    assert_eq!(scan.survey().unwrap().targets, 100);
}

#[test]
fn what_was_not_flushed_is_not_there() {
    let (_folder, path) = file();
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    take(&mut record, 0..10);
    let next = report(10);
    record.take(&scanned(10, &next), &next).unwrap();
    drop(record);
    assert_eq!(survey(&path).targets, 10);
}

#[test]
fn a_report_is_kept_once() {
    let (_folder, path) = file();
    let report = report(0);
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    let told = rdprobe::fleet::scanned::Scanned { report: Some(report.clone()), ..scanned(0, &report) };
    record.take(&told, &report).unwrap();
    record.finish().unwrap();
    let scan = Scan::open(&path, Which::Latest).unwrap();
    let mut kept = Vec::new();
    scan.each_document(&mut |stored| {
        kept.push(stored);
        Ok(())
    })
    .unwrap();
    assert_eq!(kept[0].scanned, scanned(0, &report));
    assert_eq!(kept[0].report.as_ref(), Some(&report));
}

#[test]
fn a_scan_without_reports_is_smaller_and_reads_as_well() {
    let (_folder, path) = file();
    let (_other, lean) = file();
    write(&path, 100);
    let mut record =
        ScanRecord::begin(&lean, &rdprobe::fleet::record::Settings { reports: false, ..settings() }).unwrap();
    take(&mut record, 0..100);
    record.finish().unwrap();
    let size = |path| std::fs::metadata(path).unwrap().len();
    assert!(size(&lean) * 2 < size(&path), "{} of {}", size(&lean), size(&path));
    assert_eq!(survey(&lean).verdicts, survey(&path).verdicts);
    let scan = Scan::open(&lean, Which::Latest).unwrap();
    scan.each_document(&mut |stored| {
        assert!(stored.report.is_none());
        Ok(())
    })
    .unwrap();
}

#[test]
fn the_queries_of_the_documentation_find_what_is_there() {
    let (_folder, path) = file();
    write(&path, 60);
    let mut record = ScanRecord::begin(&path, &settings()).unwrap();
    for n in 0..60 {
        // The second time the sixth is another's.
        let report = report(if n == 5 { 11 } else { n });
        let told = rdprobe::fleet::scanned::Scanned {
            target: format!("srv-{n:05}.corp.example.net"),
            ..scanned(n, &report)
        };
        record.take(&told, &report).unwrap();
    }
    record.finish().unwrap();
    let connection = Connection::open(&path).unwrap();
    let page = include_str!("../../../docs/record.md");
    let queries: Vec<&str> =
        page.split("```sql\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let rows = |sql: &str| connection.prepare(sql).unwrap().query_map((), |_| Ok(())).unwrap().count();
    let limit = began() + jiff::SignedDuration::from_hours(30 * 24);
    let ends = (0..60).filter(|n| {
        let evidence = report(if *n == 5 { 11 } else { *n }).evidence;
        evidence.routes.first().and_then(|it| it.certificate.seen()).is_some_and(|it| it.not_after < limit)
    });
    assert_eq!(rows(queries[3]), ends.count());
    let differ = report(5).diagnosis.verdict != report(11).diagnosis.verdict;
    assert_eq!(rows(queries[4]), usize::from(differ));
    assert!(differ, "the test says nothing");
}
