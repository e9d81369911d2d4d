//! A service manager that listens on a socket: ready, alive while rounds are made, reloading, stopping.

use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use super::process::{PATIENCE, Running};
use crate::rehearsal::closed;

/// Systemd, as far as a service sees it.
struct Manager {
    socket: UnixDatagram,
    folder: tempfile::TempDir,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        Self { socket, folder }
    }

    fn start(&self, arguments: &[&str]) -> Running {
        let path = self.folder.path().join("notify");
        let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "600000")];
        Running::start(arguments, &environment)
    }

    /// Waits until it is told something that begins like this.
    #[track_caller]
    fn wait_for(&self, wanted: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut heard = Vec::new();
        while Instant::now() < deadline {
            let mut bytes = [0; 4096];
            let Ok(length) = self.socket.recv(&mut bytes) else { continue };
            let told = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if told.contains(wanted) {
                return told;
            }
            heard.push(told);
        }
        panic!("never told {wanted}: {heard:#?}");
    }
}

#[test]
fn a_service_is_ready_alive_reloading_and_stopping() {
    let manager = Manager::new();
    let list = manager.folder.path().join("targets");
    std::fs::write(&list, format!("{}\n", closed())).unwrap();
    let running = manager.start(&["--targets", list.to_str().unwrap(), "--interval", "100ms"]);
    manager.wait_for("READY=1");
    manager.wait_for("WATCHDOG=1");
    manager.wait_for("STATUS=1 target: 1 down");
    manager.wait_for("WATCHDOG=1");
    running.signal("HUP");
    assert!(manager.wait_for("RELOADING=1").contains("MONOTONIC_USEC="));
    manager.wait_for("READY=1");
    running.signal("TERM");
    manager.wait_for("STOPPING=1");
    assert_eq!(running.wait().status.code(), Some(1));
}
