//! What a scan comes to so far or in the end, and what the process ends with.

use rdprobe::fleet::engine::Loaded;
use rdprobe::render::human::HumanStyle;
use rdprobe::render::measure::count;
use rdprobe::render::scan::ScanFormat;
use rdprobe::render::scan::progress::Going;
use rdprobe::render::scan::summary::{self, Sum};
use rdprobe::report::ExitStatus;

use super::Scan;
use crate::cli::args::ScanArgs;
use crate::cli::output::{self, Output};
use crate::cli::{Trouble, UNDECIDED};

/// A scan that has ended.
pub(super) struct Ended {
    sum: Sum,
    is_written: bool,
}

impl Ended {
    pub(super) fn of(scan: &Scan, is_written: bool) -> Self {
        let tally = scan.tally();
        let sum = Sum {
            targets: tally.done,
            good: tally.good,
            bad: tally.bad,
            undecided: tally.undecided,
            verdicts: tally
                .verdicts
                .values()
                .filter_map(|(verdict, many)| Some(((*verdict)?, *many)))
                .collect(),
            causes: most_first(&tally.causes),
            missed: most_first(&tally.missed),
            bad_lines: scan.fed.bad_lines(),
            duplicates: 0,
            this_run: tally.done,
            elapsed: scan.began.elapsed(),
            ended_early: !scan.fed.is_all(tally.done),
            next: Vec::new(),
        };
        Self { sum, is_written }
    }

    /// 1 for a failure, whatever else; 3 where not everything is known or written; else 0.
    pub(super) fn exit_code(&self) -> u8 {
        let Sum { targets, bad, undecided, bad_lines, ended_early, .. } = self.sum;
        if bad > 0 {
            ExitStatus::FailureFound.code()
        } else if targets == 0 || undecided > 0 || bad_lines > 0 || ended_early || !self.is_written {
            UNDECIDED
        } else {
            ExitStatus::Good.code()
        }
    }
}

fn most_first(counts: &std::collections::BTreeMap<String, u64>) -> Vec<(String, u64)> {
    let mut counts: Vec<(String, u64)> = counts.iter().map(|(what, many)| (what.clone(), *many)).collect();
    counts.sort_by_key(|(_, many)| std::cmp::Reverse(*many));
    counts
}

/// How a scan stands now.
pub(super) fn going(scan: &Scan, ending: bool) -> Going {
    let tally = scan.tally();
    let load = scan.load.now();
    Going {
        done: tally.done,
        total: scan.fed.total(),
        in_flight: many(load.in_flight),
        good: tally.good,
        bad: tally.bad,
        undecided: tally.undecided,
        causes: most_first(&tally.causes),
        slowed: slowed(load, scan.settings.concurrency),
        ending,
        ..Going::default()
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

fn many(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Tells the sum: below the table, or on stderr where stdout is for programs.
pub(super) fn tell(ended: &Ended, args: &ScanArgs) -> Result<(), Trouble> {
    let told = &args.told;
    let is_table = told.format.is_empty()
        || told.format.iter().any(|it| it.file.is_none() && it.format == ScanFormat::Table);
    if is_table {
        let style = Output::new(told.color).human_style(0);
        return output::write(|out| {
            writeln!(out)?;
            summary::summary(&ended.sum, &style, out)
        });
    }
    let mut text = Vec::new();
    let style = HumanStyle { width: output::error_width().min(100), ..HumanStyle::default() };
    // Memory takes everything.
    drop(summary::summary(&ended.sum, &style, &mut text));
    output::say(String::from_utf8_lossy(&text).trim_end());
    Ok(())
}
