//! Interfaces and addresses: `netsh interface show interface`, `netsh interface ip show config`, ipconfig.

use std::net::Ipv4Addr;

use super::Tells;
use super::words::{columns, is_one_of, pair, yes_or_no};

const ENABLED: &[&str] = &["enabled", "activé", "aktiviert"];
const DISABLED: &[&str] = &["disabled", "désactivé", "deaktiviert"];
const CONNECTED: &[&str] = &["connected", "connecté", "verbunden"];
const DISCONNECTED: &[&str] = &["disconnected", "déconnecté", "getrennt", "non connecté", "nicht verbunden"];

/// Reads both.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    states(lines, tells);
    addresses(lines, tells);
}

/// Rows of four columns: admin state, state, type, name.
fn states(lines: &[&str], tells: &mut Tells<'_>) {
    let mut best: Option<(bool, &str)> = None;
    for line in lines {
        let row = columns(line);
        let [admin, state, _, _] = row.as_slice() else { continue };
        let enabled = is_one_of(admin, ENABLED);
        let connected = is_one_of(state, CONNECTED);
        if (enabled || is_one_of(admin, DISABLED)) && (connected || is_one_of(state, DISCONNECTED)) {
            let up = enabled && connected;
            if best.is_none_or(|(known, _)| up && !known) {
                best = Some((up, line));
            }
        }
    }
    if let Some((up, line)) = best {
        tells.judge("nic", up, line);
    }
}

/// One interface of `show config`.
#[derive(Default)]
struct Interface<'a> {
    dhcp: Option<(bool, &'a str)>,
    addresses: Vec<Ipv4Addr>,
}

fn addresses(lines: &[&str], tells: &mut Tells<'_>) {
    let mut current = Interface::default();
    for line in lines {
        if !line.starts_with(char::is_whitespace) && !line.trim().is_empty() {
            flush(&std::mem::take(&mut current), tells);
        }
        let Some((label, value)) = pair(line) else { continue };
        let label = label.trim_end_matches(['.', ' ']);
        if label.starts_with("DHCP") && !label.contains('-') | label.starts_with("DHCP-") {
            if let Some(on) = yes_or_no(value) {
                current.dhcp = Some((on, line));
            }
        } else if label.contains("IP") && !label.starts_with("DNS") && current.addresses.len() < 64 {
            let digits = value.split(['(', ' ']).next().unwrap_or_default();
            current
                .addresses
                .extend(digits.parse::<Ipv4Addr>().ok().filter(|address| !address.is_loopback()));
        }
    }
    flush(&current, tells);
}

fn flush(interface: &Interface<'_>, tells: &mut Tells<'_>) {
    let Some((dhcp, line)) = interface.dhcp.filter(|_| !interface.addresses.is_empty()) else { return };
    tell(dhcp, &interface.addresses, line, tells);
}

/// Tells how one interface got its addresses.
pub(super) fn tell(dhcp: bool, addresses: &[Ipv4Addr], line: &str, tells: &mut Tells<'_>) {
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    tells.judge("dhcp", dhcp, &format!("{}: {}", line.trim(), shown.join(", ")));
    if addresses.len() > 1 {
        tells.tell("guest.addresses.several", &shown.join(", "));
    }
    if tells.addresses.len() < 256 {
        tells.addresses.extend(addresses);
    }
}

/// Tells whether some interface is up, from numbers: how many are, of how many.
pub(super) fn tell_up(up: u64, all: u64, tells: &mut Tells<'_>) {
    tells.judge("nic", up > 0, &format!("{up} of {all} network interfaces are up"));
}
