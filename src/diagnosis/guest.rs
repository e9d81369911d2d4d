//! The guest's own word: text of Windows tools, read into testimony by what is language-free in it.
//!
//! Every reader scans the whole text for what it knows, so that a pasted console session may hold several kinds.
//! Where only words decide, English, French and German are known; another language yields nothing, never a guess.

use super::azure;
use crate::evidence::{Testimony, Witness};

// Bytes to text: UTF-8, UTF-16, OEM and ANSI code pages; the JSON of Azure's Run Command unwrapped.
mod encoding;

// The words of three languages that readers share, and how lines are taken apart.
mod words;

// The scripts that `rdprobe collect` prints.
pub mod collect;

// The format that the PowerShell script prints.
mod collected;

// Which registry values Remote Desktop needs, and how.
mod health;

// `reg query` and exported .reg files.
mod registry;

// wevtutil and Get-WinEvent.
mod events;

// sc, Get-Service, tasklist /svc.
mod services;

// netstat.
mod ports;

// netsh interface, ipconfig.
mod network;

// netsh advfirewall and the registry form of its rules.
mod firewall;

// qwinsta.
mod sessions;

// The Remote Desktop certificate and who may read its key.
mod certificates;

// Clock, secure channel, Safe Mode, Entra ID, network driver.
mod machine;

/// The longest file that is read.
pub const LONGEST: usize = 4 * 1024 * 1024;

/// The kinds of text that are understood.
pub const KINDS: &str = "the output of rdprobe collect (also as az vm run-command prints it), wevtutil, Get-WinEvent, \
    reg query, .reg files, netstat -anob, tasklist /svc, sc query, sc qc, netsh interface, netsh advfirewall, qwinsta, \
    w32tm, dsregcmd, bcdedit, icacls, Test-ComputerSecureChannel, certutil -store, and the JSON of az vm \
    get-instance-view, az vm show -d, az network watcher test-ip-flow and show-next-hop, Resource health";

/// Why a file yields nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// No text in it.
    #[error("there is no text in it")]
    Empty,
    /// Longer than [`LONGEST`].
    #[error("it is longer than 4 MiB")]
    TooLong,
    /// None of the known kinds.
    #[error("no output of a known tool is in it")]
    NothingKnown,
}

/// Reads one file; `name` is what its facts call it.
pub fn read(name: &str, bytes: &[u8]) -> Result<Vec<Testimony>, NotUnderstood> {
    if bytes.len() > LONGEST {
        return Err(NotUnderstood::TooLong);
    }
    let text = encoding::text(bytes);
    let mut tells = Tells { name, ..Tells::default() };
    let answer: Option<serde_json::Value> = serde_json::from_str(text.trim()).ok();
    let messages = answer.as_ref().and_then(encoding::run_command_messages);
    for text in messages.as_deref().unwrap_or(std::slice::from_ref(&text)) {
        read_text(text, &mut tells);
    }
    if let Some(answer) = &answer {
        azures_word(answer, &mut tells);
    }
    if tells.known {
        Ok(merge(tells.told))
    } else if text.trim().is_empty() {
        Err(NotUnderstood::Empty)
    } else {
        Err(NotUnderstood::NothingKnown)
    }
}

/// Azure speaks of the machine from outside.
fn azures_word(answer: &serde_json::Value, tells: &mut Tells<'_>) {
    for told in azure::read(answer) {
        tells.known = true;
        tells.told.push(Testimony { fact: format!("{}: {}", tells.name, told.fact), ..told });
    }
}

/// What stands first gives the others context: the port, the service's process, the addresses.
fn read_text(text: &str, tells: &mut Tells<'_>) {
    let lines: Vec<&str> = text.lines().map(|line| line.trim_end_matches('\r')).collect();
    collected::read(&lines, tells);
    services::read(&lines, tells);
    network::read(&lines, tells);
    certificates::read(&lines, tells);
    registry::read(&lines, tells);
    events::read(&lines, tells);
    ports::read(&lines, tells);
    firewall::read(&lines, tells);
    sessions::read(&lines, tells);
    machine::read(&lines, tells);
}

/// Puts the testimony of several files together: no fact twice, and what is wrong outweighs what is right.
#[must_use]
pub fn merge(all: Vec<Testimony>) -> Vec<Testimony> {
    let mut merged: Vec<Testimony> = Vec::new();
    for told in all {
        if !merged.iter().any(|known| known.id == told.id && known.witness == told.witness) {
            merged.push(told);
        }
    }
    let overruled: Vec<Testimony> =
        merged.iter().filter(|told| overrules(told, &merged).is_some()).cloned().collect();
    merged.retain(|told| !overruled.contains(told));
    for right in overruled {
        if let Some(wrong) = merged.iter_mut().find(|told| opposed(&right.id, &told.id)) {
            let though = format!("; though {}", right.fact);
            if !wrong.fact.ends_with(&though) {
                wrong.fact.push_str(&though);
            }
        }
    }
    merged
}

fn overrules<'a>(right: &Testimony, all: &'a [Testimony]) -> Option<&'a Testimony> {
    all.iter().find(|told| told.witness != Witness::Client && opposed(&right.id, &told.id))
}

/// Good facts that a bad one of another name takes back; `.ok` and `.bad` of one name always stand against each other.
const OPPOSED: &[(&str, &str)] = &[
    ("guest.port.termservice", "guest.port.nobody"),
    ("guest.port.termservice", "guest.port.other-owner"),
    ("guest.cert.ok", "guest.cert.missing"),
    ("guest.cert.ok", "guest.cert.expired"),
    ("guest.cert.ok", "guest.cert.no-key"),
    ("guest.schannel.ok", "guest.schannel.off"),
    ("guest.entra.joined", "guest.entra.not-joined"),
    ("guest.sessions.free", "guest.sessions.full"),
    ("guest.nla.optional", "guest.nla.required"),
];

fn opposed(right: &str, wrong: &str) -> bool {
    let same_name =
        right.strip_suffix(".ok").is_some_and(|name| wrong.strip_suffix(".bad").is_some_and(|it| it == name));
    same_name || OPPOSED.contains(&(right, wrong))
}

/// What is being gathered from one file.
#[derive(Default)]
struct Tells<'a> {
    name: &'a str,
    told: Vec<Testimony>,
    /// Whether anything was recognised at all.
    known: bool,
    /// RDP's port, where the text tells it.
    port: Option<u16>,
    /// The process of TermService.
    term_service_pid: Option<u32>,
    /// The machine's own IPv4 addresses.
    addresses: Vec<std::net::Ipv4Addr>,
    /// The thumbprints of certificates that are there, in lower case.
    thumbprints: Vec<String>,
    /// Whether the Session Host role is installed, which lifts the limit of two sessions.
    session_host: Option<bool>,
}

/// The longest fact, in characters: a quoted line has no bound of its own.
const LONGEST_FACT: usize = 200;

impl Tells<'_> {
    fn tell(&mut self, id: &str, fact: &str) {
        self.known = true;
        if self.told.iter().any(|told| told.id == id) {
            return;
        }
        let words: Vec<&str> = fact.split_whitespace().collect();
        let fact: String = words.join(" ").chars().take(LONGEST_FACT).collect();
        let fact = format!("{}: {fact}", self.name);
        self.told.push(Testimony { witness: Witness::Guest, id: id.to_owned(), fact });
    }

    /// `guest.NAME.ok` or `guest.NAME.bad`.
    fn judge(&mut self, name: &str, fine: bool, fact: &str) {
        self.tell(&format!("guest.{name}.{}", if fine { "ok" } else { "bad" }), fact);
    }

    fn rdp_port(&self) -> u16 {
        self.port.unwrap_or(3389)
    }
}
