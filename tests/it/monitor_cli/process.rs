//! A running `rdprobe monitor`, its stdout line by line, and the signals sent to it.

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::rehearsal::Kept;

/// Whatever is waited for comes long before this, or never.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The process.
pub(crate) struct Running {
    child: Kept,
    lines: Receiver<String>,
    /// Everything that was on stdout so far.
    pub(crate) seen: Vec<String>,
    /// Everything that was on stderr so far.
    said: Arc<Mutex<String>>,
    hearing: JoinHandle<()>,
}

/// What was left of it.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// From the signal, or whatever else ended it, to the end.
    pub(crate) after: Duration,
}

impl Running {
    /// Starts `rdprobe monitor`, with nothing of a service manager about it but what is given.
    pub(crate) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::of(
            Command::new(env!("CARGO_BIN_EXE_rdprobe"))
                .arg("monitor")
                .args(arguments)
                .env_remove("NOTIFY_SOCKET")
                .env_remove("RUST_LOG")
                .envs(environment.iter().copied())
                .stdin(Stdio::null()),
        )
    }

    /// Starts this, which becomes `rdprobe monitor`.
    pub(crate) fn of(command: &mut Command) -> Self {
        let mut child = Kept(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = Arc::new(Mutex::new(String::new()));
        let into = Arc::clone(&said);
        let hearing = std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                into.lock().unwrap().extend([line.as_str(), "\n"]);
            }
        });
        Self { child, lines, seen: Vec::new(), said, hearing }
    }

    /// Waits for a line of stdout.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, wanted: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line has {wanted:?}: {:#?}", self.seen)
            };
            self.seen.push(line.clone());
            if line.contains(wanted) {
                return line;
            }
        }
    }

    /// Waits until this was said on stderr.
    #[track_caller]
    pub(crate) fn wait_until_said(&self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.said.lock().unwrap().contains(wanted) {
            assert!(Instant::now() < deadline, "{wanted:?} is not said: {}", self.said.lock().unwrap());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
        assert!(sent.success(), "{name}");
    }

    /// Sends a signal and waits for the end.
    pub(crate) fn end_by(self, signal: &str) -> Ended {
        self.signal(signal);
        self.wait()
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ended {
        let began = Instant::now();
        let deadline = began + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            std::thread::sleep(Duration::from_millis(5));
        };
        let after = began.elapsed();
        self.hearing.join().unwrap();
        let stderr = self.said.lock().unwrap().clone();
        self.seen.extend(self.lines.iter());
        Ended { status, stdout: self.seen.join("\n"), stderr, after }
    }
}
