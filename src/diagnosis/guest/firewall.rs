//! The Windows Firewall: `netsh advfirewall` (profiles, rules) and the registry form of both.

use super::Tells;
use super::registry::Value;
use super::words::{is_one_of, pair, yes_or_no};

const OFF: &[&str] = &["off", "aus", "inactif", "désactivé", "inactive"];
const STATE: &[&str] = &["state", "status", "état", "etat"];
const ALLOW: &[&str] = &["allow", "autoriser", "zulassen"];
const BLOCK: &[&str] = &["block", "bloquer", "blocken", "blockieren"];
const OUT: &[&str] = &["out", "ausgehend", "sortie", "sortant"];

/// Reads profiles and rules.
pub(super) fn read(lines: &[&str], tells: &mut Tells<'_>) {
    profiles(lines, tells);
    rules(lines, tells);
}

fn profiles(lines: &[&str], tells: &mut Tells<'_>) {
    let (mut off, mut on, mut is_off) = (0_usize, 0_usize, false);
    let mut policy: Option<(bool, &str)> = None;
    let mut all_off = "";
    for line in lines {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        if is_one_of(first, STATE) && !line.contains(':') {
            is_off = words.next().is_some_and(|word| is_one_of(word, OFF));
            if is_off {
                (off, all_off) = (off.saturating_add(1), line);
            } else {
                on = on.saturating_add(1);
            }
        } else if line.contains("BlockInboundAlways,") {
            policy = if is_off { policy } else { Some((true, line)) };
        } else if line.contains("BlockInbound,") || line.contains("AllowInbound,") {
            policy = policy.or(Some((false, line)));
        }
    }
    let Some((blocks, line)) = policy else { return };
    tells.judge("firewall.block-all", !blocks, line);
    if off > 0 && on == 0 {
        tells.tell("guest.firewall.off", all_off);
    }
}

/// One rule of `show rule`: a name over a line of dashes, then labelled lines.
#[derive(Default)]
struct Rule {
    enabled: Option<bool>,
    allows: Option<bool>,
    is_out: bool,
    at_port: bool,
}

fn rules(lines: &[&str], tells: &mut Tells<'_>) {
    let port = tells.rdp_port().to_string();
    let mut verdict: Option<(bool, String)> = None;
    let mut rule = Rule::default();
    let mut name = "";
    let mut before = "";
    for line in lines {
        if line.starts_with("-----") && before.contains(':') {
            conclude(&std::mem::take(&mut rule), name, &mut verdict);
            name = before;
        } else if let Some((_, value)) = pair(line) {
            rule.enabled = rule.enabled.or_else(|| yes_or_no(value));
            rule.is_out |= is_one_of(value, OUT);
            rule.at_port |= value.split(',').any(|one| one.trim() == port);
            let allows = is_one_of(value, ALLOW);
            if allows || is_one_of(value, BLOCK) {
                rule.allows = Some(allows);
            }
        }
        before = line;
    }
    conclude(&rule, name, &mut verdict);
    if let Some((fine, fact)) = verdict {
        tells.judge("firewall.rule", fine, &fact);
    }
}

fn conclude(rule: &Rule, name: &str, verdict: &mut Option<(bool, String)>) {
    let (Some(enabled), Some(allows)) = (rule.enabled, rule.allows) else { return };
    if rule.is_out || !rule.at_port {
        return;
    }
    let fine = enabled && allows;
    if verdict.as_ref().is_none_or(|(known, _)| fine && !known) {
        let words = if enabled { "enabled" } else { "disabled" };
        *verdict =
            Some((fine, format!("{}: {words}, {}", name.trim(), if allows { "allows" } else { "blocks" })));
    }
}

/// The rule as the registry holds it: `v2.22|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort=3389|...`.
pub(super) fn tell_rule(text: &str, tells: &mut Tells<'_>) {
    let has = |wanted: &str| text.split('|').any(|part| part.eq_ignore_ascii_case(wanted));
    let fine = has("Active=TRUE") && has("Action=Allow");
    tells.judge("firewall.rule", fine, text);
}

const POLICY: &str = "services\\sharedaccess\\parameters\\firewallpolicy\\";

/// Rule and profiles in the registry.
pub(super) fn from_registry(value: &Value<'_>, number: Option<u64>, tells: &mut Tells<'_>) {
    let Some(rest) = value.key.strip_prefix(POLICY) else { return };
    let name = value.name.to_lowercase();
    match (rest, name.as_str(), value.data) {
        ("firewallrules", "remotedesktop-usermode-in-tcp", Some(data)) => {
            tell_rule(data.trim_matches('"'), tells);
        }
        (profile, "donotallowexceptions", Some(_)) if profile.ends_with("profile") => {
            tells.judge("firewall.block-all", number != Some(1), value.line);
        }
        _ => {}
    }
}
