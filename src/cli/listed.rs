//! The targets of the arguments and of `--targets SOURCE`, for the commands that hold all of them in memory.

use std::collections::HashSet;

use rdprobe::fleet::source::{BadLine, Input, Item, Source};
use rdprobe::render::escape::escape;
use rdprobe::render::measure;
use rdprobe::target::{Host, Target};

use super::args::SourceArgs;
use super::output;
use super::settings::{self, UsageError};

/// Every target has its report or its history in memory.
const MOST: usize = 100_000;

/// So many bad lines are told one by one; a wrong file would fill the terminal.
const MOST_TOLD: u64 = 20;

/// What the user listed.
#[derive(Debug)]
pub(super) struct Listed {
    /// Each host and port once, those of the arguments first.
    pub(super) targets: Vec<Target>,
    /// How many parts of the sources name no target. They were told.
    pub(super) bad: u64,
}

impl Listed {
    /// Reads everything. A part of a source that names no target is told by its line, and the rest is taken.
    ///
    /// # Errors
    /// If an argument is no target, a source cannot be opened, or there are more targets than fit.
    pub(super) fn read(
        arguments: &[String],
        sources: &[String],
        args: &SourceArgs,
        stdin: Option<Input>,
    ) -> Result<Self, UsageError> {
        if let Some(option) = args.given().filter(|_| sources.is_empty()) {
            return Err(UsageError {
                message: format!("{option} says how --targets is read, and there is none"),
                hint: Some(
                    "write the port after the target: myvm:3390; for lists and ranges: --targets".to_owned(),
                ),
            });
        }
        let mut listed = Self { targets: Vec::new(), bad: 0 };
        let mut known = HashSet::new();
        for target in settings::targets(arguments)? {
            listed.add(target, &mut known)?;
        }
        for item in Source::open(sources, &args.settings(0), stdin)? {
            match item {
                Item::Target(target) => listed.add(target, &mut known)?,
                Item::Bad(bad) => listed.tell(&bad),
            }
        }
        if let Some(more) = listed.bad.checked_sub(MOST_TOLD).filter(|more| *more > 0) {
            output::say(&format!("rdprobe: {} more left out", measure::many(more, "line")));
        }
        Ok(listed)
    }

    fn add(&mut self, target: Target, known: &mut HashSet<(Host, u16)>) -> Result<(), UsageError> {
        if !known.insert((target.host.clone(), target.port)) {
            return Ok(());
        }
        if self.targets.len() >= MOST {
            return Err(UsageError {
                message: format!("more than {MOST} targets"),
                hint: Some(
                    "rdprobe scan goes through any number: it keeps none of them in memory".to_owned(),
                ),
            });
        }
        self.targets.push(target);
        Ok(())
    }

    fn tell(&mut self, bad: &BadLine) {
        self.bad = self.bad.saturating_add(1);
        if self.bad <= MOST_TOLD {
            let line = bad.line.map(|line| format!(", line {line}")).unwrap_or_default();
            let what = escape(&format!("{}{line} is left out: {}", bad.source, bad.message));
            output::say(&format!("rdprobe: {what}\n   hint: {}", escape(&bad.hint)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_may_be_named_twice() {
        let target = |n: usize| Target::parse(&format!("vm{n}")).unwrap();
        let (mut listed, mut known) = (Listed { targets: Vec::new(), bad: 0 }, HashSet::new());
        for n in 0..MOST {
            listed.add(target(n), &mut known).unwrap();
        }
        listed.add(target(0), &mut known).unwrap();
        assert_eq!(listed.targets.len(), MOST);
        let more = listed.add(target(MOST), &mut known).unwrap_err();
        assert!(more.message.contains("more than 100000 targets"), "{}", more.message);
    }
}
