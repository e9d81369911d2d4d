//! The Remote Desktop certificate and its key: certutil, certificate lists, and ACLs from icacls or as SDDL.

use super::Tells;
use super::words::{pair, yes_or_no};

/// Reads thumbprints, keys and ACLs.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    for line in lines {
        note_thumbprint(line, tells);
        if let Some(("HasPrivateKey", value)) = pair(line)
            && yes_or_no(value) == Some(false)
        {
            tells.tell("guest.cert.no-key", line);
        }
    }
    machine_keys(lines, tells);
}

/// 40 hexadecimal digits, however they are grouped; REG_BINARY and certutil agree on that.
pub(super) fn thumbprint(text: &str) -> Option<String> {
    let text = text.strip_prefix("hex:").unwrap_or(text);
    let digits: String = text.chars().filter(|letter| !letter.is_whitespace() && *letter != ',').collect();
    (digits.len() == 40 && digits.chars().all(|digit| digit.is_ascii_hexdigit()))
        .then(|| digits.to_lowercase())
}

/// `Cert Hash(sha1): ...` of certutil in any language, the first column of a PowerShell list, `Thumbprint : ...`.
fn note_thumbprint(line: &str, tells: &mut Tells<'_>) {
    let hash = match line.split_once("(sha1):") {
        Some((_, hash)) => thumbprint(hash),
        None => match pair(line) {
            Some(("Thumbprint", hash)) => thumbprint(hash),
            Some(_) => None,
            None => line.split_whitespace().next().and_then(thumbprint),
        },
    };
    if let Some(hash) = hash.filter(|_| tells.thumbprints.len() < 256) {
        tells.thumbprints.push(hash);
        tells.known = true;
    }
}

/// One certificate of the Remote Desktop store, from our own format; dates are UTC and compare as text.
pub(super) fn tell(thumbprint_text: &str, until: &str, has_key: bool, now: &str, tells: &mut Tells<'_>) {
    tells.thumbprints.extend(thumbprint(thumbprint_text));
    let fact = format!("certificate {thumbprint_text}, valid until {until}");
    if !has_key {
        tells.tell("guest.cert.no-key", &format!("{fact}, has no private key"));
    } else if !until.is_empty() && until < now {
        tells.tell("guest.cert.expired", &format!("{fact}, has expired by the machine's own clock {now}"));
    } else {
        tells.tell("guest.cert.ok", &fact);
    }
}

/// The name with which the file of RDP's own key begins.
const RDP_KEY: &str = "f686aace6942fb7f7ceb231212eef4a4";

const SYSTEM: &[&str] = &["system", "système", "s-1-5-18"];
const NETWORK_SERVICE: &[&str] = &["network service", "service réseau", "netzwerkdienst", "s-1-5-20"];
const EVERYONE: &[&str] = &["everyone", "tout le monde", "jeder", "s-1-1-0"];
const ADMINISTRATORS: &[&str] = &["administrators", "administrateurs", "administratoren", "s-1-5-32-544"];

/// Who may do something with the folder or the key.
#[derive(Default)]
struct Access {
    system: bool,
    network_service: bool,
    everyone: bool,
    known: bool,
    denied: bool,
}

/// `icacls`: the path and its first entry on one line, further entries below it.
fn machine_keys(lines: &[&str], tells: &mut Tells<'_>) {
    let mut inside: Option<(Access, &str)> = None;
    for line in lines {
        let bare = line.trim();
        let begins = (bare.contains("MachineKeys") || bare.contains(RDP_KEY)) && bare.contains(":(");
        if begins || bare.is_empty() || !bare.contains(":(") {
            conclude(inside.take(), tells);
        }
        if begins {
            inside = Some((Access::default(), line));
        }
        if let Some((access, _)) = &mut inside {
            access.entry(bare);
        }
    }
    conclude(inside, tells);
}

impl Access {
    /// `NT AUTHORITY\SYSTEM:(OI)(CI)(F)`; the first entry has the path before it.
    fn entry(&mut self, line: &str) {
        let Some((account, rights)) = line.split_once(":(") else { return };
        let account = account.rsplit('\\').next().unwrap_or(account).to_lowercase();
        let is = |names: &[&str]| {
            names.iter().any(|name| account == *name || account.ends_with(&format!(" {name}")))
        };
        let (system, service, everyone) = (is(SYSTEM), is(NETWORK_SERVICE), is(EVERYONE));
        self.known |= system || service || everyone || is(ADMINISTRATORS);
        if rights.contains("DENY)") || rights.starts_with("N)") {
            self.denied |= system || service || everyone;
            return;
        }
        self.system |= system;
        self.network_service |= service;
        self.everyone |= everyone;
    }

    fn fine(&self) -> bool {
        !self.denied && (self.everyone || (self.system && self.network_service))
    }
}

fn conclude(acl: Option<(Access, &str)>, tells: &mut Tells<'_>) {
    let Some((access, line)) = acl.filter(|(access, _)| access.known) else { return };
    tells.judge("machinekeys", access.fine(), line);
}

/// The same from SDDL, which is free of language: `D:PAI(A;;0x12019f;;;WD)(A;;FA;;;BA)`.
pub(super) fn tell_sddl(what: &str, sddl: &str, tells: &mut Tells<'_>) {
    let mut access = Access::default();
    for entry in sddl.split('(').skip(1) {
        let mut fields = entry.trim_end_matches(')').split(';');
        let kind = fields.next().unwrap_or_default();
        let trustee = fields.nth(4).unwrap_or_default();
        let (system, service, everyone) = (
            matches!(trustee, "SY" | "S-1-5-18"),
            matches!(trustee, "NS" | "S-1-5-20"),
            matches!(trustee, "WD" | "S-1-1-0"),
        );
        access.known = true;
        if kind == "D" {
            access.denied |= system || service || everyone;
        } else if kind == "A" {
            access.system |= system;
            access.network_service |= service;
            access.everyone |= everyone;
        }
    }
    if access.known {
        tells.judge("machinekeys", access.fine(), &format!("{what}: {sddl}"));
    }
}
