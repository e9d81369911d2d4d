//! Many targets: where they come from, what a scan asks, what it tells, and how it goes on after an end.

// What sources yield: order, doubles, exclusions, limits.
mod source;

// Every kind of file, by samples.
mod source_formats;

// Files and folders that nobody should have written.
mod source_hostile;

// The commands that take a source.
mod source_commands;

// One connection says what a whole probe says.
mod lean;

// Many at a time, each once.
mod engine;

// What a scan writes, of every kind of machine and of hostile ones.
mod formats;

// The command as a pipeline meets it.
mod scan;

// What a scan writes over, and what it does not.
mod places;

// A recorded scan that is gone on with.
mod gone_on;

// Signals, readers that go away, full disks.
#[cfg(target_os = "linux")]
mod ending;

// A running scan.
#[cfg(target_os = "linux")]
mod process;

// Fewer descriptors than it needs.
#[cfg(target_os = "linux")]
mod lacking;

// Five thousand machines, one end after another.
#[cfg(target_os = "linux")]
mod chaos;
