//! Many targets: what a scan asks, what it tells, and how it goes on after an end.

// One connection says what a whole probe says.
mod lean;

// Many at a time, each once.
mod engine;
