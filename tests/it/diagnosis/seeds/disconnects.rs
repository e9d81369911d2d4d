//! Frequent disconnects: every value of the listener, online and in the loaded hives.

use super::prescribed::{leads_to, offline, stand_in, told};
use crate::fixture::{V4, named, windows};
use rdprobe::diagnosis::catalogue;

const CAUSE: &str = "listener-misconfigured-disconnects";
const LISTENER: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp";
const POLICY: &str = r"HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services";

/// Key, name and value as the document sets them, without its quotes, which CMD would make part of the name.
const VALUES: [(&str, &str, u32); 14] = [
    (LISTENER, "fQueryUserConfigFromLocalMachine", 1),
    (LISTENER, "KeepAliveTimeout", 1),
    (POLICY, "KeepAliveEnable", 1),
    (POLICY, "KeepAliveInterval", 1),
    (LISTENER, "fInheritReconnectSame", 0),
    (LISTENER, "fReconnectSame", 1),
    (POLICY, "fDisableAutoReconnect", 0),
    (LISTENER, "fInheritMaxSessionTime", 1),
    (LISTENER, "fInheritMaxDisconnectionTime", 1),
    (LISTENER, "MaxDisconnectionTime", 0),
    (LISTENER, "MaxConnectionTime", 0),
    (LISTENER, "fInheritMaxIdleTime", 1),
    (LISTENER, "MaxIdleTime", 0),
    (LISTENER, "MaxInstanceCount", 4_294_967_295),
];

/// The two that take TLS and NLA away.
const LOWERING: [(&str, &str, u32); 2] =
    [(LISTENER, "SecurityLayer", 0), (LISTENER, "MinEncryptionLevel", 1)];

fn command((key, name, value): &(&str, &str, u32)) -> String {
    format!("REG ADD \"{key}\" /v {name} /t REG_DWORD /d {value} /f")
}

#[test]
fn each_value_that_is_off_leads_to_the_listener() {
    for (key, name, _) in VALUES {
        let kind = if key == LISTENER { "reg" } else { "policy" };
        let id = format!("guest.{kind}.{}.bad", name.to_lowercase());
        leads_to(CAUSE, &id, &told(named(vec![windows(V4)]), &["says.session-ended", &id]));
    }
}

#[test]
fn every_value_is_set_online_and_offline() {
    for value in VALUES.iter().chain(&LOWERING) {
        let online = command(value);
        stand_in(&[CAUSE], &[&online]);
        for loaded in offline(&online) {
            stand_in(&[CAUSE], &[&loaded]);
        }
    }
    stand_in(
        &[CAUSE],
        &[
            r"reg load HKLM\BROKENSYSTEM F:\windows\system32\config\SYSTEM",
            r"reg load HKLM\BROKENSOFTWARE F:\windows\system32\config\SOFTWARE",
            r"reg unload HKLM\BROKENSYSTEM",
            r"reg unload HKLM\BROKENSOFTWARE",
            "shutdown /r /t 0",
        ],
    );
}

/// The document asks for SecurityLayer 0 first of all; here it comes last, with its price.
#[test]
fn what_takes_tls_away_comes_last() {
    let fixes = &catalogue::get(CAUSE).expect("it exists").fixes;
    let lowers = |fix: &catalogue::Remedy| {
        let commands: Vec<String> = fix.commands.iter().map(|command| command.to_lowercase()).collect();
        commands.iter().any(|command| command.contains("securitylayer /t reg_dword /d 0"))
    };
    let first = fixes.iter().position(lowers).expect("it is there");
    assert!(first > 0);
    for (place, fix) in fixes.iter().enumerate() {
        assert_eq!(lowers(fix), place >= first, "{:?}", fix.commands);
        assert_eq!(fix.lowers_security, place >= first, "{:?}", fix.commands);
        assert_eq!(fix.warning.as_ref().is_some_and(|text| text.contains("lowers security")), place >= first);
    }
}
