//! The program's own log on stderr, by `RUST_LOG`; log and talk are held back while a screen is drawn.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdprobe::render::escape;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Without `RUST_LOG`: what this program finds worth a warning, and the errors of its libraries.
const USUAL: &str = "error,rdprobe=warn";

/// Older lines than these are not kept while a screen is drawn.
const KEPT: usize = 200;

/// What was told while a screen is drawn; none while there is no screen.
static HELD: Mutex<Option<VecDeque<String>>> = Mutex::new(None);

/// Begins the log. A `RUST_LOG` that is none is told, and overlooked.
pub(super) fn start() {
    let wanted = std::env::var("RUST_LOG").ok().filter(|wanted| !wanted.is_empty());
    let (filter, mistake) = match wanted.as_deref().map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(mistake)) => (EnvFilter::new(USUAL), Some(mistake)),
        None => (EnvFilter::new(USUAL), None),
    };
    let color = io::stderr().is_terminal()
        && anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never;
    // Fails only where there is a log already.
    drop(
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_ansi(color)
            .with_writer(Lines { color })
            .try_init(),
    );
    if let Some(mistake) = mistake {
        tell(&format!("rdprobe: RUST_LOG is not understood: {mistake}\n"));
    }
}

/// Writes whole lines to stderr, or keeps them until the screen is gone. What a terminal would act upon is escaped: an
/// argument, a file or a peer may be quoted in them.
pub(super) fn tell(lines: &str) {
    tell_as_is(&lines.split('\n').map(escape::escape).collect::<Vec<_>>().join("\n"));
}

fn tell_as_is(lines: &str) {
    if let Some(held) = held().as_mut() {
        held.extend(lines.lines().map(str::to_owned));
        held.drain(..held.len().saturating_sub(KEPT));
        return;
    }
    // stderr gone: nobody is left to tell.
    drop(io::stderr().write_all(lines.as_bytes()));
}

/// While it lives nothing is written to stderr; then everything that was told meanwhile.
#[derive(Debug)]
pub(super) struct Hold(());

impl Hold {
    pub(super) fn begin() -> Self {
        held().get_or_insert_default();
        Self(())
    }

    /// The line that was told last.
    pub(super) fn latest() -> Option<String> {
        held().as_ref().and_then(|held| held.back().cloned())
    }

    /// Keeps what is told until the process ends, where stderr is a terminal that takes nothing any more.
    pub(super) fn for_ever(self) {
        _ = ManuallyDrop::new(self);
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let told = held().take().unwrap_or_default();
        for line in told {
            tell_as_is(&format!("{line}\n"));
        }
    }
}

fn held() -> MutexGuard<'static, Option<VecDeque<String>>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the log writes to: one call a line.
#[derive(Debug, Clone, Copy)]
struct Lines {
    /// Whether the lines have colours of their own; the log escapes what is between them.
    color: bool,
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        if self.color {
            tell_as_is(&text)
        } else {
            tell(&text)
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
