//! Repair by event id: 1057, 1058, 36870, 36872; the thumbprint; 36871; 2056 and 1296.

use super::prescribed::{leads_to, proves, stand_in, told};
use crate::fixture::{self as fix, V4, connected, named, refuses, row, windows};
use rdprobe::evidence::{Evidence, Route};
use rdprobe::wire::codes::negotiation::FailureCode;

const OWNER: &str = "says.contact-owner";
const MANAGER: &str = "Microsoft-Windows-TerminalServices-RemoteConnectionManager";
const BROKER: &str = "Microsoft-Windows-TerminalServices-SessionBroker";

fn situation(route: &Route, event: &str) -> Evidence {
    told(named(vec![route.clone()]), &[OWNER, event])
}

/// The document's query, with the provider's name free of blanks and the log where the provider writes.
fn query(log: &str, provider: &str, event: u32) -> String {
    format!(
        "wevtutil qe {log} /c:1 /f:text /q:\"Event[System[Provider[@Name='{provider}'] and EventID={event} and \
         TimeCreated[timediff(@SystemTime) <= 86400000]]]\""
    )
}

#[test]
fn the_events_of_the_keys() {
    let events = [(MANAGER, 1058), (MANAGER, 1057), ("Schannel", 36870), ("Schannel", 36872)];
    for (provider, event) in events {
        let id = format!("guest.event.{event}");
        let evidence = situation(&fix::resets_every_hello(V4), &id);
        // 36872 tells that there is nothing to serve with, and not why.
        let check = if event == 36872 { leads_to } else { proves };
        check("rdp-cert-private-key-inaccessible", &id, &evidence);
        stand_in(&["rdp-cert-private-key-inaccessible"], &[&query("system", provider, event)]);
    }
    for event in ["guest.event.1057", "guest.event.36870"] {
        // Where TLS works the same event may be another program's.
        leads_to("rdp-cert-private-key-inaccessible", event, &situation(&windows(V4), event));
    }
    stand_in(
        &["rdp-cert-private-key-inaccessible"],
        &[
            "remove-module psreadline",
            r"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c > c:\temp\BeforeScript_permissions.txt",
            r#"takeown /f "C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys" /a /r"#,
            r#"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c /grant "NT AUTHORITY\System:(F)""#,
            r#"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c /grant "NT AUTHORITY\NETWORK SERVICE:(R)""#,
            r#"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c /grant "BUILTIN\Administrators:(F)""#,
            r"icacls C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys /t /c > c:\temp\AfterScript_permissions.txt",
            "Restart-Service TermService -Force",
            "Import-Module PKI",
            r"Set-Location Cert:\LocalMachine",
            r"$RdpCertThumbprint = 'Cert:\LocalMachine\Remote Desktop\'+((Get-ChildItem -Path 'Cert:\LocalMachine\Remote Desktop\').thumbprint)",
            "Remove-Item -Path $RdpCertThumbprint",
            r#"Stop-Service -Name "SessionEnv""#,
            r#"Start-Service -Name "SessionEnv""#,
            "mmc > File > Add/Remove Snap-in > Certificates > Computer account > Another computer",
            r"Remote Desktop\Certificates > delete the certificate",
            "net stop SessionEnv",
            "net start SessionEnv",
        ],
    );
}

#[test]
fn the_thumbprint_of_a_certificate_that_is_not_there() {
    let refusal = || refuses(FailureCode::SSL_CERT_NOT_ON_SERVER);
    let refused = Route { negotiate: vec![row(0x0b, refusal()), row(0x00, refusal())], ..connected(V4) };
    let told = "guest.reg.sslcertificatesha1hash.bad";
    proves("ssl-cert-thumbprint-mismatch", told, &situation(&refused, told));
    leads_to("ssl-cert-thumbprint-mismatch", told, &situation(&windows(V4), told));
    let key = r#""HKLM\SYSTEM\CurrentControlSet\Control\Terminal Server\WinStations\RDP-Tcp" /v SSLCertificateSHA1Hash"#;
    stand_in(
        &["ssl-cert-thumbprint-mismatch"],
        &[
            &format!("reg query {key}"),
            &format!("reg add {key} /t REG_BINARY /d THUMBPRINT"),
            &format!("reg delete {key}"),
        ],
    );
}

#[test]
fn the_event_of_the_tls_versions() {
    let event = "guest.event.36871";
    proves("tls-version-disabled", event, &situation(&fix::resets_every_hello(V4), event));
    stand_in(
        &["tls-version-disabled"],
        &[
            &query("system", "Schannel", 36871),
            r#"reg add "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server" /v Enabled /t REG_DWORD /d 1 /f"#,
        ],
    );
}

#[test]
fn the_events_of_the_broker() {
    let client = format!("{BROKER}-Client");
    for (provider, event) in [(BROKER, 2056), (client.as_str(), 1296)] {
        let id = format!("guest.event.{event}");
        proves("rd-connection-broker-hostname-changed", &id, &situation(&windows(V4), &id));
        let query = query(&format!("{provider}/Operational"), provider, event);
        stand_in(&["rd-connection-broker-hostname-changed"], &[&query]);
    }
    stand_in(
        &["rd-connection-broker-hostname-changed"],
        &[
            "Remove-WindowsFeature RDS-Connection-Broker, Windows-Internal-Database",
            "Install-WindowsFeature RDS-Connection-Broker",
        ],
    );
}
