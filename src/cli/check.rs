//! `rdprobe check TARGET...`: probe, hold against expectations, wait if asked to, write.

use std::path::Path;
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use futures_util::StreamExt;
use rdprobe::diagnosis::Verdict;
use rdprobe::evidence::Stage;
use rdprobe::policy::baseline::{Baseline, Baselines, changes};
use rdprobe::policy::{self, Change, Judged, Policy};
use rdprobe::probe::{self, Plan};
use rdprobe::render::{human, json};
use rdprobe::report::Report;
use rdprobe::report::check::Check;
use rdprobe::target::Target;
use rdprobe::wait::{self, Waited, Waiting};

use super::args::{CheckArgs, WaitArgs};
use super::listed::Listed;
use super::output::{self, Output};
use super::progress::Progress;
use super::settings::{self, UsageError};
use super::sink::{self, Sink};
use super::talk::Talk;
use super::{Trouble, UNDECIDED, apart, expected, runtime, saved};

/// How many targets are probed at a time.
const TARGETS_AT_A_TIME: usize = 16;

/// Who waits is asleep most of the time.
const WAITS_AT_A_TIME: usize = 64;

/// What the arguments ask for.
struct Work<'a> {
    targets: Vec<Target>,
    plan: Plan,
    policy: Policy,
    waiting: Option<Waiting>,
    before: Option<Baselines>,
    ignore: &'a [String],
}

/// Checks all targets and writes what they came to, in the order given.
pub(super) fn run(args: &CheckArgs) -> Result<ExitCode, Trouble> {
    let style = Output::new(args.color).human_style(args.verbose);
    if args.list_expectations {
        output::write(|out| human::expectations(&style, out))?;
        return Ok(ExitCode::SUCCESS);
    }
    apart_from_inputs(args)?;
    let Listed { targets, bad } =
        Listed::read(&args.targets, &args.sources, &args.source, Some(Box::new(std::io::stdin())))?;
    if targets.is_empty() {
        return Err(no_target().into());
    }
    let work = Work::new(args, targets)?;
    // Before the wait, so that nobody waits a quarter of an hour for a file that cannot be written.
    let sink = Sink::new(args.format.clone())?;
    if let Some(path) = &args.baseline.save {
        sink::try_file("the baseline", path)?;
    }
    let progress = Progress::new();
    progress.start();
    let checks = runtime()?.block_on(check_all(&work, &progress));
    progress.finish();
    let code = sink.write(&checks, bad, &style);
    let saved = args.baseline.save.as_ref().is_none_or(|path| save(&checks, path));
    Ok(ExitCode::from(if code == 0 && !saved { UNDECIDED } else { code }))
}

/// Nothing is written over that is read. A baseline may be: what it is held against is what it then keeps.
fn apart_from_inputs(args: &CheckArgs) -> Result<(), UsageError> {
    const WHO: &str = "the check";
    let named = apart::named(args.sources.iter().chain(&args.source.exclude));
    let inputs = named.chain(apart::rdp_files(&args.targets)).chain(args.expected.policy.as_deref());
    let formats: Vec<&Path> = args.format.iter().filter_map(|it| it.file.as_deref()).collect();
    let outputs: Vec<&Path> = formats.iter().copied().chain(args.baseline.save.as_deref()).collect();
    apart::apart(WHO, &inputs.collect::<Vec<_>>(), &outputs)?;
    apart::apart(WHO, args.baseline.against.as_deref().as_slice(), &formats)
}

impl<'a> Work<'a> {
    fn new(args: &'a CheckArgs, targets: Vec<Target>) -> Result<Self, UsageError> {
        let work = Self {
            targets,
            plan: settings::plan(Stage::Credssp, args.full, &args.network, &args.request, &args.timeouts),
            policy: expected::policy(&args.expected)?,
            waiting: waiting(&args.wait)?,
            before: args.baseline.against.as_deref().map(saved::baselines).transpose()?,
            ignore: &args.baseline.ignore,
        };
        match work.targets.iter().find(|target| work.before.is_some() && work.baseline(target).is_none()) {
            Some(target) => Err(UsageError {
                message: format!("the baseline does not know the target {}", target.input),
                hint: Some("save one of the same targets first: rdprobe check --save FILE".to_owned()),
            }),
            None => Ok(work),
        }
    }

    /// What is known of a target: by what the user wrote, or the only one for the only one.
    fn baseline(&self, target: &Target) -> Option<&Baseline> {
        let before = self.before.as_ref()?;
        let only = before.targets().next().filter(|_| before.targets().len() == 1 && self.targets.len() == 1);
        before.of_target(&target.input).or(only.map(|(_, baseline)| baseline))
    }

    async fn check(&self, target: &Target, progress: &Progress) -> Check {
        let watch = progress.of(&target.input);
        let (report, expectations, wait) = match &self.waiting {
            None => {
                let report = Report::new(probe::probe(target, &self.plan, &watch).await);
                let expectations = self.judge(&report);
                (report, expectations, None)
            }
            Some(waiting) => {
                let mut talk = Talk::new(&target.input, self.targets.len());
                let probed = |wait: &_| {
                    progress.waits(&target.input, wait);
                    if let Some(line) = talk.line(wait) {
                        progress.suspend(|| output::say(&line));
                    }
                };
                let judge = |report: &_| self.judge(report);
                let Waited { report, expectations, wait } =
                    wait::wait(target, &self.plan, waiting, &watch, judge, probed).await;
                (report, expectations, Some(wait))
            }
        };
        progress.done(&target.input);
        let changes = self.baseline(target).map(|before| self.changes(before, &report));
        Check::new(self.policy.name.clone(), expectations, changes, wait, report)
    }

    fn judge(&self, report: &Report) -> Vec<Judged> {
        policy::judge(&self.policy, &report.evidence, &report.diagnosis)
    }

    fn changes(&self, before: &Baseline, report: &Report) -> Vec<Change> {
        changes(before, &Baseline::of(&report.evidence, &report.diagnosis), self.ignore)
    }
}

/// Checks the targets side by side; a signal ends them all with what is known.
async fn check_all(work: &Work<'_>, progress: &Progress) -> Vec<Check> {
    let at_a_time = if work.waiting.is_some() { WAITS_AT_A_TIME } else { TARGETS_AT_A_TIME };
    let checks = futures_util::stream::iter(&work.targets)
        .map(|target| work.check(target, progress))
        .buffered(at_a_time)
        .collect();
    let (mut checks, mut signals) = (pin!(checks), pin!(progress.watch_signals()));
    tokio::select! {
        checks = &mut checks => checks,
        () = &mut signals => checks.await,
    }
}

fn no_target() -> UsageError {
    UsageError {
        message: "there is no target to check".to_owned(),
        hint: Some("name one, or write one a line into the file of --targets".to_owned()),
    }
}

fn waiting(args: &WaitArgs) -> Result<Option<Waiting>, UsageError> {
    let Some(limit) = args.limit else { return Ok(None) };
    let (in_a_row, every) = (args.in_a_row, args.every);
    // At least a second chance: otherwise it would be no wait.
    let probes = in_a_row.max(2);
    if limit <= every.saturating_mul(probes.saturating_sub(1)) {
        return Err(UsageError {
            message: format!(
                "--wait {} leaves no room for {probes} probes, one every {}",
                words(limit),
                words(every)
            ),
            hint: Some("wait longer, or probe more often: --every 1s".to_owned()),
        });
    }
    Ok(Some(Waiting { limit, in_a_row, every, fail_fast: args.fail_fast }))
}

fn words(time: Duration) -> String {
    jiff::SignedDuration::try_from(time).map_or_else(|_| "ages".to_owned(), |time| format!("{time:#}"))
}

/// Writes the baseline, unless a target did not answer: a bad night must not become what later nights are held against.
fn save(checks: &[Check], path: &Path) -> bool {
    let silent = checks
        .iter()
        .find(|check| matches!(check.report.diagnosis.verdict, Verdict::NotReachable | Verdict::Undecided));
    if let Some(check) = silent {
        output::say(&format!("the baseline was not saved, because {} did not answer", check.target));
        return false;
    }
    let kept = kept(checks);
    sink::write_file("the baseline", path, |out| json::baselines(&kept, out))
}

fn kept(checks: &[Check]) -> Baselines {
    let reports = checks.iter().map(|check| &check.report);
    reports
        .map(|report| {
            let baseline = Baseline::of(&report.evidence, &report.diagnosis);
            (report.evidence.target.input.clone(), baseline)
        })
        .collect()
}
