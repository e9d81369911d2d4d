//! The live view on a terminal that is one: driven in tmux, key by key, and its screens read.

use std::process::Command;
use std::time::{Duration, Instant};

use super::process::PATIENCE;
use crate::rehearsal::closed;
use crate::rehearsal::play;

/// A tmux server of its own, gone at the end of the test.
struct Terminal {
    socket: String,
}

impl Terminal {
    fn open(command: &str) -> Self {
        let terminal = Self { socket: format!("rdprobe-test-{}-{}", std::process::id(), closed().port()) };
        let shell = format!("LANG=C.UTF-8 PS1='$ ' sh -c '{command}; echo ended: $?; exec cat'");
        terminal.tmux(&["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24", &shell]);
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let output = Command::new("tmux").args(["-L", &self.socket]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    fn resize(&self, columns: &str, lines: &str) {
        self.tmux(&["resize-window", "-x", columns, "-y", lines]);
    }

    /// Waits for a screen that shows this.
    #[track_caller]
    fn wait_for(&self, wanted: &str) -> String {
        self.wait_for_all(&[wanted])
    }

    /// Waits for a screen that shows all of this: it may be caught half drawn.
    #[track_caller]
    fn wait_for_all(&self, wanted: &[&str]) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let screen = self.tmux(&["capture-pane", "-p"]);
            if wanted.iter().all(|wanted| screen.contains(wanted)) {
                return screen;
            }
            assert!(Instant::now() < deadline, "{wanted:?} is not shown:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Whether the program has the terminal to itself, as a whole screen.
    fn is_taken_over(&self) -> bool {
        self.tmux(&["display-message", "-p", "#{alternate_on}"]).trim() == "1"
    }

    fn process(&self) -> String {
        let shell = self.tmux(&["display-message", "-p", "#{pane_pid}"]);
        let children = Command::new("pgrep").args(["-P", shell.trim(), "rdprobe"]).output().unwrap();
        String::from_utf8(children.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output());
    }
}

fn command(arguments: &str) -> String {
    format!("{} monitor {arguments}", env!("CARGO_BIN_EXE_rdprobe"))
}

/// Drives it off the runtime that plays the server.
async fn drive(drive: impl FnOnce(String, String) + Send + 'static) {
    let up = play("windows-2022-nla").await.to_string();
    let down = closed().to_string();
    tokio::task::spawn_blocking(move || drive(up, down)).await.unwrap();
}

#[tokio::test]
#[ignore = "needs tmux"]
async fn the_live_view_is_driven_by_keys_and_gives_the_terminal_back() {
    drive(|up, down| {
        let terminal = Terminal::open(&command(&format!("{up} {down} --interval 200ms")));
        // The worst is chosen.
        terminal.wait_for_all(&["1 down, 1 up", &up, &format!("> {down}"), "q quit"]);
        assert!(terminal.is_taken_over());
        terminal.wait_for("rdprobe explain");
        terminal.press("Enter");
        terminal.wait_for("Outages ");
        terminal.press("Right");
        terminal.wait_for_all(&["PHASE", "UP for", "x224"]);
        terminal.resize("200", "50");
        let wide = terminal.wait_for("certificate until");
        assert_eq!(wide.lines().count(), 50, "{wide}");
        terminal.press("?");
        terminal.wait_for("quit, with a summary");
        terminal.press("Escape");
        // Two of them that are read at once are one.
        terminal.wait_for("certificate until");
        terminal.press("Escape");
        terminal.wait_for("LAST OUTAGE AND CAUSE");
        terminal.resize("30", "8");
        terminal.wait_for("too small");
        terminal.resize("120", "30");
        terminal.wait_for("LAST ROUNDS");
        terminal.press("q");
        let last = terminal.wait_for_all(&["ended: 1", "2 targets watched for", "AVAILABLE"]);
        // tmux 3.3a may leave a line of the alternate screen behind where it was resized in it, whoever draws it.
        assert!(!terminal.is_taken_over(), "{last}");
    })
    .await;
}

#[tokio::test]
#[ignore = "needs tmux"]
async fn sigterm_and_ctrl_c_give_the_terminal_back_too() {
    drive(|up, down| {
        for ctrl_c in [true, false] {
            let terminal = Terminal::open(&command(&format!("{up} {down} --interval 200ms")));
            terminal.wait_for("1 down, 1 up");
            if ctrl_c {
                terminal.press("C-c");
            } else {
                let sent = Command::new("kill").args(["-TERM", &terminal.process()]).status().unwrap();
                assert!(sent.success());
            }
            let last = terminal.wait_for_all(&["ended: 1", "AVAILABLE"]);
            assert!(!terminal.is_taken_over(), "{last}");
        }
    })
    .await;
}

#[tokio::test]
#[ignore = "needs tmux"]
async fn enter_prints_the_table_where_lines_are_shown() {
    drive(|up, down| {
        let arguments = format!("{up} {down} --interval 200ms --format lines --summary-every 1h");
        let terminal = Terminal::open(&command(&arguments));
        terminal.wait_for("cause: ");
        terminal.press("Enter");
        terminal.wait_for("AVAILABLE");
        assert!(!terminal.is_taken_over());
    })
    .await;
}

/// A warning while the screen is drawn is shown on it, and on stderr when it is gone; it tears nothing.
#[tokio::test]
#[ignore = "needs tmux"]
async fn what_is_said_meanwhile_tears_no_screen() {
    drive(|up, _| {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list");
        std::fs::write(&list, &up).unwrap();
        let terminal = Terminal::open(&command(&format!("--targets {} --interval 200ms", list.display())));
        terminal.wait_for("1 up");
        std::fs::write(&list, format!("{up}\nhttp://no\n")).unwrap();
        let sent = Command::new("kill").args(["-HUP", &terminal.process()]).status().unwrap();
        assert!(sent.success());
        let screen = terminal.wait_for("read again: 1 target");
        assert!(screen.starts_with("rdprobe monitor  1 target: "), "{screen}");
        terminal.press("q");
        let last = terminal.wait_for("ended: 0");
        assert!(last.contains("line 2 is left out"), "{last}");
    })
    .await;
}
