//! The table of limits in docs/limits.md, held against the source: each row names a constant and says what it is.

use std::collections::BTreeSet;
use std::path::Path;

/// One row: what the document says, where it says that it comes from.
struct Row {
    value: String,
    file: String,
    constant: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    let text = std::fs::read_to_string(root().join("docs/limits.md")).unwrap();
    let cells = text.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows = cells.filter_map(|line| {
        let (rest, place) = line.rsplit_once(" | ")?;
        let (_, value) = rest.rsplit_once(" | ")?;
        let (file, constant) = place.strip_prefix('`')?.strip_suffix('`')?.split_once(": ")?;
        Some(Row { value: value.to_owned(), file: file.to_owned(), constant: constant.to_owned() })
    });
    rows.collect()
}

/// What stands behind `const NAME: T =`, `let NAME =` or `NAME:` of a file.
fn written(row: &Row) -> Option<String> {
    let source = std::fs::read_to_string(root().join(&row.file)).unwrap();
    let constant = format!("const {}: ", row.constant);
    source.lines().find_map(|line| {
        let line = line.trim().trim_start_matches("pub ").trim_start_matches("pub(super) ");
        if let Some(rest) = line.strip_prefix(&constant) {
            return Some(rest.split_once(" = ")?.1.trim_end_matches(';').to_owned());
        }
        let field = line.strip_prefix(&format!("{}: ", row.constant))?.strip_suffix(',')?;
        field.starts_with("Duration::from").then(|| field.to_owned())
    })
}

/// `let stage = Duration::from_secs(5);` of the plan's defaults.
fn local(row: &Row) -> Option<String> {
    let source = std::fs::read_to_string(root().join(&row.file)).unwrap();
    let start = format!("let {} = ", row.constant);
    source.lines().find_map(|line| Some(line.trim().strip_prefix(&start)?.trim_end_matches(';').to_owned()))
}

/// A constant's expression as the table writes it: products and shifts of numbers, and lengths of time.
fn words(expression: &str) -> Option<String> {
    for (unit, shown) in [("from_secs", "s"), ("from_millis", "ms")] {
        if let Some(rest) = expression.strip_prefix(&format!("Duration::{unit}(")) {
            return Some(format!("{} {shown}", number(rest.strip_suffix(')')?)?));
        }
    }
    // A frame's header is no part of its payload.
    let plain = expression.replace("0xffff - HEADER_LEN", "65531");
    Some(match number(&plain)? {
        bytes if bytes >= 1 << 20 && bytes % (1 << 20) == 0 => format!("{} MiB", bytes >> 20),
        bytes if bytes >= 1 << 10 && bytes % (1 << 10) == 0 => format!("{} KiB", bytes >> 10),
        number => number.to_string(),
    })
}

fn number(expression: &str) -> Option<u64> {
    if let Some((one, two)) = expression.split_once(" << ") {
        return Some(number(one)? << number(two)?);
    }
    expression.split(" * ").map(|factor| factor.replace('_', "").parse::<u64>().ok()).product()
}

#[test]
fn every_limit_is_what_the_document_says() {
    let rows = rows();
    assert!(rows.len() > 30, "{}", rows.len());
    for row in &rows {
        let Row { value, file, constant } = row;
        let expression =
            written(row).or_else(|| local(row)).unwrap_or_else(|| panic!("no {constant} in {file}"));
        let said = words(&expression).unwrap_or_else(|| panic!("{constant} of {file}: {expression}"));
        // A count has no unit, and neither has a length in characters.
        let as_count = number(&expression).map(|number| number.to_string());
        assert!(
            said == *value || as_count.as_ref() == Some(value),
            "{constant} of {file}: {said}, not {value}"
        );
    }
}

/// A limit of bytes or time that somebody adds to what reads a peer is one that the document names.
#[test]
fn every_limit_of_a_peer_is_in_the_document() {
    let known: BTreeSet<(String, String)> = rows().into_iter().map(|row| (row.file, row.constant)).collect();
    for file in [
        "src/probe/stream.rs",
        "src/probe/resolve/answer.rs",
        "src/wire/credssp.rs",
        "src/wire/ntlm/av_pairs.rs",
    ] {
        let source = std::fs::read_to_string(root().join(file)).unwrap();
        for line in source.lines() {
            let line = line.trim_start_matches("pub ");
            let Some((name, rest)) = line.strip_prefix("const ").and_then(|rest| rest.split_once(": "))
            else {
                continue;
            };
            let is_limit = rest.starts_with("Duration") || name.starts_with("MAX_") || name.contains("LIMIT");
            assert!(!is_limit || known.contains(&(file.to_owned(), name.to_owned())), "{name} of {file}");
        }
    }
}
