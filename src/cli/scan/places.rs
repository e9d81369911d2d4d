//! Where a scan writes: no place twice, and none that it reads from.

use std::path::Path;

use super::outlets::Destination;
use crate::cli::args::ScanArgs;
use crate::cli::settings::UsageError;
use crate::cli::sink;

/// Where standard input has a name; elsewhere there is no such file.
const STDIN: &str = "/dev/stdin";

/// Where standard output has a name; elsewhere there is no such file.
const STDOUT: &str = "/dev/stdout";

/// Refuses to write to one place twice, or over what the scan is told by.
///
/// # Errors
/// If it would.
pub(super) fn apart(args: &ScanArgs) -> Result<(), UsageError> {
    one_on_stdout(&args.told.format)?;
    let (inputs, outputs) = (inputs(args), outputs(args));
    for (place, output) in outputs.iter().enumerate() {
        // To a pipe or a terminal whole lines may go two ways; a file would be cut.
        if output.is_file() && sink::is_same(Path::new(STDOUT), output) {
            return Err(UsageError {
                message: format!("standard output goes to {} too", output.display()),
                hint: Some(
                    "name another file, or leave =FILE out: a format without one goes there".to_owned(),
                ),
            });
        }
        if outputs.iter().take(place).any(|before| sink::is_same(before, output)) {
            return Err(sink::file_twice(output));
        }
        if inputs.iter().any(|input| sink::is_same(input, output)) {
            return Err(UsageError {
                message: format!("{} would be written over, and the scan reads it", output.display()),
                hint: Some("name another file to write to".to_owned()),
            });
        }
    }
    Ok(())
}

fn one_on_stdout(destinations: &[Destination]) -> Result<(), UsageError> {
    let mut on_stdout = destinations.iter().filter(|it| it.file.is_none()).map(|it| it.format.word());
    match (on_stdout.next(), on_stdout.next()) {
        (Some(one), Some(other)) => Err(sink::two_on_stdout(one, other)),
        (Some(_) | None, None) | (None, Some(_)) => Ok(()),
    }
}

/// The files that are read. What is no plain file is not lost by being written to.
fn inputs(args: &ScanArgs) -> Vec<&Path> {
    let texts = args.sources.iter().chain(&args.source.exclude).map(String::as_str);
    let sources = texts.map(|text| Path::new(if text == "-" { STDIN } else { text }));
    sources.chain(args.expected.policy.as_deref()).filter(|path| path.is_file()).collect()
}

/// The files that are written.
fn outputs(args: &ScanArgs) -> Vec<&Path> {
    let formats = args.told.format.iter().filter_map(|it| it.file.as_deref());
    formats.chain(args.told.record.as_deref()).chain(args.resume.as_deref()).collect()
}
