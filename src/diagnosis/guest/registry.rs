//! Registry values from `reg query`, exported .reg files and loaded hives, in any control set.

use super::health::{Key, Row, TABLE};
use super::words::{command, number};
use super::{Tells, certificates, firewall, machine, services};

/// A value as the text shows it.
pub(super) struct Value<'a> {
    /// The key's path below `system\` or `software\`, in lower case, without hive and control set.
    pub(super) key: &'a str,
    pub(super) name: &'a str,
    /// Null where the text says that the value is not there.
    pub(super) data: Option<&'a str>,
    /// The line that a fact quotes.
    pub(super) line: &'a str,
}

/// Reads every value of every key; then what needs several of them.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    let mut several = Several::default();
    let mut key = String::new();
    let mut set = String::new();
    let mut asked: Option<String> = None;
    for line in lines {
        let bare = line.trim();
        if let Some(path) = key_line(bare) {
            (key, set) = path_below_hive(path);
            asked = None;
            tells.known = true;
            if key == RDP_TCP {
                tells.judge("reg.rdp-tcp", true, bare);
            }
        } else if let Some((name, data)) = value_line(bare) {
            if !key.is_empty() {
                let quoted = format!("{bare}{set}");
                judge(&Value { key: &key, name, data: Some(data), line: &quoted }, &mut several, tells);
            }
        } else if let Some(command) = command(bare).filter(|command| command.starts_with("reg query ")) {
            asked = Some(command);
        } else if ["ERROR:", "ERREUR", "FEHLER:"].iter().any(|word| bare.starts_with(word))
            && let Some(command) = asked.take()
        {
            absent(&command, &mut several, tells);
        }
    }
    several.judge(tells);
}

pub(super) const RDP_TCP: &str = "control\\terminal server\\winstations\\rdp-tcp";

/// A line that names a key: bare in `reg query`, bracketed in a .reg file.
fn key_line(line: &str) -> Option<&str> {
    let line = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')).unwrap_or(line);
    line.starts_with("HKEY_").then_some(line)
}

/// `NAME    REG_DWORD    0x1`, `"NAME"=dword:00000001`, `"NAME"="text"`.
fn value_line(line: &str) -> Option<(&str, &str)> {
    if let Some(rest) = line.strip_prefix('"') {
        let (name, data) = rest.split_once("\"=")?;
        return Some((name, data));
    }
    let (name, rest) = line.split_once("REG_")?;
    let data = rest.split_once(char::is_whitespace).map_or("", |(_, data)| data.trim());
    Some((name.trim(), data))
}

/// The path below the hive in lower case, and which control set of which hive it is if not the current one.
fn path_below_hive(path: &str) -> (String, String) {
    let below = path.split_once('\\').map_or("", |(_, below)| below);
    let (hive, rest) = below.split_once('\\').unwrap_or((below, ""));
    // Every value of the key repeats it: a hive's name without bound would cost the square of the file.
    let hive: String = hive.chars().take(32).collect();
    let lower = rest.to_lowercase();
    let (set, inner) = lower.split_once('\\').unwrap_or((&lower, ""));
    if set == "currentcontrolset" || (set.starts_with("controlset") && set.len() == 13) {
        let current = set == "currentcontrolset";
        let note =
            if current { String::new() } else { format!(" ({hive}\\{})", rest.get(..13).unwrap_or(set)) };
        return (inner.to_owned(), note);
    }
    (lower, String::new())
}

/// What `reg query` did not find.
fn absent(command: &str, several: &mut Several, tells: &mut Tells<'_>) {
    let Some((path, rest)) = queried(command) else { return };
    let path = path.replacen("hklm", "hkey_local_machine", 1).replace(":\\", "\\");
    let (key, _) = path_below_hive(&path);
    match rest.split_once("/v ") {
        Some((_, name)) => {
            let name = name.trim().trim_matches('"');
            judge(
                &Value { key: &key, name, data: None, line: &format!("{name} is not there") },
                several,
                tells,
            );
        }
        None if key == RDP_TCP => tells.judge("reg.rdp-tcp", false, &format!("{command}: not found")),
        None => {}
    }
}

/// The key and the rest of a `reg query` command.
fn queried(command: &str) -> Option<(&str, &str)> {
    let rest = command.strip_prefix("reg query ")?.trim_start();
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"'),
        None => Some(rest.split_once(' ').unwrap_or((rest, ""))),
    }
}

/// Judges one value, or keeps it for what needs several.
pub(super) fn judge(value: &Value<'_>, several: &mut Several, tells: &mut Tells<'_>) {
    let number = value.data.and_then(data_number);
    several.note(value, number, tells);
    if let Some(key) = known_key(value.key) {
        let mut rows = TABLE.iter().filter(|row| row.key == key);
        if let Some(row) = rows.find(|row| row.value.eq_ignore_ascii_case(value.name)) {
            judge_row(row, value, number, tells);
        }
    }
    services::from_registry(value, number, tells);
    firewall::from_registry(value, number, tells);
    machine::from_registry(value, number, tells);
}

fn judge_row(row: &Row, value: &Value<'_>, number: Option<u64>, tells: &mut Tells<'_>) {
    if row.key == Key::Licensing && number == Some(5) && tells.session_host == Some(false) {
        return;
    }
    match (value.data, number) {
        (None, _) if row.may_lack => tells.judge(&row.name(), true, value.line),
        (Some(_), Some(number)) => match row.fine(number) {
            Some(true) => tells.judge(&row.name(), true, value.line),
            Some(false) => tells.judge(&row.name(), false, &format!("{}: {}", value.line, row.why)),
            None => {}
        },
        (None | Some(_), _) => {}
    }
}

fn known_key(path: &str) -> Option<Key> {
    Some(match path {
        "control\\terminal server" => Key::TerminalServer,
        RDP_TCP => Key::RdpTcp,
        "control\\terminal server\\rcm\\licensing core" => Key::Licensing,
        "policies\\microsoft\\windows nt\\terminal services" => Key::Policy,
        "control\\lsa" => Key::Lsa,
        "control\\lsa\\fipsalgorithmpolicy" => Key::Fips,
        "control\\lsa\\msv1_0" => Key::Ntlm,
        "microsoft\\windows\\currentversion\\policies\\system\\credssp\\parameters" => Key::Credssp,
        _ => return None,
    })
}

/// `0x1`, `1`, `-1`, `dword:00000001`.
fn data_number(data: &str) -> Option<u64> {
    match data.strip_prefix("dword:") {
        Some(hex) => u64::from_str_radix(hex.trim(), 16).ok(),
        // PowerShell prints a DWORD above 2^31 as a negative number.
        None => {
            number(data).or_else(|| data.parse::<i32>().ok().map(|number| u64::from(number.cast_unsigned())))
        }
    }
}

/// What is judged only once all values are there.
#[derive(Default)]
pub(super) struct Several {
    /// TLS 1.0 to 1.3 for servers: told on, told off, or nothing told.
    tls: [Option<bool>; 4],
    tls_line: String,
    thumbprint: Option<String>,
    redirection: Option<String>,
}

const TLS_KEY: &str = "control\\securityproviders\\schannel\\protocols\\tls 1.";

impl Several {
    fn note(&mut self, value: &Value<'_>, number: Option<u64>, tells: &mut Tells<'_>) {
        let name = value.name.to_lowercase();
        match (value.key, name.as_str()) {
            (RDP_TCP, "portnumber") => {
                tells.port = number.and_then(|port| u16::try_from(port).ok()).or(tells.port);
            }
            (RDP_TCP | "policies\\microsoft\\windows nt\\terminal services", "userauthentication") => {
                match number {
                    Some(1) => tells.tell("guest.nla.required", value.line),
                    Some(0) => tells.tell("guest.nla.optional", value.line),
                    Some(_) | None => {}
                }
            }
            (RDP_TCP, "sslcertificatesha1hash") => match value.data {
                Some(data) => self.thumbprint = certificates::thumbprint(data),
                None => tells.judge("reg.sslcertificatesha1hash", true, value.line),
            },
            ("control\\terminal server", "tsappcompat") => {
                tells.session_host = number.map(|number| number == 1);
            }
            ("control\\terminal server\\clustersettings", "sessiondirectoryredirectionip") => {
                self.redirection = value.data.map(|data| data.trim_matches('"').to_owned());
            }
            (key, "functions")
                if key.starts_with("policies\\microsoft\\cryptography\\configuration\\ssl") =>
            {
                if value.data.is_some() {
                    tells.tell("guest.schannel.cipher-policy", value.line);
                }
            }
            (key, name) => self.note_tls(key, name, number, value),
        }
    }

    /// A version is off where `Enabled` is 0 or `DisabledByDefault` is 1; a lack of both leaves Windows' default, on.
    fn note_tls(&mut self, key: &str, name: &str, number: Option<u64>, value: &Value<'_>) {
        let Some(rest) = key.strip_prefix(TLS_KEY) else { return };
        let Some((minor, "server")) = rest.split_once('\\') else { return };
        let Some(slot) = minor.parse().ok().and_then(|minor: usize| self.tls.get_mut(minor)) else { return };
        let on = match (name, value.data.is_some()) {
            ("enabled", true) => number != Some(0),
            ("disabledbydefault", true) => number == Some(0),
            ("enabled", false) => true,
            _ => return,
        };
        if !on {
            self.tls_line = format!("TLS 1.{minor} server: {}", value.line);
        }
        *slot = Some(slot.unwrap_or(true) && on);
    }

    /// Judges what needed the whole text.
    pub(super) fn judge(&self, tells: &mut Tells<'_>) {
        let [.., v1_2, v1_3] = self.tls;
        if self.tls.iter().take(3).all(|on| *on == Some(false)) && v1_3 != Some(true) {
            tells.tell("guest.schannel.off", &self.tls_line);
        } else if self.tls.contains(&Some(false)) {
            tells.tell("guest.schannel.some-off", &self.tls_line);
        }
        if v1_2 == Some(true) {
            tells.tell("guest.schannel.ok", "TLS 1.2 is not disabled for servers");
        }
        if let Some(thumbprint) = self.thumbprint.as_ref().filter(|_| !tells.thumbprints.is_empty()) {
            let there = tells.thumbprints.contains(thumbprint);
            let fact = if there { "is in the store" } else { "is of no certificate in the store" };
            tells.judge(
                "reg.sslcertificatesha1hash",
                there,
                &format!("SSLCertificateSHA1Hash {thumbprint} {fact}"),
            );
        }
        let redirection = self.redirection.as_ref().and_then(|address| address.parse().ok());
        if let Some(address) = redirection.filter(|_| !tells.addresses.is_empty()) {
            let own = tells.addresses.contains(&address);
            let fact = if own { "is an address of this machine" } else { "is no address of this machine" };
            tells.judge(
                "reg.sessiondirectoryredirectionip",
                own,
                &format!("SessionDirectoryRedirectionIP {address} {fact}"),
            );
        }
    }
}
