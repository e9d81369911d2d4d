//! Where a scan writes: no place twice, and none that it reads from.

use std::path::Path;

use super::outlets::Destination;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;
use crate::cli::{apart, sink};

/// Refuses to write to one place twice, or over what the scan is told by.
///
/// # Errors
/// If it would.
pub(super) fn apart(args: &ScanArgs) -> Result<(), UsageError> {
    one_on_stdout(&args.told.format)?;
    apart::apart("the scan", &inputs(args), &outputs(args))
}

fn one_on_stdout(destinations: &[Destination]) -> Result<(), UsageError> {
    let mut on_stdout = destinations.iter().filter(|it| it.file.is_none()).map(|it| it.format.word());
    match (on_stdout.next(), on_stdout.next()) {
        (Some(one), Some(other)) => Err(sink::two_on_stdout(one, other)),
        (Some(_) | None, None) | (None, Some(_)) => Ok(()),
    }
}

/// The files that are read.
fn inputs(args: &ScanArgs) -> Vec<&Path> {
    let sources = apart::named(args.sources.iter().chain(&args.source.exclude));
    sources.chain(args.expected.policy.as_deref()).collect()
}

/// The files that are written.
fn outputs(args: &ScanArgs) -> Vec<&Path> {
    let formats = args.told.format.iter().filter_map(|it| it.file.as_deref());
    formats.chain(args.told.record.as_deref()).chain(args.resume.as_deref()).collect()
}
