//! The integration tests: one binary, one file a subject.

// The layer table of the design, checked against src/.
mod layers;

// Replies and NTLM messages of real servers.
mod corpus;

// Each defect of the tools that people use today.
mod peers;

// What a server does, and which findings must come out.
mod scenarios;

// One evidence, every rendering.
mod goldens;

// The binary as a user meets it.
mod cli;

// Real RDP servers.
mod real;

// The forms in which people give a target.
mod target;

// A DNS server for one test.
mod dns;

// Names to addresses, and how each way of failing is told.
mod resolve;
