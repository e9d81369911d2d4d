//! `rdprobe scan SOURCE...`: sources to targets, targets to lines, and the sum; ends as it is asked to.
//!
//! ```text
//! source (a thread) -> engine (this one) -> desk (a thread) -> lines, record, journal
//! ```

use std::convert::Infallible;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rdprobe::fleet::depth::Depth;
use rdprobe::fleet::desk::{self, DeskError, Judging, Outlet};
use rdprobe::fleet::engine::{self, Load};
use rdprobe::fleet::journal::Journal;
use rdprobe::fleet::tally::{Counts, Tally};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::args::{ScanArgs, SpeedArgs};
use super::{Trouble, descriptors, expected, runtime, settings, stop_asked};

// The sources, on a thread of their own.
mod feed;

// What is done, so that a scan goes on where it ended.
mod kept;

// What the scan is, for its journal.
mod meant;

// What is written beside what is read.
mod places;

// A file that grows.
mod growing;

// Lines on stdout and in files.
pub(super) mod outlets;

// The SQLite file.
mod recorded;

// What a person sees meanwhile.
mod progress;

// The sum, and what the process ends with.
mod ending;

use ending::Ended;
use feed::{Fed, Feed};
use kept::Kept;
use progress::Progress;

/// Targets on their way from the source to the engine: enough that neither waits for the other.
const AHEAD: usize = 64;

/// Targets on their way from the engine to the desk, with all that was seen of each: more of them are megabytes.
const FINISHED: usize = 40;

/// How long what was seen may take to be written after a second Ctrl-C.
const AT_ONCE: Duration = Duration::from_secs(2);

/// What everybody in a running scan looks at.
#[derive(Debug, Clone)]
struct Shared {
    fed: Arc<Fed>,
    tally: Arc<Mutex<Tally>>,
    load: Arc<Load>,
    concurrency: usize,
    depth: Depth,
    progress: Progress,
    /// Whether nobody reads stdout any more.
    gone: Arc<AtomicBool>,
}

/// Who judges what was seen and has it written.
struct Desk {
    outlets: Vec<Box<dyn Outlet>>,
    judging: Judging,
    journal: Option<Journal>,
}

/// Why not everything that was seen is written.
#[derive(Debug)]
enum Unwritten {
    /// Something cannot be.
    Desk(DeskError),
    /// It took too long after the second Ctrl-C.
    Late,
}

/// Scans everything that the sources name.
pub(super) fn run(args: &ScanArgs) -> Result<ExitCode, Trouble> {
    let depth = Depth::from(args.depth);
    let policy = expected::of_scan(&args.expected, depth)?;
    let source = feed::open(args)?;
    places::apart(args)?;
    let plan = settings::plan(depth.stage(), false, &args.network, &args.request, &args.timeouts);
    let plan = depth.plan(plan);
    let mut kept = Kept::open(args.resume.as_deref(), meant::header(args, &plan, policy.as_ref()))?;
    let settings = engine::Settings {
        plan,
        concurrency: concurrency(&args.speed, depth),
        rate: args.speed.rate,
        host_gap: args.speed.host_gap,
    };
    let shared = Shared::new(Fed::new(source.known_len()), kept.counts(), settings.concurrency, depth);
    let outlets = match outlets::open(args, &shared, &mut kept) {
        Ok(outlets) => outlets,
        Err(error) => {
            kept.forget();
            return Err(error.into());
        }
    };
    let (journal, replay) = kept.begin();
    feed::count_ahead(&source, &shared.fed);
    let desk = Desk { outlets, judging: Judging { depth, policy }, journal };
    let runtime = runtime()?;
    let began = Instant::now();
    let written = runtime.block_on(shared.run(Feed { source, replay }, settings, desk))?;
    // What still hangs in a name server's silence, or in a pipe that brings no targets, ends with the process.
    runtime.shutdown_background();
    shared.progress.finish();
    shared.fed.is_the_same_source()?;
    let ended = Ended::of(&shared, began.elapsed(), written.is_ok(), args);
    if shared.gone.load(Ordering::Relaxed) {
        ended.tell_unread(args);
    } else {
        ending::tell_unwritten(&written);
        ended.tell(args)?;
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

impl Shared {
    fn new(fed: Fed, before: Counts, concurrency: usize, depth: Depth) -> Self {
        Self {
            fed: Arc::new(fed),
            tally: Arc::new(Mutex::new(Tally::new(before, Instant::now()))),
            load: Arc::default(),
            concurrency,
            depth,
            progress: Progress::new(),
            gone: Arc::default(),
        }
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs until every target is done or somebody asks for the end; then everything is written.
    async fn run(
        &self,
        feed: Feed,
        settings: engine::Settings,
        desk: Desk,
    ) -> Result<Result<(), Unwritten>, Trouble> {
        let (work_to, work) = mpsc::channel(AHEAD);
        let (finished, finished_at) = mpsc::channel(FINISHED);
        let (halt, halted) = watch::channel(false);
        feed.start(work_to, self).map_err(Trouble::Start)?;
        let mut written = desk.start(finished_at, self).map_err(Trouble::Start)?;
        let engine = engine::scan(work, finished, settings, Arc::clone(&self.load), halted);
        let at_once = tokio::select! {
            () = engine => false,
            () = self.asked_twice(&halt) => true,
            never = self.show(&halt) => match never {},
            // The desk ends before the engine does only if something cannot be written.
            written = &mut written => return Ok(written.unwrap_or(Err(Unwritten::Late))),
        };
        // The engine is gone, and with it the way to the desk: what it has it writes, and ends.
        if !at_once {
            return Ok(written.await.unwrap_or(Err(Unwritten::Late)));
        }
        let written = tokio::time::timeout(AT_ONCE, written).await;
        Ok(written.ok().and_then(Result::ok).unwrap_or(Err(Unwritten::Late)))
    }

    /// The first time somebody asks for the end no new target is begun; returns when it is asked for again.
    async fn asked_twice(&self, halt: &watch::Sender<bool>) {
        stop_asked().await;
        halt.send_replace(true);
        let in_flight = self.load.now().in_flight;
        // Of these some may be names that are still resolved, and then have to wait for their turn: they are not begun.
        let what =
            format!("rdprobe: finishing what is in flight, at most {in_flight}; Ctrl-C again ends at once");
        self.progress.say(&what);
        stop_asked().await;
    }

    async fn show(&self, halt: &watch::Sender<bool>) -> Infallible {
        loop {
            tokio::time::sleep(self.progress.every()).await;
            self.progress.show(&ending::going(self, *halt.borrow()));
        }
    }
}

impl Desk {
    /// Starts the thread that judges and writes; what comes of it is sent when it ends.
    fn start(
        mut self,
        finished: mpsc::Receiver<engine::Finished>,
        shared: &Shared,
    ) -> std::io::Result<oneshot::Receiver<Result<(), Unwritten>>> {
        let (tell, told) = oneshot::channel();
        let (tally, fed) = (Arc::clone(&shared.tally), Arc::clone(&shared.fed));
        std::thread::Builder::new().name("desk".to_owned()).spawn(move || {
            let Self { outlets, judging, journal } = &mut self;
            let is_all = |tally: &Tally| fed.is_all(tally.counts().done);
            let written = desk::run(finished, outlets, judging, &tally, journal.as_mut(), is_all);
            // Nobody waits: then nobody needs to know.
            _ = tell.send(written.map_err(Unwritten::Desk));
        })?;
        Ok(told)
    }
}
