//! Cannot connect because of a static address that is set inside Windows.

use super::prescribed::{silent_host, stand_on, told};
use crate::diagnosis::{causes, find, judged, standing};
use crate::fixture::named;
use rdprobe::diagnosis::Standing;
use rdprobe::diagnosis::catalogue::{self, Channel};
use rdprobe::evidence::Evidence;

/// The client's general message, a silent host, and what the Serial Console shows.
fn situation(witnesses: &[&str]) -> Evidence {
    told(named(vec![silent_host()]), &[&["says.cannot-connect"], witnesses].concat())
}

#[test]
fn dhcp_off_inside_windows_is_confirmed_and_comes_first() {
    let seen = ["guest.nic.ok", "guest.dhcp.bad", "guest.service.dhcp.ok"];
    let diagnosis = judged(&situation(&seen));
    assert_eq!(causes(&diagnosis).first(), Some(&"static-ip-in-guest"), "{:?}", causes(&diagnosis));
    assert_eq!(standing(&diagnosis, "static-ip-in-guest"), Some(Standing::Confirmed));
    for told_apart in ["nic-disabled", "dhcp-client-disabled"] {
        assert!(find(&diagnosis, told_apart).is_none(), "{told_apart} stands");
    }
}

#[test]
fn without_the_guest_it_is_one_of_several() {
    let diagnosis = judged(&situation(&[]));
    for alike in ["static-ip-in-guest", "nic-disabled", "vm-not-running", "dhcp-client-disabled"] {
        assert_eq!(standing(&diagnosis, alike), Some(Standing::Possible), "{alike}");
    }
}

#[test]
fn an_address_by_dhcp_rules_it_out() {
    let diagnosis = judged(&situation(&["guest.dhcp.ok"]));
    assert!(find(&diagnosis, "static-ip-in-guest").is_none(), "{:?}", causes(&diagnosis));
}

#[test]
fn every_prescribed_command_stands_in_its_place() {
    use Channel::{AzCli, AzPowershell, Portal, SerialConsoleCmd};
    stand_on(&[
        ("snapshot-os-disk", Portal, "Create snapshot"),
        ("snapshot-os-disk", AzPowershell, "New-AzSnapshot"),
        ("console-log", Portal, "Boot diagnostics > Screenshot"),
        ("serial-console", Portal, "At SAC>: cmd"),
        ("serial-console", Portal, "ch -sn Cmd0001"),
        ("static-ip-in-guest", SerialConsoleCmd, "netsh interface ip show config"),
        // The document's line ends in source=dhc.
        (
            "static-ip-in-guest",
            SerialConsoleCmd,
            "netsh interface ip set address name=\"Ethernet\" source=dhcp",
        ),
        ("reset-network-interface", Portal, "another free private address"),
        // Afterwards: the static address, where it belongs.
        ("static-ip-in-guest", AzCli, "az network nic ip-config update"),
    ]);
}

/// The document looks, changes, and looks again; a snapshot goes before.
#[test]
fn the_serial_console_looks_before_and_after_the_change() {
    let cause = catalogue::get("static-ip-in-guest").expect("a cause");
    let console = cause.fixes.first().expect("a fix");
    assert_eq!(console.channel, Channel::SerialConsoleCmd);
    assert_eq!(console.commands.first(), console.commands.last());
    let place = |id: &str| cause.procedures.iter().position(|procedure| procedure == id);
    assert!(place("snapshot-os-disk") < place("serial-console"), "{:?}", cause.procedures);
}
