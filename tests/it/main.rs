//! The integration tests: one binary, one file a subject.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::print_stderr,
    missing_docs,
    reason = "a test that cannot go on fails, and says so"
)]

// Evidence built by hand, for every subject that judges or renders some.
mod fixture;

// The layer table of the design, checked against src/.
mod layers;

// Replies and NTLM messages of real servers.
mod corpus;

// NTLM challenges of real servers.
mod corpus_ntlm;

// Plays personas and scripted bytes on loopback and probes them.
mod rehearsal;

// Each defect of the tools that people use today.
mod peers;

// Servers, resolvers and bytes that want a probe to hang, panic, grow or lie.
mod hostile;

// The limits that docs/limits.md states.
mod limits;

// Every nasty string through every renderer.
mod escapes;

// Every persona of the simulator, on a real socket.
mod simulator;

// Evidence -> observations, posture, verdict, findings; the catalogue itself.
mod diagnosis;

// What a server does, and which findings must come out.
mod scenarios;

// Many targets: sources, engine, outputs, journal.
mod fleet;

// Expectations, expressions, profiles.
mod policy;

// One evidence, every rendering.
mod goldens;

// One check, every format.
mod check_formats;

// The monitor: lines, summaries, live view, the command.
mod monitor_cli;

// What is printed as JSON follows the schema, and comes back unchanged.
mod schema;

// What is kept of a server, and what changed since.
mod baseline;

// Two hosts or two dates, side by side.
mod diff;

// What shells and manual readers are given.
mod generate;

// The action and the examples, each run as its host runs it.
#[cfg(unix)]
mod examples;

// The binary as a user meets it.
mod cli;

// A health check.
mod checks;

// What the monitor keeps in a file, and the report of it.
mod record;

// What a scan keeps in the same file, and the report of it.
mod fleet_record;

// The exporter, and the metrics of a running monitor.
mod serve;

// What a monitor calls at a change: the webhook.
mod hooks;

// The monitor.
mod monitor;

// Look-up: codes, events, messages, the commands to paste, the book.
mod explain;

// What the guest tells.
mod guest;

// The scripts that gather it.
mod collect;

// Real RDP servers.
mod real;

// The forms in which people give a target.
mod target;

// A DNS server for one test.
mod dns;

// Names to addresses, and how each way of failing is told.
mod resolve;

// One TCP connect.
mod connect;

// Two machines and a cable, for faults.
#[cfg(target_os = "linux")]
mod lab;

// What a network does to a SYN; ignored unless tests/run, as root, asks for it.
#[cfg(target_os = "linux")]
mod connect_faults;

// What is found where the network is at fault; likewise.
#[cfg(target_os = "linux")]
mod fault_findings;
