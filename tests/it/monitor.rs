//! The monitor: schedule, latency, states, held connections, patterns.

// Rounds built by hand, on virtual time.
mod made;

// Turns of an absolute schedule.
mod schedule;

// Round -> good, lesser, bad, own side.
mod health;

// Percentiles, coordinated omission, jitter, the HDR log.
mod latency;

// The state machine against a naive model.
mod state;

// A year of rounds with known outages.
mod year;

// Held connections against model servers and paths.
mod hold;

// What shows over time.
mod pattern;

// Everything known of one target.
mod watched;
