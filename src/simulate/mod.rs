//! A scripted RDP server with personas: what `demo`, the tests and rehearsals talk to.
//!
//! A persona is a data file under `personas/`: what it answers to a connection request, to each TLS version and
//! to CredSSP. [`Server`] plays one persona on one address. It authenticates nobody and opens no session: every
//! conversation ends at the NTLM challenge or at the MCS Connect Response at the latest.

// What a persona is: the types of its data file.
pub mod persona;

// The table of the built-in personas.
mod table;

// The listener: how many at once, for how long.
mod server;

// One connection, from its first byte to its end.
mod conversation;

// A TCP stream that can be cut into single bytes and ended by FIN, by reset or by nothing.
mod line;

// Standard RDP security: the MCS Connect Response.
mod standard;

// TLS: which version is answered how.
mod tls;

// The clear flight of TLS 1.2 and older, made to look like Schannel's.
mod flight;

// The certificates of the personas.
mod certificate;

// The clock of a persona.
mod clock;

// CredSSP: the NTLM challenge or the error code.
mod credssp;

pub use persona::Persona;
pub use server::Server;
pub use table::{persona, personas};
