//! Hands packets between two TUN devices on after a delay: stdin is one device, stdout the other, as
//! tests/lab/tundelay.py has opened them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

use super::Ended;

/// How many packets are read from a device before the due ones are handed on.
const BATCH: usize = 64;

/// Relays until the process is ended. Both directions wait alike, so that one queue keeps the order.
pub(crate) fn run(delay: Duration) -> Ended {
    let client = File::from(std::io::stdin().as_fd().try_clone_to_owned()?);
    let server = File::from(std::io::stdout().as_fd().try_clone_to_owned()?);
    let mut queue: VecDeque<(Instant, bool, Box<[u8]>)> = VecDeque::new();
    let mut packet = vec![0; 65_536];
    loop {
        while queue.front().is_some_and(|(due, ..)| *due <= Instant::now()) {
            let Some((_, from_client, packet)) = queue.pop_front() else { break };
            // A packet that cannot be handed on is lost, as on any path.
            drop((if from_client { &server } else { &client }).write(&packet));
        }
        let wait = queue.front().map(|(due, ..)| due.saturating_duration_since(Instant::now()));
        let wait = wait.unwrap_or(Duration::from_secs(1));
        let mut fds = [&client, &server].map(|device| PollFd::new(device.as_fd(), PollFlags::POLLIN));
        ppoll(&mut fds, Some(TimeSpec::from(wait)), None)?;
        let ready = fds.map(|fd| fd.any().unwrap_or(false));
        for (device, from_client, ready) in [(&client, true, ready[0]), (&server, false, ready[1])] {
            for _ in 0..if ready { BATCH } else { 0 } {
                let mut device = device;
                match device.read(&mut packet) {
                    Ok(length) => {
                        queue.push_back((Instant::now() + delay, from_client, packet[..length].into()));
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
}
