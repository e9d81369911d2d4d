//! "An internal error has occurred": port, certificate, MachineKeys, TLS versions, NLA; online and offline.

use super::prescribed::{offline, proves, stand_in, told};
use crate::fixture::{self as fix, V4, deaf, named, seen, windows};
use rdprobe::evidence::failure::Banner;
use rdprobe::evidence::{Failure, Route};

const KEYS: [&str; 3] =
    ["rdp-cert-private-key-inaccessible", "rdp-selfsigned-cert-expired-not-renewed", "rdp-cert-missing"];

/// Each of the three messages of the document beside each of its situations.
fn situation(cause: &str, route: &Route, guest: &[&str]) {
    for message in ["says.internal-error", "says.contact-owner"] {
        let ids: Vec<&str> = [message].into_iter().chain(guest.iter().copied()).collect();
        proves(cause, &format!("{ids:?}"), &told(named(vec![route.clone()]), &ids));
    }
}

#[test]
fn another_program_at_the_port() {
    let banner = Failure::NotRdp { looks_like: Banner::Http, bytes: fix::hex("485454502f312e31") };
    situation("port-taken-by-other-app", &deaf(V4, &banner), &["guest.port.other-owner"]);
    stand_in(
        &["port-taken-by-other-app"],
        &[
            "netstat -anob",
            "Stop-Service -Name SERVICE -Force",
            "Start-Service -Name TermService",
            r"Set-ItemProperty -Path 'HKLM:\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp' -Name PortNumber -Value",
            "Stop-Service -Name TermService -Force",
            r#"Set-NetFirewallRule -Name "RemoteDesktop-UserMode-In-TCP" -LocalPort"#,
        ],
    );
}

#[test]
fn an_expired_certificate() {
    let expired = Route { certificate: seen(fix::expired_certificate()), ..windows(V4) };
    situation("rdp-selfsigned-cert-expired-not-renewed", &expired, &["guest.cert.expired"]);
    situation(
        "rdp-selfsigned-cert-expired-not-renewed",
        &expired,
        &["guest.cert.expired", "guest.event.1058"],
    );
    for cause in KEYS {
        stand_in(
            &[cause],
            &[
                "Import-Module PKI",
                r"Set-Location Cert:\LocalMachine",
                r"$RdpCertThumbprint = 'Cert:\LocalMachine\Remote Desktop\'+((Get-ChildItem -Path 'Cert:\LocalMachine\Remote Desktop\').thumbprint)",
                "Remove-Item -Path $RdpCertThumbprint",
                r#"Stop-Service -Name "SessionEnv""#,
                r#"Start-Service -Name "SessionEnv""#,
                "mmc > File > Add/Remove Snap-in > Certificates > Computer account > Another computer",
                r"Remote Desktop\Certificates > delete the certificate",
            ],
        );
    }
}

fn machine_keys(drive: &str) -> Vec<String> {
    let folder = format!(r"{drive}:\ProgramData\Microsoft\Crypto\RSA\MachineKeys");
    vec![
        format!(r"md {drive}:\temp"),
        format!(r"icacls {folder} /t /c > {drive}:\temp\BeforeScript_permissions.txt"),
        format!(r#"takeown /f "{folder}" /a /r"#),
        format!(r#"icacls {folder} /t /c /grant "NT AUTHORITY\System:(F)""#),
        format!(r#"icacls {folder} /t /c /grant "NT AUTHORITY\NETWORK SERVICE:(R)""#),
        format!(r#"icacls {folder} /t /c /grant "BUILTIN\Administrators:(F)""#),
        format!(r"icacls {folder} /t /c > {drive}:\temp\AfterScript_permissions.txt"),
    ]
}

fn stand(cause: &str, commands: &[String]) {
    let commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    stand_in(&[cause], &commands);
}

#[test]
fn keys_that_windows_cannot_read() {
    let reset = fix::resets_every_hello(V4);
    for guest in ["guest.machinekeys.bad", "guest.cert.no-key", "guest.event.36870"] {
        situation("rdp-cert-private-key-inaccessible", &reset, &[guest]);
    }
    for cause in KEYS {
        stand(cause, &machine_keys("C"));
        stand(cause, &machine_keys("F"));
        stand_in(&[cause], &["remove-module psreadline", "Restart-Service TermService -Force"]);
    }
}

/// The document switches dumps and the Serial Console on in the attached disk before anything else.
#[test]
fn dumps_and_the_serial_console_on_the_attached_disk() {
    let mut commands: Vec<String> = [
        r"reg load HKLM\BROKENSYSTEM F:\windows\system32\config\SYSTEM",
        r"bcdedit /store F:\boot\bcd /set {bootmgr} displaybootmenu yes",
        r"bcdedit /store F:\boot\bcd /set {bootmgr} timeout 5",
        r"bcdedit /store F:\boot\bcd /set {bootmgr} bootems yes",
        r"bcdedit /store F:\boot\bcd /ems {BOOT_LOADER_ID} ON",
        r"bcdedit /store F:\boot\bcd /emssettings EMSPORT:1 EMSBAUDRATE:115200",
        r"reg unload HKLM\BROKENSYSTEM",
    ]
    .map(str::to_owned)
    .into();
    for value in [
        "CrashDumpEnabled /t REG_DWORD /d 1 /f",
        r#"DumpFile /t REG_EXPAND_SZ /d "%SystemRoot%\MEMORY.DMP" /f"#,
        "NMICrashDump /t REG_DWORD /d 1 /f",
    ] {
        let key = r#"REG ADD "HKLM\SYSTEM\CurrentControlSet\Control\CrashControl" /v"#;
        commands.extend(offline(&format!("{key} {value}")));
    }
    stand("rdp-cert-private-key-inaccessible", &commands);
}

#[test]
fn tls_versions_that_are_off() {
    situation("tls-version-disabled", &fix::resets_every_hello(V4), &["guest.schannel.off"]);
    let mut commands: Vec<String> = [
        r#"REG add "HKLM\SYSTEM\CurrentControlSet\Services\gpsvc" /v Start /t REG_DWORD /d 4 /f"#,
        "shutdown /r /t 0",
        "sc config gpsvc start= auto",
        "sc start gpsvc",
        "gpupdate /force",
        r"reg load HKLM\BROKENSYSTEM F:\windows\system32\config\SYSTEM",
        r"reg unload HKLM\BROKENSYSTEM",
    ]
    .map(str::to_owned)
    .into();
    for version in ["1.0", "1.1", "1.2"] {
        let online = format!(
            r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS {version}\Server" /v Enabled /t REG_DWORD /d 1 /f"#
        );
        commands.extend(offline(&online));
        commands.push(online);
    }
    stand("tls-version-disabled", &commands);
}

#[test]
fn nla_that_was_switched_off() {
    situation("security-layer-rdp", &fix::standard_only(V4), &["guest.reg.securitylayer.bad"]);
    let mut commands = vec![
        r"reg load HKLM\BROKENSYSTEM F:\windows\system32\config\SYSTEM".to_owned(),
        r"reg unload HKLM\BROKENSYSTEM".to_owned(),
    ];
    for name in ["SecurityLayer", "UserAuthentication", "fAllowSecProtocolNegotiation"] {
        let online = format!(
            r#"REG ADD "HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp" /v {name} /t REG_DWORD /d 1 /f"#
        );
        commands.extend(offline(&online));
        commands.push(online);
    }
    stand("security-layer-rdp", &commands);
}

/// Every repair of the document begins with a snapshot.
#[test]
fn a_snapshot_comes_first() {
    stand_in(&[], &["az snapshot create", "New-AzSnapshot "]);
    for cause in [KEYS[0], KEYS[1], "tls-version-disabled", "security-layer-rdp"] {
        let cause = rdprobe::diagnosis::catalogue::get(cause).expect("it exists");
        assert_eq!(cause.procedures.first().map(String::as_str), Some("snapshot-os-disk"), "{}", cause.id);
    }
}
