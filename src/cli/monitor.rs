//! `rdprobe monitor TARGET...`: watch, show or print, record, and end within two seconds when asked to.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rdprobe::monitor::board::Board;
use rdprobe::monitor::run::{self, Order};
use rdprobe::monitor::settings::Settings;
use rdprobe::monitor::state::State;
use rdprobe::monitor::watched::Watched;
use rdprobe::render::measure;
use rdprobe::render::summary::{self, Over};
use rdprobe::target::Target;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use super::args::{MonitorArgs, MonitorFormat};
use super::output::{self, Output};
use super::{Trouble, UNDECIDED, descriptors, runtime};

// The settings that the arguments ask for.
mod chosen;

// The targets of the arguments and of --targets.
mod targets;

// The same, read again beside the rounds.
mod rereading;

// Signals and the Enter key.
mod signals;

// The terminal, if there is one, as long as it is there.
mod terminal;

// What the command itself has to know of its monitor.
mod tally;

// A thread of its own for what may block.
mod aside;

// Events and tables on stdout.
mod lines;

// The live view on the terminal.
mod live;

// The last events, for the live view.
mod recent;

// The HDR log.
mod hdr;

// The command of --on-change.
mod on_change;

// Everybody who is told, opened before the start.
mod listeners;

// The time that the end has.
mod ending;

// systemd.
mod service;

use ending::Ending;
use lines::{Kind, Lines};
use listeners::Listeners;
use live::Screen;
use rereading::{Read, Rereading};
use service::Service;
use signals::Ask;
use tally::Tally;
use targets::Sources;

/// Everything that a running monitor has.
struct Monitor<'a> {
    args: &'a MonitorArgs,
    board: Arc<Board>,
    tally: Arc<Tally>,
    shown: Shown,
    service: Service,
    rereading: Rereading,
    orders: mpsc::Sender<Order>,
}

/// How events reach the person.
enum Shown {
    /// On the live view.
    Live(Screen),
    /// On stdout, as they come.
    Lines(Arc<Lines>),
}

/// Watches until somebody asks for the end.
pub(super) fn run(args: &MonitorArgs) -> Result<ExitCode, Trouble> {
    let settings = chosen::settings(args)?;
    targets::apart_from_outputs(args)?;
    let sources = Sources::of(args);
    let targets = sources.first()?;
    // Before the start, so that nobody finds out in the morning that nothing was written.
    let listeners = Listeners::open(args, &settings)?;
    if let Some(advice) = chosen::advice(&settings, &targets) {
        output::say(&format!("rdprobe: {advice}"));
    }
    descriptors::make_room_for(run::connections(targets.len()));
    let runtime = runtime()?;
    let code = runtime.block_on(watch(args, settings, targets, Rereading::new(sources), listeners));
    // What still hangs in a name server's silence ends with the process.
    runtime.shutdown_background();
    code
}

async fn watch(
    args: &MonitorArgs,
    settings: Settings,
    targets: Vec<Target>,
    rereading: Rereading,
    mut listeners: Listeners,
) -> Result<ExitCode, Trouble> {
    let (asks, mut asked) = mpsc::channel(16);
    signals::listen(&asks, !args.sources.is_empty());
    let tally = Arc::new(Tally::new());
    let board = Arc::new(Board::new(targets, &settings));
    let shown = show(args, &board, asks)?;
    let service = Service::new(listeners.pulse());
    listeners.serve(&board);
    let (orders, inbox) = mpsc::channel(4);
    let told = listeners.told(&tally, &shown);
    let mut running = tokio::spawn(run::run(Arc::clone(&board), settings, told, inbox));
    let mut monitor = Monitor { args, board, tally, shown, service, rereading, orders };
    let ended_early = tokio::select! {
        () = monitor.attend(&mut asked) => false,
        _ = &mut running => true,
    };
    let ending = Ending::begin();
    if let Shown::Live(screen) = &monitor.shown {
        screen.stop();
    }
    Service::stopping();
    if !ended_early {
        monitor.stop(&mut running, ending).await;
    }
    monitor.finish(&listeners, ending)
}

/// Opens the live view, or begins to print.
fn show(args: &MonitorArgs, board: &Arc<Board>, asks: mpsc::Sender<Ask>) -> Result<Shown, Trouble> {
    let format = args.told.format;
    if format == MonitorFormat::Auto && live::is_possible() {
        let screen = Screen::open(Arc::clone(board), asks, args.told.color).map_err(Trouble::Start)?;
        return Ok(Shown::Live(screen));
    }
    let kind = if format == MonitorFormat::Ndjson { Kind::Json } else { Kind::Lines };
    if kind == Kind::Lines {
        signals::listen_for_enter(&asks);
    }
    let names = (0..board.len()).filter_map(|place| board.with(place, columns));
    let color = Output::new(args.told.color).has_color();
    let lines = Lines::start(kind, names, color, asks).map_err(Trouble::Start)?;
    Ok(Shown::Lines(Arc::new(lines)))
}

fn columns(watched: &Watched) -> usize {
    watched.target().input.chars().count()
}

impl Monitor<'_> {
    /// Does what is asked until the end is.
    async fn attend(&mut self, asked: &mut mpsc::Receiver<Ask>) {
        let mut tables = tokio::time::interval_at(
            Instant::now() + self.args.told.summary_every,
            self.args.told.summary_every,
        );
        tables.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut beats = tokio::time::interval(self.service.every());
        beats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let limit = self.args.limit.unwrap_or(Duration::MAX);
        let end = Instant::now().checked_add(limit);
        loop {
            tokio::select! {
                biased;
                () = until(end) => return,
                ask = asked.recv() => match ask {
                    Some(Ask::Stop) | None => return,
                    Some(Ask::Reload) => {
                        Service::reloading();
                        self.rereading.begin();
                    }
                    Some(Ask::Summary) => self.table(Over::All, true),
                },
                read = self.rereading.next() => {
                    self.follow(read);
                    Service::reloaded();
                }
                _ = tables.tick() => self.table(Over::Latest, false),
                _ = beats.tick() => self.beat(),
            }
        }
    }

    fn beat(&mut self) {
        self.service.beat(&self.tally, !self.board.is_empty());
        self.service.status(&counts(&states(&self.board)));
    }

    /// Prints the table beside the rounds: a thousand targets take a while to sum up.
    fn table(&self, over: Over, asked: bool) {
        let Shown::Lines(lines) = &self.shown else { return };
        if !asked && !lines.is_for_people() {
            return;
        }
        let (lines, board, watched) = (Arc::clone(lines), Arc::clone(&self.board), self.tally.elapsed());
        tokio::task::spawn_blocking(move || lines.table(&board.views(), watched, over));
    }

    /// Watches the targets that were read again. Whatever is wrong with them, those that are watched stay watched.
    fn follow(&self, read: Read) {
        let targets = match read {
            Read::Done(Ok(targets)) => targets,
            Read::Done(Err(mistake)) => {
                return output::say(&format!("rdprobe: {mistake}; the targets stay as they were"));
            }
            Read::Slow(since) => {
                return output::say(&format!(
                    "rdprobe: the targets are being read again for {} s; they stay as they were until that ends",
                    since.as_secs()
                ));
            }
        };
        let many = measure::many(u64::try_from(targets.len()).unwrap_or(u64::MAX), "target");
        output::say(&format!("rdprobe: read again: {many} to watch"));
        if let Some(dropped) = targets::dropped(&self.board, &targets) {
            output::say(&format!("rdprobe: no longer watched: {dropped}"));
        }
        if self.orders.try_send(Order::Targets(targets)).is_err() {
            tracing::warn!("the targets were read again too often at once; the last list is not taken");
        }
    }

    /// Ends the rounds, each connection in order if there is time.
    async fn stop(&self, running: &mut tokio::task::JoinHandle<()>, ending: Ending) {
        // Nobody takes orders any more: then it has ended already.
        drop(self.orders.try_send(Order::Stop));
        if tokio::time::timeout(ending.run(), &mut *running).await.is_err() {
            running.abort();
        }
    }

    /// Everything is written, the terminal given back, and the last table printed.
    fn finish(self, listeners: &Listeners, ending: Ending) -> Result<ExitCode, Trouble> {
        let (views, watched) = (self.board.views(), self.tally.elapsed());
        let complete = listeners.finish(ending);
        match self.shown {
            Shown::Lines(lines) => {
                lines.table(&views, watched, Over::All);
                lines.finish(ending.lines());
            }
            Shown::Live(screen) => {
                if screen.close(ending.screen()) {
                    let table = lines::table(&views, jiff::Timestamp::now(), Over::All, None, usize::MAX);
                    let head = summary::headline(&views, watched);
                    output::write(|out| write!(out, "{head}\n{table}"))?;
                }
            }
        }
        let code = self.tally.exit_code(&views);
        Ok(ExitCode::from(if code == 0 && !complete { UNDECIDED } else { code }))
    }
}

/// Never, where there is no end.
async fn until(end: Option<Instant>) {
    match end {
        Some(end) => tokio::time::sleep_until(end).await,
        None => std::future::pending().await,
    }
}

/// The state of every target, in the order of the board.
fn states(board: &Board) -> Vec<State> {
    (0..board.len()).filter_map(|place| board.with(place, Watched::state)).collect()
}

/// How many targets are in each state, the worst first.
fn counts(states: &[State]) -> Vec<(State, usize)> {
    let order = [State::Down, State::Flapping, State::Degraded, State::Unknown, State::Up];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for state in states {
        *counts.entry(state.word()).or_default() += 1;
    }
    order.map(|state| (state, counts.get(state.word()).copied().unwrap_or(0))).to_vec()
}
