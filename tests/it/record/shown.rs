//! A known record, as text, JSON and a page, byte for byte; `UPDATE_GOLDENS=1` writes the files anew.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use rdprobe::monitor::history::{Range, read};
use rdprobe::monitor::record::Record;
use rdprobe::render::record::{html, json, text};
use rdprobe::render::schema::record_schema;

use super::made::{SECOND, all, file};
use super::{kept, night};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens-record")
}

fn golden(name: &str, text: &str) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(folder()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{name} differs; UPDATE_GOLDENS=1 accepts this:\n{text}");
}

fn rendered(record: &Record, render: fn(&Record, &mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    render(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Written once for all who show it.
fn a_night() -> &'static Record {
    static NIGHT: LazyLock<Record> = LazyLock::new(|| {
        let (_folder, path) = file();
        night::write(&path);
        all(&path)
    });
    &NIGHT
}

#[test]
fn a_night_as_text_is_the_golden_and_fits_80_columns() {
    let text = rendered(a_night(), text);
    golden("night.txt", &text);
    let too_long: Vec<&str> = text.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(too_long.is_empty(), "{too_long:#?}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "a terminal would act upon this");
}

#[test]
fn a_record_as_json_is_the_golden_follows_its_schema_and_comes_back() {
    let (_folder, path) = kept::written();
    let record = read(&path, &Range { last: Some(SECOND * 50), ..Range::default() }).unwrap();
    let text = rendered(&record, json);
    golden("hundred-seconds.json", &text);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::draft202012::options().build(&record_schema()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(serde_json::from_value::<Record>(document.clone()).unwrap(), record);
    let mut wrong = document;
    wrong["targets"][0]["availability"]["up_s"] = "a lot".into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn the_page_is_well_formed_and_harmless() {
    let page = rendered(a_night(), html);
    let opened = tags(&page);
    assert!(opened.iter().all(|tag| !["script", "link", "img", "iframe", "object", "base", "form"].contains(&tag.as_str())));
    assert!(
        page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\\u{1b}[31m&amp;\\u{202e}x"),
        "the name is escaped"
    );
    assert!(!page.contains('\u{1b}') && !page.contains('\u{202e}'));
    for word in ["http://", "https://", "url(", "@import", "javascript:", " onclick", " src="] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"));
    for once in ["<!DOCTYPE html>", "<title>", "</html>", "prefers-color-scheme: dark", "@media print"] {
        assert_eq!(page.matches(once).count(), 1, "{once}");
    }
}

#[test]
fn the_page_tells_what_the_record_holds() {
    let page = rendered(a_night(), html);
    for told in [
        "The VM is not running",
        "vm-not-running",
        "address: 203.0.113.7 → 203.0.113.91",
        "2026-03-01 05:33:20",
        "12 min 40 s",
        "idle connections die between 2 and 4 min",
        "not watched for 1 h",
    ] {
        assert!(page.contains(told), "{told}");
    }
    assert_eq!(page.matches("<svg").count(), 6, "strip, bands and distribution, for two machines");
    assert_eq!(page.matches("role=\"img\"").count(), page.matches("aria-label=").count());
}

/// The names of the elements, every one closed by what closes it.
fn tags(page: &str) -> Vec<String> {
    const VOID: [&str; 3] = ["!doctype", "meta", "br"];
    let (mut open, mut all) = (Vec::new(), Vec::new());
    for piece in page.split('<').skip(1) {
        let tag = piece.split('>').next().unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap().to_lowercase();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closes what is open");
        } else {
            all.push(name.clone());
            if !VOID.contains(&name.as_str()) {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
    all
}
