//! What a scan comes to so far or in the end, and what the process ends with.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use rdprobe::fleet::desk::DeskError;
use rdprobe::fleet::engine::Loaded;
use rdprobe::fleet::tally::Counts;
use rdprobe::render::human::HumanStyle;
use rdprobe::render::measure::count;
use rdprobe::render::scan::ScanFormat;
use rdprobe::render::scan::progress::Going;
use rdprobe::render::scan::summary::{self, Sum};
use rdprobe::report::ExitStatus;
use tokio::time::Instant;

use super::{Shared, Unwritten};
use crate::cli::args::ScanArgs;
use crate::cli::output::{self, Output};
use crate::cli::{Trouble, UNDECIDED};

/// A scan that has ended.
pub(super) struct Ended {
    sum: Sum,
    is_written: bool,
}

impl Ended {
    pub(super) fn of(shared: &Shared, elapsed: Duration, is_written: bool, args: &ScanArgs) -> Self {
        let tally = shared.tally();
        let Counts { done, verdicts, causes, missed, good, warned, bad, undecided } = tally.counts();
        let ended_early = !shared.fed.is_all(*done);
        let sum = Sum {
            depth: shared.depth,
            targets: *done,
            good: *good,
            warned: *warned,
            bad: *bad,
            undecided: *undecided,
            verdicts: verdicts.iter().map(|(verdict, many)| (*verdict, *many)).collect(),
            causes: most_first(causes),
            missed: most_first(missed),
            bad_entries: shared.fed.bad_entries(),
            empty_sources: shared.fed.empty_sources(),
            this_run: tally.this_run(),
            elapsed,
            ended_early,
            next: next(args, ended_early, tally.this_run()),
        };
        Self { sum, is_written }
    }

    /// 1 for a failure, whatever else; 3 where not everything is known or written; else 0.
    pub(super) fn exit_code(&self) -> u8 {
        let Sum { targets, bad, undecided, bad_entries, empty_sources, ended_early, .. } = self.sum;
        let unnamed = bad_entries.saturating_add(empty_sources);
        if bad > 0 {
            ExitStatus::FailureFound.code()
        } else if targets == 0 || undecided > 0 || unnamed > 0 || ended_early || !self.is_written {
            UNDECIDED
        } else {
            ExitStatus::Good.code()
        }
    }

    /// Tells the sum: below the table, or on stderr where stdout is for programs.
    pub(super) fn tell(&self, args: &ScanArgs) -> Result<(), Trouble> {
        let told = &args.told;
        let is_table = told.format.is_empty()
            || told.format.iter().any(|it| it.file.is_none() && it.format == ScanFormat::Table);
        if is_table {
            let style = Output::new(told.color).human_style(0);
            return output::write(|out| {
                writeln!(out)?;
                summary::summary(&self.sum, &style, out)
            });
        }
        let mut text = Vec::new();
        let style = HumanStyle { width: output::error_width().min(100), ..HumanStyle::default() };
        // Memory takes everything.
        drop(summary::summary(&self.sum, &style, &mut text));
        output::say(String::from_utf8_lossy(&text).trim_end());
        Ok(())
    }

    /// Tells on stderr that the reader of stdout ended the scan, where it was written elsewhere too; `| head` alone is
    /// asked for to end so.
    pub(super) fn tell_unread(&self, args: &ScanArgs) {
        let told = &args.told;
        let in_files = told.format.iter().any(|it| it.file.is_some()) || told.record.is_some();
        if in_files || args.resume.is_some() {
            let next = self.sum.next.first().map(String::as_str);
            output::trouble("nobody reads standard output any more: the scan ended early", next);
        }
    }
}

/// How to go on, where there is anything to go on with.
fn next(args: &ScanArgs, ended_early: bool, this_run: u64) -> Vec<String> {
    let next = match &args.resume {
        Some(file) if ended_early => {
            format!("the same command goes on where this one ended: --resume {}", file.display())
        }
        Some(file) if this_run == 0 => {
            format!("everything was done before: remove {} to scan again", file.display())
        }
        None if ended_early => "begun with --resume FILE, a scan can go on where it ended".to_owned(),
        Some(_) | None => return Vec::new(),
    };
    vec![next]
}

/// Says what could not be written.
pub(super) fn tell_unwritten(written: &Result<(), Unwritten>) {
    match written {
        Ok(()) => {}
        Err(Unwritten::Late) => {
            output::trouble("not everything that was seen could be written in time", None);
        }
        Err(Unwritten::Desk(DeskError::Outlet(error))) => {
            output::trouble(&error.message, error.hint.as_deref());
        }
        Err(Unwritten::Desk(DeskError::Journal(error))) => {
            output::trouble(
                &error.to_string(),
                Some("is the disk full? the same command goes on from there"),
            );
        }
    }
}

/// How a scan stands now.
pub(super) fn going(shared: &Shared, ending: bool) -> Going {
    let tally = shared.tally();
    let (load, now) = (shared.load.now(), Instant::now());
    let counts = tally.counts();
    let (rate, total, in_flight) = (tally.rate(now), shared.fed.total(), many(load.in_flight));
    Going {
        depth: shared.depth,
        done: counts.done,
        total,
        rate: (rate > 0.0).then_some(rate),
        left: total.and_then(|total| tally.time_left(total, in_flight, now)),
        in_flight,
        good: counts.good,
        bad: counts.bad,
        undecided: counts.undecided,
        causes: most_first(&counts.causes),
        slowed: slowed(load, shared.concurrency),
        ending,
    }
}

/// What holds it up, and what that did to how many are probed at a time.
fn slowed(load: Loaded, concurrency: usize) -> Option<String> {
    let what = load.slowed_by?.words();
    let [most, now] = [concurrency, load.limit].map(|limit| count(many(limit)));
    Some(if load.limit < concurrency {
        format!("{what} (at a time {most} -> {now})")
    } else {
        what.to_owned()
    })
}

fn most_first(counts: &BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.iter().map(|(what, many)| (what.clone(), *many)).collect();
    counts.sort_by_key(|(_, many)| Reverse(*many));
    counts
}

fn many(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
