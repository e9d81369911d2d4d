//! The format that `rdprobe collect` prints: `rdprobe-guest/1`, then one `kind|field|...` a line, free of language.
//!
//! ```text
//! t|UTC time                               the machine's own clock
//! r|KEY|NAME|DATA                          a registry value; DATA is - where it is not there
//! s|NAME|STATE|START|EXIT|ACCOUNT          a service, numbers as Windows has them
//! e|PROVIDER|ID|COUNT|LAST[|SERVICE]       events of the last days
//! l|STATUS|COUNT                           failed logons of the last day, by status
//! p|PORT|PID|NAME|TERMSERVICE PID          who listens at RDP's port; PID is - for nobody
//! f|rule|TEXT and f|profile|NAME|ON|BLOCK  the firewall
//! i|UP|ALL and a|DHCP|ADDRESS,...          interfaces, and how each got its addresses
//! q|LISTENING|USERS                        qwinsta
//! c|THUMBPRINT|UNTIL|KEY, c|none, m|THUMBPRINT  Remote Desktop's store, and the machine's own
//! k|WHAT|SDDL                              who may read the machine's keys
//! w|SOURCE, d|TRUE, b|OPTION, j|YES, n|VERSION  clock source, secure channel, Safe Mode, Entra ID, netvsc
//! end|complete or end|cut|COUNT            the last line
//! ```

use super::registry::{self, Several, Value};
use super::services::{self, State};
use super::{Tells, certificates, events, firewall, machine, network, ports, sessions};

/// The first line.
const MARK: &str = "rdprobe-guest/1";

/// The short names of keys.
const KEYS: &[(&str, &str)] = &[
    ("TS", "control\\terminal server"),
    ("RT", "control\\terminal server\\winstations\\rdp-tcp"),
    ("LC", "control\\terminal server\\rcm\\licensing core"),
    ("CS", "control\\terminal server\\clustersettings"),
    ("TP", "policies\\microsoft\\windows nt\\terminal services"),
    ("LS", "control\\lsa"),
    ("FP", "control\\lsa\\fipsalgorithmpolicy"),
    ("MS", "control\\lsa\\msv1_0"),
    ("CR", "microsoft\\windows\\currentversion\\policies\\system\\credssp\\parameters"),
    ("CP", "policies\\microsoft\\cryptography\\configuration\\ssl\\00010002"),
    ("T0", "control\\securityproviders\\schannel\\protocols\\tls 1.0\\server"),
    ("T1", "control\\securityproviders\\schannel\\protocols\\tls 1.1\\server"),
    ("T2", "control\\securityproviders\\schannel\\protocols\\tls 1.2\\server"),
    ("SU", "setup"),
    ("SB", "control\\safeboot\\option"),
];

/// Reads the lines between the mark and the end.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    let Some(at) = lines.iter().position(|line| line.trim_start_matches('\u{feff}').trim() == MARK) else {
        return;
    };
    tells.tell("guest.answers", "the collect script ran");
    let mut profiles = Profiles::default();
    let mut several = Several::default();
    let mut now = String::new();
    for line in lines.iter().skip(at.saturating_add(1)) {
        let fields: Vec<&str> = line.trim().split('|').collect();
        match fields.as_slice() {
            ["t", time] => (*time).clone_into(&mut now),
            ["f", "profile", name, on, blocks] => profiles.note(name, on, blocks),
            ["c", thumbprint, until, key] => certificates::tell(thumbprint, until, *key == "1", &now, tells),
            ["r", key, name, data @ ..] => value(key, name, &data.join("|"), &mut several, tells),
            ["end", ..] => break,
            fields => one(fields, line, tells),
        }
    }
    profiles.tell(tells);
    several.judge(tells);
}

fn value(key: &str, name: &str, data: &str, several: &mut Several, tells: &mut Tells<'_>) {
    let Some((_, path)) = KEYS.iter().find(|(short, _)| *short == key) else { return };
    let there = data != "-";
    let line = if there { format!("{name} {data}") } else { format!("{name} is not there") };
    let value = Value { key: path, name, data: there.then_some(data), line: &line };
    registry::judge(&value, several, tells);
}

/// One line that stands for itself.
fn one(fields: &[&str], line: &str, tells: &mut Tells<'_>) {
    match fields {
        ["s", name, state, start, exit, account] => {
            let number = |text: &str| text.parse().ok();
            let account = Some((*account).to_owned());
            services::tell(
                name,
                &State { state: number(state), start: number(start), exit: number(exit), account },
                tells,
            );
        }
        ["e", provider, id, count, last, service @ ..] => {
            let (Ok(id), Ok(count)) = (id.parse(), count.parse()) else { return };
            events::tell(provider, id, count, last, tells);
            // Only here the count is of a whole day; a query by hand may have asked for one event.
            if id == 4625 && count < events::MANY_LOGON_FAILURES {
                tells.tell("guest.logon-failures.few", line);
            }
            if let Some(service) = service.iter().flat_map(|text| services::named_in(text)).next() {
                events::scm(service, id, last, line, tells);
            }
        }
        ["l", status, count] => {
            events::logon(status, &format!("{count} times with the status 0x{status}"), tells);
        }
        ["p", port, "-", ..] => ports::tell_nobody(port.parse().unwrap_or_else(|_| tells.rdp_port()), tells),
        ["p", port, pid, name, own] => owner(port, pid, name, own, tells),
        ["f", "rule", rest @ ..] if !rest.is_empty() => match rest {
            ["-"] => tells.judge("firewall.rule", false, "no rule RemoteDesktop-UserMode-In-TCP"),
            rule => firewall::tell_rule(&rule.join("|"), tells),
        },
        ["i", up, all] => {
            if let (Ok(up), Ok(all)) = (up.parse(), all.parse()) {
                network::tell_up(up, all, tells);
            }
        }
        ["a", dhcp, addresses] => {
            let addresses: Vec<_> =
                addresses.split(',').take(64).filter_map(|one| one.parse().ok()).collect();
            network::tell(*dhcp == "1", &addresses, if *dhcp == "1" { "DHCP" } else { "set by hand" }, tells);
        }
        ["q", listening, users] => {
            tells.judge("listener", *listening == "1", "qwinsta: the session rdp-tcp");
            if let Ok(users) = users.parse() {
                sessions::tell_users(users, tells);
            }
        }
        ["c", "none"] => tells.tell("guest.cert.missing", "the store Remote Desktop is empty"),
        ["m", hash] => tells.thumbprints.extend(certificates::thumbprint(hash)),
        ["k", what, sddl] => certificates::tell_sddl(what, sddl, tells),
        ["w", source] => {
            tells.judge("clock", !machine::is_own_clock(source), &format!("clock source: {source}"));
        }
        ["d", whole] => {
            tells.judge("secure-channel", *whole == "True", &format!("Test-ComputerSecureChannel: {whole}"));
        }
        ["b", option] => tells.judge("safe-mode", *option == "0", &format!("safe boot: {option}")),
        ["j", joined] => machine::tell_joined(*joined == "YES", &format!("AzureAdJoined: {joined}"), tells),
        ["n", version] => machine::tell_netvsc(version, tells),
        // A later version of the script may say more than this one reads.
        _ => {}
    }
}

fn owner(port: &str, pid: &str, name: &str, own: &str, tells: &mut Tells<'_>) {
    let (Ok(port), pid) = (port.parse(), pid.parse().ok()) else { return };
    tells.term_service_pid = own.parse().ok().filter(|pid| *pid != 0);
    // PowerShell names a process without its ending.
    let program = format!("{name}.exe");
    ports::tell(port, pid, false, Some(&program), tells);
}

/// The three profiles of the firewall.
#[derive(Default)]
struct Profiles {
    on: usize,
    off: usize,
    blocking: Option<String>,
}

impl Profiles {
    fn note(&mut self, name: &str, on: &str, blocks: &str) {
        let counter = if on == "1" { &mut self.on } else { &mut self.off };
        *counter = counter.saturating_add(1);
        if on == "1" && blocks == "1" {
            self.blocking.get_or_insert_with(|| name.to_owned());
        }
    }

    fn tell(&self, tells: &mut Tells<'_>) {
        if self.on.saturating_add(self.off) == 0 {
            return;
        }
        let fact = match &self.blocking {
            Some(name) => format!("profile {name} blocks all inbound connections"),
            None => format!("{} profiles on, {} off, none blocks all", self.on, self.off),
        };
        tells.judge("firewall.block-all", self.blocking.is_none(), &fact);
        if self.on == 0 {
            tells.tell("guest.firewall.off", &fact);
        }
    }
}
