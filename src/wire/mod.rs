//! Bytes and messages: pure decoders and encoders, which name nothing else in the crate.
//!
//! INVARIANT: nothing here reads a socket or a clock or draws a random number, and no input makes it panic.

// What a decoder says of bytes that are not the message they should be.
pub mod error;

// One table per registry of numbers.
pub mod codes;

// TPKT: how long is this frame (RFC 1006)?
// pub mod tpkt;
