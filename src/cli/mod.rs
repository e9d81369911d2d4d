//! Arguments to settings, one arm a subcommand, and the exit code.

// The values that options take.
mod values;

// What may be written on the command line, and its help.
mod args;

// Arguments to targets and a plan; the errors of a user who mistyped.
mod settings;

// The targets of the arguments and of --targets.
mod listed;

// What a person sees while a probe runs.
mod progress;

// What goes to stdout and stderr, and how.
mod output;

// The program's own log, and talk held back while a screen is drawn.
mod log;

// One `--format FORMAT[=FILE]`.
mod destination;

// Where the checks are written, each file whole or not at all.
mod sink;

// Where a command writes: no file twice, and none that it reads.
mod apart;

// What a log tells of a wait.
mod talk;

// `rdprobe TARGET...`
mod probe;

// `--policy`, `--profile` and `--expect` to one policy.
mod expected;

// `rdprobe check TARGET...`
mod check;

// `rdprobe scan SOURCE...`
mod scan;

// How many connections this process may have.
mod descriptors;

// `rdprobe serve`
mod serve;

// What to try where nothing can be recorded.
mod recording;

// `rdprobe monitor TARGET...`
mod monitor;

// `rdprobe report`
mod report;

// `rdprobe simulate`
mod simulate;

// `rdprobe demo`
mod demo;

// Files of the guest's words, for both of the commands that judge.
mod guest;

// Saved reports, checks and baselines read again.
mod saved;

// `rdprobe diagnose`
mod diagnose;

// `rdprobe collect`
mod collect;

// `rdprobe explain`
mod explain;

// `rdprobe diff`
mod diff;

// `rdprobe generate`
mod generate;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use output::Output;
use rdprobe::render::escape;
use settings::UsageError;

/// Wrong usage: the arguments cannot be carried out.
const USAGE: u8 = 2;

/// Could not decide: something on this machine is in the way.
const UNDECIDED: u8 = 3;

/// Why a command ended without a verdict.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Usage(#[from] UsageError),
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    #[error("cannot start: {0}")]
    Start(std::io::Error),
    #[error("cannot listen on {address}: {error}")]
    Listen { address: std::net::SocketAddr, error: std::io::Error },
}

/// Runs the command line.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        // clap words its own errors, with hints, and knows help and version from mistakes.
        Err(error) => {
            let code = if error.use_stderr() { USAGE } else { 0 };
            let text = error.render().to_string();
            if text.lines().all(|line| escape::escape(line) == line) {
                drop(error.print());
            } else {
                // It quotes an argument that would act on a terminal or in a pipeline's log.
                output::say(text.trim_end());
            }
            return ExitCode::from(code);
        }
    };
    log::start();
    let output = Output::new(cli.probe.color);
    match run(cli, output) {
        Ok(code) => code,
        Err(trouble) => {
            output::trouble(&trouble.to_string(), hint(&trouble));
            ExitCode::from(if matches!(trouble, Trouble::Usage(_)) { USAGE } else { UNDECIDED })
        }
    }
}

fn run(cli: Cli, output: Output) -> Result<ExitCode, Trouble> {
    match cli.command {
        None => probe::run(&cli.probe, output),
        Some(Command::Check(args)) => check::run(&args),
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Serve(args)) => serve::run(&args),
        Some(Command::Monitor(args)) => monitor::run(&args),

        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Simulate(args)) => simulate::run(&args),
        Some(Command::Demo(args)) => demo::run(&args, output),
        Some(Command::Diagnose(args)) => diagnose::run(&args, output),
        Some(Command::Collect(args)) => collect::run(&args),
        Some(Command::Explain(args)) => explain::run(&args, output),
        Some(Command::Diff(args)) => diff::run(&args, output),
        Some(Command::Generate(args)) => generate::run(&args),
    }
}

fn hint(trouble: &Trouble) -> Option<&str> {
    match trouble {
        Trouble::Usage(error) => error.hint.as_deref(),
        Trouble::Listen { .. } => Some("is the port taken, or below 1024 without the right to it?"),
        Trouble::Output(_) | Trouble::Start(_) => None,
    }
}

/// One thread is enough: a probe waits for the network, it does not compute.
fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Trouble::Start)
}

/// Resolves when the user or the system asks this process to end. From the call on, not from the first look at it: who
/// was told that this process is there may ask at once.
#[cfg(unix)]
fn stop_asked() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let asked = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    async move {
        match asked {
            [Ok(mut interrupt), Ok(mut terminate)] => {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            // No signal can be had: then none can come.
            _ => std::future::pending().await,
        }
    }
}

/// Resolves when the user asks this process to end.
#[cfg(not(unix))]
async fn stop_asked() {
    if tokio::signal::ctrl_c().await.is_err() {
        // No signal can be had: then none can come.
        std::future::pending::<()>().await;
    }
}
