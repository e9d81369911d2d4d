//! An incremental reader of the server's clear flight: records, handshake messages over records, alerts.

use super::flight::{CERTIFICATE, SERVER_HELLO, SERVER_HELLO_DONE, read_certificates, read_server_hello};
use super::record::{self, Record};
use crate::wire::codes::tls::{AlertDescription, TlsVersion};
use crate::wire::error::{DecodeError, Reason};
use crate::wire::reader::{Reader, length};

pub use super::flight::Flight;

/// The most bytes that a flight may have.
pub const MAX_FLIGHT: usize = 256 * 1024;

/// Takes bytes as they come and says when the flight is known, whatever the cuts.
///
/// An offset in its errors counts from the start of the stream for a record, from the start of all handshake
/// bytes for a handshake header, and from the start of its body for a message.
#[derive(Debug, Clone, Default)]
pub struct FlightReader {
    /// All bytes so far; [`MAX_FLIGHT`] bounds them.
    stream: Vec<u8>,
    /// How many of them were read as whole records.
    read: usize,
    handshake: Handshake,
    warning: Option<AlertDescription>,
}

/// What is known after the bytes so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    NeedMore,
    /// The flight: after Certificate or ServerHelloDone, or after the ServerHello of TLS 1.3.
    Flight(Flight),
    /// A clear alert that ends the handshake.
    Alert {
        /// 1 warning, 2 fatal.
        level: u8,
        /// Which alert.
        description: AlertDescription,
    },
}

impl FlightReader {
    /// A reader that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the stream. Once the flight is known, every further call says so again.
    ///
    /// Errors: the bytes are no TLS (the first byte alone may tell), break the specification or pass a limit.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Progress, DecodeError> {
        if let Some(flight) = self.handshake.flight() {
            return Ok(Progress::Flight(flight.clone()));
        }
        let total = self.stream.len().saturating_add(bytes.len());
        if total > MAX_FLIGHT {
            return Err(record_error("length", self.read, length(total)));
        }
        self.stream.extend_from_slice(bytes);
        self.read_records()
    }

    /// The last warning that did not end the handshake, such as `unrecognized_name`.
    #[must_use]
    pub const fn warning(&self) -> Option<AlertDescription> {
        self.warning
    }

    /// Reads whole records until the flight is known, an alert ends it or no whole record is left.
    fn read_records(&mut self) -> Result<Progress, DecodeError> {
        loop {
            let rest = self.stream.get(self.read..).unwrap_or_default();
            let Some((record, used)) = Record::decode(rest).map_err(|error| at_stream(error, self.read))?
            else {
                return Ok(Progress::NeedMore);
            };
            match record.kind {
                record::HANDSHAKE => {
                    if let Some(flight) = self.handshake.push(record.fragment)? {
                        return Ok(Progress::Flight(flight.clone()));
                    }
                }
                record::ALERT => {
                    let (level, description) = record::read_alert(record.fragment)?;
                    // Servers warn of an unrecognized_name and go on (RFC 6066 3).
                    if level != WARNING || description == AlertDescription::CLOSE_NOTIFY {
                        return Ok(Progress::Alert { level, description });
                    }
                    self.warning = Some(description);
                }
                kind => {
                    let found = u64::from(kind);
                    return Err(record_error("type", self.read, Reason::Unexpected { found }));
                }
            }
            self.read = self.read.saturating_add(used);
        }
    }
}

/// The handshake messages of the stream.
#[derive(Debug, Clone, Default)]
struct Handshake {
    /// All handshake bytes so far.
    bytes: Vec<u8>,
    /// How many of them were read as whole messages.
    read: usize,
    hello: Option<Flight>,
    complete: bool,
}

impl Handshake {
    fn flight(&self) -> Option<&Flight> {
        self.hello.as_ref().filter(|_| self.complete)
    }

    /// Takes the next bytes and reads whole messages until the flight is known or no whole message is left.
    fn push(&mut self, fragment: &[u8]) -> Result<Option<&Flight>, DecodeError> {
        self.bytes.extend_from_slice(fragment);
        while !self.complete {
            let mut reader = Reader::new("Handshake", self.bytes.get(self.read..).unwrap_or_default());
            let Ok(kind) = reader.u8("msg_type") else { break };
            check_place(kind, self.hello.is_some(), self.read)?;
            let Ok(size) = reader.u24_be("length") else { break };
            if size > MAX_FLIGHT {
                return Err(handshake_error("length", self.read, length(size)));
            }
            let Ok(body) = reader.take("body", size) else { break };
            self.complete = read_message(&mut self.hello, kind, body)?;
            self.read = self.read.saturating_add(reader.offset());
        }
        Ok(self.flight())
    }
}

/// Before the ServerHello nothing but itself has a place, after it only what may stand before ServerHelloDone.
fn check_place(kind: u8, after_hello: bool, offset: usize) -> Result<(), DecodeError> {
    let has_place = match kind {
        HELLO_REQUEST => true,
        SERVER_HELLO => !after_hello,
        CERTIFICATE | SERVER_KEY_EXCHANGE | CERTIFICATE_REQUEST | SERVER_HELLO_DONE | CERTIFICATE_STATUS => {
            after_hello
        }
        _ => false,
    };
    if has_place {
        return Ok(());
    }
    Err(handshake_error("msg_type", offset, Reason::Unexpected { found: u64::from(kind) }))
}

/// Reads one message and says whether the flight is known with it.
fn read_message(hello: &mut Option<Flight>, kind: u8, body: &[u8]) -> Result<bool, DecodeError> {
    match (kind, hello) {
        (SERVER_HELLO, hello) => {
            let flight = read_server_hello(body)?;
            let complete = flight.version >= TlsVersion::TLS_1_3 || flight.hello_retry_request;
            *hello = Some(flight);
            Ok(complete)
        }
        (CERTIFICATE, Some(flight)) => {
            flight.certificates = read_certificates(body)?;
            Ok(true)
        }
        _ => Ok(kind == SERVER_HELLO_DONE),
    }
}

fn at_stream(mut error: DecodeError, read: usize) -> DecodeError {
    error.offset = error.offset.saturating_add(read);
    error
}

const fn record_error(field: &'static str, offset: usize, reason: Reason) -> DecodeError {
    DecodeError { message: "TLS record", field, offset, reason }
}

const fn handshake_error(field: &'static str, offset: usize, reason: Reason) -> DecodeError {
    DecodeError { message: "Handshake", field, offset, reason }
}

const WARNING: u8 = 1;
const HELLO_REQUEST: u8 = 0;
const SERVER_KEY_EXCHANGE: u8 = 12;
const CERTIFICATE_REQUEST: u8 = 13;
const CERTIFICATE_STATUS: u8 = 22;

#[cfg(test)]
mod tests;
