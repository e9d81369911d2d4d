//! Many targets.

// What sources yield: order, doubles, exclusions, limits.
mod source;

// Every kind of file, by samples.
mod source_formats;

// Files and folders that nobody should have written.
mod source_hostile;

// The commands that take a source.
mod source_commands;
