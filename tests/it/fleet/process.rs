//! A running `rdprobe scan`: its stdout and stderr line by line, and the signals sent to it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::rehearsal::Kept;

/// Whatever is waited for comes long before this, or never.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The process.
pub(super) struct Running {
    child: Kept,
    out: Lines,
    talk: Lines,
}

/// What came of one of its outputs.
struct Lines {
    from: Receiver<String>,
    seen: Vec<String>,
}

/// What was left of it.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<String>,
    pub(super) stderr: Vec<String>,
}

impl Lines {
    fn of(output: impl Read + Send + 'static) -> Self {
        let (tell, from) = channel();
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        std::thread::spawn(move || lines.try_for_each(|line| tell.send(line)));
        Self { from, seen: Vec::new() }
    }

    #[track_caller]
    fn wait_for(&mut self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.seen.iter().any(|line| line.contains(wanted)) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.from.recv_timeout(left) else {
                panic!("no line has {wanted:?}: {:#?}", self.seen)
            };
            self.seen.push(line);
        }
    }

    fn all(mut self) -> Vec<String> {
        self.seen.extend(self.from);
        self.seen
    }
}

impl Running {
    pub(super) fn scan(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rdprobe"));
        command.arg("scan").args(arguments);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = Kept(command.spawn().unwrap());
        let out = Lines::of(child.stdout.take().unwrap());
        let talk = Lines::of(child.stderr.take().unwrap());
        Self { child, out, talk }
    }

    /// Waits for a line of stdout.
    #[track_caller]
    pub(super) fn wait_for(&mut self, wanted: &str) {
        self.out.wait_for(wanted);
    }

    /// Waits for a line of stderr.
    #[track_caller]
    pub(super) fn wait_for_talk(&mut self, wanted: &str) {
        self.talk.wait_for(wanted);
    }

    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(sent.success(), "{name}");
    }

    /// Waits for the end.
    #[track_caller]
    pub(super) fn end(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end: {:#?}", self.talk.seen);
            std::thread::sleep(Duration::from_millis(20));
        };
        Ended { status, stdout: self.out.all(), stderr: self.talk.all() }
    }
}
