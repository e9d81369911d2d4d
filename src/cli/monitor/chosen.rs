//! The settings that the arguments ask for, and what is wrong or impolite about them.

use std::time::Duration;

use rdprobe::monitor::settings::{Hold, Hysteresis, Settings};
use rdprobe::target::Target;

use crate::cli::args::MonitorArgs;
use crate::cli::settings::{self, UsageError};

/// Rounds closer than this are an attack rather than a measurement.
const LEAST_INTERVAL: Duration = Duration::from_millis(100);

/// Rounds closer than this are more than most people would take for polite.
const POLITE_INTERVAL: Duration = Duration::from_secs(1);

/// Rounds farther apart than this are no monitoring.
const MOST_INTERVAL: Duration = Duration::from_secs(60 * 60);

/// A whole probe is seven connections or more.
const LEAST_DEEP: Duration = Duration::from_secs(30);

/// A shorter summary interval has too few rounds for a percentile.
const LEAST_SUMMARY: Duration = Duration::from_secs(1);

/// The settings.
///
/// # Errors
/// If a value is out of its bounds.
pub(super) fn settings(args: &MonitorArgs) -> Result<Settings, UsageError> {
    bounded("--interval", args.interval, (LEAST_INTERVAL, MOST_INTERVAL), "1s is polite and quick enough")?;
    let day = Duration::from_secs(24 * 60 * 60);
    bounded(
        "--deep-every",
        args.deep_every,
        (LEAST_DEEP, day),
        "it is made at every change of state anyway",
    )?;
    bounded("--summary-every", args.told.summary_every, (LEAST_SUMMARY, day), "1m is usual")?;
    let depth = args.depth.stage();
    let hysteresis = Hysteresis {
        down_after: args.down_after,
        up_after: args.up_after,
        flapping_after: args.flapping_after,
        slower_by: (args.slower_by > 0.0).then_some(args.slower_by),
        ..Hysteresis::default()
    };
    Ok(Settings {
        interval: args.interval,
        depth,
        deep_every: args.deep_every,
        plan: settings::plan(
            rdprobe::evidence::Stage::Credssp,
            false,
            &args.network,
            &args.request,
            &args.timeouts,
        ),
        hysteresis,
        hold: hold(args)?,
        controls: settings::targets(&args.control)?,
        summary_every: args.told.summary_every,
    })
}

fn hold(args: &MonitorArgs) -> Result<Option<Hold>, UsageError> {
    if !args.hold.hold {
        return Ok(None);
    }
    let steps = &args.hold.steps;
    let ascending = steps.iter().zip(steps.iter().skip(1)).all(|(one, next)| one < next);
    if !ascending || steps.is_empty() {
        return Err(UsageError {
            message: "the idle times of --hold-steps do not ascend".to_owned(),
            hint: Some("a cut is found between one and the next: --hold-steps 1m,2m,4m,8m".to_owned()),
        });
    }
    let hold = Hold { idle_steps: steps.clone(), ..Hold::default() };
    match steps.first() {
        Some(first) if *first <= hold.keep_alive => Err(UsageError {
            message: format!("--hold-steps: {} is not idle for long", words(*first)),
            hint: Some(format!(
                "connections are kept alive every {}: begin above that",
                words(hold.keep_alive)
            )),
        }),
        _ => Ok(Some(hold)),
    }
}

fn bounded(
    name: &str,
    value: Duration,
    (least, most): (Duration, Duration),
    hint: &str,
) -> Result<(), UsageError> {
    let (what, bound) = match value {
        short if short < least => ("shorter", least),
        long if long > most => ("longer", most),
        _ => return Ok(()),
    };
    Err(UsageError {
        message: format!("{name} {} is {what} than {}", words(value), words(bound)),
        hint: Some(hint.to_owned()),
    })
}

/// What a considerate person would want to know of these settings before the start.
pub(super) fn advice(settings: &Settings, targets: &[Target]) -> Option<String> {
    (settings.interval < POLITE_INTERVAL).then(|| {
        let each = if targets.len() == 1 { "the target" } else { "each target" };
        let every = words(settings.interval);
        format!("a connection every {every} is more than most servers see: ask whoever runs {each}")
    })
}

/// The longest that a monitor of these settings may be without the end of a round: the rounds may be far apart, and the
/// last one may have waited for everything that it can wait for.
pub(super) fn longest_silence(settings: &Settings) -> Duration {
    let slack = Duration::from_secs(10);
    settings.interval.saturating_mul(2).saturating_add(settings.plan.timeouts.total).saturating_add(slack)
}

fn words(time: Duration) -> String {
    jiff::SignedDuration::try_from(time).map_or_else(|_| "ages".to_owned(), |time| format!("{time:#}"))
}
