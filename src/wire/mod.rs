//! Bytes and messages: pure decoders and encoders, which name nothing else in the crate.
//!
//! INVARIANT: nothing here reads a socket or a clock or draws a random number, and no input makes it panic.

#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::arithmetic_side_effects))]

// What a decoder says of bytes that are not the message they should be.
pub mod error;

// One table per registry of numbers.
pub mod codes;

// Reader: fields one after the other, each with its name and its place.
mod reader;

// TPKT: how long is this frame (RFC 1006)?
pub mod tpkt;

// X.224: Connection Request and Connection Confirm, and what comes instead.
pub mod x224;

// Negotiation data: which protocols are asked for, and which one the server takes or why none.
pub mod nego;

// MCS Connect: what standard RDP security offers, and how a server ends MCS.
pub mod mcs;

// GCC: the client's and the server's data inside MCS Connect.
pub mod gcc;

// Banners: what the bytes of a peer that is not RDP look like.
pub mod banner;

// TLS: a hello with exactly one version, and the server's clear flight.
pub mod tls;

// DER, as far as a TSRequest needs it.
mod der;

// CredSSP: TSRequest.
pub mod credssp;

// NTLM: NEGOTIATE and CHALLENGE.
pub mod ntlm;
