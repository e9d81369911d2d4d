//! The line formats of scanners: masscan's `-oL`, and the grepable `-oG` of nmap and masscan.

use super::list::by_line;
use super::open_port::OpenPorts;
use super::text::{Input, Lines};
use super::{SourceError, Written, entry::Entry};

/// masscan's list: `open tcp 3389 10.0.0.4 1390380064`.
pub(super) fn list(input: Input, wanted: OpenPorts) -> impl Iterator<Item = Written> + Send {
    by_line(Lines::new(input), move |line| {
        let mut words = line.split_ascii_whitespace();
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("open"), Some("tcp"), Some(port), Some(address)) => {
                wanted.take(address, port, "").into_iter().collect()
            }
            (None | Some("open" | "closed" | "banner"), ..) => Vec::new(),
            (Some(word), ..) if word.starts_with('#') => Vec::new(),
            (Some(_), ..) => vec![Err(not_one("open tcp 3389 10.0.0.4 1390380064"))],
        }
    })
}

/// Grepable: `Host: 10.0.0.4 (name)<tab>Ports: 3389/open/tcp//ms-wbt-server///, ...<tab>...`; masscan puts a
/// `Timestamp: ...<tab>` before it.
pub(super) fn grepable(input: Input, wanted: OpenPorts) -> impl Iterator<Item = Written> + Send {
    by_line(Lines::new(input), move |line| {
        if line.trim().is_empty() || line.starts_with('#') {
            return Vec::new();
        }
        let field = |name: &str| line.split('\t').find_map(|field| field.trim().strip_prefix(name));
        let Some(address) = field("Host: ").and_then(|host| host.split_ascii_whitespace().next()) else {
            return vec![Err(not_one("Host: 10.0.0.4 () Ports: 3389/open/tcp//ms-wbt-server///"))];
        };
        let ports = field("Ports: ").unwrap_or_default().split(',');
        ports.filter_map(|port| grepable_port(address, port.trim(), wanted)).collect()
    })
}

/// `3389/open/tcp//ms-wbt-server///`: port, state, protocol, owner, service.
fn grepable_port(address: &str, port: &str, wanted: OpenPorts) -> Option<Result<Entry, SourceError>> {
    let mut fields = port.split('/');
    let (number, state, protocol, _, service) =
        (fields.next()?, fields.next()?, fields.next()?, fields.next(), fields.next());
    (state == "open" && protocol == "tcp")
        .then(|| wanted.take(address, number, service.unwrap_or_default()))?
}

fn not_one(form: &str) -> SourceError {
    SourceError::new("not a line of a scanner's list", format!("its lines look like this: {form}"))
}
