//! A scan of the file: the fleet as a page, text or JSON.

use std::path::Path;
use std::process::ExitCode;

use rdprobe::fleet::record::{Scan, Which};
use rdprobe::render::fleet as render;

use super::super::args::{ReportArgs, ReportFormat, ScanChoice};
use super::super::settings::UsageError;
use super::{Trouble, write, wrong};

/// Reads the scan and writes what is asked for.
pub(super) fn run(args: &ReportArgs, destination: Option<&Path>) -> Result<ExitCode, Trouble> {
    if args.from.is_some() || args.to.is_some() || args.last.is_some() || !args.targets.is_empty() {
        return Err(Trouble::Usage(UsageError {
            message: "--from, --to, --last and --target choose from a monitor's record, and this is a scan"
                .to_owned(),
            hint: Some("the page's own fields find targets; jq finds them in --format json".to_owned()),
        }));
    }
    let which = match args.scan {
        None | Some(ScanChoice::Latest) => Which::Latest,
        Some(ScanChoice::Run(run)) => Which::Run(run),
    };
    let wrong = |error| wrong(&args.file, &error);
    let scan = Scan::open(&args.file, which).map_err(wrong)?;
    let survey = scan.survey().map_err(wrong)?;
    write(args, destination, |out| match args.format {
        ReportFormat::Html => render::html(&scan, &survey, out),
        ReportFormat::Json => render::json(&scan, &survey, out),
        ReportFormat::Text => render::text(&scan, &survey, out),
    })
}
