//! Every nasty string in every column and document, in every rendering: shown, and harmless.

use std::path::Path;

use rdprobe::fleet::record::{Scan, Which};
use rdprobe::render::escape::needs_escape;
use rdprobe::render::fleet::{html, json, text};
use rdprobe::report::Report;
use rusqlite::Connection;

use super::made::{settings, write};

pub(super) const NASTY: [&str; 8] = [
    "</noscript><script>document.title='taken'</script>",
    "</script><img src=x onerror=\"document.title='taken'\">",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "\u{1b}[2J\u{1b}]0;taken\u{7}",
    "\u{202e}gpj.exe\u{2066}\u{200f}",
    "a\u{0}b\u{1e}c\u{9b}31m",
    "##vso[task.setvariable variable=x]y",
];

/// The columns that hold text.
const COLUMNS: [&str; 14] = [
    "target",
    "verdict",
    "stage",
    "cause",
    "standing",
    "result",
    "missed",
    "address",
    "nla",
    "standard",
    "tls_versions",
    "issuer",
    "build",
    "computer",
];

/// A record of which every text is nasty: the columns, what was scanned, and the report.
pub(super) fn nasty(path: &Path) {
    let mut record = rdprobe::fleet::record::ScanRecord::begin(
        path,
        &rdprobe::fleet::record::Settings { source: NASTY.concat(), ..settings() },
    )
    .unwrap();
    let report: Report =
        serde_json::from_str(include_str!("../../goldens/hostile-strings/report.ndjson")).unwrap();
    for n in 0..NASTY.len() * 3 {
        record.take(&super::made::scanned(n, &report), &report).unwrap();
    }
    record.finish().unwrap();
    let connection = Connection::open(path).unwrap();
    for (n, nasty) in NASTY.iter().enumerate() {
        for column in COLUMNS {
            let sql = format!("UPDATE scanned SET {column} = ?1 WHERE position % ?2 = ?3");
            connection
                .execute(
                    &sql,
                    rusqlite::params![nasty, i64::try_from(NASTY.len()).unwrap(), i64::try_from(n).unwrap()],
                )
                .unwrap();
        }
    }
    connection.execute("UPDATE scans SET depth = ?1", [NASTY.concat()]).unwrap();
}

fn rendered(path: &Path) -> [String; 3] {
    let scan = Scan::open(path, Which::Latest).unwrap();
    let survey = scan.survey().unwrap();
    let mut all = [Vec::new(), Vec::new(), Vec::new()];
    html(&scan, &survey, &mut all[0]).unwrap();
    json(&scan, &survey, &mut all[1]).unwrap();
    text(&scan, &survey, &mut all[2]).unwrap();
    all.map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn nasty_strings_are_harmless_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    nasty(&path);
    let [page, document, plain] = rendered(&path);
    for (what, text) in [("page", &page), ("json", &document), ("text", &plain)] {
        // The page's own script and style end their lines.
        let raw: Vec<char> = text.chars().filter(|it| *it != '\n' && needs_escape(*it)).collect();
        assert!(raw.is_empty(), "{what}: {raw:?}");
        assert!(!text.contains("##vso["), "{what}");
    }
    // 24 hosts: one packet of texts and the script.
    assert_eq!(page.matches("<script").count(), 2);
    assert_eq!(page.matches("</noscript").count(), 1);
    for markup in ["<img", "<svg", "onerror=\"", "\"onmouseover"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;/noscript&gt;&lt;script&gt;"), "it is shown");
    serde_json::from_str::<serde_json::Value>(&document).unwrap();
}

#[test]
fn a_clean_fleet_has_the_same_frame() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fleet.db");
    write(&path, 130);
    let [page, ..] = rendered(&path);
    // Three packets of 64 and the script; nothing is loaded.
    assert_eq!(page.matches("<script").count(), 4);
    for outside in ["http://", "https://", "src=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("script-src 'sha256-") && !page.contains("unsafe-eval"));
}
