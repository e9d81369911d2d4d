//! Sockets: resolve, connect, negotiate, TLS, CredSSP; each stage with its deadline and its byte limit.

// What to do and how long to wait.
pub mod plan;

// Name to addresses.
pub mod resolve;

// TCP, with what the kernel knows about it.
pub mod connect;

pub use plan::Plan;
