//! `rdprobe diagnose`: saved reports judged again, with what others tell, and no network.

use std::process::ExitCode;

use rdprobe::diagnosis::guest as testimony;
use rdprobe::render::json;
use rdprobe::report::{self, Report};

use super::args::{DiagnoseArgs, Format};
use super::output::{self, Output};
use super::settings;
use super::{Trouble, guest, saved};

/// Judges every report again and prints it as the probe does.
pub(super) fn run(args: &DiagnoseArgs, output: Output) -> Result<ExitCode, Trouble> {
    let mut read = Vec::new();
    for path in &args.reports {
        read.extend(saved::reports(path)?);
    }
    let mut told = guest::testimony(&args.guest, read.len(), "report")?;
    told.extend(settings::said(&args.says)?);
    let reports: Vec<Report> = read
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
