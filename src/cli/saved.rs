//! Saved files read again: reports, checks and baselines, one document, an array, or one after the other.

use std::path::Path;

use rdprobe::fleet::scanned::SCANNED_SCHEMA;
use rdprobe::policy::baseline::{BASELINE_SCHEMA, Baseline, Baselines};
use rdprobe::report::check::{CHECK_SCHEMA, Check};
use rdprobe::report::{Report, SCHEMA};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::settings::{UsageError, read_file};

/// The longest file of reports; a thousand of them take some 30 MB.
const LONGEST: u64 = 512 * 1024 * 1024;

/// The reports of a file; of a check or of a line of a scan, the report in it.
pub(super) fn reports(path: &Path) -> Result<Vec<Report>, UsageError> {
    let name = name(path);
    documents(path, "report")?
        .into_iter()
        .map(|document| report(document).map_err(|what| wrong(&name, "report", &what)))
        .collect()
}

/// The baselines of a file, or what would be kept of the reports in it; where a target is there twice, the last.
pub(super) fn baselines(path: &Path) -> Result<Baselines, UsageError> {
    let name = name(path);
    let mut kept: Vec<(String, Baseline)> = Vec::new();
    for document in documents(path, "report or baseline")? {
        let wrong = |what: String| wrong(&name, "report or baseline", &what);
        if schema(&document) == Some(BASELINE_SCHEMA) {
            let file = Baselines::from_document(document).map_err(|error| wrong(error.to_string()))?;
            kept.extend(file.targets().map(|(target, baseline)| (target.to_owned(), baseline.clone())));
        } else {
            let report = report(document).map_err(wrong)?;
            let baseline = Baseline::of(&report.evidence, &report.diagnosis);
            kept.push((report.evidence.target.input, baseline));
        }
    }
    Ok(kept.into_iter().collect())
}

/// Every JSON document of a file, arrays opened; at least one.
fn documents(path: &Path, kind: &str) -> Result<Vec<Value>, UsageError> {
    let bytes = read_file(path, LONGEST, "512 MiB, the most that is read of a saved file")?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let wrong = |what: &str| wrong(&name(path), kind, what);
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<Value>() {
        match document.map_err(|error| wrong(&format!("it is no JSON: {error}")))? {
            Value::Array(several) => found.extend(several),
            one => found.push(one),
        }
    }
    if found.is_empty() { Err(wrong(&format!("no {kind} is in it"))) } else { Ok(found) }
}

fn report(mut document: Value) -> Result<Report, String> {
    match schema(&document) {
        Some(SCANNED_SCHEMA) => match document.get_mut("report").map(Value::take) {
            None | Some(Value::Null) => {
                Err("it is a line of a scan without its report: scan with --reports".to_owned())
            }
            Some(report) => self::report(report),
        },
        Some(SCHEMA) => typed(document),
        Some(CHECK_SCHEMA) => typed::<Check>(document).map(|check| check.report),
        Some(other) => Err(format!("its format is {other:?}, and this rdprobe reads {SCHEMA}")),
        None => Err("it has no \"schema\"".to_owned()),
    }
}

fn typed<T: DeserializeOwned>(document: Value) -> Result<T, String> {
    serde_json::from_value(document).map_err(|error| format!("it breaks the format: {error}"))
}

fn schema(document: &Value) -> Option<&str> {
    document.get("schema")?.as_str()
}

fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

fn wrong(name: &str, kind: &str, what: &str) -> UsageError {
    UsageError {
        message: format!("{name} is no {kind}: {what}"),
        hint: Some(format!("expected is {SCHEMA}, as rdprobe --format json TARGET > report.json writes it")),
    }
}
