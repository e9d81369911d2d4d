//! The targets of the arguments and of `--targets`, which is read again when somebody asks for it.

use std::collections::HashSet;
use std::path::Path;

use rdprobe::fleet::source::Input;
use rdprobe::monitor::board::Board;
use rdprobe::render::escape::escape;
use rdprobe::render::measure;
use rdprobe::target::Target;

use crate::cli::apart;
use crate::cli::args::{MonitorArgs, SourceArgs};
use crate::cli::listed::Listed;
use crate::cli::settings::UsageError;

/// So many that are left alone are named; the others are counted.
const MOST_NAMED: usize = 20;

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

/// What the targets are read from.
#[derive(Debug)]
pub(super) struct Sources {
    targets: Vec<String>,
    sources: Vec<String>,
    args: SourceArgs,
}

impl Sources {
    /// Those that the arguments name.
    pub(super) fn of(args: &MonitorArgs) -> Self {
        Self { targets: args.targets.clone(), sources: args.sources.clone(), args: args.source.clone() }
    }

    /// All targets at the start.
    ///
    /// # Errors
    /// If an argument is no target, a source cannot be read, or no target is left.
    pub(super) fn first(&self) -> Result<Vec<Target>, UsageError> {
        self.read(Some(Box::new(std::io::stdin())))
    }

    /// All targets again.
    ///
    /// # Errors
    /// As [`Self::first`], and if one of the sources is standard input.
    pub(super) fn again(&self) -> Result<Vec<Target>, UsageError> {
        if self.sources.iter().any(|source| source == "-") {
            return Err(UsageError {
                message: "standard input cannot be read a second time".to_owned(),
                hint: Some("name a file".to_owned()),
            });
        }
        self.read(None)
    }

    fn read(&self, stdin: Option<Input>) -> Result<Vec<Target>, UsageError> {
        let Listed { targets, .. } = Listed::read(&self.targets, &self.sources, &self.args, stdin)?;
        if targets.is_empty() {
            return Err(UsageError {
                message: "there is no target to watch".to_owned(),
                hint: Some("name one, or write one a line into the file of --targets".to_owned()),
            });
        }
        Ok(targets)
    }
}

/// The targets of the board that are not among `next`, in words; none if all are: a mistyped line drops one unasked.
pub(super) fn dropped(board: &Board, next: &[Target]) -> Option<String> {
    let next: HashSet<&Target> = next.iter().collect();
    let left_alone = |place| {
        board.with(place, |watched| {
            let target = watched.target();
            (!next.contains(target)).then(|| escape(&target.input))
        })
    };
    let names: Vec<String> = (0..board.len()).filter_map(left_alone).flatten().collect();
    let named = names.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        count if count > MOST_NAMED => {
            let more = u64::try_from(count - MOST_NAMED).unwrap_or(u64::MAX);
            Some(format!("{named} and {}", measure::many(more, "more target")))
        }
        _ => Some(named),
    }
}
