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
use tokio::sync::watch;
use tokio::time::timeout;

use crate::cli::Trouble;
use crate::cli::settings::UsageError;

/// So many events may wait.
const MOST: usize = 256;

/// How long one command may run.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long what it said is waited for once it has ended: something that it left behind may hold the pipe open.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// How long its death is waited for when the monitor ends.
const KILLED_WITHIN: Duration = Duration::from_millis(100);

/// So many bytes of what it says go to the log, of each of its two outputs.
const SAID: u64 = 4096;

/// Runs the command. A [`Listener`] that never waits.
#[derive(Debug)]
pub(super) struct OnChange {
    courier: Courier,
    /// True once nobody waits for it any more.
    stop: watch::Sender<bool>,
}

/// Why it was killed.
#[derive(Debug, Clone, Copy)]
enum Killed {
    TooLong,
    AtTheEnd,
}

impl OnChange {
    /// Starts the thread that runs `command`.
    ///
    /// # Errors
    /// If the command cannot be split into words, its program is not there or may not be run, or there is no thread.
    pub(super) fn start(command: &str) -> Result<Self, Trouble> {
        let words = words(command)?;
        look_for(&words)?;
        let runtime = crate::cli::runtime()?;
        let (stop, stopped) = watch::channel(false);
        let outbox = Outbox::new("the command of --on-change", MOST);
        let run = move |_: &Outbox, event: &str| runtime.block_on(run_once(&words, event, stopped.clone()));
        let courier = Courier::start("on-change", outbox, run).map_err(Trouble::Start)?;
        Ok(Self { courier, stop })
    }

    /// Waits, for no longer than `patience`, until a command has been run for every event; one that still runs then is
    /// killed.
    pub(super) fn finish(&self, patience: Duration) {
        if !self.courier.finish(patience) {
            tracing::warn!("the command of --on-change was not run for every event in time");
            self.stop.send_replace(true);
            // If even that is not over in time, it ends on its own.
            let _ = self.courier.finish(KILLED_WITHIN);
        }
    }
}

impl Listener for OnChange {
    fn event(&self, event: &Event) {
        self.courier.event(event);
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

/// Looks whether the program is there, so that nobody finds out by the first outage.
fn look_for(words: &[String]) -> Result<(), UsageError> {
    let found = words.first().is_some_and(|program| which::which(program).is_ok());
    let program = words.first().map(|program| escape::escape(program)).unwrap_or_default();
    if found {
        return Ok(());
    }
    Err(UsageError {
        message: format!("cannot run {program} for --on-change: there is no such program"),
        hint: Some("is its path right, or is it in the PATH, and may you execute it?".to_owned()),
    })
}

/// Runs the command for one event and logs how it ended; not at all, or not to its end, once it is stopped.
async fn run_once(words: &[String], event: &str, mut stopped: watch::Receiver<bool>) {
    let Some((program, arguments)) = words.split_first().filter(|_| !*stopped.borrow()) else { return };
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
    let ended = tokio::select! {
        ended = timeout(PATIENCE, ends) => ended.map_err(|_| Killed::TooLong),
        _ = stopped.wait_for(|stopped| *stopped) => Err(Killed::AtTheEnd),
    };
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

fn log_end(program: &str, ended: Result<io::Result<ExitStatus>, Killed>) {
    let program = escape::escape(program);
    match ended {
        Err(Killed::TooLong) => {
            tracing::warn!("{program} was killed: it ran for longer than {} s", PATIENCE.as_secs());
        }
        Err(Killed::AtTheEnd) => tracing::warn!("{program} was killed: the monitor ends"),
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
    fn a_program_that_is_not_there_is_refused_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("text");
        std::fs::write(&text, "no program").unwrap();
        for program in ["/nonexistent/program", "rdprobe-no-such-program", text.to_str().unwrap()] {
            let refused = OnChange::start(program).unwrap_err().to_string();
            assert!(refused.starts_with("cannot run ") && refused.contains(program), "{refused}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_that_is_gone_later_is_no_end_of_the_monitor() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        std::fs::write(&program, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let hook = OnChange::start(program.to_str().unwrap()).unwrap();
        std::fs::remove_file(&program).unwrap();
        hook.event(&event("vm1"));
        // True only once the outbox is closed and nothing is left in it.
        assert!(hook.courier.finish(Duration::from_secs(60)));
    }

    #[cfg(unix)]
    #[test]
    fn what_still_runs_at_the_end_is_killed_with_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let started = folder.path().join("started");
        let script = folder.path().join("script");
        let text =
            format!("sleep 3600 & echo $! $$ > '{0}.new'; mv '{0}.new' '{0}'; wait", started.display());
        std::fs::write(&script, text).unwrap();
        let hook = OnChange::start(&format!("sh '{}'", script.display())).unwrap();
        hook.event(&event("vm1"));
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        let mut ids = String::new();
        while ids.is_empty() {
            assert!(std::time::Instant::now() < deadline, "it was not started");
            ids = std::fs::read_to_string(&started).unwrap_or_default();
        }
        hook.finish(Duration::ZERO);
        let lives = |id: &str| {
            let output = std::process::Command::new("ps").args(["-o", "stat=", "-p", id]).output().unwrap();
            // One that nobody has buried is dead all the same.
            output.stdout.first().is_some_and(|state| *state != b'Z')
        };
        while ids.split_whitespace().any(lives) {
            assert!(std::time::Instant::now() < deadline, "it was left behind: {ids}");
            std::thread::sleep(Duration::from_millis(20));
        }
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
