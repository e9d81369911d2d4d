//! The targets of the arguments and of `--targets`, which is read again when somebody asks for it.

use std::path::Path;

use rdprobe::fleet::source::Input;
use rdprobe::target::Target;

use crate::cli::apart;
use crate::cli::args::MonitorArgs;
use crate::cli::listed::Listed;
use crate::cli::settings::UsageError;

/// Refuses to write over the files that name the targets.
///
/// # Errors
/// If it would.
pub(super) fn apart_from_outputs(args: &MonitorArgs) -> Result<(), UsageError> {
    let named = apart::named(args.sources.iter().chain(&args.source.exclude));
    let inputs: Vec<&Path> = named.chain(apart::rdp_files(&args.targets)).collect();
    let outputs: Vec<&Path> =
        args.told.record.as_deref().into_iter().chain(args.told.hdr.as_deref()).collect();
    apart::apart("the monitor", &inputs, &outputs)
}

/// All targets at the start.
///
/// # Errors
/// If an argument is no target, a source cannot be read, or no target is left.
pub(super) fn first(args: &MonitorArgs) -> Result<Vec<Target>, UsageError> {
    read(args, Some(Box::new(std::io::stdin())))
}

/// All targets again.
///
/// # Errors
/// As [`first`], and if one of the sources is standard input.
pub(super) fn again(args: &MonitorArgs) -> Result<Vec<Target>, UsageError> {
    if args.sources.iter().any(|source| source == "-") {
        return Err(UsageError {
            message: "standard input cannot be read a second time".to_owned(),
            hint: Some("name a file".to_owned()),
        });
    }
    read(args, None)
}

fn read(args: &MonitorArgs, stdin: Option<Input>) -> Result<Vec<Target>, UsageError> {
    let Listed { targets, .. } = Listed::read(&args.targets, &args.sources, &args.source, stdin)?;
    if targets.is_empty() {
        return Err(UsageError {
            message: "there is no target to watch".to_owned(),
            hint: Some("name one, or write one a line into the file of --targets".to_owned()),
        });
    }
    Ok(targets)
}
