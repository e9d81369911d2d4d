//! `rdprobe scan SOURCE...`: sources to targets, targets to lines, and the sum; ends as it is asked to.
//!
//! ```text
//! source (a thread) -> engine (this one) -> desk (a thread) -> lines, record, journal
//! ```

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::engine::{self, Load};
use rdprobe::policy::Policy;
use tokio::sync::{mpsc, oneshot, watch};

use super::args::{ScanArgs, SpeedArgs};
use super::{Trouble, descriptors, expected, runtime, settings, stop_asked};

// Where the lines go.
pub(super) mod outlets;

// What a person sees meanwhile.
mod progress;

// The sources, on a thread of their own.
mod feed;

// The sum, and what the process ends with.
mod ending;

mod stand_in;

use ending::Ended;
use feed::Fed;
use progress::Progress;
use stand_in::{Outlet, OutletError, Tally};

/// Targets on their way from the source to the engine: enough that neither waits for the other.
const AHEAD: usize = 256;

/// Targets on their way from the engine to the desk.
const FINISHED: usize = 256;

/// How long what was seen may take to be written after a second Ctrl-C.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Everything that a running scan has.
struct Scan {
    settings: engine::Settings,
    depth: Depth,
    policy: Option<Policy>,
    tally: Arc<Mutex<Tally>>,
    load: Arc<Load>,
    fed: Arc<Fed>,
    progress: Progress,
    began: Instant,
}

/// Scans everything that the sources name.
pub(super) fn run(args: &ScanArgs) -> Result<ExitCode, Trouble> {
    let progress = Progress::new();
    let policy = (!args.expected.is_empty()).then(|| expected::policy(&args.expected)).transpose()?;
    let source = feed::open(args, 0)?;
    let gone = Arc::new(AtomicBool::new(false));
    let outlets = outlets::open(args, &progress, &gone)?;
    let depth = Depth::from(args.depth);
    let plan = settings::plan(depth.stage(), false, &args.network, &args.request, &args.timeouts);
    let settings = engine::Settings {
        plan: depth.plan(plan),
        concurrency: concurrency(&args.speed, depth),
        rate: args.speed.rate,
        host_gap: args.speed.host_gap,
    };
    let scan = Scan {
        settings,
        depth,
        policy,
        tally: Arc::default(),
        load: Arc::default(),
        fed: Arc::new(Fed::new(source.known_len())),
        progress,
        began: Instant::now(),
    };
    let runtime = runtime()?;
    let written = runtime.block_on(scan.go(source, outlets));
    // What still hangs in a name server's silence, or in a pipe that brings no targets, ends with the process.
    runtime.shutdown_background();
    scan.progress.finish();
    let is_written = written.is_ok();
    if let Err(trouble) = &written
        && !gone.load(Ordering::Relaxed)
    {
        super::output::trouble(&trouble.message, trouble.hint.as_deref());
    }
    let ended = Ended::of(&scan, is_written);
    if !gone.load(Ordering::Relaxed) {
        ending::tell(&ended, args)?;
    }
    Ok(ExitCode::from(ended.exit_code()))
}

/// How many targets at a time: as many as the user says, or as many as this process has descriptors for.
fn concurrency(speed: &SpeedArgs, depth: Depth) -> usize {
    let limit = descriptors::raise();
    let Some(wanted) = speed.concurrency else { return engine::concurrency_for(limit, depth) };
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    descriptors::warn(limit, wanted);
    wanted
}

impl Scan {
    /// Runs until every target is done or somebody asks for the end; then everything is written.
    async fn go(&self, source: feed::Source, mut outlets: Vec<Box<dyn Outlet>>) -> Result<(), OutletError> {
        let (work_to, work) = mpsc::channel(AHEAD);
        let (finished, finished_at) = mpsc::channel(FINISHED);
        let (halt, halted) = watch::channel(false);
        feed::start(source, work_to, Arc::clone(&self.fed), self.progress.clone());
        let (tell, mut told) = oneshot::channel();
        let (depth, policy, tally) = (self.depth, self.policy.clone(), Arc::clone(&self.tally));
        std::thread::spawn(move || {
            _ = tell.send(stand_in::desk(finished_at, &mut outlets, depth, policy.as_ref(), &tally));
        });
        let load = Arc::clone(&self.load);
        let engine = engine::scan(work, finished, self.settings.clone(), load, halted);
        let at_once = tokio::select! {
            () = engine => false,
            () = self.ask_twice(&halt) => true,
            never = self.show(&halt) => match never {},
            written = &mut told => return written.unwrap_or(Ok(())),
        };
        // The engine is gone, and with it the way to the desk: what it has it writes, and ends.
        if at_once {
            return tokio::time::timeout(AT_ONCE, told).await.map_or(Ok(()), |told| told.unwrap_or(Ok(())));
        }
        told.await.unwrap_or(Ok(()))
    }

    /// The first time somebody asks for the end no new target is begun; returns when it is asked for again.
    async fn ask_twice(&self, halt: &watch::Sender<bool>) {
        stop_asked().await;
        halt.send_replace(true);
        let in_flight = self.load.now().in_flight;
        self.progress.say(&format!("rdprobe: finishing {in_flight} in flight; Ctrl-C again ends at once"));
        stop_asked().await;
    }

    async fn show(&self, halt: &watch::Sender<bool>) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(self.progress.every()).await;
            self.progress.show(&ending::going(self, *halt.borrow()));
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
