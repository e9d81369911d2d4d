//! `rdprobe diagnose`: saved reports judged again, with what others tell, and no network.

use std::path::Path;
use std::process::ExitCode;

use rdprobe::diagnosis::guest as testimony;
use rdprobe::render::json;
use rdprobe::report::{self, Report, SCHEMA};

use super::args::{DiagnoseArgs, Format};
use super::output::{self, Output};
use super::settings::{self, UsageError, read_file};
use super::{Trouble, guest};

/// The longest file of reports; a thousand of them take some 30 MB.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Judges every report again and prints it as the probe does.
pub(super) fn run(args: &DiagnoseArgs, output: Output) -> Result<ExitCode, Trouble> {
    let mut saved = Vec::new();
    for path in &args.reports {
        let bytes = read_file(path, LONGEST, "512 MiB, the most that diagnose reads")?;
        saved.extend(reports(&bytes, &path.display().to_string())?);
    }
    let mut told = guest::testimony(&args.guest, saved.len(), "report")?;
    told.extend(settings::said(&args.says)?);
    let reports: Vec<Report> = saved
        .into_iter()
        .map(|saved| {
            let mut evidence = saved.evidence;
            evidence.testimony.extend_from_slice(&told);
            evidence.testimony = testimony::merge(evidence.testimony);
            Report::new(evidence)
        })
        .collect();
    for report in &reports {
        output.report(report, args.format, args.verbose, reports.len())?;
    }
    if args.format == Format::Json {
        output::write(|out| json::json(&reports, out))?;
    }
    Ok(ExitCode::from(report::exit_status(&reports).code()))
}

/// One report, an array of them, or one after the other (NDJSON).
fn reports(bytes: &[u8], name: &str) -> Result<Vec<Report>, UsageError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut found = Vec::new();
    for document in serde_json::Deserializer::from_slice(bytes).into_iter::<serde_json::Value>() {
        let document = document.map_err(|error| wrong(name, &format!("it is no JSON: {error}")))?;
        match document {
            serde_json::Value::Array(several) => {
                for one in several {
                    found.push(one_report(one, name)?);
                }
            }
            one => found.push(one_report(one, name)?),
        }
    }
    if found.is_empty() { Err(wrong(name, "no report is in it")) } else { Ok(found) }
}

fn one_report(document: serde_json::Value, name: &str) -> Result<Report, UsageError> {
    match document.get("schema").and_then(serde_json::Value::as_str) {
        Some(SCHEMA) => serde_json::from_value(document)
            .map_err(|error| wrong(name, &format!("it breaks the format: {error}"))),
        Some(other) => Err(wrong(name, &format!("its format is {other:?}, and this rdprobe reads {SCHEMA}"))),
        None => Err(wrong(name, "it has no \"schema\"")),
    }
}

fn wrong(name: &str, what: &str) -> UsageError {
    let name = if Path::new(name) == Path::new("-") { "standard input" } else { name };
    UsageError {
        message: format!("{name} is no report: {what}"),
        hint: Some(format!("expected is {SCHEMA}, as rdprobe --format json TARGET > report.json writes it")),
    }
}
