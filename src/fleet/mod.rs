//! Many targets: where they come from, how fast they are asked, what is told of each, and how to go on after an end.
//!
//! ```text
//! source -> engine -> desk -> outlets (NDJSON, CSV, SQLite, ...) -> journal
//! ```
//!
//! The engine's memory grows with how many targets are in flight, never with how many there are. What goes wrong on
//! this machine (descriptors, ports, buffers, the resolver) slows the scan down and is never told of a host.

// Where the targets come from.
pub mod source;

// How much is asked of every target.
pub mod depth;

// How many at a time, as this machine bears it.
mod adapt;

// When a connection may be made.
mod gate;

// So many targets in flight.
pub mod engine;

// What a scan comes to so far.
pub mod tally;

// What is done, so that a scan goes on where it ended.
pub mod journal;

// What was seen, judged and handed to everybody who writes.
pub mod desk;

// What is told of one target.
pub mod scanned;

// What a scan found, counted.
pub mod survey;

// A scan in the monitor's file.
pub mod record;
