//! `--on-change COMMAND`: a command run once an event, which it reads as JSON on its standard input.
//!
//! No shell ever sees the command: it is split into program and arguments by the shell's rules for blanks and quotes,
//! and by no other. Events wait in a queue; one command runs at a time, on a thread of its own, for half a minute at most.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rdprobe::monitor::event::Event;
use rdprobe::monitor::listen::Listener;
use rdprobe::monitor::outbox::{Courier, Outbox};
use rdprobe::render::escape;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::error::Elapsed;
use tokio::time::timeout;

use crate::cli::Trouble;
use crate::cli::settings::UsageError;

/// So many events may wait.
const MOST: usize = 256;

/// How long one command may run.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long what it said is waited for once it has ended: something that it left behind may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// So many bytes of what it says go to the log, of each of its two outputs.
const SAID: u64 = 4096;

/// Runs the command. A [`Listener`] that never waits.
#[derive(Debug)]
pub(super) struct OnChange(Courier);

impl OnChange {
    /// Starts the thread that runs `command`.
    ///
    /// # Errors
    /// If the command cannot be split into words, or there is no thread.
    pub(super) fn start(command: &str) -> Result<Self, Trouble> {
        let words = words(command)?;
        let runtime = crate::cli::runtime()?;
        let outbox = Outbox::new("the command of --on-change", MOST);
        let run = move |_: &Outbox, event: &str| runtime.block_on(run_once(&words, event));
        Courier::start("on-change", outbox, run).map(Self).map_err(Trouble::Start)
    }

    /// Waits, for no longer than `patience`, until a command has been run for every event.
    pub(super) fn finish(&self, patience: Duration) {
        if !self.0.finish(patience) {
            tracing::warn!("the command of --on-change was not run for every event in time");
        }
    }
}

impl Listener for OnChange {
    fn event(&self, event: &Event) {
        self.0.event(event);
    }
}

/// The program and its arguments.
fn words(command: &str) -> Result<Vec<String>, UsageError> {
    let words =
        shlex::split(command).filter(|words| words.first().is_some_and(|program| !program.is_empty()));
    words.ok_or_else(|| UsageError {
        message: format!("no command for --on-change: {}", escape::escape(command)),
        hint: Some(
            "a program and its arguments, such as '/usr/local/bin/page-me --team \"on call\"'".to_owned(),
        ),
    })
}

/// Runs the command for one event and logs how it ended.
async fn run_once(words: &[String], event: &str) {
    let Some((program, arguments)) = words.split_first() else { return };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A group of its own, so that what it starts can be ended with it, and Ctrl-C here is not its concern.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            tracing::warn!("cannot run {}: {error}", escape::escape(program));
            return;
        }
    };
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A command that does not read has its reasons.
            drop(stdin.write_all(format!("{event}\n").as_bytes()).await);
            drop(stdin.shutdown().await);
        }
    };
    let outputs = [
        ("stdout", tokio::spawn(heard(child.stdout.take()))),
        ("stderr", tokio::spawn(heard(child.stderr.take()))),
    ];
    let ends = async { tokio::join!(feed, child.wait()).1 };
    let ended = timeout(PATIENCE, ends).await;
    if ended.is_err() {
        kill(&mut child).await;
    }
    log_end(program, ended);
    for (name, mut said) in outputs {
        match timeout(LAST_WORDS, &mut said).await {
            Ok(Ok(said)) if !said.is_empty() => {
                tracing::info!(
                    "{} says on {name}: {}",
                    escape::escape(program),
                    escape::escape(said.trim_end())
                );
            }
            Ok(_) => {}
            Err(_) => said.abort(),
        }
    }
}

/// The first bytes of what it says; the rest is read, so that it need not wait, and dropped.
async fn heard(pipe: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut pipe) = pipe else { return String::new() };
    let mut said = Vec::new();
    if (&mut pipe).take(SAID).read_to_end(&mut said).await.is_ok() {
        drop(tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await);
    }
    String::from_utf8_lossy(&said).into_owned()
}

/// Ends it and what it started.
async fn kill(child: &mut Child) {
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    if let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()) {
        use nix::sys::signal::{Signal, killpg};
        // The group may be gone already.
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
    drop(child.kill().await);
}

fn log_end(program: &str, ended: Result<io::Result<ExitStatus>, Elapsed>) {
    let program = escape::escape(program);
    match ended {
        Err(_) => tracing::warn!("{program} was killed: it ran for longer than {} s", PATIENCE.as_secs()),
        Ok(Ok(status)) if status.success() => tracing::info!("{program} ended: {status}"),
        Ok(Ok(status)) => tracing::warn!("{program} ended: {status}"),
        Ok(Err(error)) => tracing::warn!("{program} ended, and nobody knows how: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use rdprobe::monitor::event::What;
    use rdprobe::monitor::state::State;

    use super::*;

    fn event(target: &str) -> Event {
        let what = What::Diagnosed { state: State::Down, summary: "x".repeat(100_000), cause: None };
        Event::new(jiff::Timestamp::UNIX_EPOCH, target, what)
    }

    /// Runs a script for each of these targets, and returns the folder that it ran in.
    #[cfg(unix)]
    fn ran(script: &str, targets: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("script");
        std::fs::write(&path, format!("cd '{}'\n{script}\n", folder.path().display())).unwrap();
        let hook = OnChange::start(&format!("sh '{}' 'one $HOME' two", path.display())).unwrap();
        for target in targets {
            hook.event(&event(target));
        }
        hook.finish(Duration::from_secs(60));
        folder
    }

    #[cfg(unix)]
    #[test]
    fn the_command_reads_each_event_in_order() {
        let folder = ran("cat >> events; printf '%s|' \"$@\" >> words", &["vm1", "vm2"]);
        let events = std::fs::read_to_string(folder.path().join("events")).unwrap();
        let read: Vec<Event> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(read, [event("vm1"), event("vm2")]);
        let words = std::fs::read_to_string(folder.path().join("words")).unwrap();
        assert_eq!(words, "one $HOME|two|".repeat(2));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_reads_nothing_talks_much_and_leaves_something_behind_holds_nobody_up() {
        // The sleep keeps both pipes open for longer than the test may wait.
        let folder = ran(
            "yes | head -c 1000000; sleep 3600 & echo $! >> left; echo done >> ended; exit 3",
            &["vm1", "vm2"],
        );
        let left = std::fs::read_to_string(folder.path().join("left")).unwrap();
        for id in left.lines() {
            assert!(std::process::Command::new("kill").arg(id).status().unwrap().success());
        }
        assert_eq!(std::fs::read_to_string(folder.path().join("ended")).unwrap(), "done\ndone\n");
    }

    #[test]
    fn a_program_that_is_not_there_is_no_end_of_the_monitor() {
        let hook = OnChange::start("/nonexistent/program").unwrap();
        hook.event(&event("vm1"));
        // True only once the outbox is closed and nothing is left in it.
        assert!(hook.0.finish(Duration::from_secs(60)));
    }

    #[test]
    fn a_command_is_words_and_never_a_script() {
        let split = |command| words(command).map_err(|error| error.to_string());
        assert_eq!(
            split("/bin/page  --team 'on call' \"a b\" c\\ d").unwrap(),
            ["/bin/page", "--team", "on call", "a b", "c d"]
        );
        assert_eq!(
            split("page; rm -rf $HOME | `id` > x").unwrap(),
            ["page;", "rm", "-rf", "$HOME", "|", "`id`", ">", "x"]
        );
        for wrong in ["", "   ", "'open", "''"] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
