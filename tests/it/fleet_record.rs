//! A scan's record: what is written comes back counted and row by row, whatever happens to the writer or the file.

// A fleet of any size, made of saved reports.
pub(crate) mod made;

// What is written is read.
mod kept;

// Files of version 1, both kinds in one file, two writers, what is refused.
mod together;

// kill -9, and a full disk.
#[cfg(unix)]
mod crash;

// `rdprobe report`, and the JSON's schema.
mod command;

// Every nasty string, in every rendering.
mod hostile;

// The page in a browser, driven and looked at.
#[cfg(target_os = "linux")]
mod browser;
