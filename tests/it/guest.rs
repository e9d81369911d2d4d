//! What tools print inside the guest, read into testimony; `diagnose` and `--guest` as a user meets them.

// A file a cause that only the guest can show.
pub(crate) mod causes;

// Single lines and odd files: providers, contradictions, other languages, hostile bytes.
mod readers;

// `rdprobe diagnose` and `--guest`.
mod diagnose;

use std::path::PathBuf;

/// Where the guest's files are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/guest")
}

/// The ids that a text yields.
fn ids(text: &str) -> Vec<String> {
    read(text).into_iter().map(|told| told.id).collect()
}

fn read(text: &str) -> Vec<rdprobe::evidence::Testimony> {
    rdprobe::diagnosis::guest::read("guest.txt", text.as_bytes()).unwrap_or_default()
}
