//! A health check: expectations, waiting, what is printed and what the process ends with.

// A server on one address that is another one whenever the test says so.
mod changing;

// Waiting, against a server that comes up a stage at a time.
mod wait;

// The command as a pipeline meets it.
mod cli;
