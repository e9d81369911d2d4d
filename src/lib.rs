//! Can this Windows machine be reached by Remote Desktop, and if not, exactly why and what to run next?
//!
//! ```text
//!                  wire            bytes <-> messages, pure
//!                   |
//!    target -->  probe             resolve > connect > negotiate > tls > credssp
//!                   |
//!                evidence          what was seen, when, and what was not tried
//!               /   |    \
//!      diagnosis policy monitor   why . good enough? . over many rounds
//!               \   |    /
//!                report            everything a reader may be shown
//!                   |
//!                render            human . json . junit . sarif . nagios ...
//!                   |
//!                 cli (binary)     arguments in, bytes and an exit code out
//! ```
//!
//! A folder is a layer, a file is a stage, and the same word names the same stage in every folder.
//! Data moves one way; `tests/it/layers.rs` holds who may name whom.

// What the user asks about.
pub mod target;

// Bytes and messages: pure, names nothing else in the crate.
pub mod wire;

// Facts: types without verbs.
pub mod evidence;

// Sockets: resolve, connect, negotiate, TLS, CredSSP.
pub mod probe;

// Why: observations, catalogue, ranking. Pure.
pub mod diagnosis;

// Good enough?: expectations, profiles, baselines. Pure.
pub mod policy;

// Everything a reader may be shown.
pub mod report;

// Again and again until the expectations hold.
pub mod wait;

// Over time: rounds, latency, outages, held connections, the record.
pub mod monitor;

// Many targets: sources, the engine, resuming, what is told of each.
pub mod fleet;

// One small file per output.
pub mod render;

// Prometheus: the monitor's metrics, and the exporter.
pub mod serve;

// A scripted RDP server with personas.
pub mod simulate;
