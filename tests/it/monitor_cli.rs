//! The monitor as a person meets it: lines, summaries, the live view, the command itself.

use std::path::{Path, PathBuf};

// Views and events made by hand.
pub(crate) mod made;

// Events as lines, views as a table.
mod lines;

// The pages of the live view, at two sizes.
mod live;

// The command as a process.
#[cfg(unix)]
pub(crate) mod process;

// Arguments, signals, exit codes, files.
#[cfg(unix)]
mod command;

// A service manager's socket.
#[cfg(unix)]
mod service;

// The live view on a real terminal.
#[cfg(unix)]
mod tmux;

// The live view on a terminal that takes nothing any more, or is gone.
#[cfg(target_os = "linux")]
mod stalled;

/// Holds texts against the files of `goldens/`; `UPDATE_GOLDENS=1` writes them anew.
fn assert_goldens(texts: &[(&str, String)]) {
    let mut differing = Vec::new();
    for (name, text) in texts {
        let path = folder().join(name);
        if std::env::var_os("UPDATE_GOLDENS").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, text).unwrap();
        }
        let golden = std::fs::read_to_string(&path).unwrap_or_default();
        if golden != *text {
            differing.push(format!("{}: expected\n{golden}\nbut it is\n{text}", path.display()));
        }
    }
    assert!(differing.is_empty(), "UPDATE_GOLDENS=1 accepts these:\n{}", differing.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/monitor_cli/goldens")
}
