//! Over time: rounds on an absolute schedule, what they say of a target's state and latency, and the record of it.
//!
//! ```text
//!  schedule --> run --> Round --> Watched --> Event, TargetView --> lines, live view, /metrics, record, webhook
//!                        ^            |
//!  hold ------> run -----+   deep probe at every change of state
//! ```
//!
//! [`watched::Watched`] is everything known of one target and is pure: it is fed rounds, reports and ended holds, each
//! with its time, and answers with events. Only `run` touches sockets and clocks, only `history` touches a file.

// What to watch, how often and how deep.
pub mod settings;

// When rounds are due.
pub mod schedule;

// Round -> good, lesser, bad, or our own side's trouble.
pub mod health;

// Histograms a phase, raw and corrected; percentiles, jitter, loss.
pub mod latency;

// The histograms as a log that other tools read.
pub mod hdr_log;

// Up, degraded, down, unknown, flapping: with hysteresis.
pub mod state;

// What an outage was, and what was different after it.
pub mod outage;

// Held connections: how long each lasted, how it ended, and what that means.
pub mod hold;

// Over time: rhythm, frequent ends, another machine on return.
pub mod pattern;

// A length of time in words.
mod span;

// What the monitor tells: one event a change.
pub mod event;

// Who is told of it.
pub mod listen;

// Everything known of one target.
pub mod watched;

// One target as every view shows it.
pub mod view;

// Every watched target, for the driver to write and every view to read.
pub mod board;

// Is this machine's own network there?
mod control;

// The driver: sockets and clocks.
pub mod run;

// What a record shows.
pub mod record;

// The record: a SQLite file, written while the monitor runs, read by `rdprobe report`.
pub mod history;
