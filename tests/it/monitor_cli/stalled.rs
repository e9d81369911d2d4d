//! The live view on a terminal whose other side reads no more, as that of a hung SSH session, or is closed.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{PtyMaster, grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{LocalFlags, tcgetattr};

use super::process::PATIENCE;
use crate::rehearsal::{Kept, closed};

/// The two sides of a terminal.
struct Terminal {
    master: PtyMaster,
    slave: File,
}

/// A terminal of which no child inherits a side: a child of another test, begun at that moment, would keep it open.
fn terminal() -> Terminal {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let path = ptsname_r(&master).unwrap();
    let slave = File::options().read(true).write(true).custom_flags(O_NOCTTY).open(path).unwrap();
    let sized =
        Command::new("stty").args(["rows", "24", "cols", "80"]).stdin(slave.try_clone().unwrap()).status();
    assert!(sized.unwrap().success());
    Terminal { master, slave }
}

impl Terminal {
    fn side(&self) -> Stdio {
        self.slave.try_clone().unwrap().into()
    }
}

/// The monitor on a terminal, reading its targets from a list.
fn start(list: &tempfile::NamedTempFile, terminal: &Terminal, stdout: Stdio) -> Kept {
    writeln!(list.as_file(), "{}", closed()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
    command
        .args(["monitor", "--interval", "100ms", "--targets"])
        .arg(list.path())
        .env("TERM", "xterm")
        .stdin(terminal.side())
        .stdout(stdout)
        .stderr(terminal.side());
    Kept(command.spawn().unwrap())
}

#[track_caller]
fn wait_for_the_end(mut child: Kept) {
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < deadline, "it waits for a terminal that takes nothing, or is gone");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Reads what is drawn until this is there.
fn wait_for(wanted: &str, master: &mut PtyMaster) {
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
    let (list, mut terminal) = (tempfile::NamedTempFile::new().unwrap(), terminal());
    let path = nix::unistd::ttyname(&terminal.slave).unwrap();
    let is_line_by_line = || tcgetattr(&terminal.slave).unwrap().local_flags.contains(LocalFlags::ICANON);
    let child = start(&list, &terminal, terminal.side());
    wait_for("127.0.0.1", &mut terminal.master);
    assert!(!is_line_by_line());
    fill(&path);
    let sent = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
    wait_for_the_end(child);
    assert!(is_line_by_line());
}

/// Nobody sends a signal here: that the terminal is gone is seen by itself.
#[test]
fn a_live_view_whose_terminal_is_closed_ends() {
    let (list, mut terminal) = (tempfile::NamedTempFile::new().unwrap(), terminal());
    let child = start(&list, &terminal, terminal.side());
    wait_for("127.0.0.1", &mut terminal.master);
    drop(terminal);
    wait_for_the_end(child);
}

#[test]
fn sighup_of_a_closed_terminal_ends_it_though_there_is_a_list_to_read_again() {
    let (list, terminal) = (tempfile::NamedTempFile::new().unwrap(), terminal());
    let mut child = start(&list, &terminal, Stdio::piped());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("DOWN")));
    drop(terminal);
    let sent = Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    // The pipe is read to its end, so that no line is what ends it.
    let rest = std::thread::spawn(move || lines.count());
    wait_for_the_end(child);
    rest.join().unwrap();
}
