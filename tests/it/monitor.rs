//! The monitor: rounds, states, outages, held connections, day and night.

// One connection a round, ended in order.
mod round;

// The driver: schedule, stalls, orders.
mod run;

// Held connections and how they end.
mod held;
