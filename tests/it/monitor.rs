//! The monitor: rounds, states, outages, held connections, day and night.

#![allow(
    clippy::float_cmp,
    clippy::cast_precision_loss,
    reason = "whole seconds and counts of a test are exact in a float"
)]

// One connection a round, ended in order.
mod round;

// The driver: schedule, stalls, orders.
mod run;

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

// Rounds that crash.
mod crash;

// Held connections and how they end.
mod held;

// The target, or this machine's own network?
#[cfg(target_os = "linux")]
mod control;

// Clocks that are set, monitors that stand still, and what the record says of it.
mod clock;

// Is what is shown what was?
#[cfg(target_os = "linux")]
mod accuracy;
