//! What is asked of a running monitor from outside: signals, and the Enter key where lines are shown.

use tokio::sync::mpsc;

#[cfg(unix)]
use super::terminal;

/// Something is asked of the monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// End, with a summary.
    Stop,
    /// Read the targets again.
    #[cfg_attr(not(unix), expect(dead_code, reason = "a signal asks for it, which there is none of"))]
    Reload,
    /// Print the table.
    Summary,
}

/// Listens for signals. Without a file to read again, or with a terminal that is gone, SIGHUP means what it always means:
/// nobody is there any more.
pub(super) fn listen(asks: &mpsc::Sender<Ask>, has_file: bool) {
    let stop = asks.clone();
    tokio::spawn(async move {
        crate::cli::stop_asked().await;
        _ = stop.send(Ask::Stop).await;
    });
    #[cfg(unix)]
    {
        use tokio::signal::unix::SignalKind;
        let began_at_one = terminal::is_there();
        forward(SignalKind::hangup(), asks, move || {
            let is_gone = terminal::is_there() != began_at_one;
            if has_file && !is_gone { Ask::Reload } else { Ask::Stop }
        });
        forward(SignalKind::user_defined1(), asks, || Ask::Summary);
    }
    #[cfg(not(unix))]
    let _ = has_file;
}

#[cfg(unix)]
fn forward(
    kind: tokio::signal::unix::SignalKind,
    asks: &mpsc::Sender<Ask>,
    ask: impl Fn() -> Ask + Send + 'static,
) {
    let Ok(mut signals) = tokio::signal::unix::signal(kind) else { return };
    let asks = asks.clone();
    tokio::spawn(async move { while signals.recv().await.is_some() && asks.send(ask()).await.is_ok() {} });
}

/// Takes Enter for a wish to see the table, where somebody sits at a terminal.
pub(super) fn listen_for_enter(asks: &mpsc::Sender<Ask>) {
    use std::io::IsTerminal;
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return;
    }
    let asks = asks.clone();
    // Not joined: it waits for a key until the process ends.
    let started = std::thread::Builder::new().name("enter".to_owned()).spawn(move || {
        while key::next_line() {
            if asks.blocking_send(Ask::Summary).is_err() {
                break;
            }
        }
    });
    if let Err(error) = started {
        tracing::warn!("Enter prints no table: {error}");
    }
}

#[cfg(any(target_os = "linux", target_os = "macos"))]
mod key {
    use std::io::{self, BufRead};
    use std::os::fd::AsFd;
    use std::time::Duration;

    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use nix::unistd::{getpgrp, tcgetpgrp};

    /// From one look at the terminal to the next.
    const LOOK: Duration = Duration::from_millis(500);

    /// Waits for a line; false if none can come. The system stops a process in the background that reads from the
    /// terminal, so it is read only in the foreground.
    pub(super) fn next_line() -> bool {
        loop {
            let stdin = io::stdin();
            let mut ready = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
            let timeout = PollTimeout::try_from(LOOK).unwrap_or(PollTimeout::ZERO);
            let is_ready = poll(&mut ready, timeout).is_ok_and(|count| count > 0);
            let in_front = tcgetpgrp(stdin.as_fd()).is_ok_and(|group| group == getpgrp());
            if is_ready && in_front {
                return stdin.lock().read_line(&mut String::new()).is_ok_and(|read| read > 0);
            }
            if is_ready {
                std::thread::sleep(LOOK);
            }
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
mod key {
    use std::io::{self, BufRead};

    /// Waits for a line; false if none can come.
    pub(super) fn next_line() -> bool {
        io::stdin().lock().read_line(&mut String::new()).is_ok_and(|read| read > 0)
    }
}
