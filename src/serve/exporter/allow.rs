//! Where the exporter may connect: names, networks and ports, so that nobody makes a port scanner of it.
//!
//! A target given as an address must lie in a network. One given as a name may be connected to wherever it leads if the
//! name itself is allowed: who allows a name trusts those who run its DNS. Any other name may be connected to only if
//! every address that it has lies in a network; the addresses that were checked are the ones that are connected to.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::target::{DEFAULT_PORT, Host, Target};

/// Where the exporter may connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    entries: Vec<Entry>,
    /// Other ports than Remote Desktop's own, for the entries that name none.
    ports: Vec<u16>,
}

/// One entry: `vm1.example.com`, `*.example.com`, `10.0.0.0/8`, `192.0.2.7:3390`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    who: Who,
    /// The only port, where the entry names one.
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    /// This name.
    Name(String),
    /// Every name that ends so, the dot included.
    Under(String),
    /// Every address of a network.
    Network(IpNet),
}

/// What is known of a target before its name is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// It may be connected to, wherever its name leads.
    Granted,
    /// It may be if every address of its name is admitted by [`Allow::admits`].
    IfItsAddresses,
    /// It may not.
    Refused(Why),
}

/// Why a target is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Neither the name nor the address is on the list.
    Host,
    /// The host is, but not with this port.
    Port,
}

/// An entry that is none, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AllowError {
    message: String,
    /// What to write instead.
    pub hint: String,
}

impl Allow {
    /// Reads entries; `ports` are allowed beside 3389 wherever an entry names no port of its own.
    ///
    /// # Errors
    /// If an entry is neither a name, an address nor a network.
    pub fn read<S: AsRef<str>>(entries: &[S], ports: &[u16]) -> Result<Self, AllowError> {
        let entries = entries.iter().map(|text| entry(text.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { entries, ports: ports.to_vec() })
    }

    /// Whether nothing is allowed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the list says of a target as it was asked for.
    #[must_use]
    pub fn admission(&self, target: &Target) -> Admission {
        match &target.host {
            Host::Address(address) if self.network_has(*address, target.port) => Admission::Granted,
            Host::Address(address) => {
                let elsewhere = self.entries.iter().any(|entry| entry.has_address(*address));
                Admission::Refused(if elsewhere { Why::Port } else { Why::Host })
            }
            Host::Name(name) => self.name_admission(name, target.port),
        }
    }

    fn name_admission(&self, name: &str, port: u16) -> Admission {
        let name = canonical(name);
        let named = || self.entries.iter().filter(|entry| entry.has_name(&name));
        if named().any(|entry| self.has_port(entry, port)) {
            return Admission::Granted;
        }
        let mut networks = self.entries.iter().filter(|entry| matches!(entry.who, Who::Network(_)));
        if networks.any(|entry| self.has_port(entry, port)) {
            return Admission::IfItsAddresses;
        }
        Admission::Refused(if named().next().is_some() { Why::Port } else { Why::Host })
    }

    /// Whether every one of these addresses lies in a network that is allowed with its port.
    #[must_use]
    pub fn admits(&self, addresses: &[SocketAddr]) -> bool {
        addresses.iter().all(|address| self.network_has(address.ip(), address.port()))
    }

    fn network_has(&self, address: IpAddr, port: u16) -> bool {
        self.entries.iter().any(|entry| entry.has_address(address) && self.has_port(entry, port))
    }

    fn has_port(&self, entry: &Entry, port: u16) -> bool {
        entry.port.map_or_else(|| port == DEFAULT_PORT || self.ports.contains(&port), |only| port == only)
    }
}

impl Entry {
    fn has_name(&self, name: &str) -> bool {
        match &self.who {
            Who::Name(known) => name == known,
            // At least one character before the dot: `*.example.com` is not `.example.com`.
            Who::Under(suffix) => name.len() > suffix.len() && name.ends_with(suffix.as_str()),
            Who::Network(_) => false,
        }
    }

    fn has_address(&self, address: IpAddr) -> bool {
        match &self.who {
            // The system connects to ::ffff:10.0.0.4 by IPv4, so that IPv4's networks decide.
            Who::Network(network) => network.contains(&address.to_canonical()),
            Who::Name(_) | Who::Under(_) => false,
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "the target is not on the list of those that this exporter may connect to",
            Self::Port => "the target is on the list of this exporter, but not with this port",
        })
    }
}

fn entry(text: &str) -> Result<Entry, AllowError> {
    let text = text.trim();
    if let Some(network) = network(text) {
        return Ok(Entry { who: Who::Network(network), port: None });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, digits)) => (host, Some(port(digits, text)?)),
        None => (text, None),
    };
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Some(network) = network(inside) {
        return Ok(Entry { who: Who::Network(network), port });
    }
    let (name, is_suffix) = host.strip_prefix("*.").map_or((host, false), |suffix| (suffix, true));
    let who = match Target::parse(name).map(|target| target.host) {
        Ok(Host::Name(name)) if is_suffix => Who::Under(format!(".{}", canonical(&name))),
        Ok(Host::Name(name)) => Who::Name(canonical(&name)),
        Ok(Host::Address(_)) | Err(_) => return Err(AllowError::of(text)),
    };
    Ok(Entry { who, port })
}

/// A network, or an address as the network of itself alone.
fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn port(digits: &str, text: &str) -> Result<u16, AllowError> {
    digits.parse().ok().filter(|port| *port > 0).ok_or_else(|| AllowError::of(text))
}

/// Names differ neither by their case nor by the dot at their end.
fn canonical(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

impl AllowError {
    fn of(text: &str) -> Self {
        let shown: String = text.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect();
        Self {
            message: format!("neither a name, an address nor a network: {shown}"),
            hint: "such as vm1.example.com, *.example.com, 10.0.0.0/8, 192.0.2.7:3390; 0.0.0.0/0 and ::/0 \
                   together allow every address"
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(entries: &[&str], ports: &[u16], target: &str) -> Admission {
        Allow::read(entries, ports).unwrap().admission(&Target::parse(target).unwrap())
    }

    #[test]
    fn names_are_allowed_as_written_or_by_their_end() {
        let entries = ["vm1.example.com", "*.corp.example"];
        for granted in ["vm1.example.com", "VM1.Example.COM.", "a.corp.example", "a.b.corp.example:3389"] {
            assert_eq!(admission(&entries, &[], granted), Admission::Granted, "{granted}");
        }
        for refused in
            ["vm2.example.com", "corp.example", "evilcorp.example", "a.corp.example.evil", "10.0.0.4"]
        {
            assert_eq!(admission(&entries, &[], refused), Admission::Refused(Why::Host), "{refused}");
        }
    }

    #[test]
    fn an_address_must_lie_in_a_network() {
        let entries = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"];
        for granted in ["10.1.2.3", "[2001:db8::5]:3389", "192.0.2.7", "::ffff:10.0.0.4"] {
            assert_eq!(admission(&entries, &[], granted), Admission::Granted, "{granted}");
        }
        for refused in ["11.0.0.1", "127.0.0.1", "::1", "192.0.2.8", "::ffff:127.0.0.1"] {
            assert_eq!(admission(&entries, &[], refused), Admission::Refused(Why::Host), "{refused}");
        }
    }

    #[test]
    fn other_ports_only_where_the_list_says_so() {
        let entries = ["10.0.0.0/8", "vm1.example.com:3390", "[2001:db8::1]:3391", "192.0.2.0/24:3392"];
        assert_eq!(admission(&entries, &[], "10.0.0.4:22"), Admission::Refused(Why::Port));
        assert_eq!(admission(&entries, &[22], "10.0.0.4:22"), Admission::Granted);
        assert_eq!(admission(&entries, &[], "vm1.example.com:3390"), Admission::Granted);
        assert_eq!(admission(&entries, &[], "[2001:db8::1]:3391"), Admission::Granted);
        assert_eq!(admission(&entries, &[22], "[2001:db8::1]:22"), Admission::Refused(Why::Port));
        assert_eq!(admission(&entries, &[], "192.0.2.9:3392"), Admission::Granted);
        assert_eq!(admission(&entries, &[], "192.0.2.9"), Admission::Refused(Why::Port));
        // The name is on the list with another port, but a network may still have its addresses.
        assert_eq!(admission(&entries, &[], "vm1.example.com"), Admission::IfItsAddresses);
        assert_eq!(
            admission(&["vm1.example.com:3390"], &[], "vm1.example.com"),
            Admission::Refused(Why::Port)
        );
    }

    #[test]
    fn another_name_stands_or_falls_with_all_its_addresses() {
        let allow = Allow::read(&["10.0.0.0/8"], &[]).unwrap();
        let target = Target::parse("vm9.example.com").unwrap();
        assert_eq!(allow.admission(&target), Admission::IfItsAddresses);
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        assert!(allow.admits(&[at("10.0.0.4:3389"), at("10.9.0.4:3389")]));
        assert!(!allow.admits(&[at("10.0.0.4:3389"), at("127.0.0.1:3389")]));
        assert!(!allow.admits(&[at("10.0.0.4:22")]));
    }

    #[test]
    fn what_is_no_entry_is_told() {
        for wrong in
            ["", "*", "*.*.example", "10.0.0.0/33", "vm1:0", "vm1:x", "a b", "http://vm1", "*.10.0.0.1"]
        {
            let error = Allow::read(&[wrong], &[]).unwrap_err();
            assert!(error.hint.contains("such as"), "{wrong}");
        }
    }
}
