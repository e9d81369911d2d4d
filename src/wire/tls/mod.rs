//! TLS as far as a probe needs it: a hello with exactly one version, and the server's clear flight.

// The record layer, and alerts (RFC 5246 6.2.1, 7.2).
pub mod record;

// The ClientHello that offers exactly one version with a wide suite list.
pub mod client_hello;

// The suites that a hello offers, by version.
mod suites;

// What a server reads of a ClientHello.
pub mod offered_hello;

// ServerHello, Certificate: what they say, and how a scripted server writes them.
pub mod flight;

// An incremental reader of the server's flight.
pub mod server_flight;

// Vectors with length prefixes, for the encoders (RFC 8446 3.4).
mod vector;
