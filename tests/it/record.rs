//! The record: what is written comes back, whatever happens to the writer, the disk or the file.

// Rounds and events with known numbers.
mod made;

// A day and a night of two machines.
mod night;

// What is written is read.
mod kept;

// What ages is rolled up.
mod aged;

// What is refused, and why.
mod refused;

// kill -9.
mod crash;

// A file that is moved or deleted.
#[cfg(unix)]
mod moved;

// A full disk.
#[cfg(target_os = "linux")]
mod full;

// The page that describes the file.
mod documented;

// `rdprobe report`.
mod command;

// What is read is shown.
mod shown;

// The page in a browser, looked at and listened to.
#[cfg(target_os = "linux")]
pub(crate) mod browser;

/// A monitor's record of a hundred seconds, for tests of files that hold more.
pub(crate) fn written_record() -> (tempfile::TempDir, std::path::PathBuf) {
    kept::written()
}
