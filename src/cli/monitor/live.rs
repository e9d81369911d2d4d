//! The live view on the terminal: a thread of its own, so that a slow terminal never holds up a round.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{Clear, ClearType, disable_raw_mode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::DefaultTerminal;
use rdprobe::monitor::board::Board;
use rdprobe::monitor::latency::Phase;
use rdprobe::monitor::state::State;
use rdprobe::monitor::view::TargetView;
use rdprobe::monitor::watched::Watched;
use rdprobe::render::live::{Bar, Key, Live, Look, Overview, Page, Scene, Wish, bars, draw};
use tokio::sync::mpsc;

use super::recent::Recent;
use super::{Ask, counts, states, terminal};
use crate::cli::args::Color;
use crate::cli::log;

/// From one picture to the next while no key is pressed.
const EVERY: Duration = Duration::from_millis(250);

/// The terminal while it shows the live view.
#[derive(Debug)]
pub(super) struct Screen {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
    /// Who is to be told of events, so that they are shown.
    pub(super) recent: Arc<Recent>,
    /// Whatever is said meanwhile would tear the picture.
    hold: log::Hold,
}

/// Whether there is a terminal to show it on, and somebody to press keys.
pub(super) fn is_possible() -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    io::stdout().is_terminal() && io::stdin().is_terminal() && !dumb
}

impl Screen {
    /// Takes the terminal over. Whoever quits sends [`Ask::Stop`].
    ///
    /// # Errors
    /// If the terminal refuses, or the system gives no thread.
    pub(super) fn open(board: Arc<Board>, asks: mpsc::Sender<Ask>, color: Color) -> io::Result<Self> {
        let recent = Arc::new(Recent::default());
        let hold = log::Hold::begin();
        let stop = Arc::new(AtomicBool::new(false));
        let terminal = ratatui::try_init()?;
        let look = look(color);
        let picture = Picture {
            board,
            recent: Arc::clone(&recent),
            look,
            began: Timestamp::now(),
            zone: TimeZone::system(),
        };
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        watch_for_the_end(asks.clone(), Arc::clone(&stop));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("screen".to_owned()).spawn(move || {
            // However this ends, nobody is left who could press q.
            let _quit = Quit(asks);
            if let Err(error) = show(terminal, &picture, &stopped) {
                tracing::warn!("the live view ended: {error}");
            }
        });
        match thread {
            Ok(thread) => Ok(Self { stop, thread, recent, hold }),
            Err(error) => {
                ratatui::restore();
                Err(error)
            }
        }
    }

    /// Asks the thread to give the terminal back; it may take until it would have drawn again.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until the terminal is given back, and tells what was held back. False if the terminal is gone or
    /// takes nothing any more: who writes to it then, waits for ever.
    #[must_use]
    pub(super) fn close(self, patience: Duration) -> bool {
        self.stop();
        let deadline = Instant::now() + patience;
        while !self.thread.is_finished() {
            if Instant::now() >= deadline {
                self.abandon();
                return false;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        if ratatui::try_restore().is_err() {
            self.abandon();
            return false;
        }
        // tmux leaves parts of the picture there if it was resized meanwhile. A terminal that is gone has no leftovers.
        drop(crossterm::execute!(io::stdout(), Clear(ClearType::FromCursorDown)));
        drop(self.hold);
        true
    }

    /// Leaves a terminal that takes nothing or is gone, its keys as they were before: that needs nothing written.
    fn abandon(self) {
        // A terminal that is gone needs nothing given back.
        drop(disable_raw_mode());
        if io::stderr().is_terminal() {
            self.hold.for_ever();
        }
    }
}

/// Asks for the end when the terminal is closed.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn watch_for_the_end(asks: mpsc::Sender<Ask>, stopped: Arc<AtomicBool>) {
    let watch = move || {
        if terminal::is_closed_before(&stopped) {
            // Full: then the end is asked for already.
            _ = asks.try_send(Ask::Stop);
        }
    };
    // Not joined: it ends by itself soon after a stop.
    if let Err(error) = std::thread::Builder::new().name("terminal".to_owned()).spawn(watch) {
        tracing::warn!("a terminal that is closed may not be noticed: {error}");
    }
}

/// Asks for the end when it is dropped.
struct Quit(mpsc::Sender<Ask>);

impl Drop for Quit {
    fn drop(&mut self) {
        // Full: then the end is asked for already, or will be when the terminal is gone.
        _ = self.0.try_send(Ask::Stop);
    }
}

/// Where the pictures come from.
struct Picture {
    board: Arc<Board>,
    recent: Arc<Recent>,
    look: Look,
    began: Timestamp,
    zone: TimeZone,
}

fn show(mut terminal: DefaultTerminal, picture: &Picture, stopped: &AtomicBool) -> io::Result<()> {
    let mut live = Live::default();
    while !stopped.load(Ordering::Relaxed) {
        picture.draw(&mut terminal, &mut live)?;
        match wait_for_keys(&mut live, stopped)? {
            Wish::Draw => {}
            Wish::Redraw => terminal.clear()?,
            Wish::Quit => break,
        }
    }
    ratatui::try_restore()
}

impl Picture {
    fn draw(&self, terminal: &mut DefaultTerminal, live: &mut Live) -> io::Result<()> {
        let states = states(&self.board);
        live.arrange(&states, terminal.size()?.height);
        let scene = Scene {
            overview: self.overview(&states),
            rows: self.rows(live),
            events: self.recent.events(),
            bars: self.bars(live),
        };
        terminal.draw(|frame| draw(frame, live, &scene, self.look))?;
        Ok(())
    }

    /// Only the targets that are on the screen.
    fn rows(&self, live: &Live) -> Vec<TargetView> {
        let look = if live.page() == Page::Detail { Watched::view } else { Watched::glance };
        live.wanted().into_iter().filter_map(|place| self.board.with(place, look)).collect()
    }

    /// The histogram of the target whose page is open.
    fn bars(&self, live: &Live) -> Vec<Bar> {
        let chosen = live.wanted().first().copied().filter(|_| live.page() == Page::Detail);
        let total = |watched: &Watched| watched.latency().raw(Phase::Total).map(|all| bars(&all));
        chosen.and_then(|place| self.board.with(place, total)).flatten().unwrap_or_default()
    }

    fn overview(&self, states: &[State]) -> Overview {
        Overview {
            counts: counts(states),
            began: self.began,
            now: Timestamp::now(),
            zone: self.zone.clone(),
            said: log::Hold::latest(),
        }
    }
}

/// Takes keys until it is time for the next picture; a key asks for one at once.
fn wait_for_keys(live: &mut Live, stopped: &AtomicBool) -> io::Result<Wish> {
    let deadline = Instant::now() + EVERY;
    while !stopped.load(Ordering::Relaxed) {
        if !terminal::event_within(deadline.saturating_duration_since(Instant::now()))? {
            break;
        }
        match event::read()? {
            Event::Key(pressed) => {
                let Some(key) = key(pressed) else { continue };
                return Ok(live.press(key));
            }
            Event::Resize(..) => break,
            Event::FocusGained | Event::FocusLost | Event::Mouse(_) | Event::Paste(_) => {}
        }
    }
    Ok(Wish::Draw)
}

/// What a key means here, if anything.
fn key(pressed: KeyEvent) -> Option<Key> {
    if pressed.kind == KeyEventKind::Release {
        return None;
    }
    if pressed.modifiers.contains(KeyModifiers::CONTROL) {
        return match pressed.code {
            KeyCode::Char('c') => Some(Key::Quit),
            KeyCode::Char('l') => Some(Key::Redraw),
            _ => None,
        };
    }
    match pressed.code {
        KeyCode::Up | KeyCode::Char('k') => Some(Key::Up),
        KeyCode::Down | KeyCode::Char('j') => Some(Key::Down),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown | KeyCode::Char(' ') => Some(Key::PageDown),
        KeyCode::Home | KeyCode::Char('g') => Some(Key::Home),
        KeyCode::End | KeyCode::Char('G') => Some(Key::End),
        KeyCode::Left | KeyCode::Char('h') => Some(Key::Left),
        KeyCode::Right | KeyCode::Char('l') => Some(Key::Right),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Esc | KeyCode::Backspace => Some(Key::Escape),
        KeyCode::Char('s') => Some(Key::Sort),
        KeyCode::Char('?') => Some(Key::Help),
        KeyCode::Char('q') => Some(Key::Quit),
        _ => None,
    }
}

fn look(color: Color) -> Look {
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never,
    };
    Look { color, unicode: shows_blocks() }
}

/// Whether the terminal shows more than ASCII: elsewhere the locale tells, Windows' console does.
fn shows_blocks() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG")).unwrap_or_default();
    let locale = locale.to_ascii_lowercase();
    cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8")
}
