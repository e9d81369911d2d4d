//! nmap's and masscan's XML (`-oX`), host by host.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::entry::Entry;
use super::open_port::OpenPorts;
use super::text::{Input, unreadable};
use super::{SourceError, Written};

/// One tag with all its attributes is shorter, in bytes; the output of a script may be long.
const LONGEST_TAG: usize = 1 << 20;

/// Tags within tags: nmap has six.
const DEEPEST: usize = 64;

/// One host has so many ports of Remote Desktop, and what is over is told.
const MOST_PORTS: usize = 1024;

/// The open ports of a file. Only hosts with an open port of Remote Desktop are listed; entities that the file itself
/// defines are not expanded.
pub(super) struct Hosts {
    reader: Reader<Bounded>,
    buffer: Vec<u8>,
    wanted: OpenPorts,
    depth: usize,
    host: Host,
    found: VecDeque<Written>,
    ended: bool,
}

/// What is known of the host that is being read.
#[derive(Default)]
struct Host {
    line: u64,
    address: Option<String>,
    ports: Vec<Port>,
    port: Option<Port>,
    has_more: bool,
}

#[derive(Default)]
struct Port {
    number: String,
    is_tcp: bool,
    is_open: bool,
    service: String,
}

impl Hosts {
    pub(super) fn new(input: Input, wanted: OpenPorts) -> Self {
        Self {
            reader: Reader::from_reader(Bounded::new(input)),
            buffer: Vec::new(),
            wanted,
            depth: 0,
            host: Host::default(),
            found: VecDeque::new(),
            ended: false,
        }
    }

    /// Takes one event; false at the end of the file.
    fn step(&mut self) -> Result<bool, SourceError> {
        self.buffer.clear();
        self.reader.get_mut().left = LONGEST_TAG;
        let line = self.reader.get_ref().line;
        match self.reader.read_event_into(&mut self.buffer).map_err(|error| broken(&error))? {
            Event::Eof if self.depth > 0 => {
                self.found.extend(std::mem::take(&mut self.host).targets(self.wanted));
                self.found.push_back(Written { line: Some(line), entry: Err(SourceError::cut_off()) });
                return Ok(false);
            }
            Event::Eof => return Ok(false),
            Event::Start(tag) => {
                self.depth = self.depth.saturating_add(1);
                if self.depth > DEEPEST {
                    return Err(SourceError::new("tags within tags without end", HINT));
                }
                self.host.open(&tag, line)?;
            }
            Event::Empty(tag) => {
                self.host.open(&tag, line)?;
                if tag.name().as_ref() == "port" {
                    self.host.close_port(self.wanted);
                }
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                match tag.name().as_ref() {
                    "port" => self.host.close_port(self.wanted),
                    "host" => self.found.extend(std::mem::take(&mut self.host).targets(self.wanted)),
                    _ => {}
                }
            }
            Event::Text(_)
            | Event::CData(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_)
            | Event::DocType(_)
            | Event::GeneralRef(_) => {}
        }
        Ok(true)
    }
}

impl Iterator for Hosts {
    type Item = Written;

    fn next(&mut self) -> Option<Written> {
        loop {
            if let Some(found) = self.found.pop_front() {
                return Some(found);
            }
            if self.ended {
                return None;
            }
            match self.step() {
                Ok(goes_on) => self.ended = !goes_on,
                // What is broken here cannot be found again further on.
                Err(error) => {
                    self.ended = true;
                    let line = Some(self.reader.get_ref().line);
                    return Some(Written { line, entry: Err(error) });
                }
            }
        }
    }
}

impl Host {
    fn open(&mut self, tag: &BytesStart<'_>, line: u64) -> Result<(), SourceError> {
        match tag.name().as_ref() {
            "host" => *self = Self { line, ..Self::default() },
            "address" if attribute(tag, "addrtype")?.is_none_or(|kind| kind != "mac") => {
                self.address = attribute(tag, "addr")?;
            }
            "port" => {
                self.port = Some(Port {
                    number: attribute(tag, "portid")?.unwrap_or_default(),
                    is_tcp: attribute(tag, "protocol")?.is_some_and(|protocol| protocol == "tcp"),
                    ..Port::default()
                });
            }
            "state" => {
                let is_open = attribute(tag, "state")?.is_some_and(|state| state == "open");
                self.port.iter_mut().for_each(|port| port.is_open = is_open);
            }
            "service" => {
                let service = attribute(tag, "name")?.unwrap_or_default();
                self.port.iter_mut().for_each(|port| port.service.clone_from(&service));
            }
            _ => {}
        }
        Ok(())
    }

    fn close_port(&mut self, wanted: OpenPorts) {
        let open = self.port.take().filter(|port| port.is_tcp && port.is_open);
        let Some(open) = open.filter(|port| wanted.wants(&port.number, &port.service)) else { return };
        if self.ports.len() < MOST_PORTS {
            self.ports.push(open);
        } else {
            self.has_more = true;
        }
    }

    fn targets(self, wanted: OpenPorts) -> Vec<Written> {
        let Self { line, address, ports, has_more, .. } = self;
        let none = || SourceError::new("a host with an open port and no address", HINT);
        let taken = ports.iter().filter_map(|port| match &address {
            Some(address) => wanted.take(address, &port.number, &port.service),
            None => Some(Err(none())),
        });
        let over = has_more.then(|| {
            let message = format!("more than {MOST_PORTS} ports of Remote Desktop on one host");
            Err(SourceError::new(message, "the first of them are probed, the others left out"))
        });
        taken.chain(over).map(|entry: Result<Entry, _>| Written { line: Some(line), entry }).collect()
    }
}

const HINT: &str = "what nmap -oX and masscan -oX write can be read";

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, SourceError> {
    let wrong = |error: &dyn std::fmt::Display| SourceError::new(format!("broken XML: {error}"), HINT);
    let Some(attribute) = tag.try_get_attribute(name).map_err(|error| wrong(&error))? else {
        return Ok(None);
    };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| wrong(&error))?;
    Ok(Some(value.into_owned()))
}

fn broken(error: &quick_xml::Error) -> SourceError {
    match error {
        quick_xml::Error::Io(error) => unreadable(error),
        error => SourceError::new(format!("broken XML: {error}"), HINT),
    }
}

/// A reader that gives a bounded number of bytes until it is allowed more, and counts lines.
struct Bounded {
    inner: BufReader<Input>,
    left: usize,
    line: u64,
}

impl Bounded {
    fn new(input: Input) -> Self {
        Self { inner: BufReader::new(input), left: LONGEST_TAG, line: 1 }
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a tag or a text of more than 1 MiB"));
        }
        let left = self.left;
        let filled = self.inner.fill_buf()?;
        Ok(filled.get(..left).unwrap_or(filled))
    }

    fn consume(&mut self, count: usize) {
        let taken = self.inner.buffer().get(..count).unwrap_or_default();
        let lines = taken.split(|byte| *byte == b'\n').count().saturating_sub(1);
        self.line = self.line.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        self.left = self.left.saturating_sub(count);
        self.inner.consume(count);
    }
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = {
            let mut filled = self.fill_buf()?;
            filled.read(into)?
        };
        self.consume(count);
        Ok(count)
    }
}
