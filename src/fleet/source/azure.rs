//! Azure's inventory as JSON: `az vm list-ip-addresses`, `az vm list -d`, `az network public-ip list`, and what
//! resembles it: masscan's `-oJ`, an array of names.
//!
//! What a user reaches from a workstation is taken: the DNS name or else the public addresses; the private ones only
//! of a machine that has no public address at all.

use serde_json::Value;

use super::entry::Entry;
use super::json::Elements;
use super::open_port::OpenPorts;
use super::text::Input;
use super::{SourceError, Written};

/// What the elements name.
pub(super) fn entries(input: Input, default_port: u16) -> impl Iterator<Item = Written> + Send {
    Elements::new(input).flat_map(move |(line, value)| {
        let named = value.map_or_else(|error| vec![Err(error)], |value| named(&value, default_port));
        named.into_iter().map(move |entry| Written { line: Some(line), entry })
    })
}

type Named = Vec<Result<Entry, SourceError>>;

fn named(value: &Value, port: u16) -> Named {
    let addresses = match value {
        Value::String(text) => return vec![Entry::read(text, port)],
        Value::Null => Err(no_address("an empty place")),
        _ if value.get("virtualMachine").is_some() => machine(value),
        _ if value.get("publicIps").is_some() || value.get("privateIps").is_some() => shown(value),
        _ if is_public_address(value) => public_address(value),
        _ if value.get("ports").is_some() => return scanned(value, port),
        _ => Err(unknown(value)),
    };
    match addresses {
        Ok(addresses) => addresses.into_iter().map(|address| Entry::one(address, port)).collect(),
        Err(error) => vec![Err(error)],
    }
}

/// An element of `az vm list-ip-addresses`.
fn machine(value: &Value) -> Result<Vec<&str>, SourceError> {
    let network =
        |which: &str| value.pointer(&format!("/virtualMachine/network/{which}")).and_then(Value::as_array);
    let public = network("publicIpAddresses").filter(|list| !list.is_empty());
    let addresses: Vec<&str> = match public {
        Some(list) => list.iter().filter_map(|it| text(it, "/ipAddress")).collect(),
        None => network("privateIpAddresses").into_iter().flatten().filter_map(Value::as_str).collect(),
    };
    some(addresses, text(value, "/virtualMachine/name"))
}

/// An element of `az vm list --show-details`: lists with commas.
fn shown(value: &Value) -> Result<Vec<&str>, SourceError> {
    let lists = ["/fqdns", "/publicIps", "/privateIps"];
    let first = lists.iter().find_map(|list| text(value, list)).unwrap_or_default();
    some(first.split(',').map(str::trim).filter(|it| !it.is_empty()).collect(), text(value, "/name"))
}

/// Newer versions of az leave out what is null, and so an address that there is none of.
fn is_public_address(value: &Value) -> bool {
    ["ipAddress", "publicIPAllocationMethod"].iter().any(|member| value.get(member).is_some())
}

/// An element of `az network public-ip list`. Without an address the name leads nowhere.
fn public_address(value: &Value) -> Result<Vec<&str>, SourceError> {
    let address = text(value, "/ipAddress");
    let name = text(value, "/dnsSettings/fqdn").filter(|_| address.is_some());
    some(name.or(address).into_iter().collect(), text(value, "/name"))
}

/// An element of masscan's `-oJ`: `{"ip": "10.0.0.4", "ports": [{"port": 3389, "proto": "tcp", "status": "open"}]}`.
fn scanned(value: &Value, default_port: u16) -> Named {
    let Some(address) = text(value, "/ip") else { return vec![Err(unknown(value))] };
    let ports = value.get("ports").and_then(Value::as_array).into_iter().flatten();
    ports
        .filter(|port| text(port, "/status") == Some("open") && text(port, "/proto") == Some("tcp"))
        .filter_map(|port| {
            let number = port.get("port").map(Value::to_string).unwrap_or_default();
            OpenPorts { default_port }.take(address, &number, "")
        })
        .collect()
}

/// A text that is not empty.
fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

fn some<'a>(addresses: Vec<&'a str>, name: Option<&str>) -> Result<Vec<&'a str>, SourceError> {
    if addresses.is_empty() {
        Err(no_address(name.unwrap_or("a machine without a name")))
    } else {
        Ok(addresses)
    }
}

fn no_address(name: &str) -> SourceError {
    SourceError::new(
        format!("no address: {name}"),
        "is it deallocated? Azure takes a dynamic address back: az vm start",
    )
}

fn unknown(value: &Value) -> SourceError {
    let what = match value {
        Value::Object(members) => {
            let names: Vec<&str> = members.keys().map(String::as_str).take(6).collect();
            format!("an object of another kind, with {}", names.join(", "))
        }
        other => format!("no object: {other}"),
    };
    SourceError::new(
        what,
        "az vm list-ip-addresses -o json and az network public-ip list -o json can be read, or [\"name\", ...]",
    )
}
