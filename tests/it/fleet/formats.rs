//! What a scan writes: a line a target in every format, the sum; byte for byte, in 80 columns, and of hostile machines.

use std::path::Path;
use std::time::Duration;

use rdprobe::diagnosis::Verdict;
use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::scanned::Scanned;
use rdprobe::policy::{self, Outcome, expression};
use rdprobe::render::escape::needs_escape;
use rdprobe::render::human::HumanStyle;
use rdprobe::render::scan::summary::{Sum, summary};
use rdprobe::render::scan::table::{Show, TableStyle};
use rdprobe::render::scan::{ScanFormat, csv, ndjson, table};
use rdprobe::render::schema::scan_schema;
use rdprobe::report::{ExitStatus, Report};

use crate::check_formats::cases::{HOSTILE, hostile as hostile_check};
use crate::goldens::cases;

/// What is expected of every case where something is.
const EXPECTED: &str = "nla=required, tls>=1.2, cert>30d";

const NARROW: TableStyle = TableStyle { columns: Some(80), color: false, verbosity: 0, show: Show::All };
const WIDE: TableStyle = TableStyle { columns: Some(100), ..NARROW };
const FILE: TableStyle = TableStyle { columns: None, ..NARROW };

/// Every case as a scan would tell it.
fn scanned(expected: Option<&str>) -> Vec<(Scanned, Report)> {
    let policy = expected.map(|text| policy::Policy::new("--expect", expression::parse(text).unwrap()));
    let of = |(position, (_, report)): (usize, (&str, Report))| {
        let judged = policy
            .as_ref()
            .map(|policy| policy::judge(policy, &report.evidence, &report.diagnosis))
            .unwrap_or_default();
        (Scanned::of(position.try_into().unwrap(), Depth::Full, &report, judged), report)
    };
    cases::all().into_iter().enumerate().map(of).collect()
}

/// A machine whose every word is meant to break something.
fn hostile() -> (Scanned, Report) {
    let check = hostile_check();
    let mut scanned = Scanned::of(0, Depth::Full, &check.report, check.expectations);
    for shown in scanned.addresses.values_mut() {
        shown.name = Some(format!("=cmd{HOSTILE}"));
        shown.domain = Some(format!("@SUM(A1);=1{HOSTILE}"));
    }
    (scanned, check.report)
}

fn table(scans: &[(Scanned, Report)], style: TableStyle) -> String {
    let mut out = Vec::new();
    table::heading(style, &mut out).unwrap();
    for (scanned, report) in scans {
        table::row(scanned, report, style, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn sheet(scans: &[(Scanned, Report)]) -> String {
    let mut out = Vec::new();
    csv::heading(&mut out).unwrap();
    for (scanned, report) in scans {
        csv::row(scanned, report, &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn lines(scans: &[(Scanned, Report)], reports: bool) -> String {
    let mut out = Vec::new();
    for (scanned, report) in scans {
        ndjson(scanned, reports.then_some(report), &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

fn rendered(format: ScanFormat, scans: &[(Scanned, Report)]) -> String {
    match format {
        ScanFormat::Table => table(scans, TableStyle { verbosity: 1, ..FILE }),
        ScanFormat::Csv => sheet(scans),
        ScanFormat::Ndjson => lines(scans, true),
    }
}

fn a_sum() -> Sum {
    let count = |id: &str, many| (id.to_owned(), many);
    Sum {
        depth: Depth::Full,
        targets: 65_536,
        good: 8_000,
        warned: 25,
        bad: 57_000,
        undecided: 536,
        verdicts: vec![
            (Verdict::Reachable, 8_400),
            (Verdict::PartlyReachable, 12),
            (Verdict::NotReachable, 56_588),
            (Verdict::Undecided, 536),
        ],
        causes: vec![
            count("nsg-blocks-rdp", 39_000),
            count("rdp-disabled-registry", 17_588),
            count("rdp-selfsigned-cert-expired-not-renewed", 12),
            count("a-cause-of-a-later-version", 1),
        ],
        missed: vec![count("cert>30d", 400), count("tls>=1.2", 7)],
        bad_entries: 2,
        empty_sources: 1,
        this_run: 40_000,
        elapsed: Duration::from_secs(53),
        ended_early: true,
        next: vec!["the same command with --resume scan.journal goes on".to_owned()],
    }
}

fn sum_text(sum: &Sum, width: usize) -> String {
    let mut out = Vec::new();
    summary(sum, &HumanStyle { width, ..HumanStyle::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn every_line_is_byte_for_byte_the_golden() {
    let plain = scanned(None);
    let expected = scanned(Some(EXPECTED));
    let verbose = TableStyle { verbosity: 1, ..NARROW };
    let texts = [
        ("table-80.txt", table(&plain, NARROW)),
        ("table-100.txt", table(&plain, WIDE)),
        ("table-file.txt", table(&plain, FILE)),
        ("table-expect.txt", table(&expected, NARROW)),
        ("table-expect-v.txt", table(&expected, verbose)),
        ("table-color.txt", table(&expected, TableStyle { color: true, ..NARROW })),
        ("scan.csv", sheet(&expected)),
        ("summary.txt", sum_text(&a_sum(), 80)),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fleet/goldens");
    for (file, text) in texts {
        let path = folder.join(file);
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(golden == text, "{file}: UPDATE_GOLDENS=1 accepts this:\n{text}");
    }
}

#[test]
fn who_passed_a_shallow_scan_is_not_called_ok() {
    let (_, report) = cases::all().into_iter().find(|(name, _)| *name == "stage-passed").unwrap();
    for (depth, word) in [(Depth::Tcp, "open"), (Depth::X224, "passed"), (Depth::Tls, "passed")] {
        let row = table(&[(Scanned::of(0, depth, &report, Vec::new()), report.clone())], NARROW);
        assert!(row.lines().nth(1).unwrap().starts_with(&format!("{word} ")), "{row}");
        let verdicts = vec![(Verdict::StagePassed, 3)];
        let text = sum_text(&Sum { depth, targets: 3, good: 3, verdicts, ..Sum::default() }, 80);
        assert!(text.contains(&format!(": 3 {word}\n")) && !text.contains(" ok"), "{text}");
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(joined.contains(depth.untested().unwrap()), "{text}");
    }
}

#[test]
fn who_warns_is_counted_in_the_sum() {
    let verdicts = vec![(Verdict::Reachable, 12)];
    let sum = Sum { targets: 12, good: 12, warned: 3, verdicts, ..Sum::default() };
    assert!(sum_text(&sum, 80).contains(": 12 ok (3 with a warning)\n"), "{}", sum_text(&sum, 80));
}

#[test]
fn machines_whose_names_share_both_ends_can_be_told_apart() {
    let (scanned, report) = scanned(None).remove(0);
    let named = |number| {
        let target = format!("vm-prod-westeurope-backend-{number}.westeurope.cloudapp.azure.com");
        (Scanned { target, ..scanned.clone() }, report.clone())
    };
    let two = [named("01"), named("02")];
    let [narrow, wide] = [(80, 1), (140, 0)]
        .map(|(columns, verbosity)| table(&two, TableStyle { columns: Some(columns), verbosity, ..NARROW }));
    for text in [&narrow, &wide] {
        for (it, _) in &two {
            assert_eq!(text.matches(&it.target).count(), 1, "{text}");
        }
    }
    assert_eq!(wide.lines().count(), 3, "a wide terminal has room:\n{wide}");
    // Nothing is said twice of a name that fits.
    let short = table(&[(scanned, report)], TableStyle { verbosity: 1, ..NARROW });
    assert_eq!(short.matches("myvm.example.net").count(), 1, "{short}");
}

#[test]
fn days_of_a_certificate_that_has_ended_are_whole_ones() {
    let (scanned, mut report) = scanned(None).remove(0);
    let mut cell = |days_left| {
        for route in &mut report.evidence.routes {
            let rdprobe::evidence::Outcome::Seen(certificate) = &mut route.certificate.outcome else {
                continue;
            };
            certificate.validity = rdprobe::evidence::certificate::Validity::Expired;
            certificate.days_left = days_left;
        }
        table(&[(scanned.clone(), report.clone())], NARROW)
    };
    // Twelve days and thirteen minutes ago, which is rounded down for programs.
    let [old, fresh] = [cell(-13), cell(-1)];
    assert!(old.contains(" -12 d "), "{old}");
    assert!(fresh.contains(" ended "), "{fresh}");
}

#[test]
fn a_line_fits_the_terminal_and_has_no_blanks_at_its_end() {
    for expected in [None, Some(EXPECTED)] {
        let mut scans = scanned(expected);
        scans.push(hostile());
        for columns in [60, 80, 100, 120, 240] {
            let style = TableStyle { columns: Some(columns), verbosity: 1, ..NARROW };
            for line in table(&scans, style).lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }
    for width in [60, 80, 100] {
        for line in sum_text(&a_sum(), width).lines() {
            assert!(line.chars().count() <= width, "{width}: {line}");
        }
    }
}

#[test]
fn each_target_is_one_line_whatever_it_says() {
    for format in ScanFormat::ALL {
        let (mut tame, report) = scanned(None).remove(0);
        let (hostile, its_report) = hostile();
        tame.causes.clone_from(&hostile.causes);
        tame.expectations.clone_from(&hostile.expectations);
        tame.result = hostile.result;
        tame.verdict = hostile.verdict;
        let many = |text: String| text.lines().count();
        let tame = many(rendered(format, &[(tame, report)]));
        assert_eq!(many(rendered(format, &[(hostile, its_report)])), tame, "{}", format.word());
    }
}

#[test]
fn nothing_that_a_terminal_or_a_log_acts_upon_comes_out() {
    for format in ScanFormat::ALL {
        let text = rendered(format, &[hostile()]);
        assert!(text.contains("task.complete"), "{}: the case is not hostile any more", format.word());
        for character in text.chars().filter(|it| *it != '\n') {
            assert!(!needs_escape(character), "{}: {character:?}", format.word());
        }
        assert!(!text.contains("##vso["), "{}: {text}", format.word());
    }
}

#[test]
fn a_spreadsheet_finds_no_formula_whatever_parts_its_cells() {
    let text = sheet(&[hostile()]);
    for delimiter in [b',', b';', b'\t'] {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .flexible(true)
            .has_headers(false)
            .from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
            }
        }
    }
    assert!(text.contains("'=cmd") && text.contains("'@SUM(A1);'=1"), "{text}");
}

#[test]
fn a_row_of_csv_has_every_column_and_numbers_are_numbers() {
    let scans = scanned(Some(EXPECTED));
    let text = sheet(&scans);
    let mut reader = ::csv::Reader::from_reader(text.as_bytes());
    assert_eq!(reader.headers().unwrap(), &csv::COLUMNS[..]);
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), scans.len());
    for (row, (scanned, _)) in rows.iter().zip(&scans) {
        let cell = |name: &str| &row[csv::COLUMNS.iter().position(|column| *column == name).unwrap()];
        assert_eq!(cell("position"), scanned.position.to_string());
        assert!((cell("elapsed_ms").parse::<f64>().unwrap() - scanned.elapsed_ms.0).abs() < 0.001);
        assert!(cell("certificate_days").is_empty() || cell("certificate_days").parse::<i64>().is_ok());
        let verdict = serde_json::to_value(scanned.verdict).unwrap();
        assert_eq!(cell("verdict"), verdict.as_str().unwrap(), "the words of CSV and JSON are the same");
    }
}

#[test]
fn a_line_of_json_follows_the_schema_and_comes_back_unchanged() {
    let schema = jsonschema::draft202012::options().build(&scan_schema()).unwrap();
    let mut scans = scanned(None);
    scans.extend(scanned(Some(EXPECTED)));
    for reports in [false, true] {
        for (line, (scanned, report)) in lines(&scans, reports).lines().zip(&scans) {
            let document: serde_json::Value = serde_json::from_str(line).unwrap();
            let errors: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}");
            let read: Scanned = serde_json::from_value(document).unwrap();
            assert_eq!(read.report.as_ref(), reports.then_some(report));
            assert_eq!(Scanned { report: None, ..read }, *scanned);
        }
    }
    let mut wrong: serde_json::Value =
        serde_json::from_str(lines(&scans, false).lines().next().unwrap()).unwrap();
    wrong["schema"] = "rdprobe.scan/2".into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn what_is_shown_is_what_was_asked_for() {
    let scans = scanned(Some(EXPECTED));
    let shown = |show| table(&scans, TableStyle { show, ..NARROW }).lines().count() - 1;
    assert_eq!(shown(Show::All), scans.len());
    assert_eq!(shown(Show::Bad) + shown(Show::Good), scans.len());
    let good = scans.iter().filter(|(it, _)| it.status() == ExitStatus::Good).count();
    assert_eq!(shown(Show::Good), good);
    assert!(good > 0 && good < scans.len());
}

#[test]
fn expectations_decide_and_an_unreachable_machine_that_leaves_them_open_has_failed() {
    use ExitStatus::{FailureFound, Good, Undecided};
    let (scanned, _) = scanned(None).remove(0);
    for (verdict, result, expected) in [
        (Verdict::Reachable, None, Good),
        (Verdict::StagePassed, None, Good),
        (Verdict::PartlyReachable, None, FailureFound),
        (Verdict::NotReachable, None, FailureFound),
        (Verdict::Undecided, None, Undecided),
        (Verdict::Reachable, Some(Outcome::Missed), FailureFound),
        (Verdict::Reachable, Some(Outcome::Undecided), Undecided),
        (Verdict::Reachable, Some(Outcome::Warning), Good),
        (Verdict::NotReachable, Some(Outcome::Met), FailureFound),
        (Verdict::PartlyReachable, Some(Outcome::Warning), FailureFound),
        (Verdict::Undecided, Some(Outcome::Met), Undecided),
        (Verdict::NotReachable, Some(Outcome::Undecided), FailureFound),
        (Verdict::Undecided, Some(Outcome::Undecided), Undecided),
    ] {
        let scanned = Scanned { verdict, result, ..scanned.clone() };
        assert_eq!(scanned.status(), expected, "{verdict:?} {result:?}");
    }
    // Who expects that nobody is reached is served by who is not.
    let policy = policy::Policy::new("--expect", expression::parse("!reachable").unwrap());
    for (_, report) in cases::all().iter().filter(|(_, it)| it.diagnosis.verdict == Verdict::NotReachable) {
        let judged = policy::judge(&policy, &report.evidence, &report.diagnosis);
        assert_eq!(Scanned::of(0, Depth::Full, report, judged).status(), Good);
    }
}
