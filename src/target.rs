//! What the user asks about: a host name or address and a port, read from the forms people have at hand.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

// .rdp files and rdp:// URIs: settings, of which the address and the port matter here.
mod rdp;

// Host names: what DNS allows, and what Unicode becomes.
mod name;

pub use rdp::{from_rdp_file, from_rdp_file_or};

/// The port on which Remote Desktop listens unless told otherwise.
pub const DEFAULT_PORT: u16 = 3389;

/// A host and a port to probe.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Target {
    /// What the user wrote.
    pub input: String,
    /// The name or address to connect to.
    pub host: Host,
    /// The TCP port.
    pub port: u16,
}

/// A name to resolve, or an address that needs no resolving.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Host {
    /// A literal address.
    Address(IpAddr),
    /// A DNS name in ASCII (Unicode labels as `xn--...`), without a trailing dot unless the user wrote one.
    Name(String),
}

/// Text that is no target, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TargetError {
    message: String,
    hint: String,
}

impl TargetError {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// What to try instead.
    #[must_use]
    pub fn hint(&self) -> &str {
        &self.hint
    }
}

impl Target {
    /// Reads `host`, `host:port`, `1.2.3.4`, `[v6]:port`, a bare IPv6 address or an `rdp://` URI.
    /// The path of an .rdp file is not followed: see [`from_rdp_file`].
    ///
    /// # Errors
    /// If the text is none of these: the message says what it is instead, the hint what to write.
    pub fn parse(input: &str) -> Result<Self, TargetError> {
        Self::parse_or(input, DEFAULT_PORT)
    }

    /// Like [`Self::parse`], with a port for text that names none; if it is not the usual one, the input says it too.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_or(input: &str, default_port: u16) -> Result<Self, TargetError> {
        let text = input.trim();
        let (host, port) = match rdp::uri(text)? {
            Some(parts) => parts,
            None => authority(text)?,
        };
        let mut target = Self { input: input.to_owned(), host, port: port.unwrap_or(default_port) };
        if port.is_none() && default_port != DEFAULT_PORT {
            target.input = target.to_string();
        }
        Ok(target)
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(input: &str) -> Result<Self, TargetError> {
        Self::parse(input)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// `host:port`, an IPv6 address in brackets.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

const FORMS: &str = "try host:3389, [2001:db8::1]:3390 or a .rdp file";

/// `host`, `host:port`, `[v6]`, `[v6]:port` or a bare IPv6 address.
fn authority(text: &str) -> Result<(Host, Option<u16>), TargetError> {
    reject_lookalikes(text)?;
    if let Some(inside) = text.strip_prefix('[') {
        return bracketed(text, inside);
    }
    match text.matches(':').count() {
        0 => Ok((host(text, text)?, None)),
        1 => {
            let (name, digits) = text.split_once(':').unwrap_or((text, ""));
            Ok((host(name, text)?, Some(port(digits)?)))
        }
        _ => Ok((Host::Address(IpAddr::V6(ipv6(text, text)?)), None)),
    }
}

/// Things that people paste, each with a hint of its own.
fn reject_lookalikes(text: &str) -> Result<(), TargetError> {
    if text.is_empty() {
        return Err(TargetError::new("the target is empty", FORMS));
    }
    if let Some(rest) = text.strip_prefix(r"\\") {
        let machine = rest.split('\\').next().unwrap_or(rest);
        return Err(TargetError::new(format!("a UNC path, not a host: `{text}`"), just_the_host(machine)));
    }
    if let Some((_, rest)) = text.split_once("://") {
        let message = format!("a URL, not a Remote Desktop address: `{text}`");
        let before_path = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        let machine = before_path.rsplit('@').next().unwrap_or(before_path);
        return Err(TargetError::new(message, just_the_host(without_port(machine))));
    }
    if let Some((_, machine)) = text.rsplit_once('@') {
        let hint = format!("{}; the probe needs no user name", just_the_host(machine));
        return Err(TargetError::new(format!("a user name in front of the host: `{text}`"), hint));
    }
    if text.to_ascii_lowercase().ends_with(".rdp") {
        let hint = "check the path: no such file was read";
        return Err(TargetError::new(format!("the path of an .rdp file, not a host: `{text}`"), hint));
    }
    if let Some((before, after)) = text.split_once('/') {
        if before.parse::<IpAddr>().is_ok() && after.parse::<u8>().is_ok() {
            let hint = format!("give one address of it, such as {before}");
            return Err(TargetError::new(format!("a network, not a host: `{text}`"), hint));
        }
        return Err(TargetError::new(
            format!("a path after the host: `{text}`"),
            just_the_host(without_port(before)),
        ));
    }
    if let Some((domain, machine)) = text.split_once('\\') {
        let message = format!("a backslash, as in a user name of a domain: `{text}`");
        return Err(TargetError::new(message, format!("give the host alone: `{domain}` or `{machine}`")));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        let message =
            format!("not a host, an address, an rdp:// URI or an .rdp file: `{}`", text.escape_debug());
        return Err(TargetError::new(message, FORMS));
    }
    Ok(())
}

fn just_the_host(machine: &str) -> String {
    if machine.is_empty() { FORMS.to_owned() } else { format!("give the host alone: `{machine}`") }
}

fn without_port(machine: &str) -> &str {
    match machine.split_once(':') {
        Some((host, rest)) if !rest.contains(':') => host,
        _ => machine,
    }
}

/// `[v6]` or `[v6]:port`, the first bracket already taken.
fn bracketed(text: &str, inside: &str) -> Result<(Host, Option<u16>), TargetError> {
    let Some((address, rest)) = inside.split_once(']') else {
        let hint = "close the bracket after the address: [2001:db8::1]:3390";
        return Err(TargetError::new(format!("`]` is missing: `{text}`"), hint));
    };
    let host = Host::Address(IpAddr::V6(ipv6(address, text)?));
    if rest.is_empty() {
        return Ok((host, None));
    }
    match rest.strip_prefix(':') {
        Some(digits) => Ok((host, Some(port(digits)?))),
        None => Err(TargetError::new(
            format!("something other than a port after `]`: `{rest}`"),
            format!("write the port after a colon: [{address}]:3390"),
        )),
    }
}

fn ipv6(address: &str, text: &str) -> Result<Ipv6Addr, TargetError> {
    if let Some((address, zone)) = address.split_once('%') {
        return Err(TargetError::new(
            format!("an IPv6 address with a zone: `{text}`"),
            format!("give the address alone and the interface apart: {address} --interface {zone}"),
        ));
    }
    address.parse().map_err(|_| {
        let hint = "an IPv6 address with a port stands in brackets: [2001:db8::1]:3390";
        TargetError::new(format!("not an IPv6 address: `{address}`"), hint)
    })
}

fn host(host: &str, text: &str) -> Result<Host, TargetError> {
    if host.is_empty() {
        return Err(TargetError::new(format!("no host in front of the port: `{text}`"), FORMS));
    }
    // IDNA turns wide digits and dots into plain ones: what it makes of a name may be an address.
    let ascii = if host.is_ascii() { host.to_owned() } else { name::check(host)? };
    if let Ok(address) = ascii.parse::<Ipv4Addr>() {
        return Ok(Host::Address(IpAddr::V4(address)));
    }
    // A name whose last label is a number would be taken for an address elsewhere: inet_aton reads "10.1" as 10.0.0.1.
    let last = ascii.strip_suffix('.').unwrap_or(&ascii).rsplit('.').next().unwrap_or(&ascii);
    if !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()) {
        let hint = "an IPv4 address is four numbers from 0 to 255, without leading zeros: 192.0.2.7";
        return Err(TargetError::new(format!("not an IPv4 address: `{host}`"), hint));
    }
    name::check(&ascii).map(Host::Name)
}

/// A TCP port in digits.
pub(crate) fn port(digits: &str) -> Result<u16, TargetError> {
    let hint = "a port is a number from 1 to 65535; Remote Desktop's is 3389";
    if digits.is_empty() {
        return Err(TargetError::new("no port after the colon", hint));
    }
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(TargetError::new(format!("not a port: `{digits}`"), hint));
    }
    match digits.parse() {
        Ok(0) => Err(TargetError::new("port 0 cannot be connected to", hint)),
        Ok(port) => Ok(port),
        Err(_) => Err(TargetError::new(format!("a port above 65535: `{digits}`"), hint)),
    }
}
