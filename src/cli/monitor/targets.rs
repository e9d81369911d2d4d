//! The targets of the arguments and of `--targets`, which is read again when somebody asks for it.

use rdprobe::fleet::source::Input;
use rdprobe::target::Target;

use crate::cli::args::MonitorArgs;
use crate::cli::listed::Listed;
use crate::cli::settings::UsageError;

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
