//! The live view on a terminal whose other side reads no more, as that of a hung SSH session.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::libc::O_NONBLOCK;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::process::PATIENCE;
use crate::rehearsal::{Kept, closed};

/// Reads what is drawn until this is there.
fn wait_for(wanted: &str, master: &mut File) {
    let (mut drawn, mut piece) = (String::new(), [0; 4096]);
    let deadline = Instant::now() + PATIENCE;
    while !drawn.contains(wanted) {
        let left = deadline.saturating_duration_since(Instant::now()).as_millis();
        let mut readable = [PollFd::new(master.as_fd(), PollFlags::POLLIN)];
        assert_ne!(poll(&mut readable, PollTimeout::try_from(left).unwrap()).unwrap(), 0, "{drawn:?}");
        let length = master.read(&mut piece).unwrap();
        drawn.push_str(&String::from_utf8_lossy(&piece[..length]));
    }
}

/// Writes until the terminal takes nothing any more.
fn fill(path: &std::path::Path) {
    let mut terminal = File::options().write(true).custom_flags(O_NONBLOCK).open(path).unwrap();
    let full = std::iter::repeat_with(|| terminal.write(b"x")).find_map(Result::err).unwrap();
    assert_eq!(full.kind(), ErrorKind::WouldBlock);
}

#[test]
fn sigterm_ends_it_and_gives_the_keys_back() {
    let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
    let terminal = openpty(&size, None).unwrap();
    let path = nix::unistd::ttyname(&terminal.slave).unwrap();
    let is_line_by_line = || tcgetattr(&terminal.slave).unwrap().local_flags.contains(LocalFlags::ICANON);
    let side = || terminal.slave.try_clone().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command
        .args(["monitor", &closed().to_string(), "--interval", "100ms"])
        .env("TERM", "xterm")
        .stdin(side())
        .stdout(side())
        .stderr(side());
    let mut child = Kept(command.spawn().unwrap());
    wait_for("127.0.0.1", &mut File::from(terminal.master.try_clone().unwrap()));
    assert!(!is_line_by_line());
    fill(&path);
    let sent = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it waits for a terminal that takes nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(is_line_by_line());
}
