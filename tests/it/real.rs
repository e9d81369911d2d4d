//! Real RDP servers and a real network's faults; ignored unless tests/run has installed what they need.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends by panicking")]

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

// xrdp: every security layer, TLS version, certificate and key.
pub(crate) mod xrdp;

// FreeRDP's shadow server: real NLA.
mod shadow;

// rdprobe check against real servers.
mod check;

// Weston's RDP back end.
mod weston;

// rdprobe monitor through a night of faults.
mod monitor;

// What the network does to a connection, in namespaces.
mod faults;

// What a resolver does to a name.
mod names;

/// One of the lab's scripts, running: it lives until its stdin closes, so that nothing outlives the test.
struct Running {
    script: Child,
    /// What it said after `ready`.
    ready: String,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut script =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the script runs");
        let mut line = String::new();
        BufReader::new(script.stdout.take().expect("stdout is piped")).read_line(&mut line).expect("a line");
        let Some(ready) = line.strip_prefix("ready ") else {
            drop(script.stdin.take());
            panic!("{command:?} did not start: {:?}", script.wait());
        };
        Self { script, ready: ready.trim_end().to_owned() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// A script of the lab; `RDPROBE_LAB` says where the lab is.
fn script(name: &str) -> Command {
    let lab = std::env::var_os("RDPROBE_LAB")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab"), PathBuf::from);
    Command::new(lab.join(name))
}

/// A loopback address that no other test uses.
fn own_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = std::process::id().wrapping_mul(128).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
    let [_, a, b, c] = number.to_be_bytes();
    format!("127.{}.{b}.{c}", 64 + a % 128)
}

/// Certificates and keys in a folder of their own.
struct Certificates(tempfile::TempDir);

impl Certificates {
    fn make(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let made = script("certs.sh").arg(folder.path()).args(names).status().expect("certs.sh runs");
        assert!(made.success(), "certs.sh {names:?}: {made}");
        Self(folder)
    }

    /// The path of `good.crt` or the like.
    fn path(&self, file: &str) -> String {
        self.0.path().join(file).to_str().expect("a readable path").to_owned()
    }
}

/// What one run of rdprobe answered.
struct Probed {
    exit: Option<i32>,
    report: Value,
}

/// Runs the built binary.
fn probe(target: &str, options: &[&str]) -> Probed {
    run(Command::new(env!("CARGO_BIN_EXE_rdprobe")).arg(target).args(options))
}

/// Runs the built binary inside a network namespace.
fn probe_in(namespace: &str, target: &str, options: &[&str]) -> Probed {
    let binary = env!("CARGO_BIN_EXE_rdprobe");
    run(Command::new("ip").args(["netns", "exec", namespace, binary, target]).args(options))
}

fn run(command: &mut Command) -> Probed {
    let output = command.args(["--format", "json"]).output().expect("rdprobe runs");
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{command:?} printed no report: {error}\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    });
    Probed { exit: output.status.code(), report }
}

impl Probed {
    fn route(&self) -> &Value {
        let routes = self.report["evidence"]["routes"].as_array().expect("routes");
        assert_eq!(routes.len(), 1, "one address, one route: {}", self.report);
        &routes[0]
    }

    /// The row of the matrix that asked for these protocols.
    fn row(&self, requested: u64) -> &Value {
        self.route()["negotiate"]
            .as_array()
            .and_then(|rows| rows.iter().find(|row| row["requested_protocols"] == requested))
            .unwrap_or_else(|| panic!("no row {requested:#x}: {:#}", self.route()["negotiate"]))
    }

    /// The attempt that offered this TLS version.
    fn version(&self, offered: u64) -> &Value {
        self.route()["tls_versions"]
            .as_array()
            .and_then(|attempts| attempts.iter().find(|attempt| attempt["offered"]["code"] == offered))
            .unwrap_or_else(|| panic!("no attempt {offered:#x}: {:#}", self.route()["tls_versions"]))
    }

    /// What each of TLS 1.0 to 1.3 came to.
    fn versions(&self) -> [String; 4] {
        [0x0301, 0x0302, 0x0303, 0x0304].map(|offered| {
            let step = self.version(offered);
            match step["seen"]["version"]["code"].as_u64() {
                Some(code) if code == offered => "ok".to_owned(),
                Some(code) => format!("hello {code:#06x}"),
                None => trouble(step),
            }
        })
    }

    fn expect_verdict(&self, exit: i32, verdict: &str) {
        assert_eq!(self.report["diagnosis"]["verdict"], verdict, "{:#}", self.report["diagnosis"]);
        assert_eq!(self.exit, Some(exit), "{:#}", self.report["diagnosis"]);
    }

    /// NLA, TLS and standard RDP security as the diagnosis words them.
    fn expect_posture(&self, nla: &str, tls: &str, standard_rdp: &str) {
        let posture = &self.report["diagnosis"]["posture"][0];
        let words = [&posture["nla"], &posture["tls"], &posture["standard_rdp"]];
        assert_eq!(words, [nla, tls, standard_rdp], "{:#}", self.route()["negotiate"]);
    }

    /// A row whose server selected a protocol.
    fn expect_selected(&self, requested: u64, selected: u64, verdict: &str) {
        let row = self.row(requested);
        assert_eq!(row["seen"]["type"], "response", "{requested:#x}: {row:#}");
        assert_eq!(row["seen"]["selected_protocol"]["code"], selected, "{requested:#x}: {row:#}");
        assert_eq!(row["verdict"], verdict, "{requested:#x}: {row:#}");
    }

    /// A row whose server refused with a code.
    fn expect_refused(&self, requested: u64, code: u64) {
        let row = self.row(requested);
        assert_eq!(row["seen"]["type"], "failure", "{requested:#x}: {row:#}");
        assert_eq!(row["seen"]["failure_code"]["code"], code, "{requested:#x}: {row:#}");
        assert_eq!(row["verdict"], "refused", "{requested:#x}: {row:#}");
    }

    fn observed(&self, id: &str) -> bool {
        self.report["diagnosis"]["observations"]
            .as_array()
            .is_some_and(|all| all.iter().any(|observation| observation["id"] == id))
    }
}

/// Why a step did not succeed, in two words.
fn trouble(step: &Value) -> String {
    let failed = &step["failed"];
    match failed["kind"].as_str() {
        Some("alert") => format!("alert {}", failed["description"]["code"]),
        Some("disconnected") => format!("disconnected {}", failed["bytes"].as_str().unwrap_or_default()),
        Some(kind) => kind.to_owned(),
        None => step["skipped"].as_str().map_or_else(|| step.to_string(), |why| format!("skipped {why}")),
    }
}

/// xrdp's goodbye in clear: an MCS Disconnect Provider Ultimatum, user requested.
const ULTIMATUM: &str = "0300000902f0802180";

const RDP: u64 = 0;
const SSL: u64 = 1;
const HYBRID: u64 = 2;
