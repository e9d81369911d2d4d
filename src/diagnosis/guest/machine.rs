//! The machine as a whole: clock, secure channel, Safe Mode, Entra ID, setup, network driver.

use super::Tells;
use super::registry::Value;
use super::words::{command, pair};

/// Versions of netvsc.sys that lose the network.
const NETVSC_BAD: &[&str] = &["10.0.14393.594", "10.0.15063.0"];

/// Reads all of them.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    clock(lines, tells);
    secure_channel(lines, tells);
    safe_mode(lines, tells);
    for line in lines {
        if let Some((label, value)) = pair(line)
            && label == "AzureAdJoined"
        {
            tell_joined(value.eq_ignore_ascii_case("YES"), line, tells);
        }
        if line.to_lowercase().contains("netvsc") {
            let version = line.split_whitespace().find(|word| word.starts_with("10.0."));
            if let Some(version) = version {
                tell_netvsc(version, tells);
            }
        }
    }
}

/// Tells whether the driver is one of those that fail.
pub(super) fn tell_netvsc(version: &str, tells: &mut Tells<'_>) {
    tells.known = true;
    if NETVSC_BAD.contains(&version.trim_end_matches(',')) {
        tells.tell("guest.netvsc.bad", &format!("netvsc.sys is version {version}"));
    }
}

/// Tells whether the machine is in Entra ID.
pub(super) fn tell_joined(joined: bool, line: &str, tells: &mut Tells<'_>) {
    tells.tell(if joined { "guest.entra.joined" } else { "guest.entra.not-joined" }, line);
}

/// `w32tm /query /status`: the reference is `LOCL` in every language where no source is followed.
fn clock(lines: &[&str], tells: &mut Tells<'_>) {
    let own = lines.iter().find(|line| is_own_clock(line));
    let status = lines.iter().any(|line| line.contains("Stratum") || line.contains("ReferenceId"));
    let source = lines.iter().find(|line| {
        pair(line).is_some_and(|(label, value)| matches!(label, "Source" | "Quelle") && !value.is_empty())
    });
    match (own, source) {
        (Some(line), _) => tells.judge("clock", false, line),
        (None, Some(line)) if status => tells.judge("clock", true, line),
        (None, _) => {}
    }
}

/// Whether a clock source is the machine itself.
pub(super) fn is_own_clock(source: &str) -> bool {
    ["0x4C4F434C", "Local CMOS Clock", "Free-running System Clock"].iter().any(|mark| source.contains(mark))
}

/// `Test-ComputerSecureChannel` answers True or False below its prompt; `nltest /sc_verify` with a status number.
fn secure_channel(lines: &[&str], tells: &mut Tells<'_>) {
    let mut asked = false;
    for line in lines {
        let bare = line.trim();
        if let Some(command) = command(line) {
            asked = command.starts_with("test-computersecurechannel");
        } else if asked && matches!(bare, "True" | "False") {
            tells.judge("secure-channel", bare == "True", &format!("Test-ComputerSecureChannel: {bare}"));
            asked = false;
        } else if let Some((_, status)) = bare.split_once("Status = ")
            && bare.contains("NERR_Success") | bare.contains("ERROR_")
        {
            tells.judge("secure-channel", status.starts_with("0 "), bare);
        }
    }
}

/// `bcdedit /enum`: elements keep their names in every language.
fn safe_mode(lines: &[&str], tells: &mut Tells<'_>) {
    let safe_boot = lines.iter().find(|line| line.starts_with("safeboot "));
    match safe_boot {
        Some(line) => tells.judge("safe-mode", false, line),
        None => {
            if let Some(line) = lines.iter().find(|line| line.contains("winload.")) {
                tells.judge("safe-mode", true, &format!("no safeboot beside {}", line.trim()));
            }
        }
    }
}

/// `HKLM\SYSTEM\Setup` and the mark that Safe Mode leaves.
pub(super) fn from_registry(value: &Value<'_>, number: Option<u64>, tells: &mut Tells<'_>) {
    match (value.key, value.name.to_ascii_lowercase().as_str(), value.data) {
        ("" | "setup", "systemsetupinprogress" | "oobeinprogress", Some(_)) => {
            tells.judge("setup", number == Some(0), value.line);
        }
        ("control\\safeboot\\option", "optionvalue", data) => {
            tells.judge("safe-mode", data.is_none(), value.line);
        }
        _ => {}
    }
}
