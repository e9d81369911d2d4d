//! The record: what is written comes back, whatever happens to the writer, the disk or the file.

// Rounds and events with known numbers.
mod made;

// What is written is read.
mod kept;
