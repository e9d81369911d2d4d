//! `rdprobe TARGET...`: probe, judge, print.

use std::pin::pin;
use std::process::ExitCode;

use futures_util::StreamExt;
use rdprobe::evidence::{Stage, Testimony};
use rdprobe::probe::{self, Plan};
use rdprobe::render::json;
use rdprobe::report::{self, Report};
use rdprobe::target::Target;

use super::args::{Format, ProbeArgs};
use super::output::{self, Output};
use super::progress::Progress;
use super::{Trouble, guest, runtime, settings};

/// How many targets are probed at a time.
const TARGETS_AT_A_TIME: usize = 16;

/// Probes all targets and prints their reports in the order given (ndjson: as they end).
pub(super) fn run(args: &ProbeArgs, output: Output) -> Result<ExitCode, Trouble> {
    let targets = settings::targets(&args.targets)?;
    let mut told = guest::testimony(&args.guest, targets.len(), "target")?;
    told.extend(settings::said(&args.says)?);
    let depth = args.only.unwrap_or(Stage::Credssp);
    let plan = settings::plan(depth, args.full, &args.network, &args.request, &args.timeouts);
    let progress = Progress::new();
    progress.start();
    let reports = runtime()?.block_on(probe_all(&targets, &plan, &progress, &told, |report| {
        progress.suspend(|| output.report(report, args.format, args.verbose, targets.len()))
    }));
    progress.finish();
    let reports = reports?;
    if args.format == Format::Json {
        output::write(|out| json::json(&reports, out))?;
    }
    Ok(ExitCode::from(report::exit_status(&reports).code()))
}

/// Probes the targets side by side and hands each report on, in order, as soon as it is there.
async fn probe_all(
    targets: &[Target],
    plan: &Plan,
    progress: &Progress,
    told: &[Testimony],
    mut print: impl FnMut(&Report) -> Result<(), Trouble>,
) -> Result<Vec<Report>, Trouble> {
    let probes = futures_util::stream::iter(targets).map(|target| async {
        let mut evidence = probe::probe(target, plan, &progress.of(&target.input)).await;
        progress.done(&target.input);
        evidence.testimony.extend_from_slice(told);
        Report::new(evidence)
    });
    let mut probes = pin!(probes.buffered(TARGETS_AT_A_TIME));
    let mut signals = pin!(progress.watch_signals());
    let mut reports = Vec::with_capacity(targets.len());
    let mut signalled = false;
    loop {
        tokio::select! {
            report = probes.next() => {
                let Some(report) = report else { return Ok(reports) };
                print(&report)?;
                reports.push(report);
            }
            () = &mut signals, if !signalled => signalled = true,
        }
    }
}
