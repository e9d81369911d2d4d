//! The terminal that somebody sits at: whether it is there, and whether something was pressed.

use std::io;
use std::time::Duration;

/// Whether somebody sits at standard input or output. A terminal that was closed is none any more.
#[cfg(unix)]
pub(super) fn is_there() -> bool {
    use std::io::IsTerminal;
    io::stdin().is_terminal() || io::stdout().is_terminal()
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
    use nix::errno::Errno;
    use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
    use std::os::fd::AsFd;
    let stdin = io::stdin();
    let mut ready = [PollFd::new(stdin.as_fd(), PollFlags::POLLIN)];
    match poll(&mut ready, PollTimeout::try_from(patience).unwrap_or(PollTimeout::MAX)) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(error) => return Err(error.into()),
    }
    let [ready] = ready;
    let seen = ready.revents().unwrap_or(PollFlags::empty());
    if seen.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the terminal was closed"));
    }
    Ok(seen.contains(PollFlags::POLLIN))
}

/// Waits for a key or another event of the terminal; whether there is one to be read.
///
/// # Errors
/// If the terminal cannot be waited for.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
pub(super) fn event_within(patience: Duration) -> io::Result<bool> {
    crossterm::event::poll(patience)
}
