//! `rdprobe diff`: two saved files held against each other.

use std::path::Path;
use std::process::ExitCode;

use rdprobe::render::{diff as render, human};
use rdprobe::report::diff::Diff;

use super::args::{DiffArgs, DiffFormat};
use super::output::{self, Output};
use super::{Trouble, saved};

/// Prints what differs: exit 0 if nothing does, 1 if something does.
pub(super) fn run(args: &DiffArgs, output: Output) -> Result<ExitCode, Trouble> {
    let (before, after) = (saved::baselines(&args.before)?, saved::baselines(&args.after)?);
    let name = |path: &Path| path.display().to_string();
    let diff = Diff::new((name(&args.before), &before), (name(&args.after), &after), &args.ignore);
    output::write(|out| match args.format {
        DiffFormat::Human => human::diff(&diff, &output.human_style(0), out),
        DiffFormat::Json => render::json(&diff, out),
        DiffFormat::Markdown => render::markdown(&diff, out),
    })?;
    Ok(ExitCode::from(u8::from(diff.differs())))
}
