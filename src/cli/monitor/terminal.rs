//! The terminal that somebody sits at: whether it is there, and whether something was pressed.

use std::io;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(any(target_os = "linux", target_os = "macos"))]
use nix::poll::PollFlags;

/// Whether somebody sits at standard input or output. A terminal that was closed is none any more.
#[cfg(unix)]
pub(super) fn is_there() -> bool {
    use std::io::IsTerminal;
    io::stdin().is_terminal() || io::stdout().is_terminal()
}

/// Waits until the terminal is closed; false if `stopped` is set before. Whoever waits for keys may hang by then:
/// crossterm never comes back from a terminal that is closed just when it begins to read.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn is_closed_before(stopped: &AtomicBool) -> bool {
    /// How soon a stop is seen.
    const EVERY: Duration = Duration::from_millis(200);
    while !stopped.load(Ordering::Relaxed) {
        // Nothing is waited for but what is always told: that it is closed.
        if seen_within(PollFlags::empty(), EVERY).is_err() {
            return true;
        }
    }
    false
}

/// Waits for a key or another event of the terminal; whether there is one to be read.
///
/// # Errors
/// If the terminal was closed. crossterm would never come back from one that is closed while it waits, so the waiting is
/// done here, and crossterm is asked for what is there already.
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(super) fn event_within(patience: Duration) -> io::Result<bool> {
    use crossterm::event::poll;
    /// A key that is there is read long before.
    const READ: Duration = Duration::from_millis(20);
    input_within(Duration::ZERO)?;
    // What was read with the key before, or another size.
    if poll(Duration::ZERO)? {
        return Ok(true);
    }
    let is_ready = input_within(patience)?;
    poll(if is_ready { READ } else { Duration::ZERO })
}

/// Waits for standard input to have something to read; a signal ends the wait.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn input_within(patience: Duration) -> io::Result<bool> {
    Ok(seen_within(PollFlags::POLLIN, patience)?.contains(PollFlags::POLLIN))
}

/// Waits for something on standard input; what was seen.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn seen_within(wanted: PollFlags, patience: Duration) -> io::Result<PollFlags> {
    use nix::errno::Errno;
    use nix::poll::{PollFd, PollTimeout, poll};
    use std::os::fd::AsFd;
    let stdin = io::stdin();
    let mut ready = [PollFd::new(stdin.as_fd(), wanted)];
    match poll(&mut ready, PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let [ready] = ready;
    let seen = ready.revents().unwrap_or(PollFlags::empty());
    if seen.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal was closed"));
    }
    Ok(seen)
}

/// Waits for a key or another event of the terminal; whether there is one to be read.
///
/// # Errors
/// If the terminal cannot be waited for.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn event_within(patience: Duration) -> io::Result<bool> {
    crossterm::event::poll(patience)
}
